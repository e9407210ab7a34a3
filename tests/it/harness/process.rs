//! The real binary as a process. Whatever is waited for here ends in time or fails the test.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;

use super::{TestDb, WAIT_MAX};

/// A serving process on a free port; killed when dropped.
pub struct Served {
    pub address: String,
    /// There until it is waited for.
    child: Option<Child>,
}

pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_onevisit"))
}

/// Does what blocks on a thread of its own; fails with `what` when it takes too long.
pub fn in_time<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(WAIT_MAX).map_err(|e| format!("{what}: {e} in {WAIT_MAX:?}"))
}

/// The next line of a process; empty when it has ended.
pub fn line<R: Read + Send + 'static>(
    what: &str,
    mut from: BufReader<R>,
) -> (String, BufReader<R>) {
    let read = in_time(what, move || {
        let mut line = String::new();
        from.read_line(&mut line).expect("a line");
        (line, from)
    });
    read.unwrap_or_else(|late| panic!("{late}"))
}

fn signal(name: &str, id: u32) -> bool {
    let sent = Command::new("kill").args([name, &id.to_string()]).status().expect("kill");
    sent.success()
}

/// Waits for a process to end by itself.
pub fn ended(what: &str, child: Child) -> Output {
    let id = child.id();
    let output = in_time(what, move || child.wait_with_output()).unwrap_or_else(|late| {
        signal("-KILL", id);
        panic!("{late}")
    });
    output.expect("its output")
}

/// Runs the binary to its end.
pub fn run(args: &[&str]) -> Output {
    let child = Command::new(binary())
        .args(args)
        .env("ONEVISIT_LOG", "error")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary");
    ended(&format!("{args:?} has not ended"), child)
}

pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// `run`, which has to succeed; returns what it said.
pub fn succeed(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", said(&output));
    said(&output)
}

/// Arguments that say where data and key are.
pub fn storage<'a>(db: &'a TestDb, key_file: &'a Path) -> [&'a str; 4] {
    ["--database", &db.url, "--key-file", key_file.to_str().expect("path")]
}

fn serve(db: &TestDb, key_file: &Path) -> Command {
    let mut command = Command::new(binary());
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(storage(db, key_file));
    command
}

impl Served {
    pub fn start(db: &TestDb, key_file: &Path) -> Self {
        Self::of(serve(db, key_file)).expect("it serves")
    }

    /// The same, started a little differently; `None` when it ends before it serves.
    pub fn start_as(
        db: &TestDb,
        key_file: &Path,
        change: impl FnOnce(&mut Command),
    ) -> Option<Self> {
        let mut command = serve(db, key_file);
        change(&mut command);
        Self::of(command)
    }

    /// Runs a command that serves until it is stopped and says its address in its first line.
    pub fn spawn(args: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command.args(args);
        Self::of(command).expect("it serves")
    }

    fn of(mut command: Command) -> Option<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary");
        let from = BufReader::new(child.stdout.take().expect("stdout"));
        // Killed when its address does not come.
        let mut served = Self { address: String::new(), child: Some(child) };
        let (line, _) = line("no address of the service", from);
        let address = line.split_whitespace().find(|w| w.starts_with("127."))?;
        served.address = format!("http://{address}");
        Some(served)
    }

    /// SIGTERM: what is under way may end.
    pub fn terminate(mut self) -> ExitStatus {
        let child = self.child.take().expect("it serves");
        assert!(signal("-TERM", child.id()));
        ended("the service has not stopped", child).status
    }

    /// SIGKILL: nothing is tidied up.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

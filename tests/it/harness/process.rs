//! The real binary as a process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use super::TestDb;

/// A serving process on a free port; killed when dropped.
pub struct Served {
    pub address: String,
    child: Child,
}

pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_onevisit"))
}

/// Runs the binary to its end.
pub fn run(args: &[&str]) -> Output {
    Command::new(binary()).args(args).env("ONEVISIT_LOG", "error").output().expect("the binary")
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

impl Served {
    pub fn start(db: &TestDb, key_file: &Path) -> Self {
        Self::spawn(&[&["serve", "--listen", "127.0.0.1:0"], &storage(db, key_file)[..]].concat())
    }

    /// Runs a command that serves until it is stopped and says its address in its first line.
    pub fn spawn(args: &[&str]) -> Self {
        let mut child =
            Command::new(binary()).args(args).stdout(Stdio::piped()).spawn().expect("the binary");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("line");
        let address = line.split_whitespace().find(|w| w.starts_with("127.")).expect("an address");
        Self { address: format!("http://{address}"), child }
    }

    /// SIGTERM: what is under way may end.
    pub fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(sent.success());
        self.child.wait().expect("wait")
    }

    /// SIGKILL: nothing is tidied up.
    pub fn kill(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

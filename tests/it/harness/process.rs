//! The real binary as a process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::TestDb;

/// `onevisit serve` on a free port; killed when dropped.
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
        let mut child = Command::new(binary())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(storage(db, key_file))
            .stdout(Stdio::piped())
            .spawn()
            .expect("serve");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("line");
        let address = line.split_whitespace().find(|w| w.starts_with("127.")).expect("an address");
        Self { address: format!("http://{address}"), child }
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

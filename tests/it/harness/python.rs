//! The verifier in Python, as one process that checks many files.

use std::io::{BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::process::line;

pub struct Python {
    child: Child,
    ask: ChildStdin,
    answers: Option<BufReader<ChildStdout>>,
}

impl Python {
    pub fn start() -> Self {
        Self::of("verify.py", &[])
    }

    /// Another of the programs beside the verifier, which reads files in the same way.
    pub fn of(script: &str, more: &[&str]) -> Self {
        let script = format!("{}/tests/clients/{script}", env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new("python3")
            .args([script.as_str(), "-"])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3, which tests/run installs");
        let ask = child.stdin.take().expect("stdin");
        let answers = child.stdout.take().map(BufReader::new);
        Self { child, ask, answers }
    }

    /// The first wrong step of a file, or "ok".
    pub fn verdict(&mut self, file: &[u8]) -> String {
        writeln!(self.ask, "{}", BASE64.encode(file)).expect("asked");
        let answers = self.answers.take().expect("its answers");
        let (line, answers) = line("no verdict", answers);
        self.answers = Some(answers);
        line.trim().to_owned()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the verifier of archives in Python says of a file, and whether it holds.
pub fn archive(file: &std::path::Path) -> (bool, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/archive.py");
    let child = Command::new("python3")
        .arg(script)
        .arg(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3, which tests/run installs");
    let output = super::process::ended("the verifier has not ended", child);
    (output.status.success(), super::process::said(&output))
}

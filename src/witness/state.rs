//! What a witness keeps: its key, and the last checkpoint it cosigned of each log, in one folder,
//! because a witness that has lost its state must not go on under its key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::app::clock::Clock;
use crate::domain::hash::Suite;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::{NoteKey, NoteSigner};
use crate::ledger::witness::{self, Refusal, Request};

/// Microseconds of a second.
const SECOND_US: i64 = 1_000_000;
/// Hexadecimal characters of a checkpoint file's name.
const FILE_HEX: usize = 32;

/// A witness with its state.
pub struct Witness {
    signer: NoteSigner,
    logs: Vec<NoteKey>,
    folder: PathBuf,
    clock: Clock,
}

/// Why a witness gives no cosignature.
#[derive(Debug, thiserror::Error)]
pub enum NotCosigned {
    /// The protocol says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The state cannot be read or kept; nothing is signed then.
    #[error("the witness's state: {0}")]
    State(#[from] io::Error),
}

impl Witness {
    /// A witness that keeps its state in an existing folder.
    #[must_use]
    pub fn new(signer: NoteSigner, logs: Vec<NoteKey>, folder: PathBuf, clock: Clock) -> Self {
        Self { signer, logs, folder, clock }
    }

    /// The key that checks its cosignatures.
    #[must_use]
    pub fn public(&self) -> &NoteKey {
        self.signer.public()
    }

    /// Answers a request: a cosignature line on a checkpoint that continues the last one.
    ///
    /// # Errors
    /// [`NotCosigned`]; the state is then what it was.
    pub fn cosign(&self, text: &str) -> Result<String, NotCosigned> {
        let request = Request::parse(text).ok_or(Refusal::Malformed)?;
        let log = witness::log_of(&request, &self.logs)?;
        // One at a time, over all processes: what is checked here is what is replaced below.
        let lock = File::create(self.folder.join("lock"))?;
        lock.lock()?;
        let latest = self.latest(log)?;
        let new = witness::check(&request, log, latest.as_ref())?;
        if latest.is_none_or(|c| c.size < new.size) {
            keep(&self.file(log), &request.note)?;
        }
        let text = witness::signed_text(&request.note).ok_or(Refusal::Malformed)?;
        let seconds = self.clock.now_us() / SECOND_US;
        Ok(self.signer.line(text, u64::try_from(seconds).unwrap_or(0)))
    }

    /// The last checkpoint cosigned of a log.
    ///
    /// # Errors
    /// When the file cannot be read or is not a checkpoint of that log.
    pub fn latest(&self, log: &NoteKey) -> io::Result<Option<Checkpoint>> {
        let text = match fs::read_to_string(self.file(log)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "not a checkpoint of the log");
        let mut keys = self.logs.iter().filter(|key| key.name == log.name);
        keys.find_map(|key| Checkpoint::open(&text, key)).map(Some).ok_or_else(broken)
    }

    fn file(&self, log: &NoteKey) -> PathBuf {
        let name = Suite::Sha256.hash(log.name.as_bytes()).to_string();
        self.folder.join(&name[..FILE_HEX]).with_extension("checkpoint")
    }
}

/// Replaces a file, whole or not at all, and lets nobody know before it is on the disk.
fn keep(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

//! What a witness does (C2SP tlog-witness): it cosigns a log's checkpoint only when it continues
//! the one it cosigned before, so that nobody is shown another history.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::checkpoint::Checkpoint;
use super::note::{NOTE_BYTES_MAX, Note, NoteKey};
use super::tree;
use crate::domain::hash::Digest;

/// Most hashes of a consistency proof: a tree of 2^63 leaves needs no more.
pub const PROOF_HASHES_MAX: usize = 63;
/// Largest request, in bytes.
pub const REQUEST_BYTES_MAX: usize = 2 * NOTE_BYTES_MAX;
const OLD: &str = "old ";

/// Asks a witness to cosign a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size of the tree that the witness cosigned last.
    pub old: u64,
    /// That the checkpoint continues it.
    pub proof: Vec<Digest>,
    /// The signed checkpoint.
    pub note: String,
}

impl Request {
    /// The body of `add-checkpoint`; also what is carried as a file.
    #[must_use]
    pub fn text(&self) -> String {
        let hashes: String = self.proof.iter().map(|h| BASE64.encode(h.0) + "\n").collect();
        format!("{OLD}{}\n{hashes}\n{}", self.old, self.note)
    }

    /// Reads it back; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (head, note) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let size = lines.next()?.strip_prefix(OLD)?;
        let old: u64 = size.parse().ok()?;
        let hash = |line: &str| Some(Digest(BASE64.decode(line).ok()?.try_into().ok()?));
        let proof: Vec<Digest> = lines.map(hash).collect::<Option<_>>()?;
        let good = proof.len() <= PROOF_HASHES_MAX && old.to_string() == size;
        good.then(|| Self { old, proof, note: note.to_owned() })
    }
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is not one, or its old size is above the checkpoint's.
    #[error("not a request to cosign")]
    Malformed,
    /// The checkpoint is of a log that the witness does not watch.
    #[error("the witness does not watch this log")]
    UnknownLog,
    /// The log's own signature is missing or wrong.
    #[error("the checkpoint is not signed by its log")]
    Unsigned,
    /// The witness has cosigned another size since, or another tree of the same size.
    #[error("the witness has cosigned {0} entries")]
    Conflict(u64),
    /// The proof does not show that the checkpoint continues the cosigned one.
    #[error("the checkpoint does not continue the cosigned one")]
    Inconsistent,
}

impl Refusal {
    /// The HTTP status that C2SP tlog-witness gives it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::UnknownLog => 404,
            Self::Unsigned => 403,
            Self::Conflict(_) => 409,
            Self::Inconsistent => 422,
        }
    }
}

/// The log a request is about, if the witness watches it: by the key that signed the checkpoint.
///
/// # Errors
/// [`Refusal::Malformed`] or [`Refusal::UnknownLog`].
pub fn log_of<'k>(request: &Request, logs: &'k [NoteKey]) -> Result<&'k NoteKey, Refusal> {
    let note = Note::parse(&request.note).ok_or(Refusal::Malformed)?;
    let said = Checkpoint::parse(note.text).ok_or(Refusal::Malformed)?;
    let mut known = logs.iter().filter(|key| key.name == said.origin);
    let first = known.clone().next().ok_or(Refusal::UnknownLog)?;
    // A log that has changed its key is known by several.
    Ok(known.find(|key| key.verify(&note).is_some()).unwrap_or(first))
}

/// Decides on a request, given what was cosigned last; the new checkpoint is to be kept before
/// anybody sees a cosignature on it.
///
/// # Errors
/// A [`Refusal`].
pub fn check(
    request: &Request,
    log: &NoteKey,
    latest: Option<&Checkpoint>,
) -> Result<Checkpoint, Refusal> {
    let new = Checkpoint::open(&request.note, log).ok_or(Refusal::Unsigned)?;
    if request.old > new.size {
        return Err(Refusal::Malformed);
    }
    let (size, root) = latest.map_or((0, Digest::default()), |c| (c.size, c.root));
    if request.old != size || (size > 0 && new.size == size && new.root != root) {
        return Err(Refusal::Conflict(size));
    }
    if !tree::continues(size, &root, new.size, &new.root, &request.proof) {
        return Err(Refusal::Inconsistent);
    }
    Ok(new)
}

/// The text that was signed in a note, for cosigning.
#[must_use]
pub fn signed_text(note: &str) -> Option<&str> {
    Note::parse(note).map(|n| n.text)
}

//! Checkpoints (C2SP tlog-checkpoint): the size and root of a log at a moment, as a signed note.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::note::{Note, NoteKey, NoteSigner};
use crate::domain::hash::Digest;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree.
    pub root: Digest,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root.0))
    }

    /// The signed note.
    #[must_use]
    pub fn sign(&self, signer: &NoteSigner) -> String {
        let text = self.text();
        format!("{text}\n{}", signer.line(&text, 0))
    }

    /// Reads the text of a note; lines behind the root are left alone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let number: u64 = size.parse().ok()?;
        let root = Digest(BASE64.decode(root).ok()?.try_into().ok()?);
        let good = !origin.is_empty() && number.to_string() == size;
        good.then(|| Self { origin: origin.to_owned(), size: number, root })
    }

    /// Reads a note that `key` has signed; the origin is the key's name.
    #[must_use]
    pub fn open(note: &str, key: &NoteKey) -> Option<Self> {
        let note = Note::parse(note)?;
        key.verify(&note)?;
        Self::parse(note.text).filter(|c| c.origin == key.name)
    }
}

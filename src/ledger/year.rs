//! The close of a year: an event that states the tree at the end of a calendar year, so that the year's
//! entries can be put away as one file and still be checked (SPEC.md section 11).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Digest as _;

use crate::domain::canon::{self, CanonError};
use crate::domain::hash::Digest;

/// Kind of the event.
pub const KIND: &str = "log.year";

/// What a close states; the body of its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearClose {
    /// The checkpoint of `size` entries, as it was shown.
    pub checkpoint: String,
    /// How many entries the year has: `size - first`.
    pub entries: u64,
    /// SHA-256 over them, as [`Entries`] takes them.
    pub entries_sha256: Digest,
    /// Where the year's entries begin: at the former year's close, or at 0.
    pub first: u64,
    /// Root of the tree of `size` entries.
    pub root: Digest,
    /// Entries of the tree at the close; the event itself stands at this position.
    pub size: u64,
    /// The year that is closed.
    pub year: i64,
}

impl YearClose {
    /// The body of the event.
    ///
    /// # Errors
    /// [`CanonError`]; a close has a canonical form.
    pub fn body(&self) -> Result<Value, CanonError> {
        serde_json::to_value(self).map_err(|_| CanonError::NotInteger { field: "$".to_owned() })
    }

    /// Reads an event in its canonical form; `None` unless it closes a year and its numbers fit.
    #[must_use]
    pub fn read(event: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(event).ok()?;
        let canonical = canon::to_bytes(&value).is_ok_and(|bytes| bytes == event);
        let is_close = canonical && value["type"] == KIND && value["at_us"].is_i64();
        let close: Self = serde_json::from_value(value["body"].clone()).ok()?;
        let fits = close.first.checked_add(close.entries) == Some(close.size) && close.entries > 0;
        (is_close && fits).then_some(close)
    }
}

/// SHA-256 over entries, each behind its length in two big-endian bytes: the bytes of `tile/entries`.
#[derive(Clone, Default)]
pub struct Entries(sha2::Sha256);

impl Entries {
    /// Takes the next entry; `false` when it is longer than two bytes can say.
    #[must_use]
    pub fn take(&mut self, entry: &[u8]) -> bool {
        let Ok(length) = u16::try_from(entry.len()) else { return false };
        self.0.update(length.to_be_bytes());
        self.0.update(entry);
        true
    }

    /// The digest over all of them.
    #[must_use]
    pub fn digest(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

//! A year of the log as one file, and checking it with nothing but a key of the log (SPEC.md section 11).
//!
//! The first line is a [`Header`], each further one an entry. A file is read line by line: a year may be
//! larger than memory.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::checkpoint::Checkpoint;
use super::growing::Growing;
use super::note::{Note, NoteKey};
use super::succession::{self, KeyChange};
use super::tree;
use super::year::{Entries, YearClose};
use crate::domain::canon::{self, CanonError};
use crate::domain::hash::Digest;

/// Name and version of the format.
pub const FORMAT: &str = "onevisit-year/1";
/// Longest first line, in bytes.
pub const HEADER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// An event with its place in the tree of the header's checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proven {
    /// The event's bytes, as text.
    pub event: String,
    /// Its position in the log.
    pub position: u64,
    /// That it stands there.
    pub proof: Vec<Digest>,
}

/// The first line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The first checkpoint of the log that covers the close.
    pub checkpoint: String,
    /// The `log.year` event of the year.
    pub close: Proven,
    /// That the checkpoint continues the tree at the close.
    pub consistency: Vec<Digest>,
    /// Always [`FORMAT`].
    pub format: String,
    /// The perfect subtrees that make up the tree in which the year begins, largest first.
    pub frontier: Vec<Digest>,
    /// The log's key that signed the checkpoint.
    pub key: String,
    /// Changes of the log's key under the checkpoint, the last one to `key`.
    pub key_changes: Vec<Proven>,
}

impl Header {
    /// The line, with its end.
    ///
    /// # Errors
    /// [`CanonError`] when a text is not NFC.
    pub fn to_line(&self) -> Result<Vec<u8>, CanonError> {
        let value = serde_json::to_value(self)
            .map_err(|_| CanonError::NotInteger { field: "$".to_owned() })?;
        let mut line = canon::to_bytes(&value)?;
        line.push(b'\n');
        Ok(line)
    }
}

/// What is shown, one step after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The first line is canonical JSON of the known format.
    Format,
    /// The checkpoint is signed by the kept key, or by one that it leads to.
    Checkpoint,
    /// The close stands in the log, and what it states is what the log has signed.
    Close,
    /// What the year begins with is the close of the year before, or nothing.
    Former,
    /// Every entry is canonical, and their number and digest are the stated ones.
    Entries,
    /// Frontier and entries give the stated root.
    Tree,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 6] =
        [Self::Format, Self::Checkpoint, Self::Close, Self::Former, Self::Entries, Self::Tree];

    /// What the step shows, in words.
    #[must_use]
    pub const fn claim(self) -> &'static str {
        match self {
            Self::Format => "the file is a year of a onevisit log",
            Self::Checkpoint => "its checkpoint is signed by the log's key",
            Self::Close => "the year's close stands in the log, under that checkpoint",
            Self::Former => "the year goes on where the one before was closed",
            Self::Entries => "every entry of the year is here, as it was closed",
            Self::Tree => "the entries give the tree that was signed",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Self::ALL.iter().position(|s| s == self).map_or(0, |i| i + 1);
        write!(f, "Y{number} {}", self.claim())
    }
}

/// The first step that does not hold, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub step: Step,
    /// Why.
    pub why: &'static str,
}

fn wrong<T>(step: Step, why: &'static str) -> Result<T, Failure> {
    Err(Failure { step, why })
}

/// A file under way: its first line holds, entries are taken.
pub struct Check {
    close: YearClose,
    keys: Vec<NoteKey>,
    tree: Growing,
    entries: Entries,
}

impl Check {
    /// Reads the first line, without its end.
    ///
    /// # Errors
    /// The first of the steps up to [`Step::Close`] that does not hold.
    pub fn begin(line: &[u8], kept: &NoteKey) -> Result<Self, Failure> {
        let header: Header = match serde_json::from_slice(line) {
            Ok(header) => header,
            Err(_) => return wrong(Step::Format, "the first line cannot be read"),
        };
        let again = header.to_line().unwrap_or_default();
        if again.strip_suffix(b"\n") != Some(line) || header.format != FORMAT {
            return wrong(Step::Format, "the first line is not canonical");
        }
        let (late, keys) = checkpoint(&header, kept)
            .map_or_else(|why| wrong(Step::Checkpoint, why), Ok::<_, Failure>)?;
        let close = close(&header, &late, &keys).map_or_else(|why| wrong(Step::Close, why), Ok)?;
        let Some(tree) = Growing::at(close.first, header.frontier) else {
            return wrong(Step::Former, "the frontier is not of the year's beginning");
        };
        Ok(Self { close, keys, tree, entries: Entries::default() })
    }

    /// Takes an entry, without its line's end.
    ///
    /// # Errors
    /// [`Step::Former`] at the first one, [`Step::Entries`].
    pub fn take(&mut self, entry: &[u8]) -> Result<(), Failure> {
        if self.tree.size() == self.close.first {
            self.former(entry).map_or_else(|why| wrong(Step::Former, why), Ok)?;
        }
        if self.tree.size() == self.close.size {
            return wrong(Step::Entries, "there are more entries than the year has");
        }
        let value: Value = serde_json::from_slice(entry).unwrap_or_default();
        let known = value["type"].is_string() && value["at_us"].is_i64();
        if !known || !canon::to_bytes(&value).is_ok_and(|bytes| bytes == entry) {
            return wrong(Step::Entries, "an entry is not an event in its canonical form");
        }
        if !self.entries.take(entry) {
            return wrong(Step::Entries, "an entry is too long");
        }
        self.tree.push(entry);
        Ok(())
    }

    /// What stands before the year: nothing, or what its first entry says of the former one.
    fn former(&self, first: &[u8]) -> Result<(), &'static str> {
        if self.close.first == 0 {
            return Ok(());
        }
        let former = YearClose::read(first).ok_or("the year does not begin with a close")?;
        if (former.size, former.year + 1) != (self.close.first, self.close.year) {
            return Err("the year begins with the close of another one");
        }
        if self.tree.root() != former.root {
            return Err("the frontier is not the tree that was closed");
        }
        let signed = stated(&former, &self.keys);
        signed.then_some(()).ok_or("the former close states a checkpoint that is not signed")
    }

    /// All entries were taken.
    ///
    /// # Errors
    /// [`Step::Entries`], [`Step::Tree`].
    pub fn finish(self) -> Result<YearClose, Failure> {
        let Self { close, tree, entries, .. } = self;
        if tree.size() != close.size || entries.digest() != close.entries_sha256 {
            return wrong(Step::Entries, "the entries are not those of the close");
        }
        match tree.root() == close.root {
            true => Ok(close),
            false => wrong(Step::Tree, "the entries do not give the root that was signed"),
        }
    }
}

/// Opens a note that bears lines of these keys only, the last of them among them.
fn open(note: &str, keys: &[NoteKey]) -> Option<Checkpoint> {
    let parsed = Note::parse(note).filter(|parsed| parsed.to_string() == note)?;
    let own = parsed.lines.iter().all(|line| {
        let alone = Note { text: parsed.text, lines: vec![line.clone()] };
        keys.iter().any(|key| key.verify(&alone).is_some())
    });
    let read = keys.iter().find_map(|key| Checkpoint::open(note, key));
    read.filter(|checkpoint| own && checkpoint.text() == parsed.text)
}

/// The checkpoint, and all keys from the first to the one that signed it.
fn checkpoint(header: &Header, kept: &NoteKey) -> Result<(Checkpoint, Vec<NoteKey>), &'static str> {
    let key = NoteKey::parse(&header.key).ok_or("the log's key cannot be read")?;
    if key.to_string() != header.key {
        return Err("the log's key cannot be read");
    }
    let late = Checkpoint::open(&header.checkpoint, &key);
    let late = late.ok_or("the checkpoint is not signed by the file's key")?;
    let mut changes = Vec::new();
    for Proven { event, position, proof } in &header.key_changes {
        let (size, root) = (late.size, &late.root);
        let stands = tree::includes(event.as_bytes(), *position, size, proof, root);
        let change = KeyChange::read(event.as_bytes()).filter(|_| stands);
        changes.push(change.ok_or("a change of the log's key is not signed or not in the log")?);
    }
    if !succession::is_chain(&changes, &key) {
        return Err("the changes of the log's key do not lead to it");
    }
    let keys: Vec<NoteKey> = changes.into_iter().map(|c| c.old).chain([key]).collect();
    if !keys.contains(kept) {
        return Err("the kept key does not lead to the file's key");
    }
    match open(&header.checkpoint, &keys) {
        Some(late) => Ok((late, keys)),
        None => Err("the checkpoint bears what the log's keys have not signed"),
    }
}

/// Whether a close states a checkpoint of its own tree that the log has signed.
fn stated(close: &YearClose, keys: &[NoteKey]) -> bool {
    let checkpoint = open(&close.checkpoint, keys);
    checkpoint.is_some_and(|c| (c.size, c.root) == (close.size, close.root))
}

fn close(header: &Header, late: &Checkpoint, keys: &[NoteKey]) -> Result<YearClose, &'static str> {
    let Proven { event, position, proof } = &header.close;
    if !tree::includes(event.as_bytes(), *position, late.size, proof, &late.root) {
        return Err("the close is not in the log");
    }
    let close = YearClose::read(event.as_bytes()).ok_or("it is not the close of a year")?;
    if close.size != *position || !stated(&close, keys) {
        return Err("the close states another tree than the log has signed");
    }
    let proof = &header.consistency;
    match tree::continues(close.size, &close.root, late.size, &late.root, proof) {
        true => Ok(close),
        false => Err("the checkpoint does not continue the tree at the close: a fork"),
    }
}

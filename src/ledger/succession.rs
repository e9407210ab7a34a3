//! A change of the log's key: an event with a note that the old and the new key both sign, so that
//! whoever has kept the old key is led to the new one (SPEC.md section 9).

use serde_json::{Value, json};

use super::note::{Note, NoteKey, NoteSigner};

/// Kind of the event.
pub const KIND: &str = "key.change";
/// Days for which checkpoints bear the signatures of both keys after a change.
pub const OVERLAP_DAYS: i64 = 90;
/// First line of the note's text.
const TITLE: &str = "onevisit key change";
/// Microseconds of a day.
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// A change of key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The key until then.
    pub old: NoteKey,
    /// The key from then on.
    pub new: NoteKey,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

impl KeyChange {
    /// The text that both keys sign.
    fn text(&self) -> String {
        let Self { old, new, at_us } = self;
        format!("{TITLE}\n{}\n{old}\n{new}\n{at_us}\n", new.name)
    }

    /// The body of the event: both keys, and the note they sign.
    #[must_use]
    pub fn body(old: &NoteSigner, new: &NoteSigner, at_us: i64) -> Value {
        let change = Self { old: old.public().clone(), new: new.public().clone(), at_us };
        let text = change.text();
        json!({
            "new_key": change.new.to_string(),
            "note": format!("{text}\n{}{}", old.line(&text, 0), new.line(&text, 0)),
            "old_key": change.old.to_string(),
            "overlap_days": OVERLAP_DAYS,
            "signed": "the text of the note, by both keys",
        })
    }

    /// Reads an event; `None` unless both keys have signed what it says.
    #[must_use]
    pub fn read(event: &[u8]) -> Option<Self> {
        let event: Value = serde_json::from_slice(event).ok()?;
        let key = |field: &str| NoteKey::parse(event["body"][field].as_str()?);
        let at_us = event["at_us"].as_i64().filter(|_| event["type"] == KIND)?;
        let change = Self { old: key("old_key")?, new: key("new_key")?, at_us };
        let note = Note::parse(event["body"]["note"].as_str()?)?;
        let signed = change.old.verify(&note).is_some() && change.new.verify(&note).is_some();
        let one_log = change.old.name == change.new.name && change.old != change.new;
        (signed && one_log && note.text == change.text()).then_some(change)
    }

    /// Until when the old key signs too, in microseconds UTC.
    #[must_use]
    pub fn until_us(&self) -> i64 {
        self.at_us.saturating_add(OVERLAP_DAYS * DAY_US)
    }
}

/// Whether changes lead from one to the next, and the last one to `newest`.
#[must_use]
pub fn is_chain(changes: &[KeyChange], newest: &NoteKey) -> bool {
    let next = changes.iter().skip(1).map(|c| &c.old).chain([newest]);
    changes.iter().zip(next).all(|(change, next)| change.new == *next)
}

/// The newest key that a kept key leads to: itself where no change is of it.
#[must_use]
pub fn follow(kept: &NoteKey, changes: &[KeyChange]) -> NoteKey {
    changes.iter().fold(kept.clone(), |key, c| if c.old == key { c.new.clone() } else { key })
}

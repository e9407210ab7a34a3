//! The archive of a campaign or of one visit (R128, R129): when it may be made, how long it is kept.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::campaign::State;

/// Most things that a refusal names.
const NAMED_MAX: usize = 20;

/// An archive that was made: what the log tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// The campaign.
    pub campaign: String,
    /// Rank of the visit; 0 for the whole campaign.
    pub visit: i64,
    /// Number of the archive, from 1: a later one holds what came since.
    pub nth: i64,
    /// When it was made, in microseconds UTC.
    pub made_us: i64,
    /// How many months it is kept (R128), as the policy said.
    pub months: i64,
    /// The last day on which it must be kept.
    pub keep_until: Date,
    /// Entries of the log under the checkpoint it leads to.
    pub log_size: i64,
    /// SHA-256 of its first line, which names every section with its digest.
    pub header_sha256: String,
    /// SHA-256 of the whole file.
    pub sha256: String,
    /// Bytes of the whole file.
    pub length: i64,
    /// SHA-256 of the file without personal data.
    pub public_sha256: String,
    /// Bytes of the file without personal data.
    pub public_length: i64,
    /// Sections that hold personal data.
    pub personal: i64,
}

/// The last day on which an archive must be kept: so many months behind the last day of visits.
#[must_use]
pub fn keep_until(last_day: Date, months: i64) -> Date {
    last_day.checked_add(jiff::Span::new().months(months)).unwrap_or(Date::MAX)
}

/// What of a campaign has not ended yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unended(Vec<String>);

impl Unended {
    /// A campaign has ended when it is closed.
    pub fn campaign(&mut self, id: &str, state: State) {
        self.note(state != State::Closed, format!("campaign {id} is {}", state.word()));
    }

    /// Something else, with the word of its state.
    pub fn note(&mut self, is_open: bool, what: String) {
        if is_open {
            self.0.push(what);
        }
    }

    /// All of it in words; `None` when everything has ended.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let (named, more) = self.0.split_at(self.0.len().min(NAMED_MAX));
        let more =
            if more.is_empty() { String::new() } else { format!("; and {} more", more.len()) };
        (!named.is_empty()).then(|| named.join("; ") + &more)
    }
}

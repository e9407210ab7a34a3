//! Credit state that comes back from the credit platform and makes inspections more or fewer (R127).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::subject::{Entry, RiskClass};
use super::{Violations, id, text};

/// Most states of one call.
pub const STATES_MAX: usize = 2_000;

/// What the platform says of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditState {
    /// The subject's id.
    pub subject: String,
    /// Its class; `None` for one that is not classified.
    pub class: Option<RiskClass>,
    /// It is on the list of abnormal operation (经营异常名录).
    pub abnormal: bool,
    /// It is on the list of serious violations (严重违法失信名单).
    pub serious: bool,
    /// The day from which that holds.
    pub on: Date,
    /// Where it comes from.
    pub source: String,
}

impl CreditState {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        let field = format!("{at}.subject_id");
        text::require(violations, &field, &self.subject, id::SUBJECT_ID_BYTES_MAX);
        text::require(violations, &format!("{at}.source"), &self.source, text::SHORT_CHARS_MAX);
    }

    /// Whether the subject is drawn with the quota of marked ones (R54).
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.abnormal || self.serious
    }

    /// Gives a row the class when it is newer than what the row says itself.
    pub fn classify(&self, entry: &mut Entry) {
        let newer = entry.more.risk_on.is_none_or(|on| on <= self.on);
        if let Some(class) = self.class.filter(|_| newer) {
            entry.risk = Some(class);
            entry.more.risk_on = Some(self.on);
            entry.more.risk_source.clone_from(&self.source);
        }
    }
}

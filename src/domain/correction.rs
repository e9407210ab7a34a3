//! Corrections of published results: asked by one, approved by another; the version that supersedes and the
//! superseded one both stay (R115).

use serde::{Deserialize, Serialize};

use super::check::ResultCode;
use super::publication::Publication;
use super::{Violations, text};

/// Most items that one correction changes.
pub const CORRECTED_MAX: usize = 2_000;

/// Where a correction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CorrectionState {
    /// Asked for.
    Requested,
    /// Approved by somebody else; a version supersedes the one before.
    Approved,
    /// Declined.
    Declined,
}

impl CorrectionState {
    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Approved => "APPROVED",
            Self::Declined => "DECLINED",
        }
    }
}

/// What is wrong with a published result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erratum {
    /// Items whose result is another: code and result.
    pub items: Vec<(String, ResultCode)>,
    /// The check was ended on a ground that did not hold.
    pub drop_ground: bool,
    /// Why; published with the new version.
    pub reason: String,
}

/// A correction of a published result (R115).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The result.
    pub result: String,
    /// Number within the result, from 1.
    pub nth: i64,
    /// What is wrong.
    pub erratum: Erratum,
    /// The objection it follows from; empty for an error that was found otherwise.
    pub objection: String,
    /// Where it stands.
    pub state: CorrectionState,
    /// Who asked.
    pub requested_by: String,
    /// When, in microseconds UTC.
    pub requested_us: i64,
    /// Who approved or declined; empty until then.
    pub decided_by: String,
    /// The version it made; 0 for none.
    pub publication: i64,
}

impl Erratum {
    /// Checks forms, and that every item is one of the published ones.
    pub fn check(&self, violations: &mut Violations, at: &str, published: &Publication) {
        text::require(violations, &format!("{at}.reason"), &self.reason, text::LONG_CHARS_MAX);
        let field = format!("{at}.items");
        let count = self.items.len();
        let some = count > 0 || (self.drop_ground && published.ground.is_some());
        violations.require(some, &field, "REQUIRED", "");
        violations.require(count <= CORRECTED_MAX, &field, "TOO_MANY", &count.to_string());
        for (i, (code, _)) in self.items.iter().enumerate() {
            let at = format!("{field}[{i}].code");
            let known = published.items.iter().any(|p| p.code == *code);
            violations.require(known, &at, "NOT_PUBLISHED", code);
            let new = self.items[..i].iter().all(|(earlier, _)| earlier != code);
            violations.require(new, &at, "DUPLICATE", code);
        }
    }

    /// The version that supersedes one.
    #[must_use]
    pub fn apply(&self, published: &Publication, now_us: i64) -> Publication {
        let mut next = published.clone();
        for item in &mut next.items {
            if let Some((_, result)) = self.items.iter().find(|(code, _)| *code == item.code) {
                item.result = *result;
            }
        }
        if self.drop_ground {
            next.ground = None;
        }
        next.version += 1;
        next.published_us = now_us;
        next.reason.clone_from(&self.reason);
        next
    }
}

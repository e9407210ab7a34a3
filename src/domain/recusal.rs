//! A visited subject asks that a member of its team stays away (R91): from the visit day on, by its
//! visit code, with a reason from a list.

use serde::{Deserialize, Serialize};

use super::visit::Visit;
use super::{Violations, text};

/// Most recusals that one visit can ask for: a code that is passed on cannot flood the office.
pub const RECUSALS_PER_VISIT_MAX: i64 = 8;
/// Longest statement, in characters.
pub const STATEMENT_CHARS_MAX: usize = 500;

/// Why; there are no other reasons (公务员法 art. 76, 行政处罚法 art. 43).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecusalReason {
    /// A close relative of somebody in the business (近亲属).
    Kin,
    /// A direct interest in the business or a competitor (直接利害关系).
    Interest,
    /// A dispute with the business or its people.
    Dispute,
    /// Worked for the business before.
    FormerlyEmployed,
    /// Another relation that may touch fairness (其他可能影响公正的关系).
    OtherRelation,
}

impl RecusalReason {
    /// All reasons.
    pub const ALL: [Self; 5] =
        [Self::Kin, Self::Interest, Self::Dispute, Self::FormerlyEmployed, Self::OtherRelation];

    /// Reads the word it is written as.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.word() == word)
    }

    /// The word it is written as.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kin => "KIN",
            Self::Interest => "INTEREST",
            Self::Dispute => "DISPUTE",
            Self::FormerlyEmployed => "FORMERLY_EMPLOYED",
            Self::OtherRelation => "OTHER_RELATION",
        }
    }
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecusalState {
    /// Waits for an office.
    Asked,
    /// Granted: a replacement was asked for.
    Granted,
    /// Declined.
    Declined,
}

impl RecusalState {
    /// The state an office's decision leads to; `None` when it was decided before.
    #[must_use]
    pub const fn decided(self, grant: bool) -> Option<Self> {
        match (self, grant) {
            (Self::Asked, true) => Some(Self::Granted),
            (Self::Asked, false) => Some(Self::Declined),
            _ => None,
        }
    }

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "ASKED",
            Self::Granted => "GRANTED",
            Self::Declined => "DECLINED",
        }
    }
}

/// A recusal that was asked for: tickets, no names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecusalAsk {
    /// The campaign.
    pub campaign: String,
    /// Number within the campaign, from 1.
    pub nth: i64,
    /// The attempt that drew the visit.
    pub attempt: i64,
    /// Rank of the visit.
    pub rank: i64,
    /// Number within the visit, from 1 to [`RECUSALS_PER_VISIT_MAX`].
    pub of_visit: i64,
    /// The department whose person it is.
    pub department: String,
    /// The slot of the department's section, from 1.
    pub slot: i64,
    /// The person's ticket.
    pub ticket: String,
    /// Why.
    pub reason: RecusalReason,
    /// SHA-256 of the visit code and the statement, in hexadecimal: the evidence of the replacement.
    pub evidence_sha256: String,
    /// When, in microseconds UTC.
    pub asked_us: i64,
    /// Where it stands.
    pub state: RecusalState,
    /// The office that decided; empty until then.
    pub decided_by: String,
    /// When; 0 until then.
    pub decided_us: i64,
    /// Number of the change that was asked for; 0 unless granted.
    pub change: i64,
}

/// What a subject sends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plea {
    /// The visit code, as it was shown.
    pub code: String,
    /// The person's id, as the code says it.
    pub person: String,
    /// Why.
    pub reason: RecusalReason,
    /// What the subject adds; may be empty.
    #[serde(default)]
    pub statement: String,
}

impl Plea {
    /// Checks forms.
    pub fn check(&self, violations: &mut Violations) {
        text::require(violations, "person", &self.person, text::SHORT_CHARS_MAX);
        text::check(violations, "statement", &self.statement, STATEMENT_CHARS_MAX);
    }
}

/// Where a person stands in a visit with its names: department and slot from 1.
#[must_use]
pub fn seat(visit: &Visit, is: impl Fn(&str, &str) -> bool) -> Option<(&str, i64)> {
    visit.sections.iter().find_map(|section| {
        let at = section.team.iter().position(|m| is(&m.ticket, &m.inspector))?;
        Some((section.department.as_str(), i64::try_from(at + 1).ok()?))
    })
}

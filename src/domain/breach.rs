//! Breaches of discipline (R132): kept by supervising offices, decided by another key; no names.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::hash::Digest;
use super::{Violations, id, text};

/// What kind of breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BreachKind {
    /// Names of a draw were told before their time (跑风漏气).
    Leak,
    /// Somebody was checked without a draw, a plan or an order (随意检查).
    UnplannedCheck,
    /// Items outside the list were checked.
    OutsideList,
    /// Property or a favour was taken (吃拿卡要).
    Favour,
    /// A duty was not done (不作为).
    Inaction,
    /// A record is false or was changed.
    FalseRecord,
    /// Somebody who had to withdraw did not (R91).
    NoRecusal,
    /// A suspected crime was not referred (R123).
    NoReferral,
    /// Another rule; the reference says which.
    OtherRule,
}

/// What follows from a breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Sanction {
    /// A talk (约谈).
    Talk,
    /// A public notice of criticism (通报批评).
    Notice,
    /// An order to correct (责令改正).
    Correction,
    /// A disciplinary sanction (政务处分).
    Discipline,
    /// A referral to supervision or prosecution (移送).
    Transfer,
}

/// Where a breach stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BreachState {
    /// Recorded.
    Recorded,
    /// It was one, and something follows.
    Sanctioned,
    /// It was none.
    Dismissed,
}

impl BreachState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Recorded, Self::Sanctioned, Self::Dismissed];

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recorded => "RECORDED",
            Self::Sanctioned => "SANCTIONED",
            Self::Dismissed => "DISMISSED",
        }
    }

    /// The state after a decision; `None` when it was decided.
    #[must_use]
    pub const fn decided(self, sanctioned: bool) -> Option<Self> {
        match (self, sanctioned) {
            (Self::Recorded, true) => Some(Self::Sanctioned),
            (Self::Recorded, false) => Some(Self::Dismissed),
            _ => None,
        }
    }
}

/// A breach of discipline by somebody of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// Its id, chosen by who records it.
    pub id: String,
    /// Where.
    pub jurisdiction: String,
    /// The department.
    pub unit: String,
    /// What kind.
    pub kind: BreachKind,
    /// What it is about: a campaign, a visit, a result.
    pub object: String,
    /// The day on which it was found.
    pub found_on: Date,
    /// Number of the file at the office; the people stand there and nowhere here.
    pub reference: String,
    /// SHA-256 of the record.
    pub document: String,
    /// The office that recorded it.
    pub recorded_by: String,
    /// Id of the key by which it was recorded.
    pub recorded_key: String,
    /// What follows; `None` before the decision and for none.
    pub sanction: Option<Sanction>,
    /// SHA-256 of the decision; empty before.
    pub decision: String,
    /// The office that decided; empty before.
    pub decided_by: String,
    /// Where it stands.
    pub state: BreachState,
    /// Counts changes; the etag.
    pub version: i64,
}

impl Breach {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, today: Date) {
        id::check_slug(violations, "breach.breach_id", &self.id);
        id::check_division(violations, "breach.jurisdiction", &self.jurisdiction);
        id::check_slug(violations, "breach.unit", &self.unit);
        let short = text::SHORT_CHARS_MAX;
        text::require(violations, "breach.object", &self.object, short);
        text::require(violations, "breach.reference", &self.reference, short);
        let past = self.found_on <= today;
        let given = self.found_on.to_string();
        violations.require(past, "breach.found_on", "NOT_IN_THE_FUTURE", &given);
        check_digest(violations, "breach.document_sha256", &self.document);
    }
}

/// Checks a digest in hexadecimal.
pub fn check_digest(violations: &mut Violations, field: &str, digest: &str) {
    let good = Digest::from_hex(digest).is_some();
    violations.require(good, field, "SHA256_HEX", digest);
}

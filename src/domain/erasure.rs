//! Erasing personal data (PIPL Art. 47): who asks, on which ground, what becomes of it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Violations, day, id, text};

/// Months for which the names of a campaign are kept after its last day: the time within which what
/// was found may still be punished (行政处罚法 Art. 36). Until then nothing of it is erased, as
/// PIPL Art. 47 paragraph 2 has it.
pub const NAMES_KEPT_MONTHS: i64 = 24;

/// Whose data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErasureKind {
    /// All names of a campaign.
    Campaign,
    /// A subject, in every list, plan and visit.
    Subject,
    /// An inspector of a department, in every list and visit.
    Inspector,
}

/// Why: one of the cases of PIPL Art. 47 paragraph 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Ground {
    /// (一) The purpose is achieved, cannot be achieved, or no longer needs the data.
    PurposeAchieved,
    /// (二) The service has ended or the time of keeping is over.
    KeptLongEnough,
    /// (三) The person has withdrawn consent.
    ConsentWithdrawn,
    /// (四) The data was handled against the law or an agreement.
    Unlawful,
    /// (五) Another case of law.
    OtherLaw,
}

/// Where an erasure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErasureState {
    /// Asked for.
    Requested,
    /// Approved and done.
    CarriedOut,
    /// Declined.
    Declined,
}

impl ErasureState {
    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::CarriedOut => "CARRIED_OUT",
            Self::Declined => "DECLINED",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whose data.
    pub kind: ErasureKind,
    /// The campaign; only with [`ErasureKind::Campaign`].
    pub campaign: String,
    /// The jurisdiction; only with [`ErasureKind::Subject`].
    pub jurisdiction: String,
    /// The department; only with [`ErasureKind::Inspector`].
    pub department: String,
    /// The subject's or the inspector's id.
    pub person: String,
    /// Why.
    pub ground: Ground,
}

impl Asked {
    /// Checks that what the kind needs is given, and nothing else.
    pub fn check(&self, violations: &mut Violations) {
        let mut part = |kind: ErasureKind, field: &str, rule: &str, given: &str| {
            let wanted = self.kind == kind;
            let rule = if wanted { "REQUIRED" } else { rule };
            violations.require(wanted != given.is_empty(), field, rule, given);
        };
        part(ErasureKind::Campaign, "campaign_id", "FOR_CAMPAIGNS_ONLY", &self.campaign);
        part(ErasureKind::Subject, "jurisdiction", "FOR_SUBJECTS_ONLY", &self.jurisdiction);
        part(ErasureKind::Inspector, "department", "FOR_INSPECTORS_ONLY", &self.department);
        match self.kind {
            ErasureKind::Campaign => {
                let rule = "NOT_FOR_CAMPAIGNS";
                violations.require(self.person.is_empty(), "person_id", rule, &self.person);
            }
            ErasureKind::Subject => {
                id::check_division(violations, "jurisdiction", &self.jurisdiction);
                text::require(violations, "person_id", &self.person, id::SUBJECT_ID_BYTES_MAX);
            }
            ErasureKind::Inspector => {
                text::require(violations, "person_id", &self.person, text::SHORT_CHARS_MAX);
            }
        }
    }
}

/// An erasure: no names in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Its number, from 1.
    pub nth: i64,
    /// Whose data.
    pub kind: ErasureKind,
    /// The campaign; empty for a person.
    pub campaign: String,
    /// The jurisdiction of a subject; empty otherwise.
    pub jurisdiction: String,
    /// The department of an inspector; empty otherwise.
    pub department: String,
    /// Why.
    pub ground: Ground,
    /// Who asked.
    pub requested_by: String,
    /// When, in microseconds UTC.
    pub requested_us: i64,
    /// Where it stands.
    pub state: ErasureState,
    /// Who decided; empty until then.
    pub decided_by: String,
    /// When; 0 until then.
    pub decided_us: i64,
    /// Visits that lost names.
    pub visits: i64,
    /// Rows of registries that were deleted.
    pub rows: i64,
}

/// The last day on which what belongs to a campaign must still be kept; `None` once it is over.
#[must_use]
pub fn kept_until(last_day: Date, today: Date) -> Option<Date> {
    let over = day::months_before(today, NAMES_KEPT_MONTHS) > last_day;
    let until = last_day.checked_add(jiff::Span::new().months(NAMES_KEPT_MONTHS));
    (!over).then(|| until.unwrap_or(Date::MAX))
}

//! Inspectors, experts and recusals (R28–R35, R91).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Violations, id, text};

/// Most tags or absences of one person.
pub const PERSON_LIST_LEN_MAX: usize = 64;
/// Highest cap of visits in one draw.
pub const CAP_MAX: i64 = 1_000_000;

/// Inspector or expert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InspectorKind {
    /// 执法检查人员.
    Inspector,
    /// 专家.
    Expert,
}

/// Days from first to last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateRange {
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
}

/// A member of a department's pool. No name is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspector {
    /// Identifier within the department.
    pub id: String,
    /// Inspector or expert.
    pub kind: InspectorKind,
    /// Number of the enforcement certificate.
    pub certificate_number: String,
    /// Last day of its validity.
    pub certificate_valid_until: Option<Date>,
    /// Qualifications.
    pub tags: Vec<String>,
    /// May lead a joint team.
    pub may_lead: bool,
    /// Most visits in one draw; 0 for the policy's default.
    pub cap: i64,
    /// Absences.
    pub away: Vec<DateRange>,
    /// False when the person has left.
    pub active: bool,
}

/// Why a person may not be sent on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Has left the pool.
    Inactive,
    /// Certificate missing or expired (R31).
    Uncertified,
    /// Away.
    Away,
}

impl Inspector {
    /// Whether the person may be sent during the days from `first` to `last`.
    ///
    /// # Errors
    /// The first reason why not; a person away on every day of the window is [`Unfit::Away`].
    pub fn fit(&self, first: Date, last: Date) -> Result<(), Unfit> {
        if !self.active {
            return Err(Unfit::Inactive);
        }
        let certified = self.kind == InspectorKind::Expert
            || self.certificate_valid_until.is_some_and(|until| until >= last);
        if !certified {
            return Err(Unfit::Uncertified);
        }
        if self.away.iter().any(|away| away.first <= first && away.last >= last) {
            return Err(Unfit::Away);
        }
        Ok(())
    }

    /// The first day after `last` on which the person is back.
    #[must_use]
    pub fn back_after(&self, last: Date) -> Option<Date> {
        self.away
            .iter()
            .find(|a| a.first <= last && a.last >= last)
            .map(|a| super::day::next(a.last))
    }

    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations) {
        id::check_foreign(violations, "inspector_id", &self.id);
        let short = text::SHORT_CHARS_MAX;
        text::check(violations, "certificate_number", &self.certificate_number, short);
        if self.kind == InspectorKind::Inspector {
            let number = !self.certificate_number.is_empty();
            violations.require(number, "certificate_number", "REQUIRED", "");
            let until = self.certificate_valid_until.is_some();
            violations.require(until, "certificate_valid_until", "REQUIRED", "");
        }
        violations.require(self.tags.len() <= PERSON_LIST_LEN_MAX, "tags", "TOO_MANY", "");
        self.tags.iter().for_each(|tag| text::require(violations, "tags", tag, short));
        let cap = (0..=CAP_MAX).contains(&self.cap);
        violations.require(cap, "cap", "CAP_RANGE", &self.cap.to_string());
        violations.require(self.away.len() <= PERSON_LIST_LEN_MAX, "away", "TOO_MANY", "");
        let ordered = self.away.iter().all(|a| a.first <= a.last);
        violations.require(ordered, "away", "RANGE_ORDER", "");
    }
}

/// A declared interest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Recusal {
    /// The inspector.
    pub inspector_id: String,
    /// The subject.
    pub subject_id: String,
    /// Why.
    pub reason: String,
}

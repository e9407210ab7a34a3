//! When the names of a visit open, and to whom (R86): as the policy says.

use jiff::civil::Date;

use super::policy::{self, Policy};

/// From which day on; `None` while the policy waits for a day that nobody has fixed. Never before the
/// campaign's first day: until then an outcome may be voided, and nobody may do so knowing the names.
#[must_use]
pub fn from(policy: &Policy, first_day: Date, fixed: Option<Date>) -> Option<Date> {
    match policy.word(policy::NAMES_RELEASE) {
        "VISIT_DAY" => fixed,
        "DAY_BEFORE" => fixed.map(|d| d.yesterday().unwrap_or(d).max(first_day)),
        _ => Some(first_day),
    }
}

/// Whether only the team's leader opens it.
#[must_use]
pub fn to_leader_only(policy: &Policy) -> bool {
    policy.word(policy::NAMES_RELEASE_TO) == "LEADER"
}

/// Whether the systems of departments with a part open it too.
#[must_use]
pub fn to_departments(policy: &Policy) -> bool {
    policy.word(policy::NAMES_RELEASE_TO) == "TEAM_AND_DEPARTMENTS"
}

//! The joint rate (跨部门联合抽查率) by its two definitions, each with what it is a share of (R55).

use serde::{Deserialize, Serialize};

use super::quota::BASIS_POINTS;

/// The rate by checks, in words.
pub const BY_CHECKS: &str =
    "checks of departments that share their visit with another department / all checks";
/// The rate by visits, in words.
pub const BY_VISITS: &str = "visits of two or more departments / all visits";

/// What was counted of a year's drawn visits; those that dropped out do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JointRate {
    /// Checks: one per department and visit.
    pub checks: u64,
    /// Checks that share their visit.
    pub joint_checks: u64,
    /// Visits.
    pub visits: u64,
    /// Visits of two or more departments.
    pub joint_visits: u64,
}

impl JointRate {
    /// Counts a visit of so many departments.
    pub fn add(&mut self, departments: usize) {
        let checks = u64::try_from(departments).unwrap_or(u64::MAX);
        self.checks += checks;
        self.visits += u64::from(checks > 0);
        if checks > 1 {
            self.joint_checks += checks;
            self.joint_visits += 1;
        }
    }

    /// A share in basis points, rounded down so that nothing looks reached that is not; `None`
    /// of nothing.
    #[must_use]
    pub const fn share(part: u64, whole: u64) -> Option<u64> {
        part.saturating_mul(BASIS_POINTS).checked_div(whole)
    }
}

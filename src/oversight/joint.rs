//! The joint rate of the year against what the policy wants reached (R55).

use std::collections::BTreeSet;

use jiff::civil::{Date, date};

use super::warning::{About, Warning, WarningKind};
use crate::domain::joint_rate::JointRate;

/// A warning while the share of joint checks is below the target; none while nothing was checked.
#[must_use]
pub fn below(today: Date, rate: &JointRate, target: u64) -> Option<Warning> {
    let share = JointRate::share(rate.joint_checks, rate.checks)?;
    (share < target).then(|| Warning {
        kind: WarningKind::JointRateLow,
        about: About::default(),
        since: date(today.year(), 1, 1),
        detail: format!("{} of {} checks: {share} < {target} bp", rate.joint_checks, rate.checks),
        seen_by: BTreeSet::new(),
    })
}

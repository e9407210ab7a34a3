//! Joint figures.

use super::super::pb;
use super::signed;
use crate::domain::joint_rate::{BY_CHECKS, BY_VISITS, JointRate};

/// Writes the rate by both definitions, and what is to be reached.
#[must_use]
pub fn rate_out(rate: JointRate, target: u64) -> pb::GetJointRateResponse {
    let of = |formula: &str, part: u64, whole: u64| {
        let share = JointRate::share(part, whole);
        Some(pb::JointRate {
            formula: formula.to_owned(),
            numerator: signed(part),
            denominator: signed(whole),
            basis_points: share.map(signed),
            reached: share.is_some_and(|s| s >= target),
        })
    };
    pb::GetJointRateResponse {
        by_checks: of(BY_CHECKS, rate.joint_checks, rate.checks),
        by_visits: of(BY_VISITS, rate.joint_visits, rate.visits),
        target_basis_points: signed(target),
    }
}

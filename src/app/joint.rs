//! Joint figures of a year, counted from what is stored at the moment (R55).

use super::{App, AppError};
use crate::domain::day;
use crate::domain::joint_rate::JointRate;
use crate::domain::policy::{self, Policy};
use crate::domain::quota::BASIS_POINTS;
use crate::store::Tx;

/// The joint rate of a jurisdiction and year, and what the policy wants reached, in basis points.
///
/// # Errors
/// [`AppError`].
pub async fn rate(app: &App, jurisdiction: &str, year: i16) -> Result<(JointRate, u64), AppError> {
    let mut tx = app.db.read().await?;
    if tx.jurisdiction(jurisdiction).await?.is_none() {
        return Err(AppError::not_found("jurisdiction", jurisdiction));
    }
    let today = day::of_instant(app.clock.now_us());
    let on = today.min(jiff::civil::Date::new(year, 12, 31).unwrap_or(today));
    let issued = tx.policies(jurisdiction).await?;
    let target = target(&Policy::resolve(jurisdiction, &issued, on));
    Ok((of_year(&mut tx, jurisdiction, year).await?, target))
}

/// What the policy of today wants reached in a jurisdiction, in basis points.
///
/// # Errors
/// [`AppError::Store`].
pub async fn target_in(app: &App, jurisdiction: &str) -> Result<u64, AppError> {
    let issued = app.db.read().await?.policies(jurisdiction).await?;
    let today = day::of_instant(app.clock.now_us());
    Ok(target(&Policy::resolve(jurisdiction, &issued, today)))
}

/// What is to be reached, in basis points.
#[must_use]
pub fn target(policy: &Policy) -> u64 {
    let percent = u64::try_from(policy.number(policy::JOINT_RATE_PERCENT)).unwrap_or(0);
    percent * BASIS_POINTS / 100
}

/// What is counted of a year.
///
/// # Errors
/// [`AppError::Store`].
pub async fn of_year(tx: &mut Tx, jurisdiction: &str, year: i16) -> Result<JointRate, AppError> {
    let mut rate = JointRate::default();
    for visit in tx.visits_of_year(jurisdiction, year).await? {
        if visit.dropped == 0 {
            rate.add(visit.sections.len());
        }
    }
    Ok(rate)
}

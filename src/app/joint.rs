//! Joint figures of a year, counted from what is stored at the moment (R55).

use super::{App, AppError};
use crate::domain::joint_rate::JointRate;

/// The joint rate of a jurisdiction and year.
///
/// # Errors
/// [`AppError`].
pub async fn rate(app: &App, jurisdiction: &str, year: i16) -> Result<JointRate, AppError> {
    let mut tx = app.db.read().await?;
    if tx.jurisdiction(jurisdiction).await?.is_none() {
        return Err(AppError::not_found("jurisdiction", jurisdiction));
    }
    let mut rate = JointRate::default();
    for visit in tx.visits_of_year(jurisdiction, year).await? {
        if visit.dropped == 0 {
            rate.add(visit.sections.len());
        }
    }
    Ok(rate)
}

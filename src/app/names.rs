//! Sealing and opening the names of visits (R86).

use super::{App, AppError, Sealer};
use crate::domain::visit::{Names, Visit};
use crate::store::{SealedVisit, Tx};

fn place(visit: &Visit) -> String {
    format!("visits/{}/{}/{}/names", visit.campaign, visit.attempt, visit.rank)
}

/// Takes the names out of a visit and encrypts them.
///
/// # Errors
/// [`AppError::Broken`] when they cannot be sealed.
pub fn seal(app: &App, mut visit: Visit) -> Result<SealedVisit, AppError> {
    let names = serde_json::to_vec(&visit.hide())
        .map_err(|_| AppError::Broken("the names of a visit have no JSON"))?;
    let sealed = app.sealer.seal(&app.entropy, &place(&visit), &names)?;
    Ok(SealedVisit { visit, sealed })
}

/// The names of a visit.
///
/// # Errors
/// [`AppError::Broken`] when the key is another or the row was changed.
pub fn of(sealer: &Sealer, stored: &SealedVisit) -> Result<Names, AppError> {
    let plain = sealer.open(&place(&stored.visit), &stored.sealed)?;
    serde_json::from_slice(&plain)
        .map_err(|_| AppError::Broken("the sealed names of a visit are of another type"))
}

/// A visit with its names.
///
/// # Errors
/// As [`of`].
pub fn open(sealer: &Sealer, mut stored: SealedVisit) -> Result<Visit, AppError> {
    let names = of(sealer, &stored)?;
    stored.visit.show(names);
    Ok(stored.visit)
}

/// Visits since a year that take place, with their names, for rules that look at who was visited by
/// whom.
///
/// # Errors
/// [`AppError`].
pub async fn since(
    sealer: &Sealer,
    tx: &mut Tx,
    jurisdiction: &str,
    year: i16,
) -> Result<Vec<Visit>, AppError> {
    let stored = tx.visits_since(jurisdiction, i64::from(year)).await?;
    let visits: Result<Vec<Visit>, _> = stored.into_iter().map(|s| open(sealer, s)).collect();
    Ok(visits?.into_iter().filter(|v| v.dropped == 0).collect())
}

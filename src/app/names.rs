//! Sealing and opening the names of visits (R86), each under a data key of its own.

use super::{App, AppError, Sealer, ceremony};
use crate::app::seal::DataKey;
use crate::domain::visit::{Names, Visit};
use crate::store::{Draw, SealedVisit, Tx};

/// Key of the lock that a freeze and an erasure take, so that nobody is erased and frozen at once.
pub const LOCK: i64 = 0x6f76_6e61_6d01;

fn place(visit: &Visit) -> String {
    format!("visits/{}/{}/{}/names", visit.campaign, visit.attempt, visit.rank)
}

/// Where the data key of a visit stands.
#[must_use]
pub fn key_place(visit: &Visit) -> String {
    format!("visits/{}/{}/{}/key", visit.campaign, visit.attempt, visit.rank)
}

/// Where the data key of an attempt stands.
#[must_use]
pub fn draw_key_place(campaign: &str, attempt: i64) -> String {
    ceremony::place(campaign, attempt, "key")
}

/// The data key of an attempt.
///
/// # Errors
/// [`AppError::Precondition`] once it is erased, [`AppError::Broken`] when it does not open.
pub fn draw_key(sealer: &Sealer, draw: &Draw) -> Result<DataKey, AppError> {
    if draw.openings.is_empty() {
        return Err(erased(&draw.campaign));
    }
    sealer.key(&draw_key_place(&draw.campaign, draw.attempt), &draw.wrapped)
}

/// The data key of a visit.
///
/// # Errors
/// As [`draw_key`].
pub fn visit_key(sealer: &Sealer, stored: &SealedVisit) -> Result<DataKey, AppError> {
    if stored.sealed.is_empty() {
        return Err(erased(&stored.visit.campaign));
    }
    sealer.key(&key_place(&stored.visit), &stored.wrapped)
}

/// The refusal of what needs names that are erased.
#[must_use]
pub fn erased(what: &str) -> AppError {
    AppError::precondition("NAMES_ARE_ERASED", what)
}

/// Takes the names out of a visit and encrypts them, under its data key where it has one.
///
/// # Errors
/// [`AppError::Broken`] when they cannot be sealed.
pub fn seal(app: &App, mut visit: Visit, wrapped: &[u8]) -> Result<SealedVisit, AppError> {
    let names = serde_json::to_vec(&visit.hide())
        .map_err(|_| AppError::Broken("the names of a visit have no JSON"))?;
    let key_place = key_place(&visit);
    let (key, wrapped) = match wrapped.is_empty() {
        true => app.sealer.new_key(&app.entropy, &key_place)?,
        false => (app.sealer.key(&key_place, wrapped)?, wrapped.to_vec()),
    };
    let sealed = key.seal(&app.entropy, &place(&visit), &names)?;
    Ok(SealedVisit { visit, wrapped, sealed })
}

/// The names of a visit; empty ones once they are erased.
///
/// # Errors
/// [`AppError::Broken`] when the key is another or the row was changed.
pub fn of(sealer: &Sealer, stored: &SealedVisit) -> Result<Names, AppError> {
    if stored.sealed.is_empty() {
        return Ok(Names::default());
    }
    let plain = visit_key(sealer, stored)?.open(&place(&stored.visit), &stored.sealed)?;
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
/// whom. Those whose subject is erased are left out.
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
    Ok(visits?.into_iter().filter(|v| v.dropped == 0 && !v.subject.is_empty()).collect())
}

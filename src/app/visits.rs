//! Reading visits, reserves and shortages. Names show once the campaign is closed; before that they
//! are opened one by one (`openings.rs`).

use super::attempt::{self, Inputs};
use super::{App, AppError, Call, campaigns, names, pack};
use crate::domain::caller::{Caller, Role};
use crate::domain::campaign::{Campaign, State};
use crate::domain::shortage::Shortage;
use crate::domain::visit::Visit;
use crate::draw::lot::{self, Winner};
use crate::draw::pool::Pool;
use crate::store::SealedVisit;

/// Lets a department's own system and offices pass.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn require_own_or_office(caller: &Caller, department: &str) -> Result<(), AppError> {
    match caller.role {
        Role::Office => Ok(()),
        Role::Department if caller.department == department => Ok(()),
        _ => Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY")),
    }
}

/// Which department's visits a caller may see: its own, or any an office asks for.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn department_for<'a>(caller: &'a Caller, asked: &'a str) -> Result<&'a str, AppError> {
    match caller.role {
        Role::Office => Ok(asked),
        Role::Department | Role::Inspector if asked.is_empty() || asked == caller.department => {
            Ok(&caller.department)
        }
        _ => Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY")),
    }
}

/// A visit as a caller who only reads may see it: its names once the campaign is closed.
///
/// # Errors
/// [`AppError::Broken`] when its names do not open.
pub fn seen(app: &App, campaign: &Campaign, stored: SealedVisit) -> Result<Visit, AppError> {
    match campaign.state {
        State::Closed => names::open(&app.sealer, stored),
        _ => Ok(stored.visit),
    }
}

/// A page of visits by rank.
///
/// # Errors
/// [`AppError`]; a department sees its own.
pub async fn list(
    app: &App,
    call: &Call,
    campaign: &str,
    department: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Visit>, AppError> {
    let department = department_for(&call.caller, department)?;
    let mut tx = app.db.read().await?;
    let found = campaigns::find(&mut tx, campaign).await?;
    let visits = tx.visits(campaign, department, after, limit).await?;
    visits.into_iter().map(|v| seen(app, &found, v)).collect()
}

/// One visit.
///
/// # Errors
/// [`AppError::NotFound`], also for a department without a part in it.
pub async fn get(app: &App, call: &Call, campaign: &str, rank: i64) -> Result<Visit, AppError> {
    let department = department_for(&call.caller, "")?;
    let mut tx = app.db.read().await?;
    let found = campaigns::find(&mut tx, campaign).await?;
    let visit = tx.visit(campaign, rank).await?;
    let own = |v: &SealedVisit| {
        department.is_empty() || v.visit.sections.iter().any(|s| s.department == department)
    };
    let missing = || AppError::not_found("visit", &format!("{campaign}/{rank}"));
    seen(app, &found, visit.filter(own).ok_or_else(missing)?)
}

/// A page of shortages.
///
/// # Errors
/// [`AppError`].
pub async fn shortages(
    app: &App,
    campaign: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Shortage>, AppError> {
    let mut tx = app.db.read().await?;
    campaigns::find(&mut tx, campaign).await?;
    Ok(tx.shortages(campaign, after, limit).await?)
}

/// A unit of the ordered reserve (递补).
pub struct Reserve {
    /// Rank in the stratum, after the drawn ones.
    pub rank: i64,
    /// Its ticket.
    pub ticket: String,
}

/// The reserve of a department's stratum, re-computed from the frozen pool and the seed.
///
/// # Errors
/// [`AppError`]; the department's own system and offices only.
pub async fn reserve(
    app: &App,
    call: &Call,
    campaign: &str,
    department: &str,
    stratum: &str,
    limit: i64,
) -> Result<Vec<Reserve>, AppError> {
    require_own_or_office(&call.caller, department)?;
    let mut tx = app.db.read().await?;
    let missing = || AppError::not_found("draw of campaign", campaign);
    let stored = tx.draw(campaign, 0).await?.filter(|d| !d.seed.is_empty()).ok_or_else(missing)?;
    let given = tx.contributions(campaign, stored.attempt).await?;
    let freeze = attempt::freeze_of(&stored)?;
    let drawn = freeze.quotas.get(department).and_then(|s| s.get(stratum)).map_or(0, |q| q.draw);
    let pool: Pool = pack::unpack(&stored.pool)?;
    let seed = Inputs::of(&freeze, &stored, &given)?.seed(&freeze, &stored)?;
    let lots = lot::lots(&pool, &seed.subject_key());
    let count = u64::try_from(limit).unwrap_or(0);
    let mine =
        |w: &&Winner| *w.department == *department && *w.stratum == *stratum && w.rank > drawn;
    let reserve = |w: &Winner| Reserve {
        rank: i64::try_from(w.rank).unwrap_or(0),
        ticket: pool.units.ticket(w.unit).to_string(),
    };
    Ok(lot::select(&freeze, &pool, &lots, count).iter().filter(mine).map(reserve).collect())
}

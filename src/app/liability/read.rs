//! Reading liabilities: a unit its own, offices all.

use super::attach::attached;
use super::find;
use crate::app::{App, AppError, Call, Page};
use crate::domain::caller::{Caller, Role};
use crate::domain::liability::{DutyEvidence, Liability, LiabilityState};
use crate::store::LiabilityFilter;

/// Whose liabilities a caller sees: those of one unit, or all for an empty text. A supervising office sees
/// all: it supervises, and stands under the same rule itself.
///
/// # Errors
/// [`AppError::Forbidden`] for inspectors and subjects.
pub fn unit_for<'a>(caller: &'a Caller, asked: &'a str) -> Result<&'a str, AppError> {
    match caller.role {
        Role::Office | Role::Supervisor | Role::Auditor => Ok(asked),
        Role::Department if asked.is_empty() || asked == caller.department => {
            Ok(&caller.department)
        }
        Role::Department => Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY")),
        Role::Inspector | Role::Subject | Role::Service => {
            Err(AppError::Forbidden("OFFICE_OR_DEPARTMENT_ONLY"))
        }
    }
}

/// A page of liabilities by id.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    call: &Call,
    (jurisdiction, unit, state): (&str, &str, Option<LiabilityState>),
    page: &Page<'_>,
) -> Result<Vec<Liability>, AppError> {
    let unit = unit_for(&call.caller, unit)?;
    let state = state.map_or("", LiabilityState::word);
    let filter = LiabilityFilter { jurisdiction, unit, state };
    Ok(app.db.read().await?.liabilities(&filter, page).await?)
}

/// A liability with what the unit has attached.
///
/// # Errors
/// [`AppError`]; for another department it does not exist.
pub async fn get(
    app: &App,
    call: &Call,
    id: &str,
) -> Result<(Liability, Vec<DutyEvidence>), AppError> {
    let own = unit_for(&call.caller, "")?;
    let mut tx = app.db.read().await?;
    let liability = find(&mut tx, id).await?;
    if !own.is_empty() && own != liability.unit {
        return Err(AppError::not_found("liability", id));
    }
    let evidence = attached(&mut tx, &liability).await?;
    Ok((liability, evidence))
}

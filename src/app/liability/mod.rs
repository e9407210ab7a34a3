//! Liability for missed deadlines (R130), the duty of care that exempts (R131), and breaches of discipline
//! (R132). The people behind them stand in the files of the offices, never here.

pub mod attach;
pub mod breach;
pub mod obligations;
pub mod read;
pub mod round;
pub mod rule;

use serde_json::{Value, json};

use super::AppError;
use crate::domain::caller::{Caller, Role};
use crate::domain::liability::Liability;
use crate::store::Tx;

/// A liability inside a transaction.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(tx: &mut Tx, id: &str) -> Result<Liability, AppError> {
    tx.liability(id).await?.ok_or_else(|| AppError::not_found("liability", id))
}

/// Lets the unit pass that has the duty: the department's system, or the supervising office.
fn require_unit(caller: &Caller, liability: &Liability) -> Result<(), AppError> {
    let role = match liability.kind.is_of_office() {
        true => Role::Supervisor,
        false => Role::Department,
    };
    match caller.role == role && caller.name() == liability.unit {
        true => Ok(()),
        false => Err(AppError::Forbidden("OWN_LIABILITY_ONLY")),
    }
}

/// What the log tells of a liability, and an archive.
#[must_use]
pub fn told(liability: &Liability) -> Value {
    json!({
        "campaign": liability.campaign,
        "due": liability.due,
        "liability": liability.id,
        "liability_kind": liability.kind,
        "liability_state": liability.state,
        "liability_version": liability.version,
        "object": liability.object,
        "unit": liability.unit,
    })
}

/// Refuses when somebody else was faster.
async fn save(tx: &mut Tx, liability: &Liability, since: i64) -> Result<(), AppError> {
    match tx.update_liability(liability, since).await? {
        true => Ok(()),
        false => Err(AppError::Stale(format!("liability {}", liability.id))),
    }
}

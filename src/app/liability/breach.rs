//! Breaches of discipline (R132): recorded by a supervising office, decided by another key.

use serde_json::{Value, json};

use super::read::unit_for;
use crate::app::{Aim, App, AppError, Begun, Call, Page};
use crate::domain::breach::{Breach, BreachState, Sanction, check_digest};
use crate::domain::caller::Role;
use crate::domain::{Violations, day};
use crate::store::LiabilityFilter;

fn require_supervisor(call: &Call) -> Result<(), AppError> {
    match call.caller.role {
        Role::Supervisor => Ok(()),
        _ => Err(AppError::Forbidden("SUPERVISOR_ONLY")),
    }
}

fn told(breach: &Breach) -> Value {
    json!({
        "breach": breach.id,
        "breach_kind": breach.kind,
        "breach_state": breach.state,
        "decision": breach.decision,
        "document": breach.document,
        "jurisdiction": breach.jurisdiction,
        "unit": breach.unit,
    })
}

/// Records a breach.
///
/// # Errors
/// [`AppError`]; supervising offices only, of a department that is known.
pub async fn record(app: &App, call: &Call, mut new: Breach) -> Result<Breach, AppError> {
    require_supervisor(call)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut violations = Violations::default();
    new.check(&mut violations, day::of_instant(step.now_us));
    let department = step.tx.department(&new.unit).await?;
    let known = department.is_some_and(|(d, _)| d.jurisdiction == new.jurisdiction);
    violations.require(known, "breach.unit", "UNKNOWN_DEPARTMENT", &new.unit);
    violations.finish(())?;
    call.caller.name().clone_into(&mut new.recorded_by);
    new.recorded_key.clone_from(&call.caller.key_id);
    (new.state, new.version) = (BreachState::Recorded, 1);
    match step.tx.insert_breach(&new).await {
        Err(error) if error.is_conflict() => {
            return Err(AppError::Exists { kind: "breach", id: new.id });
        }
        done => done?,
    }
    let body = told(&new);
    step.finish(call, "breach.record", body, new).await
}

/// Decides what follows from a breach: a sanction, or nothing where it was none.
///
/// # Errors
/// [`AppError`]; a supervising office by another key than recorded it.
pub async fn decide(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    (sanction, document): (Option<Sanction>, &str),
) -> Result<Breach, AppError> {
    require_supervisor(call)?;
    let mut violations = Violations::default();
    check_digest(&mut violations, "document_sha256", document);
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let breach = step.tx.breach(aim.id).await?;
    let mut breach = breach.ok_or_else(|| AppError::not_found("breach", aim.id))?;
    if breach.recorded_key == call.caller.key_id {
        return Err(AppError::Forbidden("DECIDER_IS_RECORDER"));
    }
    aim.require("breach", breach.version)?;
    let Some(state) = breach.state.decided(sanction.is_some()) else {
        return Err(AppError::precondition("BREACH_STATE", breach.state.word()));
    };
    let since = breach.version;
    (breach.state, breach.sanction, breach.version) = (state, sanction, since + 1);
    document.clone_into(&mut breach.decision);
    call.caller.name().clone_into(&mut breach.decided_by);
    if !step.tx.update_breach(&breach, since).await? {
        return Err(AppError::Stale(format!("breach {}", aim.id)));
    }
    let body = told(&breach);
    step.finish(call, "breach.decide", body, breach).await
}

/// A page of breaches by id.
///
/// # Errors
/// [`AppError`]; a department sees its own, once they are decided.
pub async fn list(
    app: &App,
    call: &Call,
    (jurisdiction, unit, state): (&str, &str, Option<BreachState>),
    page: &Page<'_>,
) -> Result<Vec<Breach>, AppError> {
    let unit = unit_for(&call.caller, unit)?;
    let state = state.map_or("", BreachState::word);
    let filter = LiabilityFilter { jurisdiction, unit, state };
    let decided = call.caller.role == Role::Department;
    Ok(app.db.read().await?.breaches((&filter, decided), page).await?)
}

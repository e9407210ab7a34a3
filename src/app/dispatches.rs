//! Tasks from province or city: taken in, routed, answered by their unit (R76).

use serde_json::json;

use super::{App, AppError, Begun, Call, Step, departments, require_department, require_office};
use crate::domain::dispatch::{DispatchDeed, DispatchState, DispatchedTask};
use crate::domain::plan_check::matching_codes;
use crate::domain::{Violations, text};
use crate::store::{Page, Tx};

/// Takes a task in and routes it to the unit whose list matches.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn take_in(
    app: &App,
    call: &Call,
    mut task: DispatchedTask,
) -> Result<DispatchedTask, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    task.check(&mut violations, "task");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let known = step.tx.departments_in(std::slice::from_ref(&task.jurisdiction)).await?;
    let ids: Vec<String> = known.into_iter().map(|d| d.id).collect();
    task.state = DispatchState::Unrouted;
    task.version = 1;
    task.route(&step.tx.item_lists_on(&ids, task.last_day).await?);
    match step.tx.insert_dispatched(&task).await {
        Err(error) if error.is_conflict() => {
            Err(AppError::Exists { kind: "dispatched task", id: task.id })
        }
        done => {
            done?;
            finish(step, call, task, "dispatch.take_in").await
        }
    }
}

async fn finish(
    step: Step,
    call: &Call,
    task: DispatchedTask,
    kind: &str,
) -> Result<DispatchedTask, AppError> {
    let body = json!({
        "document": task.document,
        "id": task.id,
        "jurisdiction": task.jurisdiction,
        "state": task.state,
        "unit": task.unit,
        "version": task.version,
    });
    step.finish(call, kind, body, task).await
}

async fn aimed(
    tx: &mut Tx,
    jurisdiction: &str,
    id: &str,
    etag: i64,
) -> Result<DispatchedTask, AppError> {
    let task = tx.dispatched(jurisdiction, id).await?;
    let task = task.ok_or_else(|| AppError::not_found("dispatched task", id))?;
    match task.version == etag {
        true => Ok(task),
        false => Err(AppError::Stale(format!("dispatched task {id}"))),
    }
}

async fn act(tx: &mut Tx, task: &mut DispatchedTask, deed: DispatchDeed) -> Result<(), AppError> {
    let before = task.version;
    if !task.act(deed) {
        return Err(AppError::precondition("DISPATCH_STATE", task.state.word()));
    }
    match tx.update_dispatched(task, before).await? {
        true => Ok(()),
        false => Err(AppError::Stale(format!("dispatched task {}", task.id))),
    }
}

fn explained(reason: &str) -> Result<(), AppError> {
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", reason, text::SHORT_CHARS_MAX);
    Ok(violations.finish(())?)
}

/// Routes a task to a unit that an office names.
///
/// # Errors
/// [`AppError`]; offices only, with a reason.
pub async fn route(
    app: &App,
    call: &Call,
    (jurisdiction, id, etag): (&str, &str, i64),
    (unit, reason): (&str, &str),
) -> Result<DispatchedTask, AppError> {
    require_office(&call.caller)?;
    explained(reason)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut task = aimed(&mut step.tx, jurisdiction, id, etag).await?;
    let known = step.tx.department(unit).await?;
    if known.is_none_or(|(d, _)| d.jurisdiction != jurisdiction) {
        return Err(AppError::not_found("department", unit));
    }
    let lists = step.tx.item_lists_on(&[unit.to_owned()], task.last_day).await?;
    let codes = lists.iter().flat_map(|list| matching_codes(&task.items, list));
    task.codes = codes.map(|item| item.code).collect();
    (task.unit, task.reason) = (unit.to_owned(), reason.to_owned());
    act(&mut step.tx, &mut task, DispatchDeed::Route).await?;
    finish(step, call, task, "dispatch.route").await
}

/// The unit accepts, or declines with a reason.
///
/// # Errors
/// [`AppError`]; the department that is asked only.
pub async fn answer(
    app: &App,
    call: &Call,
    (id, etag): (&str, i64),
    accept: bool,
    reason: &str,
) -> Result<DispatchedTask, AppError> {
    let department = require_department(&call.caller)?.to_owned();
    if !accept {
        explained(reason)?;
    }
    let jurisdiction = departments::own(app, &department).await?.jurisdiction;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut task = aimed(&mut step.tx, &jurisdiction, id, etag).await?;
    if task.unit != department {
        return Err(AppError::Forbidden("ROUTED_TO_ANOTHER"));
    }
    let deed = if accept { DispatchDeed::Accept } else { DispatchDeed::Decline };
    if !accept {
        reason.clone_into(&mut task.reason);
    }
    act(&mut step.tx, &mut task, deed).await?;
    let kind = if accept { "dispatch.accept" } else { "dispatch.decline" };
    finish(step, call, task, kind).await
}

/// A page of dispatched tasks, of one unit when it is given.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    jurisdiction: &str,
    unit: &str,
    page: &Page<'_>,
) -> Result<Vec<DispatchedTask>, AppError> {
    Ok(app.db.read().await?.dispatched_tasks(jurisdiction, unit, page).await?)
}

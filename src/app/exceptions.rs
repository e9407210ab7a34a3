//! Exceptions from the rules of draws (R36–R44, R52): a department records them, an office approves
//! those that need it, and a frame shows each as the rule that keeps a unit out.

use serde_json::json;

use super::{Aim, App, AppError, Begun, Call, require_office, require_tenant};
use crate::domain::caller::{Caller, Role};
use crate::domain::exception::{Exception, ExceptionAction, ExceptionState};
use crate::domain::{Violations, day};
use crate::store::{Page, Tx};

/// Bytes of an exception's id.
const ID_BYTES: usize = 12;

/// Records an exception of the caller's department. Its ground decides whether it holds at once.
///
/// # Errors
/// [`AppError`]; department systems only.
pub async fn record(
    app: &App,
    call: &Call,
    mut exception: Exception,
) -> Result<Exception, AppError> {
    let [jurisdiction, department] = require_tenant(&call.caller)?;
    let mut violations = Violations::default();
    exception.check(&mut violations, "exception");
    violations.finish(())?;
    let mut step = match app.begin::<String>(call).await? {
        Begun::Repeated(id) => return find(&mut app.db.read().await?, &id).await,
        Begun::New(step) => step,
    };
    check_known(&mut step.tx, department, &exception, day::of_instant(step.now_us)).await?;
    exception.id = hex::encode(app.entropy.bytes::<ID_BYTES>());
    department.clone_into(&mut exception.department);
    exception.requested_by.clone_from(&call.caller.key_id);
    exception.state = match exception.ground.needs_approval() {
        true => ExceptionState::Requested,
        false => ExceptionState::InForce,
    };
    exception.version = 1;
    step.tx.insert_exception(jurisdiction, &exception).await?;
    let body = told(&exception);
    step.finish(call, "exception.record", body, exception.id.clone()).await?;
    Ok(exception)
}

/// What the log says: whose, on what ground, for how long; never of whom.
fn told(exception: &Exception) -> serde_json::Value {
    json!({
        "department": exception.department,
        "exception": exception.id,
        "from": exception.from.to_string(),
        "ground": exception.ground,
        "items": exception.items.len(),
        "of_a_subject": !exception.subject.is_empty(),
        "state": exception.state,
        "to": exception.to.to_string(),
    })
}

/// The items it names are in the department's list on its first day.
async fn check_known(
    tx: &mut Tx,
    department: &str,
    exception: &Exception,
    today: jiff::civil::Date,
) -> Result<(), AppError> {
    let mut violations = Violations::default();
    let lists = tx.item_lists_on(&[department.to_owned()], exception.from.max(today)).await?;
    for (i, code) in exception.items.iter().enumerate() {
        let listed = lists.iter().any(|l| l.items.iter().any(|item| item.code == *code));
        violations.require(listed, format!("exception.items[{i}]"), "UNKNOWN_ITEM", code);
    }
    Ok(violations.finish(())?)
}

async fn find(tx: &mut Tx, id: &str) -> Result<Exception, AppError> {
    tx.exception(id).await?.ok_or_else(|| AppError::not_found("exception", id))
}

/// An office approves or declines what needs its approval (R44, R52). It is another than asked.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn decide(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    approve: bool,
) -> Result<Exception, AppError> {
    require_office(&call.caller)?;
    let action = if approve { ExceptionAction::Approve } else { ExceptionAction::Decline };
    act(app, call, aim, action).await
}

/// The department takes an exception back; frames that are frozen already keep it.
///
/// # Errors
/// [`AppError`]; the department's own system only.
pub async fn withdraw(app: &App, call: &Call, aim: Aim<'_>) -> Result<Exception, AppError> {
    require_tenant(&call.caller)?;
    act(app, call, aim, ExceptionAction::Withdraw).await
}

async fn act(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    action: ExceptionAction,
) -> Result<Exception, AppError> {
    let mut step = match app.begin::<String>(call).await? {
        Begun::Repeated(id) => return find(&mut app.db.read().await?, &id).await,
        Begun::New(step) => step,
    };
    let mut exception = find(&mut step.tx, aim.id).await?;
    require_reader(&call.caller, &exception)?;
    if exception.requested_by == call.caller.key_id && action != ExceptionAction::Withdraw {
        return Err(AppError::Forbidden("APPROVER_IS_REQUESTER"));
    }
    aim.require("exception", exception.version)?;
    let (since, state) = (exception.version, exception.state.word());
    if !exception.act(action, call.caller.name()) {
        return Err(AppError::precondition("EXCEPTION_STATE", state));
    }
    if !step.tx.update_exception(&exception, since).await? {
        return Err(AppError::Stale(format!("exception {}", aim.id)));
    }
    let (body, id) = (told(&exception), exception.id.clone());
    step.finish(call, "exception.decide", body, id).await?;
    Ok(exception)
}

/// The department itself, and those who look over its shoulder.
fn require_reader(caller: &Caller, exception: &Exception) -> Result<(), AppError> {
    match caller.role {
        Role::Office | Role::Supervisor | Role::Auditor => Ok(()),
        Role::Department if caller.department == exception.department => Ok(()),
        _ => Err(AppError::not_found("exception", &exception.id)),
    }
}

/// An exception.
///
/// # Errors
/// [`AppError`]; the department's own system, offices, supervisors and auditors.
pub async fn get(app: &App, caller: &Caller, id: &str) -> Result<Exception, AppError> {
    let exception = find(&mut app.db.read().await?, id).await?;
    require_reader(caller, &exception)?;
    Ok(exception)
}

/// A page of exceptions: a department sees its own, offices, supervisors and auditors all.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    caller: &Caller,
    [department, state]: [&str; 2],
    page: &Page<'_>,
) -> Result<Vec<Exception>, AppError> {
    let department = match caller.role {
        Role::Office | Role::Supervisor | Role::Auditor => department,
        Role::Department => caller.department.as_str(),
        _ => return Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY")),
    };
    let mut tx = app.db.read().await?;
    Ok(tx.exceptions([department, state], page.after, page.limit).await?)
}

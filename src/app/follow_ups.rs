//! What follows from results (R107, R120–R123): steps of the department and of the competent unit, each
//! one an event; what is said of them is sealed.

use serde_json::json;

use super::{Aim, App, AppError, Begun, Call, disclosure, names, reply, visits};
use crate::domain::caller::Role;
use crate::domain::follow_up::{FollowUp, FollowUpAction, FollowUpState, Step};
use crate::domain::publication::{Content, ResultRecord};
use crate::domain::{Violations, day};
use crate::store::{SealedFollowUp, Tx};

fn place(result: &str) -> String {
    format!("follow_ups/{result}/sealed")
}

fn seal(app: &App, follow_up: &FollowUp) -> Result<SealedFollowUp, AppError> {
    let plain = serde_json::to_vec(follow_up);
    let plain = plain.map_err(|_| AppError::Broken("a follow-up has no JSON"))?;
    Ok(SealedFollowUp {
        result: follow_up.result.clone(),
        campaign: follow_up.campaign.clone(),
        department: follow_up.department.clone(),
        unit: follow_up.unit.clone(),
        state: follow_up.state.word().to_owned(),
        version: follow_up.version,
        sealed: app.sealer.seal(&app.entropy, &place(&follow_up.result), &plain)?,
    })
}

/// A follow-up as it is stored, opened.
///
/// # Errors
/// [`AppError::Broken`] when the key is another or the row was changed; as [`names::erased`].
pub fn open(app: &App, stored: &SealedFollowUp) -> Result<FollowUp, AppError> {
    if stored.sealed.is_empty() {
        return Err(names::erased(&stored.result));
    }
    let plain = app.sealer.open(&place(&stored.result), &stored.sealed)?;
    serde_json::from_slice(&plain)
        .map_err(|_| AppError::Broken("a stored follow-up is of another type"))
}

/// Opens what follows from a result that calls for it, in the transaction in which it becomes known.
///
/// # Errors
/// [`AppError`].
pub async fn arise(
    app: &App,
    tx: &mut Tx,
    record: &ResultRecord,
    wanted: bool,
) -> Result<(), AppError> {
    if !wanted {
        return Ok(());
    }
    let follow_up = FollowUp::open(&record.id, &record.campaign, &record.department);
    Ok(tx.insert_follow_up(&seal(app, &follow_up)?).await?)
}

async fn find(app: &App, tx: &mut Tx, result: &str) -> Result<FollowUp, AppError> {
    let stored = tx.follow_up(result).await?;
    open(app, &stored.ok_or_else(|| AppError::not_found("follow-up of result", result))?)
}

/// The department whose result it is, the competent unit, offices.
fn require_reader(call: &Call, follow_up: &FollowUp) -> Result<(), AppError> {
    let own = &call.caller.department;
    match call.caller.role {
        Role::Office => Ok(()),
        Role::Department if *own == follow_up.department || *own == follow_up.unit => Ok(()),
        Role::Department => Err(AppError::not_found("follow-up of result", &follow_up.result)),
        _ => Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY")),
    }
}

fn require_hand(call: &Call, follow_up: &FollowUp, action: FollowUpAction) -> Result<(), AppError> {
    require_reader(call, follow_up)?;
    let whose = if action.by_department() { &follow_up.department } else { &follow_up.unit };
    let own = call.caller.role == Role::Department && call.caller.department == *whose;
    match own {
        true => Ok(()),
        // Before anybody is named, the state says what is missing.
        false if whose.is_empty() => {
            Err(AppError::precondition("FOLLOW_UP_STATE", follow_up.state.word()))
        }
        false if action.by_department() => Err(AppError::Forbidden("OWN_DEPARTMENT_ONLY")),
        false => Err(AppError::Forbidden("COMPETENT_UNIT_ONLY")),
    }
}

/// Makes a step of what follows from a result, by its id.
///
/// # Errors
/// [`AppError`]; the department hands over, the competent unit does all else.
pub async fn advance(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    mut made: Step,
) -> Result<FollowUp, AppError> {
    let reply_place = reply::place(call, "follow-up");
    let mut step = match app.begin::<String>(call).await? {
        Begun::Repeated(stored) => return reply::open(app, &reply_place, &stored),
        Begun::New(step) => step,
    };
    let mut violations = Violations::default();
    made.check(&mut violations, day::of_instant(step.now_us));
    if made.action == FollowUpAction::HandOver {
        let known = step.tx.department(&made.unit).await?.is_some();
        violations.require(known, "unit", "UNKNOWN_DEPARTMENT", &made.unit);
    }
    violations.finish(())?;
    let mut follow_up = find(app, &mut step.tx, aim.id).await?;
    require_hand(call, &follow_up, made.action)?;
    let since = follow_up.version;
    aim.require("follow-up of result", since)?;
    call.caller.name().clone_into(&mut made.by);
    made.at_us = step.now_us;
    let (action, document) = (made.action, made.document.clone());
    let word = follow_up.state.word();
    if !follow_up.make(made) {
        return Err(AppError::precondition("FOLLOW_UP_STATE", word));
    }
    if !step.tx.update_follow_up(&seal(app, &follow_up)?, since).await? {
        return Err(AppError::Stale(format!("follow-up of result {}", aim.id)));
    }
    let body = json!({
        "action": action,
        "campaign": follow_up.campaign,
        "document": document,
        "follow_up_state": follow_up.state,
        "follow_up_version": follow_up.version,
        "of": follow_up.result,
        "unit": follow_up.unit,
    });
    let stored = reply::seal(app, &reply_place, &follow_up)?;
    step.finish(call, "follow_up.step", body, stored).await?;
    Ok(follow_up)
}

/// A follow-up with the result it follows from.
pub struct Shown {
    /// The follow-up.
    pub follow_up: FollowUp,
    /// What was found, of whom.
    pub content: Content,
    /// Whether the ordered rectification was not re-checked in time (R121).
    pub overdue: bool,
}

async fn shown(app: &App, tx: &mut Tx, follow_up: FollowUp) -> Result<Shown, AppError> {
    let result = disclosure::find(tx, &follow_up.result).await?;
    let content = disclosure::open(app, &result)?;
    let overdue = follow_up.is_overdue(day::of_instant(app.clock.now_us()));
    Ok(Shown { follow_up, content, overdue })
}

/// What follows from a result.
///
/// # Errors
/// [`AppError`]; the department whose result it is, the competent unit, and offices.
pub async fn get(app: &App, call: &Call, result: &str) -> Result<Shown, AppError> {
    let mut tx = app.db.read().await?;
    let follow_up = find(app, &mut tx, result).await?;
    require_reader(call, &follow_up)?;
    shown(app, &mut tx, follow_up).await
}

/// A follow-up as it stands after a step.
///
/// # Errors
/// [`AppError`].
pub async fn with_result(app: &App, follow_up: FollowUp) -> Result<Shown, AppError> {
    shown(app, &mut app.db.read().await?, follow_up).await
}

/// A page of follow-ups by result.
///
/// # Errors
/// [`AppError`]; a department sees those it found and those it has to see to.
pub async fn list(
    app: &App,
    call: &Call,
    (department, state): (&str, Option<FollowUpState>),
    after: &str,
    limit: i64,
) -> Result<Vec<Shown>, AppError> {
    if call.caller.role == Role::Inspector {
        return Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY"));
    }
    let department = visits::department_for(&call.caller, department)?;
    let mut tx = app.db.read().await?;
    let wanted = [department, state.map_or("", FollowUpState::word)];
    let mut out = Vec::new();
    for stored in tx.follow_ups(wanted, after, limit).await? {
        out.push(shown(app, &mut tx, open(app, &stored)?).await?);
    }
    Ok(out)
}

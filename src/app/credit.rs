//! The credit platform: what it has to get (R124), what it has taken (R125), what it says of subjects
//! (R127).

use serde_json::json;

use super::disclosure::digest;
use super::{App, AppError, Begun, Call, Event, require_tenant, visits};
use crate::domain::Violations;
use crate::domain::caller::{Caller, Role};
use crate::domain::credit::{CreditState, STATES_MAX};
use crate::domain::hash::Suite;
use crate::domain::outbox::{idempotency_key, next_try, words};
use crate::domain::publication::Publication;
use crate::store::Push;

/// A published version that the platform has to get now.
pub struct Due {
    /// The version.
    pub publication: Publication,
    /// Tries so far.
    pub attempts: i64,
    /// What repeated pushes of the version are told apart by.
    pub key: String,
    /// What is sent: the publication as JSON, with its digest as it stands in the log.
    pub body: String,
}

/// What is to be tried now.
///
/// # Errors
/// [`AppError`].
pub async fn due(app: &App, limit: i64) -> Result<Vec<Due>, AppError> {
    // What cannot be recorded is not sent.
    app.require_log()?;
    let now_us = app.clock.now_us();
    let mut out = Vec::new();
    for (attempts, publication) in app.db.read().await?.due_pushes(now_us, limit).await? {
        let sha256 = digest(&publication)?;
        let body = json!({ "publication": publication, "sha256": sha256 }).to_string();
        out.push(Due { key: idempotency_key(&publication), attempts, body, publication });
    }
    Ok(out)
}

/// Notes what a try came to: the platform's receipt, or why it failed; then it is tried later. When another
/// replica was faster nothing is noted.
///
/// # Errors
/// [`AppError`].
pub async fn settle(app: &App, due: &Due, came: Result<String, String>) -> Result<(), AppError> {
    app.require_log()?;
    let now_us = app.clock.now_us();
    let Publication { result, version, campaign, department, .. } = &due.publication;
    let attempts = due.attempts + 1;
    let delivered = came.is_ok();
    let (receipt, error) = match came {
        Ok(receipt) => (words(&receipt), String::new()),
        Err(error) => (String::new(), words(&error)),
    };
    let tried = Push {
        result: result.clone(),
        version: *version,
        department: department.clone(),
        state: if delivered { "DELIVERED" } else { "PENDING" }.to_owned(),
        attempts,
        next_us: if delivered { now_us } else { next_try(now_us, attempts) },
        error,
        receipt,
        delivered_us: if delivered { now_us } else { 0 },
    };
    let mut tx = app.db.begin().await?;
    if !tx.settle_push(&tried).await? {
        return Ok(());
    }
    // A platform that is away for months fills no log: what counts in it is that it has the result.
    if delivered {
        let mut caller = Caller::holder(Role::Service, "", "onevisit", "");
        "service".clone_into(&mut caller.key_id);
        let body = json!({
            "attempts": attempts,
            "campaign": campaign,
            "of": result,
            "push": version,
            "receipt": Suite::Sha256.hash(tried.receipt.as_bytes()).to_string(),
        });
        let event = Event {
            kind: "credit.deliver",
            caller: &caller,
            request_id: "",
            body,
            signature: None,
        };
        app.record(&mut tx, &event, now_us).await?;
    }
    Ok(tx.commit().await?)
}

/// A page of pushes: all, or those that have failed and why.
///
/// # Errors
/// [`AppError`]; a department sees those of its own results.
pub async fn pushes(
    app: &App,
    call: &Call,
    (department, failed): (&str, bool),
    after: (&str, i64),
    limit: i64,
) -> Result<Vec<Push>, AppError> {
    if call.caller.role == Role::Inspector {
        return Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY"));
    }
    let department = visits::department_for(&call.caller, department)?;
    Ok(app.db.read().await?.pushes(department, failed, after, limit).await?)
}

/// Records what the platform says of subjects; the frames that are built from then on know it.
///
/// # Errors
/// [`AppError`]; department systems only.
pub async fn put_states(app: &App, call: &Call, states: &[CreditState]) -> Result<i64, AppError> {
    let [jurisdiction, _] = require_tenant(&call.caller)?;
    let mut violations = Violations::default();
    let count = states.len();
    let some = (1..=STATES_MAX).contains(&count);
    violations.require(some, "credit_states", "FROM_1_TO_2000", &count.to_string());
    for (i, state) in states.iter().enumerate() {
        state.check(&mut violations, &format!("credit_states[{i}]"));
    }
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    step.tx.put_credit_states(jurisdiction, states).await?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let body = json!({ "count": count, "jurisdiction": jurisdiction });
    step.finish(call, "credit.state", body, count).await
}

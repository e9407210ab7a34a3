//! What a field client did while it was offline: operations with their own request ids, each done once.
//! One that somebody else's result stands against is returned and kept beside it, never over it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Summary, Under, told};
use crate::app::{App, AppError, Begun, Call, reply};
use crate::domain::check::{Conflict, Evidence, Given, Refused, Seen};
use crate::domain::{Violations, id};
use crate::store::Request;

/// Most operations of one call.
pub const OPERATIONS_MAX: usize = 500;
/// The method under which an operation's id is claimed.
/// The method by whose name operations are claimed; those of the whole begin alike.
const OPERATION: &str = "SyncCheck/operation";
/// The method whose stored replies, and those of its operations, hold what was recorded.
pub const METHOD: &str = "SyncCheck";

/// What was done.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A result was recorded.
    Record(Given),
    /// Evidence was attached.
    Attach(Evidence),
    /// A section was signed: department and digest.
    Sign(String, String),
}

/// One operation of a client that was offline.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The id that the client gave it.
    pub request_id: String,
    /// Version of the check that the client had read.
    pub version: i64,
    /// What was done.
    pub deed: Deed,
    /// SHA-256 of the operation as it came.
    pub payload: [u8; 32],
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Became {
    /// It was done.
    Applied,
    /// Somebody else had recorded another result; both are kept for decision.
    Conflict,
    /// It breaks a rule.
    Refused,
}

/// The answer to one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The operation's id.
    pub request_id: String,
    /// What became of it.
    pub became: Became,
    /// The broken rule; empty unless refused.
    pub reason: String,
    /// Both results; `None` unless in conflict.
    pub conflict: Option<Conflict>,
    /// Version of the check that it made; 0 when it made none.
    pub version: i64,
}

/// The answer to a whole call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// The answers, in the order of the operations.
    pub outcomes: Vec<Outcome>,
    /// The check as it stands.
    pub check: Summary,
}

/// Does operations in their order, each once; what an operation is refused for does not stop the next.
///
/// # Errors
/// [`AppError`]; members who have joined only.
pub async fn sync(
    app: &App,
    call: &Call,
    (id, rank): (&str, i64),
    operations: Vec<Operation>,
) -> Result<Synced, AppError> {
    let mut violations = Violations::default();
    let some = !operations.is_empty() && operations.len() <= OPERATIONS_MAX;
    let given = operations.len().to_string();
    violations.require(some, "operations", "FROM_1_TO_500", &given);
    let mut ids = BTreeSet::from([call.request_id.as_str()]);
    for (i, operation) in operations.iter().enumerate() {
        let at = format!("operations[{i}].request_id");
        id::check_foreign(&mut violations, &at, &operation.request_id);
        let new = ids.insert(&operation.request_id);
        violations.require(new, &at, "DUPLICATE", &operation.request_id);
    }
    violations.finish(())?;
    let place = reply::place(call, "sync");
    let step = match app.begin::<String>(call).await? {
        Begun::Repeated(stored) => return reply::open(app, &place, &stored),
        Begun::New(step) => step,
    };
    let mut under = Under::load(app, step, call, id, rank).await?;
    let mut own = BTreeSet::new();
    let mut outcomes = Vec::with_capacity(operations.len());
    for operation in operations {
        let outcome = once(app, call, &mut under, operation, &own).await?;
        if outcome.became == Became::Applied {
            own.insert(outcome.version);
        }
        outcomes.push(outcome);
    }
    under.save(app).await?;
    let mut body = told(&under.check, &under.hand.ticket)?;
    body["operations"] = outcomes.len().into();
    let synced = Synced { outcomes, check: Summary::of(&under.check)? };
    let stored = reply::seal(app, &place, &synced)?;
    under.step.finish(call, "check.sync", body, stored).await?;
    Ok(synced)
}

/// One operation, or what was answered to it before.
async fn once(
    app: &App,
    call: &Call,
    under: &mut Under,
    operation: Operation,
    own: &BTreeSet<i64>,
) -> Result<Outcome, AppError> {
    let claim = Request {
        caller: &call.caller.key_id,
        id: &operation.request_id,
        method: OPERATION,
        payload: &operation.payload,
    };
    let place = format!("requests/{}/{}/operation", claim.caller, claim.id);
    if let Some(earlier) = under.step.tx.claim_request(&claim, under.step.now_us).await? {
        if earlier.method != OPERATION || earlier.payload != operation.payload {
            let id = operation.request_id.clone();
            return Err(AppError::Exists { kind: "request with another payload", id });
        }
        let stored: String = serde_json::from_str(&earlier.reply)
            .map_err(|_| AppError::Broken("a stored reply is of another type"))?;
        return reply::open(app, &place, &stored);
    }
    let seen = Seen { version: operation.version, own: own.clone() };
    let outcome = apply(under, &operation.request_id, &seen, operation.deed);
    let sealed = reply::seal(app, &place, &outcome)?;
    let json = serde_json::Value::from(sealed).to_string();
    under.step.tx.answer_request(&claim, &json).await?;
    Ok(outcome)
}

fn apply(under: &mut Under, id: &str, seen: &Seen, deed: Deed) -> Outcome {
    let (check, hand) = (&mut under.check, &under.hand);
    let done = match deed {
        Deed::Record(given) => check.record(hand, seen, &[given]),
        Deed::Attach(evidence) => check.attach(hand, evidence),
        Deed::Sign(department, sha256) => check.sign(hand, &department, &sha256),
    };
    let (became, reason, conflict) = match done {
        Ok(()) => (Became::Applied, String::new(), None),
        Err(Refused::Conflict(conflict)) => match check.keep_conflict((*conflict).clone()) {
            Ok(()) => (Became::Conflict, String::new(), check.conflicts.last().cloned()),
            Err(refused) => (Became::Refused, refused.reason(), Some(*conflict)),
        },
        Err(refused) => (Became::Refused, refused.reason(), None),
    };
    let version = if became == Became::Refused { 0 } else { check.version };
    Outcome { request_id: id.to_owned(), became, reason, conflict, version }
}

//! Erasing personal data (PIPL Art. 47): asked by one office, decided by another, each time an event.

use serde_json::json;

use super::erase::{self, Destroyed};
use super::{App, AppError, Begun, Call, Step, campaigns, names, require_office};
use crate::domain::Violations;
use crate::domain::erasure::{Asked, Erasure, ErasureKind, ErasureState};
use crate::store::{SealedErasure, Tx};

fn place(nth: i64) -> String {
    format!("erasures/{nth}/sealed")
}

/// That what the request is about is known.
async fn check_known(tx: &mut Tx, asked: &Asked) -> Result<(), AppError> {
    match asked.kind {
        ErasureKind::Campaign => campaigns::find(tx, &asked.campaign).await.map(|_| ()),
        ErasureKind::Subject => {
            let known = tx.jurisdiction(&asked.jurisdiction).await?;
            let missing = || AppError::not_found("jurisdiction", &asked.jurisdiction);
            known.map(|_| ()).ok_or_else(missing)
        }
        ErasureKind::Inspector => {
            let known = tx.department(&asked.department).await?;
            let missing = || AppError::not_found("department", &asked.department);
            known.map(|_| ()).ok_or_else(missing)
        }
    }
}

/// Asks for an erasure.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn request(app: &App, call: &Call, asked: Asked) -> Result<Erasure, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    asked.check(&mut violations);
    // The log is public, and whose request it was stands in it for ever.
    let told = !asked.person.is_empty() && call.request_id.contains(&asked.person);
    violations.require(!told, "request_id", "HOLDS_THE_PERSON", "");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    check_known(&mut step.tx, &asked).await?;
    let nth = step.tx.erasures(0, i64::MAX).await?.last().map_or(0, |e| e.erasure.nth) + 1;
    let sealed = match asked.kind {
        ErasureKind::Campaign => Vec::new(),
        _ => app.sealer.seal(&app.entropy, &place(nth), asked.person.as_bytes())?,
    };
    let erasure = Erasure {
        nth,
        kind: asked.kind,
        campaign: asked.campaign,
        jurisdiction: asked.jurisdiction,
        department: asked.department,
        ground: asked.ground,
        requested_by: call.caller.name().to_owned(),
        requested_us: step.now_us,
        state: ErasureState::Requested,
        decided_by: String::new(),
        decided_us: 0,
        visits: 0,
        rows: 0,
    };
    match step.tx.insert_erasure(&SealedErasure { erasure: erasure.clone(), sealed }).await {
        Err(error) if error.is_conflict() => {
            return Err(AppError::Stale("the list of erasures".to_owned()));
        }
        done => done?,
    }
    let body = body(&erasure, &Destroyed::default());
    step.finish(call, "pii.erase.request", body, erasure).await
}

/// What an event tells: no name, and nothing that leads to one.
fn body(erasure: &Erasure, destroyed: &Destroyed) -> serde_json::Value {
    let mut body = json!({
        "attempts": destroyed.told(),
        "decided_by": erasure.decided_by,
        "erasure": erasure.nth,
        "ground": erasure.ground,
        "kind": erasure.kind,
        "requested_by": erasure.requested_by,
        "rows": erasure.rows,
        "visits": erasure.visits,
    });
    if erasure.kind == ErasureKind::Campaign {
        body["campaign"] = erasure.campaign.clone().into();
    }
    body
}

/// Approves and carries out an erasure, or declines it.
///
/// # Errors
/// [`AppError`]; offices only, never the one who asked.
pub async fn decide(app: &App, call: &Call, nth: i64, approve: bool) -> Result<Erasure, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let found = step.tx.erasures(nth - 1, 1).await?.into_iter().find(|e| e.erasure.nth == nth);
    let missing = || AppError::not_found("erasure", &nth.to_string());
    let SealedErasure { mut erasure, sealed } = found.ok_or_else(missing)?;
    if erasure.state != ErasureState::Requested {
        return Err(AppError::precondition("ALREADY_DECIDED", erasure.state.word()));
    }
    if erasure.requested_by == call.caller.name() {
        return Err(AppError::Forbidden("APPROVER_IS_REQUESTER"));
    }
    call.caller.name().clone_into(&mut erasure.decided_by);
    erasure.decided_us = step.now_us;
    if !approve {
        erasure.state = ErasureState::Declined;
        return record(step, call, erasure, "pii.erase.decline", &Destroyed::default()).await;
    }
    step.tx.lock(names::LOCK).await?;
    let destroyed = match erasure.kind {
        ErasureKind::Campaign => {
            let id = erasure.campaign.clone();
            erase::campaign(app, &mut step, &id).await?
        }
        _ => {
            let person = String::from_utf8(app.sealer.open(&place(nth), &sealed)?)
                .map_err(|_| AppError::Broken("a person to erase is not text"))?;
            erase::person(app, &mut step, &erasure, &person).await?
        }
    };
    erasure.state = ErasureState::CarriedOut;
    erasure.visits = i64::try_from(destroyed.visits).unwrap_or(i64::MAX);
    erasure.rows = i64::try_from(destroyed.rows).unwrap_or(i64::MAX);
    let erasure = record(step, call, erasure, erase::KIND, &destroyed).await?;
    app.keys.forget();
    // What the engine still keeps of overwritten rows; it goes on its own otherwise.
    if let Err(error) = app.db.scrub().await {
        tracing::warn!(%error, "what was erased leaves the database's files later");
    }
    Ok(erasure)
}

async fn record(
    mut step: Step,
    call: &Call,
    erasure: Erasure,
    kind: &str,
    destroyed: &Destroyed,
) -> Result<Erasure, AppError> {
    if !step.tx.decide_erasure(&erasure).await? {
        return Err(AppError::Stale(format!("erasure {}", erasure.nth)));
    }
    let body = body(&erasure, destroyed);
    step.finish(call, kind, body, erasure).await
}

/// A page of erasures. They hold no names.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn list(
    app: &App,
    call: &Call,
    after: i64,
    limit: i64,
) -> Result<Vec<Erasure>, AppError> {
    require_office(&call.caller)?;
    let found = app.db.read().await?.erasures(after, limit).await?;
    Ok(found.into_iter().map(|e| e.erasure).collect())
}

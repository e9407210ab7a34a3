//! Corrections of published results: an error is found, its correction asked for and approved by another;
//! the version that supersedes and the superseded one both stay in view, with the reason (R115).

use serde_json::json;

use super::{find, issue, require_own, save, told};
use crate::app::{App, AppError, Begun, Call, Step, follow_ups, require_office};
use crate::domain::Violations;
use crate::domain::caller::Role;
use crate::domain::correction::{Correction, CorrectionState, Erratum};
use crate::domain::publication::{Publication, ResultRecord};
use crate::store::Tx;

/// What stands published of a result.
///
/// # Errors
/// [`AppError::Precondition`] for one that is not published.
pub async fn standing(tx: &mut Tx, record: &ResultRecord) -> Result<Publication, AppError> {
    let standing = tx.publications(&record.id).await?.pop();
    standing.ok_or_else(|| AppError::precondition("RESULT_STATE", record.state.word()))
}

/// Adds a correction to a result, inside another step.
///
/// # Errors
/// [`AppError`]; while another one is open.
pub async fn add(
    step: &mut Step,
    call: &Call,
    record: &ResultRecord,
    erratum: Erratum,
    objection: &str,
) -> Result<Correction, AppError> {
    let published = standing(&mut step.tx, record).await?;
    let mut violations = Violations::default();
    erratum.check(&mut violations, "erratum", &published);
    violations.finish(())?;
    let nth = step.tx.corrections(&record.id).await?.last().map_or(0, |c| c.nth) + 1;
    let correction = Correction {
        result: record.id.clone(),
        nth,
        erratum,
        objection: objection.to_owned(),
        state: CorrectionState::Requested,
        requested_by: call.caller.name().to_owned(),
        requested_us: step.now_us,
        decided_by: String::new(),
        publication: 0,
    };
    match step.tx.insert_correction(&correction).await {
        Err(error) if error.is_conflict() => {
            Err(AppError::precondition("CORRECTION_IS_OPEN", record.id.clone()))
        }
        done => Ok(done.map(|()| correction)?),
    }
}

/// Asks for a correction.
///
/// # Errors
/// [`AppError`]; the department whose result it is, and offices.
pub async fn request(
    app: &App,
    call: &Call,
    id: &str,
    erratum: Erratum,
) -> Result<Correction, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let record = find(&mut step.tx, id).await?.record;
    if call.caller.role != Role::Office {
        require_own(&call.caller, &record)?;
    }
    let correction = add(&mut step, call, &record, erratum, "").await?;
    let mut body = told(&record);
    body["correction"] = correction.nth.into();
    step.finish(call, "correction.request", body, correction).await
}

/// Approves a correction, which publishes a version that supersedes, or declines it.
///
/// # Errors
/// [`AppError`]; offices only, never the one who asked.
pub async fn decide(
    app: &App,
    call: &Call,
    (id, nth): (&str, i64),
    approve: bool,
) -> Result<Correction, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut record = find(&mut step.tx, id).await?.record;
    let all = step.tx.corrections(id).await?;
    let missing = || AppError::not_found("correction", &format!("{id}/{nth}"));
    let mut correction = all.into_iter().find(|c| c.nth == nth).ok_or_else(missing)?;
    if correction.state != CorrectionState::Requested {
        return Err(AppError::precondition("ALREADY_DECIDED", correction.state.word()));
    }
    if correction.requested_by == call.caller.name() {
        return Err(AppError::Forbidden("APPROVER_IS_REQUESTER"));
    }
    call.caller.name().clone_into(&mut correction.decided_by);
    correction.state = if approve { CorrectionState::Approved } else { CorrectionState::Declined };
    let mut body = told(&record);
    body["correction"] = json!(nth);
    if approve {
        let published = standing(&mut step.tx, &record).await?;
        let next = correction.erratum.apply(&published, step.now_us);
        let since = record.version;
        correction.publication = next.version;
        record.version += 1;
        body["version"] = record.version.into();
        issue(&mut step, &mut record, &next, &mut body).await?;
        // A corrected result may call for measures that the wrong one did not.
        follow_ups::arise(app, &mut step.tx, &record, next.wants_follow_up()).await?;
        save(&mut step, &record, since).await?;
    }
    if !step.tx.decide_correction(&correction).await? {
        return Err(AppError::Stale(format!("correction {nth} of {id}")));
    }
    let kind = if approve { "correction.approve" } else { "correction.decline" };
    step.finish(call, kind, body, correction).await
}

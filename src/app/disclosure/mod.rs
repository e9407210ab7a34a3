//! Results made public: who draws publishes (R110), on time (R111), for ever (R114), corrected in the
//! open (R115). What was found stays sealed until then.

pub mod arise;
pub mod bulletin;
pub mod correct;
pub mod export;
pub mod public;
pub mod publish;
pub mod read;

use serde_json::{Value, json};

use super::{App, AppError, Step, campaigns, names};
use crate::domain::caller::{Caller, Role};
use crate::domain::canon;
use crate::domain::hash::Suite;
use crate::domain::publication::{Content, Publication, ResultRecord};
use crate::store::{SealedResult, Tx};

fn place(id: &str) -> String {
    format!("results/{id}/sealed")
}

fn seal(app: &App, record: ResultRecord, content: &Content) -> Result<SealedResult, AppError> {
    let plain =
        serde_json::to_vec(content).map_err(|_| AppError::Broken("a result has no JSON"))?;
    let sealed = app.sealer.seal(&app.entropy, &place(&record.id), &plain)?;
    Ok(SealedResult { record, sealed })
}

/// What was found.
///
/// # Errors
/// [`AppError::Precondition`] once it is erased, [`AppError::Broken`] when the key is another or the row
/// was changed.
pub fn open(app: &App, stored: &SealedResult) -> Result<Content, AppError> {
    if stored.sealed.is_empty() {
        return Err(names::erased(&stored.record.id));
    }
    let plain = app.sealer.open(&place(&stored.record.id), &stored.sealed)?;
    serde_json::from_slice(&plain)
        .map_err(|_| AppError::Broken("a stored result is of another type"))
}

/// A result inside a transaction.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(tx: &mut Tx, id: &str) -> Result<SealedResult, AppError> {
    tx.result(id).await?.ok_or_else(|| AppError::not_found("result", id))
}

/// Lets the department whose result it is and its publisher pass; to others it does not exist.
fn require_own(caller: &Caller, record: &ResultRecord) -> Result<(), AppError> {
    let own = |name: &String| caller.department == *name;
    match caller.role {
        Role::Department if own(&record.department) || own(&record.publisher) => Ok(()),
        Role::Department => Err(AppError::not_found("result", &record.id)),
        _ => Err(AppError::Forbidden("DEPARTMENT_ONLY")),
    }
}

/// Lets the publisher pass (R110).
fn require_publisher(caller: &Caller, record: &ResultRecord) -> Result<(), AppError> {
    require_own(caller, record)?;
    match caller.department == record.publisher {
        true => Ok(()),
        false => Err(AppError::Forbidden("PUBLISHER_ONLY")),
    }
}

async fn save(step: &mut Step, record: &ResultRecord, since: i64) -> Result<(), AppError> {
    match step.tx.update_result(record, since).await? {
        true => Ok(()),
        false => Err(AppError::Stale(format!("result {}", record.id))),
    }
}

/// SHA-256 of a publication's canonical form: stands in the log. All of it is public, so nothing
/// blinds it.
///
/// # Errors
/// [`AppError::Canon`].
pub fn digest(publication: &Publication) -> Result<String, AppError> {
    let broken = AppError::Broken("a publication has no JSON");
    let value = serde_json::to_value(publication).map_err(|_| broken)?;
    Ok(Suite::Sha256.hash(&canon::to_bytes(&value)?).to_string())
}

/// What the log tells of a deed.
fn told(record: &ResultRecord) -> Value {
    json!({
        "attempt": record.attempt,
        "campaign": record.campaign,
        "department": record.department,
        "rank": record.rank,
        "result": record.id,
        "state": record.state,
        "version": record.version,
    })
}

/// Puts a version before everybody.
async fn issue(
    step: &mut Step,
    record: &mut ResultRecord,
    publication: &Publication,
    body: &mut Value,
) -> Result<(), AppError> {
    match step.tx.insert_publication(publication).await {
        Err(error) if error.is_conflict() => {
            return Err(AppError::Stale(format!("result {}", record.id)));
        }
        done => done?,
    }
    step.tx.insert_push(publication).await?;
    record.publications = publication.version;
    body["digest"] = digest(publication)?.into();
    body["publication"] = publication.version.into();
    Ok(())
}

/// The first version of a result.
async fn first(
    app: &App,
    tx: &mut Tx,
    stored: &SealedResult,
    now_us: i64,
) -> Result<Publication, AppError> {
    let record = &stored.record;
    let campaign = campaigns::find(tx, &record.campaign).await?;
    let department = tx.department(&record.department).await?;
    let name = department.map_or_else(|| record.department.clone(), |(d, _)| d.name);
    let mut publication = record.publication(&campaign, &name, &open(app, stored)?);
    publication.published_us = now_us;
    Ok(publication)
}

//! Objections to published results (R116, R117): filed by the subject or on paper, reviewed by another than
//! published, answered in time. What is filed and said is sealed; the log holds states.

pub mod file;
pub mod read;
pub mod review;

use serde_json::{Value, json};

use super::{App, AppError, Call, names};
use crate::domain::caller::Role;
use crate::domain::objection::{Filing, Objection};
use crate::store::{SealedObjection, Tx};

fn place(id: &str) -> String {
    format!("objections/{id}/sealed")
}

const fn word(filing: Filing) -> &'static str {
    match filing {
        Filing::VisitCode => "VISIT_CODE",
        Filing::Unproven => "UNPROVEN",
        Filing::Paper => "PAPER",
    }
}

fn seal(app: &App, objection: &Objection) -> Result<SealedObjection, AppError> {
    let plain = serde_json::to_vec(objection);
    let plain = plain.map_err(|_| AppError::Broken("an objection has no JSON"))?;
    Ok(SealedObjection {
        id: objection.id.clone(),
        result: objection.result.clone(),
        campaign: objection.campaign.clone(),
        department: objection.department.clone(),
        filing: word(objection.filing).to_owned(),
        state: objection.state.word().to_owned(),
        version: objection.version,
        filed_us: objection.filed_us,
        sealed: app.sealer.seal(&app.entropy, &place(&objection.id), &plain)?,
    })
}

/// An objection as it is stored, opened.
///
/// # Errors
/// [`AppError::Broken`] when the key is another or the row was changed; as [`names::erased`].
pub fn open(app: &App, stored: &SealedObjection) -> Result<Objection, AppError> {
    if stored.sealed.is_empty() {
        return Err(names::erased(&stored.id));
    }
    let plain = app.sealer.open(&place(&stored.id), &stored.sealed)?;
    serde_json::from_slice(&plain)
        .map_err(|_| AppError::Broken("a stored objection is of another type"))
}

/// An objection inside a transaction.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(app: &App, tx: &mut Tx, id: &str) -> Result<Objection, AppError> {
    let stored = tx.objection(id).await?.ok_or_else(|| AppError::not_found("objection", id))?;
    open(app, &stored)
}

/// The department whose result it is, and offices.
fn require_reader(call: &Call, objection: &Objection) -> Result<(), AppError> {
    match call.caller.role {
        Role::Office => Ok(()),
        Role::Department if call.caller.department == objection.department => Ok(()),
        Role::Department => Err(AppError::not_found("objection", &objection.id)),
        _ => Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY")),
    }
}

/// What the log tells of a deed: states and days, nothing of what was filed.
fn told(objection: &Objection) -> Value {
    json!({
        "campaign": objection.campaign,
        "department": objection.department,
        "objection": objection.id,
        "objection_state": objection.state,
        "objection_version": objection.version,
        "of": objection.result,
    })
}

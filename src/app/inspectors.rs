//! Inspector pools and recusals.

use serde_json::json;

use super::{App, AppError, Begun, Call, departments, require_department};
use crate::domain::inspector::{Inspector, Recusal};
use crate::store::Page;

/// Declares recusals of the caller's inspectors; returns how many were new.
///
/// # Errors
/// [`AppError`]; department systems only.
pub async fn declare(app: &App, call: &Call, recusals: Vec<Recusal>) -> Result<i64, AppError> {
    let department = require_department(&call.caller)?;
    let jurisdiction = departments::own(app, department).await?.jurisdiction;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut new = 0;
    for recusal in &recusals {
        new += i64::from(step.tx.insert_recusal(&jurisdiction, department, recusal).await?);
    }
    // Who avoids whom is nobody's business but the draw's: only the number is recorded.
    let body = json!({ "department": department, "new": new });
    step.finish(call, "recusal.declare", body, new).await
}

/// A page of a department's inspectors. Its own system and offices may read it.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    call: &Call,
    department: &str,
    page: &Page<'_>,
) -> Result<Vec<Inspector>, AppError> {
    super::visits::require_own_or_office(&call.caller, department)?;
    let jurisdiction = departments::own(app, department).await?.jurisdiction;
    Ok(app.db.read().await?.inspectors_page(&jurisdiction, department, page).await?)
}

//! Jurisdictions and departments.

use serde_json::json;

use super::{App, AppError, Begun, Call, require_office};
use crate::domain::Violations;
use crate::domain::department::{Department, Jurisdiction};
use crate::store::Page;

/// Makes or updates a jurisdiction.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn put_jurisdiction(
    app: &App,
    call: &Call,
    jurisdiction: Jurisdiction,
) -> Result<Jurisdiction, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    jurisdiction.check(&mut violations, "jurisdiction");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    step.tx.put_jurisdiction(&jurisdiction).await?;
    let body = json!({ "code": jurisdiction.code, "name": jurisdiction.name });
    step.finish(call, "jurisdiction.put", body, jurisdiction).await
}

/// A page of jurisdictions.
///
/// # Errors
/// [`AppError`].
pub async fn list_jurisdictions(app: &App, page: &Page<'_>) -> Result<Vec<Jurisdiction>, AppError> {
    Ok(app.db.read().await?.jurisdictions(page).await?)
}

/// Makes or updates a department. `etag` 0 takes whatever is stored.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn put(
    app: &App,
    call: &Call,
    department: Department,
    etag: i64,
) -> Result<(Department, i64), AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    department.check(&mut violations, "department");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    if step.tx.jurisdiction(&department.jurisdiction).await?.is_none() {
        return Err(AppError::not_found("jurisdiction", &department.jurisdiction));
    }
    let before = step.tx.department(&department.id).await?;
    let stored = before.as_ref().map_or(0, |(_, version)| *version);
    if before.is_some_and(|(old, _)| old.jurisdiction != department.jurisdiction) {
        return Err(AppError::precondition("JURISDICTION_IS_FIXED", department.id));
    }
    if etag != 0 && etag != stored {
        return Err(AppError::Stale(department.id));
    }
    if !step.tx.put_department(&department, stored + 1).await? {
        return Err(AppError::Stale(department.id));
    }
    let body = json!({ "department": department.id, "powers": department.powers });
    step.finish(call, "department.put", body, (department, stored + 1)).await
}

/// A page of departments with their versions.
///
/// # Errors
/// [`AppError`].
pub async fn list(app: &App, page: &Page<'_>) -> Result<Vec<(Department, i64)>, AppError> {
    Ok(app.db.read().await?.departments(page).await?)
}

/// The department behind a credential, as registered.
///
/// # Errors
/// [`AppError::NotFound`] when it is not registered any more.
pub async fn own(app: &App, id: &str) -> Result<Department, AppError> {
    let found = app.db.read().await?.department(id).await?;
    found.map(|(d, _)| d).ok_or_else(|| AppError::not_found("department", id))
}

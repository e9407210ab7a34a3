//! Inspector pools and recusals.

use super::appends::{Append, append};
use super::{App, AppError, Call, departments, require_tenant};
use crate::domain::inspector::{Inspector, Recusal};
use crate::store::{Kept, KeptRow, Page};

/// Declares recusals of the caller's inspectors; returns how many were new.
///
/// # Errors
/// [`AppError`]; department systems only.
pub async fn declare(app: &App, call: &Call, recusals: &[Recusal]) -> Result<i64, AppError> {
    let tenant = require_tenant(&call.caller)?;
    let rows = recusals.iter().map(|recusal| KeptRow::recusal(tenant, recusal));
    let (table, rows) = (Kept::Recusals, rows.collect::<Result<_, _>>()?);
    append(app, call, Append { table, rows, kind: "recusal.declare" }).await
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

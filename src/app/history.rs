//! What departments know of subjects: risk facts and inspections made elsewhere.

use super::appends::{Append, append};
use super::{App, AppError, Call, require_tenant};
use crate::domain::inspection::Inspection;
use crate::domain::subject::RiskFact;
use crate::store::{Kept, KeptRow};

/// Records risk facts; returns how many were new.
///
/// # Errors
/// [`AppError`]; department systems only.
pub async fn record_facts(app: &App, call: &Call, facts: &[RiskFact]) -> Result<i64, AppError> {
    let tenant = require_tenant(&call.caller)?;
    let rows = facts.iter().map(|fact| KeptRow::risk_fact(tenant, fact));
    let (table, rows) = (Kept::RiskFacts, rows.collect::<Result<_, _>>()?);
    append(app, call, Append { table, rows, kind: "risk_fact.record" }).await
}

/// Records inspections; returns how many were new.
///
/// # Errors
/// [`AppError`]; department systems only.
pub async fn record_inspections(
    app: &App,
    call: &Call,
    inspections: &[Inspection],
) -> Result<i64, AppError> {
    let tenant = require_tenant(&call.caller)?;
    let rows = inspections.iter().map(|inspection| KeptRow::inspection(tenant, inspection));
    let (table, rows) = (Kept::Inspections, rows.collect::<Result<_, _>>()?);
    append(app, call, Append { table, rows, kind: "inspection.record" }).await
}

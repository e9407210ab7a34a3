//! What departments know of subjects: risk facts and inspections made elsewhere.

use serde_json::json;

use super::{App, AppError, Begun, Call, departments, require_department};
use crate::domain::inspection::Inspection;
use crate::domain::subject::RiskFact;

/// Records risk facts; returns how many were new.
///
/// # Errors
/// [`AppError`]; department systems only.
pub async fn record_facts(app: &App, call: &Call, facts: Vec<RiskFact>) -> Result<i64, AppError> {
    let department = require_department(&call.caller)?;
    let jurisdiction = departments::own(app, department).await?.jurisdiction;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut new = 0;
    for fact in &facts {
        new += i64::from(step.tx.insert_risk_fact(&jurisdiction, department, fact).await?);
    }
    let body = json!({ "department": department, "new": new });
    step.finish(call, "risk_fact.record", body, new).await
}

/// Records inspections; returns how many were new.
///
/// # Errors
/// [`AppError`]; department systems only.
pub async fn record_inspections(
    app: &App,
    call: &Call,
    inspections: Vec<Inspection>,
) -> Result<i64, AppError> {
    let department = require_department(&call.caller)?;
    let jurisdiction = departments::own(app, department).await?.jurisdiction;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut new = 0;
    for inspection in &inspections {
        new += i64::from(step.tx.insert_inspection(&jurisdiction, department, inspection).await?);
    }
    let body = json!({ "department": department, "new": new });
    step.finish(call, "inspection.record", body, new).await
}

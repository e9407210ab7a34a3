//! Trainings of inspectors (R136): recorded by their department, read by it and by offices.

use serde_json::json;

use super::{App, AppError, Begun, Call, departments, require_tenant, visits};
use crate::domain::training::{TRAININGS_MAX, Training};
use crate::domain::{Violations, day};

/// Records trainings of the caller's people; returns how many.
///
/// # Errors
/// [`AppError`]; department systems only, of people of their own pool.
pub async fn put(app: &App, call: &Call, trainings: &[Training]) -> Result<i64, AppError> {
    let tenant = require_tenant(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let [jurisdiction, department] = tenant;
    let mut violations = Violations::default();
    let count = trainings.len();
    let some = (1..=TRAININGS_MAX).contains(&count);
    violations.require(some, "trainings", "FROM_1_TO_2000", &count.to_string());
    let today = day::of_instant(step.now_us);
    let ids: Vec<&str> = trainings.iter().map(|t| t.inspector.as_str()).collect();
    let known = step.tx.stored_inspectors(jurisdiction, department, &ids).await?;
    for (i, training) in trainings.iter().enumerate() {
        let at = format!("trainings[{i}]");
        training.check(&mut violations, &at, today);
        let known = known.iter().any(|k| k.id == training.inspector);
        let field = format!("{at}.inspector_id");
        violations.require(known, field, "UNKNOWN_INSPECTOR", &training.inspector);
    }
    violations.finish(())?;
    for training in trainings {
        step.tx.put_training(tenant, training).await?;
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    // The log names nobody: how many, and of which department.
    let body = json!({ "count": count, "department": department });
    step.finish(call, "training.put", body, count).await
}

/// A page of a department's trainings.
///
/// # Errors
/// [`AppError`]; its own system and offices.
pub async fn list(
    app: &App,
    call: &Call,
    department: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Training>, AppError> {
    visits::require_own_or_office(&call.caller, department)?;
    let jurisdiction = departments::own(app, department).await?.jurisdiction;
    let mut tx = app.db.read().await?;
    Ok(tx.trainings([&jurisdiction, department], after, limit).await?)
}

/// By what trainings are paged.
#[must_use]
pub fn key(training: &Training) -> String {
    let Training { inspector, held_on, course, .. } = training;
    format!("{inspector}/{held_on}/{course}")
}

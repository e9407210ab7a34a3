//! Policy values: issued by offices, resolved for a day.

use jiff::civil::Date;
use serde_json::json;

use super::{App, AppError, Begun, Call, require_office};
use crate::domain::policy::{Policy, PolicyValue};
use crate::domain::{Violations, day};

/// Stores a value as issued.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn put(app: &App, call: &Call, value: PolicyValue) -> Result<PolicyValue, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    value.check(&mut violations, "policy_value");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    step.tx.put_policy(&value).await?;
    let body = json!({
        "effective_from": value.effective_from.to_string(),
        "jurisdiction": value.jurisdiction,
        "key": value.key,
        "source": value.source,
        "value": value.value,
    });
    step.finish(call, "policy.put", body, value).await
}

/// What holds in a jurisdiction on a day, or today.
///
/// # Errors
/// [`AppError`].
pub async fn in_force(app: &App, jurisdiction: &str, on: Option<Date>) -> Result<Policy, AppError> {
    let on = on.unwrap_or_else(|| day::of_instant(app.clock.now_us()));
    let issued = app.db.read().await?.policies(jurisdiction).await?;
    Ok(Policy::resolve(jurisdiction, &issued, on))
}

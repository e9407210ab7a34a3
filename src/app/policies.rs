//! Policy values: issued by offices, resolved for a day.

use jiff::civil::Date;
use serde_json::json;

use super::{App, AppError, Begun, Call, require_office};
use crate::domain::department::Level;
use crate::domain::hash::Suite;
use crate::domain::pack::Pack;
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
        "level": value.level,
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

/// A pack by name.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn pack(id: &str) -> Result<Pack, AppError> {
    Pack::named(id).ok_or_else(|| AppError::not_found("policy pack", id))
}

/// Sets every value of a pack for a jurisdiction, with one event. Level and day are the pack's own
/// where none are given; a value of the same level and day is replaced, a higher level still wins.
///
/// # Errors
/// [`AppError`]; offices only. A violation where neither the caller nor the document names a day.
pub async fn adopt(
    app: &App,
    call: &Call,
    (pack, jurisdiction): (&Pack, &str),
    level: Option<Level>,
    from: Option<Date>,
) -> Result<Vec<PolicyValue>, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    let from = from.or(pack.effective_from);
    violations.require(from.is_some(), "effective_from", "REQUIRED", "");
    let (level, from) = (level.unwrap_or(pack.level), from.unwrap_or_default());
    let values = pack.issued(jurisdiction, level, from);
    for (i, value) in values.iter().enumerate() {
        value.check(&mut violations, &format!("policy_pack.values[{i}]"));
    }
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    for value in &values {
        step.tx.put_policy(value).await?;
    }
    let set: serde_json::Map<_, _> =
        values.iter().map(|v| (v.key.clone(), json!(v.value))).collect();
    let body = json!({
        "digest": Suite::Sha256.hash(pack.text.as_bytes()).to_string(),
        "effective_from": from.to_string(),
        "jurisdiction": jurisdiction,
        "level": level,
        "pack": pack.id,
        "values": set,
    });
    step.finish(call, "policy.adopt", body, values).await
}

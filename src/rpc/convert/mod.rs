//! Messages to domain values and back. Reading collects violations; nothing is defaulted silently.

pub mod annual_plan;
pub mod appointment;
pub mod approval;
pub mod archive;
pub mod assessment;
pub mod calendar;
pub mod campaign;
pub mod change;
pub mod check;
pub mod department;
pub mod disclosure;
pub mod draw;
pub mod erasure;
pub mod exception;
pub mod expert;
pub mod follow_up;
pub mod imports;
pub mod inspector;
pub mod item;
pub mod item_list;
pub mod joint;
pub mod liability;
pub mod local_mode;
pub mod notice;
pub mod objection;
pub mod oversight;
pub mod plan;
pub mod policy;
pub mod recusal;
pub mod schedule;
pub mod scheme;
pub mod subject;
pub mod training;
pub mod visit;

use crate::domain::Violations;

/// The word of an enum value behind its prefix, or a violation for an unset or unknown one.
fn word(
    violations: &mut Violations,
    field: &str,
    name: Option<&'static str>,
    prefix: &str,
) -> &'static str {
    let word = name.and_then(|n| n.strip_prefix(prefix)).filter(|w| *w != "UNSPECIFIED");
    violations.require(word.is_some(), field, "REQUIRED", name.unwrap_or("unknown value"));
    word.unwrap_or_default()
}

/// Reads an enum whose domain type has the same words. `None` only with a violation.
fn parse<T: serde::de::DeserializeOwned>(
    violations: &mut Violations,
    field: &str,
    name: Option<&'static str>,
    prefix: &str,
) -> Option<T> {
    let word = word(violations, field, name, prefix);
    serde_json::from_value(serde_json::Value::from(word)).ok()
}

/// The prefixed name of a domain word.
fn name<T: serde::Serialize>(value: &T, prefix: &str) -> String {
    let word = serde_json::to_value(value).unwrap_or_default();
    format!("{prefix}{}", word.as_str().unwrap_or("UNSPECIFIED"))
}

/// A message that must be there.
fn present<T: Default>(violations: &mut Violations, field: &str, message: Option<T>) -> T {
    violations.require(message.is_some(), field, "REQUIRED", "");
    message.unwrap_or_default()
}

/// A count that cannot be negative.
fn unsigned(violations: &mut Violations, field: &str, value: Option<i64>) -> Option<u64> {
    let value = value?;
    violations.require(value >= 0, field, "NOT_NEGATIVE", &value.to_string());
    u64::try_from(value).ok()
}

/// A count for the wire.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

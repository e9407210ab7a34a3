//! Jurisdictions, departments, keys, policy values.

use super::super::pb;
use super::{name, parse, present};
use crate::domain::caller::{Caller, Role};
use crate::domain::department::{Department, Jurisdiction, Level};
use crate::domain::policy::PolicyValue;
use crate::domain::{Violations, day};

pub(super) fn level(violations: &mut Violations, field: &str, value: i32) -> Level {
    let word = pb::Level::try_from(value).ok().map(|v| v.as_str_name());
    parse(violations, field, word, "LEVEL_").unwrap_or(Level::Township)
}

pub(super) fn level_out(level: Level) -> i32 {
    pb::Level::from_str_name(&name(&level, "LEVEL_")).map_or(0, i32::from)
}

/// Reads a jurisdiction.
///
/// # Errors
/// Its violations.
pub fn jurisdiction(message: Option<pb::Jurisdiction>) -> Result<Jurisdiction, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "jurisdiction", message);
    let level = level(&mut v, "jurisdiction.level", m.level);
    let neighbours = m.neighbours;
    v.finish(Jurisdiction { code: m.code, name: m.name, level, parent: m.parent, neighbours })
}

/// Writes a jurisdiction.
#[must_use]
pub fn jurisdiction_out(j: Jurisdiction) -> pb::Jurisdiction {
    pb::Jurisdiction {
        code: j.code,
        name: j.name,
        level: level_out(j.level),
        parent: j.parent,
        neighbours: j.neighbours,
    }
}

/// Reads an etag: 0 for an empty one.
pub fn etag(violations: &mut Violations, field: &str, text: &str) -> i64 {
    let read = if text.is_empty() { Some(0) } else { text.parse().ok() };
    violations.require(read.is_some(), field, "ETAG", text);
    read.unwrap_or(0)
}

/// Reads a department with its etag.
///
/// # Errors
/// Its violations.
pub fn department(message: Option<pb::Department>) -> Result<(Department, i64), Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "department", message);
    let etag = etag(&mut v, "department.etag", &m.etag);
    let id = m.department_id;
    let department = Department {
        id,
        name: m.name,
        jurisdiction: m.jurisdiction,
        powers: m.powers,
        complaint_channel: m.complaint_channel,
    };
    v.finish((department, etag))
}

/// Writes a department with its etag.
#[must_use]
pub fn department_out((d, version): (Department, i64)) -> pb::Department {
    pb::Department {
        department_id: d.id,
        complaint_channel: d.complaint_channel,
        name: d.name,
        jurisdiction: d.jurisdiction,
        powers: d.powers,
        etag: version.to_string(),
    }
}

/// Reads a role.
///
/// # Errors
/// Its violation.
pub fn role(value: i32) -> Result<Role, Violations> {
    let mut v = Violations::default();
    let word = pb::Role::try_from(value).ok().map(|v| v.as_str_name());
    let role = parse(&mut v, "role", word, "ROLE_");
    v.finish(role.unwrap_or(Role::Department))
}

/// Writes a caller as its key.
#[must_use]
pub fn key_out(caller: Caller, revoked: bool) -> pb::ApiKey {
    pb::ApiKey {
        role: pb::Role::from_str_name(&name(&caller.role, "ROLE_")).map_or(0, i32::from),
        key_id: caller.key_id,
        department: caller.department,
        office: caller.office,
        inspector_id: caller.inspector,
        revoked,
    }
}

/// Reads a policy value.
///
/// # Errors
/// Its violations.
pub fn policy(message: Option<pb::PolicyValue>) -> Result<PolicyValue, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "policy_value", message);
    let level = level(&mut v, "policy_value.level", m.level);
    let from = day::parse(&mut v, "policy_value.effective_from", &m.effective_from);
    v.finish(PolicyValue {
        key: m.key,
        value: m.value,
        level,
        effective_from: from.unwrap_or_default(),
        jurisdiction: m.jurisdiction,
        source: m.source,
    })
}

/// Writes a policy value.
#[must_use]
pub fn policy_out(p: &PolicyValue) -> pb::PolicyValue {
    pb::PolicyValue {
        key: p.key.clone(),
        value: p.value.clone(),
        level: level_out(p.level),
        effective_from: p.effective_from.to_string(),
        jurisdiction: p.jurisdiction.clone(),
        source: p.source.clone(),
    }
}

//! What has changed in departments' lists, for those above (R24, R32): read from the log, in its order.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;

use super::{App, AppError};
use crate::domain::caller::{Caller, Role};
use crate::domain::day;
use crate::store::Tx;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// Subjects.
    Subjects,
    /// Inspectors and experts.
    Inspectors,
    /// Items.
    Items,
}

/// A change of a list: numbers and a digest, no names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Position of its event in the log.
    pub position: i64,
    /// The department.
    pub department: String,
    /// Its jurisdiction; empty for a department that is gone.
    pub jurisdiction: String,
    /// Which list.
    pub registry: Registry,
    /// What is new.
    pub added: i64,
    /// What says something else.
    pub changed: i64,
    /// What is gone.
    pub removed: i64,
    /// SHA-256 over what was sent, in hexadecimal.
    pub sha256: String,
    /// The day.
    pub on: Date,
}

/// The change behind an event; `None` for one that changed nothing.
fn read(position: i64, at_us: i64, kind: &str, bytes: &[u8]) -> Result<Option<Change>, AppError> {
    let event: Value =
        serde_json::from_slice(bytes).map_err(|_| AppError::Broken("a stored event is no JSON"))?;
    let body = &event["body"];
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let number = |name: &str| body[name].as_i64().unwrap_or(0);
    let (registry, names, digest) = match kind {
        "subjects.import" => (Registry::Subjects, ["inserted", "updated", ""], "rows_sha256"),
        "inspectors.import" => (Registry::Inspectors, ["inserted", "updated", ""], "rows_sha256"),
        _ => (Registry::Items, ["added", "changed", "removed"], "sha256"),
    };
    let [added, changed, removed] = names.map(number);
    Ok((added + changed + removed > 0).then(|| Change {
        position,
        department: text("department"),
        jurisdiction: String::new(),
        registry,
        added,
        changed,
        removed,
        sha256: text(digest),
        on: day::of_instant(at_us),
    }))
}

/// Where each department is registered.
async fn homes(tx: &mut Tx) -> Result<BTreeMap<String, String>, AppError> {
    let mut homes = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = crate::store::Page { after: &after, limit: super::PAGE_MAX };
        let found = tx.departments(&page).await?;
        let Some((last, _)) = found.last() else { return Ok(homes) };
        after.clone_from(&last.id);
        homes.extend(found.into_iter().map(|(d, _)| (d.id, d.jurisdiction)));
    }
}

/// Changes from a position of the log on, and the position to go on from.
///
/// # Errors
/// [`AppError`]; offices, supervisors and auditors.
pub async fn list(
    app: &App,
    caller: &Caller,
    jurisdiction: &str,
    from: i64,
    limit: i64,
) -> Result<(Vec<Change>, i64), AppError> {
    if !matches!(caller.role, Role::Office | Role::Supervisor | Role::Auditor) {
        return Err(AppError::Forbidden("OFFICE_SUPERVISOR_OR_AUDITOR_ONLY"));
    }
    let mut tx = app.db.read().await?;
    let homes = homes(&mut tx).await?;
    let (mut out, mut from) = (Vec::new(), from);
    let full = usize::try_from(limit).unwrap_or(0);
    while out.len() < full {
        let events = tx.registry_events(from, limit).await?;
        if events.is_empty() {
            break;
        }
        for (position, at_us, kind, bytes) in events {
            from = position + 1;
            let Some(mut change) = read(position, at_us, &kind, &bytes)? else { continue };
            change.jurisdiction = homes.get(&change.department).cloned().unwrap_or_default();
            if jurisdiction.is_empty() || change.jurisdiction == jurisdiction {
                out.push(change);
            }
            if out.len() == full {
                break;
            }
        }
    }
    Ok((out, from))
}

//! Versions of item lists, and changes of registries.

use super::super::pb;
use super::item;
use crate::app::items::Version;
use crate::app::registry_changes::{Change, Registry};
use crate::domain::day;

/// Writes a version with what it changed.
#[must_use]
pub fn version_out(v: Version) -> pb::ItemListVersion {
    pb::ItemListVersion {
        version: v.list.version,
        effective_from: v.list.effective_from.to_string(),
        reason: v.list.reason,
        published_at: day::instant_text(v.published_us),
        diff: Some(item::diff_out(v.diff)),
    }
}

/// Writes a change.
#[must_use]
pub fn change_out(c: Change) -> pb::RegistryChange {
    use pb::registry_change::Registry as Wire;
    let registry = match c.registry {
        Registry::Subjects => Wire::Subjects,
        Registry::Inspectors => Wire::Inspectors,
        Registry::Items => Wire::Items,
    };
    pb::RegistryChange {
        position: c.position,
        department: c.department,
        jurisdiction: c.jurisdiction,
        registry: registry.into(),
        added: c.added,
        changed: c.changed,
        removed: c.removed,
        sha256: c.sha256,
        day: c.on.to_string(),
    }
}

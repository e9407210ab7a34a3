//! What a supplementary draw may choose: units that were not drawn before, people within what is left
//! of their caps (R83).

use std::collections::{BTreeMap, BTreeSet};

use super::Framed;
use super::rules::Rule;
use crate::draw::frame::EXCLUDED;

/// Narrows a frame: drawn units stay in it with their reason, as every excluded unit does.
pub fn narrow(framed: &mut Framed, drawn: &BTreeSet<String>, loads: &BTreeMap<String, u64>) {
    let status = format!("{EXCLUDED}{}", Rule::DrawnBefore.id());
    for unit in framed.frame.units.iter_mut().filter(|u| drawn.contains(&u.id)) {
        unit.departments.values_mut().for_each(|s| s.clone_from(&status));
        if let Some(behind) = framed.behind.get_mut(&unit.id) {
            behind.items.clear();
        }
    }
    for person in &mut framed.frame.inspectors {
        let load = loads.get(&person.id).copied().unwrap_or(0);
        person.cap = person.cap.saturating_sub(load);
    }
}

//! Supplementary draws: each verifies by itself, is bound to the draw it supplements, and uses numbers
//! that were not used before.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Certificate;
use crate::domain::hash::Digest;
use crate::draw::Freeze;
use crate::draw::bundle::Bundle;
use crate::draw::freeze::freeze_hash;
use crate::draw::verify;

/// Checks the bundles of a file against what the log tells, in order; returns how many there are.
///
/// # Errors
/// What does not hold, in words.
pub fn check(file: &Certificate, told: &[&Value]) -> Result<u64, String> {
    if file.supplements.len() != told.len() {
        return Err(format!("{} supplements, {} logged", file.supplements.len(), told.len()));
    }
    let own = freeze(&file.bundle)?;
    let bound = [
        ("supplement_of", own.draw_id.clone()),
        ("supplement_freeze_hash", freeze_hash(own.alg, file.bundle.freeze.as_bytes()).to_string()),
        ("supplement_result_root", file.bundle.published.result_root.to_string()),
    ];
    let mut used: BTreeSet<Digest> = file.bundle.reveals.iter().flatten().copied().collect();
    let mut ids = BTreeSet::from([own.draw_id]);
    for (bundle, told) in file.supplements.iter().zip(told) {
        let bytes = bundle.to_bytes().map_err(|e| e.to_string())?;
        let found = verify::verify(&bytes)
            .map_err(|wrong| format!("a supplement: {} {}", wrong.step, wrong.why))?;
        let frozen = freeze(bundle)?;
        let id = frozen.draw_id;
        if !ids.insert(found.draw_id) {
            return Err(format!("{id} has two outcomes"));
        }
        let says = |(key, text): &(&str, String)| frozen.context.get(*key) == Some(text);
        if !bound.iter().all(says) || frozen.contributors != own.contributors {
            return Err(format!("{id} does not supplement this draw"));
        }
        let hash = freeze_hash(frozen.alg, bundle.freeze.as_bytes()).to_string();
        let (logged, root) = (&told["supplement"], &bundle.published.result_root);
        if logged["freeze_hash"] != hash || logged["result_root"] != root.to_string() {
            return Err(format!("{id} is not the logged one"));
        }
        let by = told["approved_by"].as_str().unwrap_or_default();
        if by.is_empty() || told["requested_by"] == by {
            return Err(format!("{id} was not approved by somebody else"));
        }
        if !bundle.reveals.iter().flatten().all(|number| used.insert(*number)) {
            return Err(format!("{id} uses a number that was used before"));
        }
    }
    Ok(told.len() as u64)
}

fn freeze(bundle: &Bundle) -> Result<Freeze, String> {
    Freeze::from_bytes(bundle.freeze.as_bytes()).map_err(|e| e.to_string())
}

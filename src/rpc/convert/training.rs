//! Trainings.

use super::super::pb;
use crate::domain::training::Training;
use crate::domain::{Violations, day};

/// Reads trainings.
///
/// # Errors
/// All violations at once.
pub fn read(given: Vec<pb::Training>) -> Result<Vec<Training>, Violations> {
    let mut v = Violations::default();
    let mut out = Vec::with_capacity(given.len());
    for (i, m) in given.into_iter().enumerate() {
        let held_on = day::parse(&mut v, &format!("trainings[{i}].held_on"), &m.held_on);
        let until = day::parse(&mut v, &format!("trainings[{i}].valid_until"), &m.valid_until);
        out.push(Training {
            inspector: m.inspector_id,
            course: m.course,
            held_on: held_on.unwrap_or_default(),
            valid_until: until.unwrap_or_default(),
            passed: m.passed,
            document: m.document_sha256,
        });
    }
    v.finish(out)
}

/// Writes a training.
#[must_use]
pub fn out(t: Training) -> pb::Training {
    pb::Training {
        inspector_id: t.inspector,
        course: t.course,
        held_on: t.held_on.to_string(),
        valid_until: t.valid_until.to_string(),
        passed: t.passed,
        document_sha256: t.document,
    }
}

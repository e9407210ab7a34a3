//! Warnings of trainings (R136): who may not be sent any more, and who soon may not.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::warning::{About, Warning, WarningKind};
use crate::domain::inspector::{Inspector, InspectorKind};
use crate::domain::policy::{self, Policy};
use crate::domain::training::{Gate, Trained};

/// People without a valid training, and those whose training lapses within the policy's days; nothing
/// where the policy asks for none.
#[must_use]
pub fn warnings(
    policy: &Policy,
    today: Date,
    people: &[(String, Inspector)],
    trained: &Trained,
) -> Vec<Warning> {
    if Gate::of(policy) == Gate::Off {
        return Vec::new();
    }
    let span = jiff::Span::new().days(policy.number(policy::TRAINING_WARN_DAYS));
    let soon = today.checked_add(span).unwrap_or(Date::MAX);
    let inspectors = people.iter().filter(|(_, p)| p.active && p.kind == InspectorKind::Inspector);
    inspectors
        .filter_map(|(department, person)| {
            let until = trained.until(department, &person.id, today);
            let (kind, detail) = match until {
                None => (WarningKind::TrainingMissing, person.id.clone()),
                Some(until) if until <= soon => {
                    (WarningKind::TrainingLapses, format!("{} until {until}", person.id))
                }
                Some(_) => return None,
            };
            Some(Warning {
                kind,
                about: About { department: department.clone(), ..About::default() },
                since: today,
                detail,
                seen_by: BTreeSet::from([department.clone()]),
            })
        })
        .collect()
}

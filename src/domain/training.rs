//! Trainings of inspectors (R136): who passed which course, until when it counts.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::hash::Digest;
use super::policy::{self, Policy};
use super::{Violations, id, text};

/// Most trainings of one call.
pub const TRAININGS_MAX: usize = 2_000;

/// A training of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Training {
    /// The person's id in the department's pool.
    pub inspector: String,
    /// Name of the course.
    pub course: String,
    /// The day on which it was held.
    pub held_on: Date,
    /// The last day on which it counts.
    pub valid_until: Date,
    /// Whether it was passed.
    pub passed: bool,
    /// SHA-256 of the certificate or the list of participants, in hexadecimal.
    pub document: String,
}

impl Training {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str, today: Date) {
        id::check_foreign(violations, &format!("{at}.inspector_id"), &self.inspector);
        text::require(violations, &format!("{at}.course"), &self.course, text::SHORT_CHARS_MAX);
        let held = self.held_on.to_string();
        let past = self.held_on <= today;
        violations.require(past, format!("{at}.held_on"), "NOT_IN_THE_FUTURE", &held);
        let until = self.valid_until.to_string();
        let ordered = self.held_on <= self.valid_until;
        violations.require(ordered, format!("{at}.valid_until"), "BEFORE_HELD_ON", &until);
        let good = Digest::from_hex(&self.document).is_some();
        let field = format!("{at}.document_sha256");
        violations.require(good, field, "SHA256_HEX", &self.document);
    }
}

/// What a department's training has to do with the draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Nothing.
    Off,
    /// Whoever is not trained is told of.
    Warn,
    /// Whoever is not trained is not sent.
    Exclude,
}

impl Gate {
    /// What the policy says.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        match policy.word(policy::TRAINING_REQUIRED) {
            "WARN" => Self::Warn,
            "EXCLUDE" => Self::Exclude,
            _ => Self::Off,
        }
    }
}

/// Stretches of days in which people are trained, by department and person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trained(BTreeMap<(String, String), Vec<(Date, Date)>>);

impl Trained {
    /// Of trainings with their departments; those that were not passed count nothing.
    #[must_use]
    pub fn of(trainings: &[(String, Training)]) -> Self {
        let mut all: BTreeMap<(String, String), Vec<(Date, Date)>> = BTreeMap::new();
        for (department, training) in trainings.iter().filter(|(_, t)| t.passed) {
            let person = (department.clone(), training.inspector.clone());
            all.entry(person).or_default().push((training.held_on, training.valid_until));
        }
        Self(all)
    }

    fn stretches(&self, department: &str, person: &str) -> &[(Date, Date)] {
        let key = (department.to_owned(), person.to_owned());
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Whether a person is trained on a day.
    #[must_use]
    pub fn on(&self, department: &str, person: &str, on: Date) -> bool {
        self.stretches(department, person).iter().any(|(from, until)| *from <= on && on <= *until)
    }

    /// Whether one training covers all days of a window.
    #[must_use]
    pub fn during(&self, department: &str, person: &str, first: Date, last: Date) -> bool {
        let stretches = self.stretches(department, person);
        stretches.iter().any(|(from, until)| *from <= first && last <= *until)
    }

    /// The last day of the longest training that counts on a day.
    #[must_use]
    pub fn until(&self, department: &str, person: &str, on: Date) -> Option<Date> {
        let stretches = self.stretches(department, person).iter();
        stretches.filter(|(from, until)| *from <= on && on <= *until).map(|(_, until)| *until).max()
    }
}

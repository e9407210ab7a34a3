//! Which subjects a campaign, a task of a plan or a scheme is about.

use serde::{Deserialize, Serialize};

use super::subject::{RiskClass, RiskFactKind, SubjectKind, UNCLASSIFIED};
use super::{Violations, id, text};

/// Most values in one list of a scope.
pub const SCOPE_LEN_MAX: usize = 500;

/// Which subjects it is about; empty lists mean no restriction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Division codes.
    pub districts: Vec<String>,
    /// Kinds of subject.
    pub kinds: Vec<SubjectKind>,
    /// Tags, one of which is needed.
    pub tags: Vec<String>,
    /// Risk classes; `U` for unclassified.
    pub risk_classes: Vec<String>,
    /// Kinds of risk facts, one of which is needed (R60).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marked_by: Vec<RiskFactKind>,
}

impl Scope {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        for (i, code) in self.districts.iter().enumerate() {
            id::check_division(violations, &format!("{at}.districts[{i}]"), code);
        }
        for (i, tag) in self.tags.iter().enumerate() {
            text::require(violations, &format!("{at}.tags[{i}]"), tag, text::SHORT_CHARS_MAX);
        }
        for (i, class) in self.risk_classes.iter().enumerate() {
            let known = class == UNCLASSIFIED || RiskClass::from_word(class).is_some();
            violations.require(known, format!("{at}.risk_classes[{i}]"), "UNKNOWN_CLASS", class);
        }
        let lens =
            [self.districts.len(), self.tags.len(), self.risk_classes.len(), self.marked_by.len()];
        violations.require(lens.iter().all(|n| *n <= SCOPE_LEN_MAX), at, "TOO_MANY", "");
    }
}

//! Chains of approval as configuration: the steps, and who may take each (R69).

use serde::{Deserialize, Serialize};

use super::approval::PaperKind;
use super::caller::{Caller, Role};
use super::{Violations, id, text};

/// Most steps of a chain.
pub const STEPS_MAX: usize = 10;

/// One step of a chain: who may take it (R69, R138).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainStep {
    /// Its name, such as 分管局长审批.
    pub name: String,
    /// Role of who takes it.
    pub role: Role,
    /// For departments and inspectors: the department; empty for the paper's own unit.
    pub department: String,
    /// For offices: the office; empty for any.
    pub office: String,
    /// For inspectors: the person's id in the department's list; empty for any.
    pub inspector: String,
}

impl ChainStep {
    const fn of_department(&self) -> bool {
        matches!(self.role, Role::Department | Role::Inspector)
    }

    /// Whether a caller may take it on a paper of a unit.
    #[must_use]
    pub fn fits(&self, caller: &Caller, unit: &str) -> bool {
        let department = if self.department.is_empty() { unit } else { &self.department };
        let either = |want: &str, is: &str| want.is_empty() || want == is;
        caller.role == self.role
            && (!self.of_department()
                || (!department.is_empty() && caller.department == department))
            && either(&self.office, &caller.office)
            && either(&self.inspector, &caller.inspector)
    }

    /// Whether anybody at all can take it on a paper of a unit.
    #[must_use]
    pub const fn has_taker(&self, unit: &str) -> bool {
        !self.of_department() || !self.department.is_empty() || !unit.is_empty()
    }

    fn check(&self, violations: &mut Violations, at: &str) {
        text::require(violations, &format!("{at}.name"), &self.name, text::SHORT_CHARS_MAX);
        text::check(violations, &format!("{at}.office"), &self.office, text::SHORT_CHARS_MAX);
        let rule = "FOR_DEPARTMENTS_ONLY";
        let fits = self.of_department() || self.department.is_empty();
        violations.require(fits, format!("{at}.department"), rule, &self.department);
        let fits = !self.of_department() || self.office.is_empty();
        violations.require(fits, format!("{at}.office"), "FOR_OFFICES_ONLY", &self.office);
        let fits = self.role == Role::Inspector || self.inspector.is_empty();
        let field = format!("{at}.inspector_id");
        violations.require(fits, field, "FOR_INSPECTORS_ONLY", &self.inspector);
    }
}

/// A chain as configured for a jurisdiction (R69).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalChain {
    /// The jurisdiction.
    pub jurisdiction: String,
    /// What it is for.
    pub kind: PaperKind,
    /// The unit it is for; empty for every unit that has none of its own.
    pub unit: String,
    /// The steps in order.
    pub steps: Vec<ChainStep>,
    /// The document that orders it.
    pub source: String,
    /// Counts changes; the etag.
    pub version: i64,
}

impl ApprovalChain {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        id::check_division(violations, &format!("{at}.jurisdiction"), &self.jurisdiction);
        if !self.unit.is_empty() {
            id::check_slug(violations, &format!("{at}.unit"), &self.unit);
        }
        text::require(violations, &format!("{at}.source"), &self.source, text::SHORT_CHARS_MAX);
        let count = (1..=STEPS_MAX).contains(&self.steps.len());
        violations.require(count, format!("{at}.steps"), "ONE_TO_TEN_STEPS", "");
        for (i, step) in self.steps.iter().enumerate() {
            step.check(violations, &format!("{at}.steps[{i}]"));
        }
    }
}

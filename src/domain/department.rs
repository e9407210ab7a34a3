//! Jurisdictions and departments.

use serde::{Deserialize, Serialize};

use super::{Violations, id, text};

/// Most neighbours of a jurisdiction, and most powers of a department.
pub const LIST_LEN_MAX: usize = 200;

/// Level of a division, an office or a rule. Smaller is higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// 国家.
    Country,
    /// 省.
    Province,
    /// 市.
    City,
    /// 县、区.
    County,
    /// 乡镇、街道.
    Township,
}

impl Level {
    /// All levels, highest first.
    pub const ALL: [Self; 5] =
        [Self::Country, Self::Province, Self::City, Self::County, Self::Township];
}

/// An administrative division (R4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jurisdiction {
    /// GB/T 2260 code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Level.
    pub level: Level,
    /// Code of the division above.
    pub parent: String,
    /// Codes of neighbouring divisions (R94).
    pub neighbours: Vec<String>,
}

impl Jurisdiction {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        id::check_division(violations, &format!("{at}.code"), &self.code);
        text::require(violations, &format!("{at}.name"), &self.name, text::SHORT_CHARS_MAX);
        if !self.parent.is_empty() {
            id::check_division(violations, &format!("{at}.parent"), &self.parent);
        }
        let field = format!("{at}.neighbours");
        violations.require(self.neighbours.len() <= LIST_LEN_MAX, &field, "TOO_MANY", "");
        for (i, code) in self.neighbours.iter().enumerate() {
            id::check_division(violations, &format!("{field}[{i}]"), code);
            violations.require(*code != self.code, format!("{field}[{i}]"), "OWN_NEIGHBOUR", code);
        }
    }
}

/// A department that keeps lists and sends inspectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Jurisdiction it serves.
    pub jurisdiction: String,
    /// Powers it holds.
    pub powers: Vec<String>,
    /// Where a subject complains of its inspectors (R104); empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub complaint_channel: String,
}

impl Department {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        id::check_slug(violations, &format!("{at}.department_id"), &self.id);
        text::require(violations, &format!("{at}.name"), &self.name, text::SHORT_CHARS_MAX);
        id::check_division(violations, &format!("{at}.jurisdiction"), &self.jurisdiction);
        let field = format!("{at}.complaint_channel");
        text::check(violations, &field, &self.complaint_channel, text::SHORT_CHARS_MAX);
        let field = format!("{at}.powers");
        violations.require(self.powers.len() <= LIST_LEN_MAX, &field, "TOO_MANY", "");
        for (i, power) in self.powers.iter().enumerate() {
            text::require(violations, &format!("{field}[{i}]"), power, text::SHORT_CHARS_MAX);
        }
    }
}

//! Numbers and switches of the rules as data: issuing level, effective day, precedence (R46).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::department::Level;
use super::{Violations, id, text};

/// One value, as issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyValue {
    /// One of [`KEYS`].
    pub key: String,
    /// The value.
    pub value: String,
    /// Level of the issuing body.
    pub level: Level,
    /// Day from which it holds.
    pub effective_from: Date,
    /// Jurisdiction it is issued for.
    pub jurisdiction: String,
    /// Document it comes from.
    pub source: String,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A whole number from 0 to the given one.
    Number(i64),
    /// One of the words.
    Word(&'static [&'static str]),
}

/// A key with its form, its default and where that comes from.
pub struct Key {
    /// Name.
    pub name: &'static str,
    /// Form.
    pub form: Form,
    /// What holds while nobody has set it.
    pub default: &'static str,
    /// Requirement behind it.
    pub source: &'static str,
}

const fn number(name: &'static str, max: i64, default: &'static str, source: &'static str) -> Key {
    Key { name, form: Form::Number(max), default, source }
}

const fn word(name: &'static str, words: &'static [&'static str], source: &'static str) -> Key {
    Key { name, form: Form::Word(words), default: words[0], source }
}

/// Name of the cap of random visits per subject and year.
pub const ANNUAL_CAP: &str = "annual_cap";
/// Name of the months without a random check after a superior's clean one.
pub const SUPERIOR_CLEAN_MONTHS: &str = "superior_clean_months";
/// Name of the months for which another's clean result is recognised.
pub const RECOGNITION_MONTHS: &str = "recognition_months";
/// Name of the factor on marked subjects' quotas, in percent.
pub const MARKED_RATIO_PERCENT: &str = "marked_ratio_percent";
/// Name of the switch that lets class D exceed the cap.
pub const CAP_EXEMPT_RISK: &str = "cap_exempt_risk";
/// Name of the least share where law is silent, in basis points.
pub const RATIO_FLOOR: &str = "ratio_floor_basis_points";
/// Name of the least number of inspectors at a door.
pub const MIN_PER_VISIT: &str = "min_per_visit";
/// Name of the least number of inspectors per department at a door.
pub const MIN_PER_DEPARTMENT: &str = "min_per_department";
/// Name of the default cap of visits per inspector in one draw.
pub const INSPECTOR_CAP: &str = "inspector_cap";
/// Name of the switch between profession match and any item.
pub const COMPETENCE: &str = "competence";
/// Name of the base of ratios.
pub const RATIO_BASE: &str = "ratio_base";
/// Name of the switch between same team and rotation.
pub const TEAM: &str = "team";

/// Name of the switch that allows a named person as a replacement.
pub const REPLACEMENT: &str = "replacement";

/// All keys.
pub const KEYS: &[Key] = &[
    number(ANNUAL_CAP, 366, "2", "R51"),
    number(SUPERIOR_CLEAN_MONTHS, 60, "6", "R53"),
    number(RECOGNITION_MONTHS, 60, "0", "R8, R66, R101"),
    number(MARKED_RATIO_PERCENT, 10_000, "100", "R54"),
    word(CAP_EXEMPT_RISK, &["NONE", "D", "C_D"], "R52"),
    number(RATIO_FLOOR, 10_000, "0", "R48"),
    number(MIN_PER_VISIT, 20, "2", "R88"),
    number(MIN_PER_DEPARTMENT, 20, "2", "R88, tension 3"),
    number(INSPECTOR_CAP, 1_000_000, "1000000", "R98"),
    word(COMPETENCE, &["PROFESSION_MATCH", "ANY_ITEM"], "R34, R35"),
    word(RATIO_BASE, &["REGISTERED", "ELIGIBLE"], "R48"),
    word(TEAM, &["NONE", "CONTINUITY", "ROTATION"], "R95, tension 4"),
    word(REPLACEMENT, &["NEXT", "APPOINTED"], "R92"),
];

impl PolicyValue {
    /// Checks key, form and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        id::check_division(violations, &format!("{at}.jurisdiction"), &self.jurisdiction);
        text::require(violations, &format!("{at}.source"), &self.source, text::SHORT_CHARS_MAX);
        let Some(key) = KEYS.iter().find(|k| k.name == self.key) else {
            violations.add(format!("{at}.key"), "UNKNOWN_POLICY", &self.key);
            return;
        };
        let good = match key.form {
            Form::Number(max) => {
                self.value.parse::<i64>().is_ok_and(|n| (0..=max).contains(&n))
                    && self.value.bytes().all(|b| b.is_ascii_digit())
            }
            Form::Word(words) => words.contains(&self.value.as_str()),
        };
        violations.require(good, format!("{at}.value"), "POLICY_VALUE", &self.value);
    }
}

/// What holds on a day: defaults, overridden by what was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    in_force: BTreeMap<&'static str, PolicyValue>,
}

impl Policy {
    /// Resolves what was issued: the highest level wins, within a level the latest day (R46).
    #[must_use]
    pub fn resolve(jurisdiction: &str, issued: &[PolicyValue], on: Date) -> Self {
        let mut in_force = BTreeMap::new();
        for key in KEYS {
            let best = issued
                .iter()
                .filter(|v| v.key == key.name && v.effective_from <= on)
                .min_by_key(|v| (v.level, std::cmp::Reverse(v.effective_from)));
            let default = || PolicyValue {
                key: key.name.to_owned(),
                value: key.default.to_owned(),
                level: Level::Township,
                effective_from: Date::MIN,
                jurisdiction: jurisdiction.to_owned(),
                source: key.source.to_owned(),
            };
            in_force.insert(key.name, best.cloned().unwrap_or_else(default));
        }
        Self { in_force }
    }

    /// The values in force, by key.
    pub fn values(&self) -> impl Iterator<Item = &PolicyValue> {
        self.in_force.values()
    }

    /// A number in force; 0 for a name that is not a key.
    #[must_use]
    pub fn number(&self, key: &str) -> i64 {
        self.in_force.get(key).and_then(|v| v.value.parse().ok()).unwrap_or(0)
    }

    /// A word in force; empty for a name that is not a key.
    #[must_use]
    pub fn word(&self, key: &str) -> &str {
        self.in_force.get(key).map_or("", |v| &v.value)
    }

    /// What is bound into a freeze: every key and value in order.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |v: &PolicyValue| format!("{}={}", v.key, v.value);
        self.in_force.values().map(line).collect::<Vec<_>>().join("\n")
    }
}

//! Check-item lists (随机抽查事项清单, R9–R18).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Violations, id, text};

/// Most items in one list.
pub const ITEMS_MAX: usize = 2_000;
/// Most departments asked about one version.
pub const CONSULTATIONS_MAX: usize = 100;
/// Most steps of one operating rule.
pub const STEPS_MAX: usize = 50;
/// Basis points in a whole.
pub const BASIS_POINTS_MAX: i64 = 10_000;
/// Longest frequency window, in months.
pub const WINDOW_MONTHS_MAX: i64 = 120;

/// How a check is made (R100).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Method {
    /// 现场检查.
    OnSite,
    /// 书面检查.
    Document,
    /// 实地核查.
    FieldVerification,
    /// 抽样检测.
    SamplingTest,
    /// 网络监测.
    OnlineMonitoring,
}

/// General or key item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ItemClass {
    /// 一般检查事项.
    General,
    /// 重点检查事项.
    Key,
}

/// Sampling ratio of an item (R47, R48).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatioRule {
    /// Least share, in basis points.
    pub min: Option<i64>,
    /// Greatest share, in basis points.
    pub max: Option<i64>,
    /// Fixed number of subjects.
    pub fixed: Option<i64>,
    /// The words of a list that leaves the ratio to another text.
    pub deferred: String,
}

/// Frequency of an item (R49).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrequencyRule {
    /// Checks in one window.
    pub times: i64,
    /// Length of the window, in months.
    pub window_months: i64,
    /// The list's words when it says no number.
    pub deferred: String,
}

/// A step of an operating rule, and whose duty it is (R14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleStep {
    /// What is done.
    pub step: String,
    /// Who answers for it.
    pub duty: String,
}

/// One thing to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckItem {
    /// Code within the list.
    pub code: String,
    /// 事项名称.
    pub name: String,
    /// 依据.
    pub basis: String,
    /// 主体.
    pub body: String,
    /// 对象.
    pub object: String,
    /// 内容.
    pub content: String,
    /// 方式.
    pub methods: Vec<Method>,
    /// Standard applied on site (R10).
    pub standard: String,
    /// 监管细则 (R14).
    pub operating_rule: String,
    /// Its steps with duties, in order (R14).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operating_steps: Vec<RuleStep>,
    /// Ratio.
    pub ratio: RatioRule,
    /// Frequency.
    pub frequency: FrequencyRule,
    /// General or key.
    pub class: ItemClass,
    /// Qualification needed; empty for none.
    pub competence: String,
    /// Profession of the expert it needs (R96); empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expert: String,
    /// On the joint list (R15).
    pub joint: bool,
    /// Code in the catalogue of powers (R13).
    pub external_code: String,
    /// Power the department must hold.
    pub power: String,
}

/// What another department said of a change of the list (R139).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// The department that was asked.
    pub department: String,
    /// What it said.
    pub opinion: String,
}

/// A list in one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemList {
    /// The department.
    pub department: String,
    /// 1 for the first version.
    pub version: i64,
    /// Day from which it holds.
    pub effective_from: Date,
    /// Why it changed (R11).
    pub reason: String,
    /// Who was asked before it changed, and what they said (R139).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consultations: Vec<Consultation>,
    /// The items.
    pub items: Vec<CheckItem>,
}

/// What changed between two versions, by code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemListDiff {
    /// New codes.
    pub added: Vec<String>,
    /// Codes that are gone.
    pub removed: Vec<String>,
    /// Codes whose content differs.
    pub changed: Vec<String>,
}

impl ItemListDiff {
    /// True when the two versions say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

impl ItemList {
    /// Compares with the version before.
    #[must_use]
    pub fn diff(&self, before: &[CheckItem]) -> ItemListDiff {
        let old: BTreeMap<&str, &CheckItem> = before.iter().map(|i| (&*i.code, i)).collect();
        let new: BTreeMap<&str, &CheckItem> = self.items.iter().map(|i| (&*i.code, i)).collect();
        let owned = |codes: Vec<&str>| codes.into_iter().map(str::to_owned).collect();
        ItemListDiff {
            added: owned(new.keys().copied().filter(|c| !old.contains_key(c)).collect()),
            removed: owned(old.keys().copied().filter(|c| !new.contains_key(c)).collect()),
            changed: owned(
                new.iter()
                    .filter(|(c, item)| old.get(*c).is_some_and(|o| o != *item))
                    .map(|(c, _)| *c)
                    .collect(),
            ),
        }
    }

    /// Checks forms, bounds and that every item has a basis (R1), a body, content and a method (R9).
    pub fn check(&self, violations: &mut Violations, at: &str) {
        let field = format!("{at}.items");
        violations.require(!self.items.is_empty(), &field, "REQUIRED", "");
        violations.require(self.items.len() <= ITEMS_MAX, &field, "TOO_MANY", "");
        text::check(violations, &format!("{at}.reason"), &self.reason, text::SHORT_CHARS_MAX);
        let asked = format!("{at}.consultations");
        let few = self.consultations.len() <= CONSULTATIONS_MAX;
        violations.require(few, &asked, "TOO_MANY", "");
        for (i, said) in self.consultations.iter().enumerate() {
            id::check_slug(violations, &format!("{asked}[{i}].department"), &said.department);
            let field = format!("{asked}[{i}].opinion");
            text::require(violations, &field, &said.opinion, text::SHORT_CHARS_MAX);
        }
        let mut codes = BTreeSet::new();
        for (i, item) in self.items.iter().enumerate() {
            let at = format!("{field}[{i}]");
            item.check(violations, &at);
            let new = codes.insert(item.code.as_str());
            violations.require(new, format!("{at}.code"), "DUPLICATE", &item.code);
        }
    }
}

impl CheckItem {
    fn check(&self, violations: &mut Violations, at: &str) {
        id::check_foreign(violations, &format!("{at}.code"), &self.code);
        let short = [("name", &self.name, true), ("body", &self.body, true)];
        let more =
            [("object", &self.object), ("competence", &self.competence), ("expert", &self.expert)];
        let codes = [("external_code", &self.external_code), ("power", &self.power)];
        let short =
            short.into_iter().chain(more.into_iter().chain(codes).map(|(n, t)| (n, t, false)));
        let long = [("basis", &self.basis, true), ("content", &self.content, true)];
        let rules = [("standard", &self.standard), ("operating_rule", &self.operating_rule)];
        let long = long.into_iter().chain(rules.map(|(n, t)| (n, t, false)));
        let all = short
            .map(|f| (f, text::SHORT_CHARS_MAX))
            .chain(long.map(|f| (f, text::LONG_CHARS_MAX)));
        for ((name, value, required), max) in all {
            let field = format!("{at}.{name}");
            match required {
                true => text::require(violations, &field, value, max),
                false => text::check(violations, &field, value, max),
            }
        }
        violations.require(!self.methods.is_empty(), format!("{at}.methods"), "REQUIRED", "");
        let field = format!("{at}.operating_steps");
        let few = self.operating_steps.len() <= STEPS_MAX;
        violations.require(few, &field, "TOO_MANY", "");
        for (i, step) in self.operating_steps.iter().enumerate() {
            for (name, value) in [("step", &step.step), ("duty", &step.duty)] {
                let field = format!("{field}[{i}].{name}");
                text::require(violations, &field, value, text::SHORT_CHARS_MAX);
            }
        }
        self.ratio.check(violations, &format!("{at}.ratio"));
        self.frequency.check(violations, &format!("{at}.frequency"));
    }
}

impl RatioRule {
    fn check(&self, violations: &mut Violations, at: &str) {
        for (name, share) in [("min_basis_points", self.min), ("max_basis_points", self.max)] {
            let good = share.is_none_or(|s| (0..=BASIS_POINTS_MAX).contains(&s));
            violations.require(good, format!("{at}.{name}"), "SHARE_RANGE", &format!("{share:?}"));
        }
        if let (Some(min), Some(max)) = (self.min, self.max) {
            violations.require(
                min <= max,
                format!("{at}.max_basis_points"),
                "BELOW_MIN",
                &max.to_string(),
            );
        }
        let good = self.fixed.is_none_or(|n| n > 0);
        violations.require(
            good,
            format!("{at}.fixed_count"),
            "POSITIVE",
            &format!("{:?}", self.fixed),
        );
        text::check(violations, &format!("{at}.deferred"), &self.deferred, text::LONG_CHARS_MAX);
        let says = self.min.is_some() || self.max.is_some() || self.fixed.is_some();
        violations.require(says || !self.deferred.is_empty(), at, "RATIO_OR_DEFERRED", "");
    }
}

impl FrequencyRule {
    fn check(&self, violations: &mut Violations, at: &str) {
        let months = self.window_months;
        let numbers = self.times >= 0 && (0..=WINDOW_MONTHS_MAX).contains(&months);
        violations.require(numbers, at, "FREQUENCY_RANGE", &format!("{}/{months}", self.times));
        let both = (self.times > 0) == (months > 0);
        violations.require(both, at, "TIMES_AND_WINDOW", &format!("{}/{months}", self.times));
        text::check(violations, &format!("{at}.deferred"), &self.deferred, text::LONG_CHARS_MAX);
    }
}

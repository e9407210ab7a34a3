//! Implementation schemes (抽查实施方案): how one task of a plan is carried out (R10, R73–R75).

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::annual_plan::{PlanTask, SUBJECTS_MAX, TASK_ITEMS_MAX, TaskItem, asks_for_less};
use super::approval::{Content, PaperKind};
use super::campaign::{PARTICIPANTS_MAX, Scope};
use super::item::Method;
use super::profile::{Profile, SLOTS_MAX};
use super::quota::{BASIS_POINTS, QuotaRule};
use super::{Violations, id, text};

/// Most working days in which results are entered.
pub const RESULT_DAYS_MAX: i64 = 366;
/// Most groups of inspectors.
pub const GROUPS_MAX: usize = 50;

/// How an office takes part in a scheme (R74).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OfficeRole {
    /// 独立主办.
    SoleLead,
    /// 联合主办.
    CoLead,
    /// 协助办理.
    Assisting,
}

/// A responsible office (承办科室).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemeOffice {
    /// The department.
    pub department: String,
    /// The section in it; empty for the whole.
    pub section: String,
    /// Its role.
    pub role: OfficeRole,
    /// What it does.
    pub duty: String,
}

/// An item with what is checked on site and how (R10, R74).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemeItem {
    /// The department that checks it.
    pub department: String,
    /// Code in the department's list.
    pub code: String,
    /// What is checked.
    pub content: String,
    /// How.
    pub methods: Vec<Method>,
    /// By which standard.
    pub standard: String,
}

/// Who is sent (R74): where inspectors come from, and how they are grouped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectorScope {
    /// Whose inspectors; empty for all offices' of the scheme.
    pub departments: Vec<String>,
    /// Tags, one of which is needed.
    pub tags: Vec<String>,
    /// In words.
    pub note: String,
    /// Groups, as slot lists that a campaign's profiles are made of.
    pub groups: Vec<Profile>,
}

/// What a joint plan adds (R75); all of it is needed when several departments take part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JointPart {
    /// 组织领导.
    pub leadership: String,
    /// 抽取程序.
    pub draw_procedure: String,
    /// 检查方式.
    pub method: String,
    /// 检查内容.
    pub content: String,
    /// 结果处置.
    pub disposal: String,
    /// 信息公示.
    pub publicity: String,
    /// 后续监管衔接.
    pub follow_up: String,
}

/// What a scheme says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheme {
    /// Name.
    pub title: String,
    /// The task of the plan.
    pub task: String,
    /// Responsible offices with their roles.
    pub offices: Vec<SchemeOffice>,
    /// Items.
    pub items: Vec<SchemeItem>,
    /// Which subjects.
    pub scope: Scope,
    /// How many of them.
    pub rule: QuotaRule,
    /// Who is sent.
    pub inspectors: InspectorScope,
    /// First day.
    pub first_day: Date,
    /// Last day.
    pub last_day: Date,
    /// Working days after a visit in which its results are entered (R109).
    pub result_days: i64,
    /// What a joint plan adds.
    pub joint: JointPart,
}

impl Content for Scheme {
    const KIND: PaperKind = PaperKind::Scheme;
}

impl Scheme {
    /// The departments that take part.
    #[must_use]
    pub fn departments(&self) -> BTreeSet<&str> {
        self.offices.iter().map(|o| o.department.as_str()).collect()
    }

    /// Whether an item of a department is in it.
    #[must_use]
    pub fn holds(&self, department: &str, code: &str) -> bool {
        self.items.iter().any(|i| i.department == department && i.code == code)
    }

    /// Checks forms, bounds and the rules between fields.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        text::require(violations, &format!("{at}.title"), &self.title, text::SHORT_CHARS_MAX);
        id::check_foreign(violations, &format!("{at}.task_id"), &self.task);
        let last = self.last_day.to_string();
        let ordered = self.first_day <= self.last_day;
        violations.require(ordered, format!("{at}.last_day"), "BEFORE_FIRST_DAY", &last);
        let days = (1..=RESULT_DAYS_MAX).contains(&self.result_days);
        let field = format!("{at}.result_days");
        violations.require(days, field, "DAYS_RANGE", &self.result_days.to_string());
        let share = self.rule.basis_points.is_none_or(|s| (1..=BASIS_POINTS).contains(&s));
        violations.require(share, format!("{at}.ratio.basis_points"), "SHARE_RANGE", "");
        let count = self.rule.count.is_none_or(|n| n <= SUBJECTS_MAX);
        violations.require(count, format!("{at}.ratio.count"), "COUNT_RANGE", "");
        let says = self.rule.basis_points.is_some() != self.rule.count.is_some();
        violations.require(says, format!("{at}.ratio"), "SHARE_OR_COUNT", "");
        self.scope.check(violations, &format!("{at}.scope"));
        self.check_offices(violations, at);
        self.check_items(violations, at);
        self.inspectors.check(violations, &format!("{at}.inspectors"));
        self.joint.check(violations, &format!("{at}.joint"), self.departments().len() > 1);
    }

    fn check_offices(&self, violations: &mut Violations, at: &str) {
        let field = format!("{at}.offices");
        let count = (1..=PARTICIPANTS_MAX).contains(&self.offices.len());
        violations.require(count, &field, "COUNT", "");
        for (i, office) in self.offices.iter().enumerate() {
            let at = format!("{field}[{i}]");
            id::check_slug(violations, &format!("{at}.department"), &office.department);
            let texts = [("section", &office.section), ("duty", &office.duty)];
            for (name, value) in texts {
                text::check(violations, &format!("{at}.{name}"), value, text::SHORT_CHARS_MAX);
            }
        }
        let of = |role| self.offices.iter().filter(|o| o.role == role).count();
        let (sole, co) = (of(OfficeRole::SoleLead), of(OfficeRole::CoLead));
        let led = (sole == 1 && co == 0) || (sole == 0 && co >= 2);
        violations.require(led, &field, "ONE_SOLE_LEAD_OR_SEVERAL_CO_LEADS", "");
    }

    fn check_items(&self, violations: &mut Violations, at: &str) {
        let field = format!("{at}.items");
        let count = (1..=TASK_ITEMS_MAX).contains(&self.items.len());
        violations.require(count, &field, "COUNT", "");
        let departments = self.departments();
        let mut seen = BTreeSet::new();
        for (i, item) in self.items.iter().enumerate() {
            let at = format!("{field}[{i}]");
            id::check_foreign(violations, &format!("{at}.code"), &item.code);
            let department = item.department.as_str();
            let known = departments.contains(department);
            violations.require(known, format!("{at}.department"), "TAKES_NO_PART", department);
            let new = seen.insert((department, &item.code));
            violations.require(new, format!("{at}.code"), "DUPLICATE", &item.code);
            let methods = !item.methods.is_empty();
            violations.require(methods, format!("{at}.methods"), "REQUIRED", "");
            for (name, value) in [("content", &item.content), ("standard", &item.standard)] {
                text::require(violations, &format!("{at}.{name}"), value, text::LONG_CHARS_MAX);
            }
        }
    }

    /// What keeps it from carrying out a task: other items, other days, a smaller share.
    pub fn check_task(&self, violations: &mut Violations, at: &str, task: &PlanTask) {
        for (i, item) in self.items.iter().enumerate() {
            let same = |t: &TaskItem| t.department == item.department && t.code == item.code;
            let planned = task.items.iter().any(same);
            let field = format!("{at}.items[{i}].code");
            violations.require(planned, field, "NOT_IN_THE_TASK", &item.code);
        }
        for (i, office) in self.offices.iter().enumerate() {
            let department = &office.department;
            let named = *department == task.lead || task.participants.contains(department);
            let field = format!("{at}.offices[{i}].department");
            violations.require(named, field, "NOT_IN_THE_TASK", department);
        }
        let inside = self.first_day >= task.first_day && self.last_day <= task.last_day;
        let first = self.first_day.to_string();
        violations.require(inside, format!("{at}.first_day"), "OUTSIDE_THE_TASK", &first);
        let below = asks_for_less(&self.rule, &task.rule, task.subjects);
        violations.require(!below, format!("{at}.ratio"), "BELOW_THE_TASK", "");
    }
}

impl InspectorScope {
    fn check(&self, violations: &mut Violations, at: &str) {
        text::check(violations, &format!("{at}.note"), &self.note, text::LONG_CHARS_MAX);
        for (i, department) in self.departments.iter().enumerate() {
            id::check_slug(violations, &format!("{at}.departments[{i}]"), department);
        }
        for (i, tag) in self.tags.iter().enumerate() {
            text::require(violations, &format!("{at}.tags[{i}]"), tag, text::SHORT_CHARS_MAX);
        }
        let lens = [self.departments.len(), self.tags.len(), self.groups.len()];
        violations.require(lens.iter().all(|n| *n <= GROUPS_MAX), at, "TOO_MANY", "");
        for (i, group) in self.groups.iter().enumerate() {
            let at = format!("{at}.groups[{i}]");
            id::check_slug(violations, &format!("{at}.name"), &group.name);
            let slots = (1..=SLOTS_MAX).contains(&group.slots.len());
            violations.require(slots, format!("{at}.slots"), "COUNT", "");
        }
    }
}

impl JointPart {
    fn check(&self, violations: &mut Violations, at: &str, needed: bool) {
        let texts = [
            ("leadership", &self.leadership),
            ("draw_procedure", &self.draw_procedure),
            ("method", &self.method),
            ("content", &self.content),
            ("disposal", &self.disposal),
            ("publicity", &self.publicity),
            ("follow_up", &self.follow_up),
        ];
        for (name, value) in texts {
            let field = format!("{at}.{name}");
            match needed {
                true => text::require(violations, &field, value, text::LONG_CHARS_MAX),
                false => text::check(violations, &field, value, text::LONG_CHARS_MAX),
            }
        }
    }
}

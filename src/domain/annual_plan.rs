//! Annual plans: what a unit checks in a year, whom, how many, when, with whom and for how much
//! (R67, R77, R78). Not to be mixed up with `plan`, the matching of tasks for single subjects.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::approval::{Content, PaperKind};
use super::campaign::{Mode, PARTICIPANTS_MAX, Scope};
use super::plan_check::FindingRule;
use super::quota::{BASIS_POINTS, QuotaRule, RatioBase};
use super::{Violations, id, text};

/// Most tasks of a plan.
pub const TASKS_MAX: usize = 500;
/// Most items of a task.
pub const TASK_ITEMS_MAX: usize = 500;
/// Most adjustments of a plan.
pub const ADJUSTMENTS_MAX: usize = 1_000;
/// Most jurisdictions that a superior's task names.
pub const JURISDICTIONS_MAX: usize = 200;
/// Most times that a task is carried out in a year.
pub const TIMES_MAX: i64 = 366;
/// Largest amount of money, in fen: ten billion yuan.
pub const FEN_MAX: i64 = 1_000_000_000_000;
/// Most subjects of a task.
pub const SUBJECTS_MAX: u64 = 1_000_000_000;
/// First and last year of a plan.
pub const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// Where a task comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskOrigin {
    /// The unit's own.
    Planned,
    /// 临时抽查: added in the year, under the same rules (R57).
    AdHoc,
    /// Dispatched from above (R76) or contained in a superior's plan (R68).
    Superior,
}

/// How subjects are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskForm {
    /// Drawn.
    Random,
    /// 专项检查.
    SpecialCampaign,
    /// “全覆盖”式巡查.
    FullSweep,
}

/// An item to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskItem {
    /// The department that checks it.
    pub department: String,
    /// Code in the department's list; empty for what is not listed.
    pub code: String,
    /// Name; needed where there is no code.
    pub name: String,
    /// Code in the catalogue of powers (R13), by which a superior's item is found in other lists.
    pub external_code: String,
}

/// Budget of a task (R77).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// What it costs whatever is drawn, in fen.
    pub fixed_fen: i64,
    /// What one checked subject costs, in fen.
    pub per_subject_fen: i64,
}

/// A task of another plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TaskRef {
    /// The plan.
    pub plan: String,
    /// The task.
    pub task: String,
}

impl TaskRef {
    /// The form in which findings name it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}/{}", self.plan, self.task)
    }
}

/// How many of the subjects a rule draws; a number stands for itself where subjects are unknown.
#[must_use]
pub fn drawn_of(rule: &QuotaRule, subjects: u64) -> u64 {
    match subjects {
        0 => rule.count.unwrap_or(0),
        known => rule.draw(RatioBase::Registered, known, known),
    }
}

/// Whether a rule asks for less than a wanted one, of the same subjects: a share is compared with
/// a share, a number with a number, else what comes out.
#[must_use]
pub fn asks_for_less(own: &QuotaRule, wanted: &QuotaRule, subjects: u64) -> bool {
    match (own.basis_points, wanted.basis_points) {
        (Some(own), Some(wanted)) => own < wanted,
        (None, None) => own.count < wanted.count,
        _ => drawn_of(own, subjects) < drawn_of(wanted, subjects),
    }
}

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTask {
    /// Identifier within the plan.
    pub id: String,
    /// Name.
    pub title: String,
    /// Where it comes from.
    pub origin: TaskOrigin,
    /// How subjects are chosen.
    pub form: TaskForm,
    /// Of an ad-hoc task: why it is needed.
    pub reason: String,
    /// Why listed items are checked otherwise than by drawing (R17).
    pub override_reason: String,
    /// The department that leads.
    pub lead: String,
    /// Other departments (联合安排).
    pub participants: Vec<String>,
    /// Joint mode, when there are others.
    pub mode: Option<Mode>,
    /// What is checked.
    pub items: Vec<TaskItem>,
    /// Which subjects.
    pub scope: Scope,
    /// Subjects in the scope when the plan was made.
    pub subjects: u64,
    /// How many of them are drawn each time.
    pub rule: QuotaRule,
    /// How many times in the year.
    pub times: i64,
    /// First day.
    pub first_day: Date,
    /// Last day.
    pub last_day: Date,
    /// What it costs.
    pub budget: Budget,
    /// Of a superior's task: the jurisdictions that have to contain it.
    pub jurisdictions: Vec<String>,
    /// The superior's task that it contains (R68).
    pub superior: Option<TaskRef>,
    /// The dispatched task that it carries out (R76).
    pub dispatch: String,
}

impl PlanTask {
    /// Subjects checked each time: the share, rounded up (R48).
    #[must_use]
    pub fn each(&self) -> u64 {
        drawn_of(&self.rule, self.subjects)
    }

    /// Subjects checked in the year.
    #[must_use]
    pub fn checks(&self) -> u64 {
        self.each().saturating_mul(u64::try_from(self.times).unwrap_or(0))
    }

    /// The budget that ratio and frequency make, in fen (R77).
    #[must_use]
    pub fn budget_fen(&self) -> i64 {
        let checks = i64::try_from(self.checks()).unwrap_or(i64::MAX);
        self.budget.fixed_fen.saturating_add(self.budget.per_subject_fen.saturating_mul(checks))
    }

    /// Whether it leaves nothing to chance: a special campaign, a full sweep, or a share of all.
    #[must_use]
    pub fn leaves_no_chance(&self) -> bool {
        let all = self.rule.basis_points == Some(BASIS_POINTS) && self.rule.max.is_none();
        self.form != TaskForm::Random || all
    }

    fn check(&self, violations: &mut Violations, at: &str, year: i16) {
        id::check_foreign(violations, &format!("{at}.task_id"), &self.id);
        text::require(violations, &format!("{at}.title"), &self.title, text::SHORT_CHARS_MAX);
        for (name, value) in [("reason", &self.reason), ("override_reason", &self.override_reason)]
        {
            text::check(violations, &format!("{at}.{name}"), value, text::LONG_CHARS_MAX);
        }
        let explained = self.origin != TaskOrigin::AdHoc || !self.reason.trim().is_empty();
        violations.require(explained, format!("{at}.reason"), "AD_HOC_NEEDS_REASON", "");
        let (first, last) = (self.first_day, self.last_day);
        let ordered = first <= last;
        violations.require(
            ordered,
            format!("{at}.last_day"),
            "BEFORE_FIRST_DAY",
            &last.to_string(),
        );
        let inside = first.year() == year && last.year() == year;
        violations.require(inside, format!("{at}.first_day"), "OUTSIDE_YEAR", &first.to_string());
        let times = (1..=TIMES_MAX).contains(&self.times);
        violations.require(times, format!("{at}.times"), "TIMES_RANGE", &self.times.to_string());
        self.check_departments(violations, at);
        self.check_items(violations, at);
        self.check_numbers(violations, at);
        self.scope.check(violations, &format!("{at}.scope"));
        let field = format!("{at}.jurisdictions");
        let few = self.jurisdictions.len() <= JURISDICTIONS_MAX;
        violations.require(few, &field, "TOO_MANY", "");
        for (i, code) in self.jurisdictions.iter().enumerate() {
            id::check_division(violations, &format!("{field}[{i}]"), code);
        }
        if !self.dispatch.is_empty() {
            id::check_foreign(violations, &format!("{at}.dispatched_task_id"), &self.dispatch);
        }
    }

    fn check_departments(&self, violations: &mut Violations, at: &str) {
        text::require(violations, &format!("{at}.lead"), &self.lead, text::SHORT_CHARS_MAX);
        let field = format!("{at}.participants");
        violations.require(self.participants.len() < PARTICIPANTS_MAX, &field, "TOO_MANY", "");
        let mut seen = BTreeSet::from([self.lead.as_str()]);
        for (i, department) in self.participants.iter().enumerate() {
            let field = format!("{field}[{i}]");
            id::check_slug(violations, &field, department);
            violations.require(seen.insert(department), &field, "DUPLICATE", department);
        }
        let joint = !self.participants.is_empty();
        let mode = self.mode.is_some() || !joint;
        violations.require(mode, format!("{at}.mode"), "JOINT_NEEDS_MODE", "");
    }

    fn check_items(&self, violations: &mut Violations, at: &str) {
        let field = format!("{at}.items");
        let count = (1..=TASK_ITEMS_MAX).contains(&self.items.len());
        violations.require(count, &field, "COUNT", "");
        let mut seen = BTreeSet::new();
        for (i, item) in self.items.iter().enumerate() {
            let at = format!("{field}[{i}]");
            let TaskItem { department, code, name, external_code } = item;
            let takes_part = *department == self.lead || self.participants.contains(department);
            violations.require(takes_part, format!("{at}.department"), "TAKES_NO_PART", department);
            text::check(violations, &format!("{at}.name"), name, text::SHORT_CHARS_MAX);
            let field = format!("{at}.external_code");
            text::check(violations, &field, external_code, text::SHORT_CHARS_MAX);
            if code.is_empty() {
                violations.require(!name.trim().is_empty(), format!("{at}.name"), "REQUIRED", "");
                continue;
            }
            id::check_foreign(violations, &format!("{at}.code"), code);
            let new = seen.insert((department, code));
            violations.require(new, format!("{at}.code"), "DUPLICATE", code);
        }
    }

    fn check_numbers(&self, violations: &mut Violations, at: &str) {
        let QuotaRule { basis_points, count, max, min } = &self.rule;
        let says = basis_points.is_some() != count.is_some();
        violations.require(says, format!("{at}.ratio"), "SHARE_OR_COUNT", "");
        let share = basis_points.is_none_or(|s| (1..=BASIS_POINTS).contains(&s));
        violations.require(share, format!("{at}.ratio.basis_points"), "SHARE_RANGE", "");
        let counts = [("count", *count), ("min", *min), ("max", *max)];
        for (name, bound) in counts {
            let good = bound.is_none_or(|n| n <= SUBJECTS_MAX);
            violations.require(good, format!("{at}.ratio.{name}"), "COUNT_RANGE", "");
        }
        let ordered = min.unwrap_or(0) <= max.unwrap_or(u64::MAX);
        violations.require(ordered, format!("{at}.ratio.max"), "BELOW_MIN", "");
        let few = self.subjects <= SUBJECTS_MAX;
        violations.require(few, format!("{at}.subjects"), "COUNT_RANGE", "");
        let Budget { fixed_fen, per_subject_fen } = self.budget;
        for (name, fen) in [("fixed_fen", fixed_fen), ("per_subject_fen", per_subject_fen)] {
            let good = (0..=FEN_MAX).contains(&fen);
            let field = format!("{at}.budget.{name}");
            violations.require(good, field, "AMOUNT_RANGE", &fen.to_string());
        }
    }
}

/// A documented reason for what a check of the plan finds (R50, R68).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// What the check finds.
    pub rule: FindingRule,
    /// The task as the finding names it; empty where it names none.
    pub task: String,
    /// The item as the finding names it; empty where it names none.
    pub item: String,
    /// Why it stays so.
    pub reason: String,
}

/// What an annual plan says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnualPlan {
    /// Name.
    pub title: String,
    /// The document it was copied from, when it is a superior's plan that is not made here.
    pub source: String,
    /// The tasks.
    pub tasks: Vec<PlanTask>,
    /// Documented reasons.
    pub adjustments: Vec<Adjustment>,
}

impl Content for AnnualPlan {
    const KIND: PaperKind = PaperKind::AnnualPlan;
}

impl AnnualPlan {
    /// A task by id.
    #[must_use]
    pub fn task(&self, id: &str) -> Option<&PlanTask> {
        self.tasks.iter().find(|t| t.id == id)
    }

    /// Checks forms, bounds and the rules between fields.
    pub fn check(&self, violations: &mut Violations, at: &str, year: i16) {
        text::require(violations, &format!("{at}.title"), &self.title, text::SHORT_CHARS_MAX);
        text::check(violations, &format!("{at}.source"), &self.source, text::SHORT_CHARS_MAX);
        violations.require(YEARS.contains(&year), format!("{at}.year"), "YEAR", &year.to_string());
        let field = format!("{at}.tasks");
        let count = (1..=TASKS_MAX).contains(&self.tasks.len());
        violations.require(count, &field, "COUNT", "");
        let mut seen = BTreeSet::new();
        for (i, task) in self.tasks.iter().enumerate() {
            let at = format!("{field}[{i}]");
            task.check(violations, &at, year);
            violations.require(
                seen.insert(&task.id),
                format!("{at}.task_id"),
                "DUPLICATE",
                &task.id,
            );
        }
        let field = format!("{at}.adjustments");
        violations.require(self.adjustments.len() <= ADJUSTMENTS_MAX, &field, "TOO_MANY", "");
        for (i, adjustment) in self.adjustments.iter().enumerate() {
            let at = format!("{field}[{i}].reason");
            text::require(violations, &at, &adjustment.reason, text::LONG_CHARS_MAX);
        }
    }
}

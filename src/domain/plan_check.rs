//! What is to be said of an annual plan before it is approved: items that no task covers (R16), ratios
//! and frequencies below law or policy (R47–R49), superiors' tasks that it does not contain (R68, R76).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::annual_plan::{AnnualPlan, PlanTask, TaskForm, TaskItem, TaskRef, asks_for_less};
use super::item::{CheckItem, ItemList};
use super::quota::BASIS_POINTS;

/// Months of a year, in which a plan's frequency is counted.
const YEAR_MONTHS: i64 = 12;

/// What a check can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FindingRule {
    /// A listed item is in no task of the year (R16).
    ItemNotCovered,
    /// An item is checked fewer times than law or policy ask for (R49).
    TimesBelow,
    /// A share is below the item's, or below the floor where law is silent (R48).
    RatioBelow,
    /// A superior's task that names the jurisdiction is not contained (R68).
    SuperiorTaskMissing,
    /// It is contained with a smaller share or number.
    SuperiorRatioBelow,
    /// It is contained fewer times.
    SuperiorTimesBelow,
    /// It is contained on other days.
    SuperiorDaysOutside,
    /// It is contained without all items that are listed here.
    SuperiorItemsMissing,
    /// A dispatched task that the unit accepted is in no task (R76).
    DispatchedTaskMissing,
}

impl FindingRule {
    /// Whether a plan is not approved while no reason is recorded for it. The others warn.
    #[must_use]
    pub const fn blocks(self) -> bool {
        !matches!(self, Self::ItemNotCovered | Self::TimesBelow)
    }
}

/// One thing to be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub rule: FindingRule,
    /// The task: an own one by id, a superior's as `plan/task`; empty for none.
    pub task: String,
    /// The item as `department/code`; empty for none.
    pub item: String,
    /// Numbers, in words.
    pub detail: String,
    /// The recorded reason; empty for none.
    pub reason: String,
}

impl Finding {
    /// Whether it stands in the way of approval.
    #[must_use]
    pub fn stands_in_the_way(&self) -> bool {
        self.rule.blocks() && self.reason.is_empty()
    }
}

/// A superior's task that names the jurisdiction, and a part of it that a unit has to take.
#[derive(Clone, Debug)]
pub struct SuperiorTask {
    /// Which.
    pub at: TaskRef,
    /// The task.
    pub task: PlanTask,
    /// The unit's codes for its items.
    pub codes: Vec<TaskItem>,
}

/// A dispatched task that the unit accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Its id.
    pub id: String,
    /// Last day on which it may be done.
    pub last_day: Date,
}

/// What a plan is held against.
#[derive(Clone, Debug, Default)]
pub struct Measure {
    /// Least share where law is silent, in basis points.
    pub ratio_floor: u64,
    /// Least number of checks in the year where law is silent.
    pub times_min: i64,
    /// Lists of the departments whose items have to be covered.
    pub lists: Vec<ItemList>,
    /// Tasks of other plans of the jurisdiction and year.
    pub others: Vec<PlanTask>,
    /// Whether those plans are part of this one: of the leading group's (R78).
    pub consolidates: bool,
    /// Superiors' tasks to be contained.
    pub superior: Vec<SuperiorTask>,
    /// Dispatched tasks to be contained.
    pub dispatched: Vec<Accepted>,
}

/// Codes of a list under which wanted items are kept: by the catalogue's code, else by name.
#[must_use]
pub fn matching_codes(wanted: &[TaskItem], list: &ItemList) -> Vec<TaskItem> {
    let same = |w: &TaskItem, item: &CheckItem| match w.external_code.is_empty() {
        true => w.name == item.name,
        false => w.external_code == item.external_code,
    };
    let found = list.items.iter().filter(|item| wanted.iter().any(|w| same(w, item)));
    let own = |item: &CheckItem| TaskItem {
        department: list.department.clone(),
        code: item.code.clone(),
        name: item.name.clone(),
        external_code: item.external_code.clone(),
    };
    found.map(own).collect()
}

fn key(department: &str, code: &str) -> String {
    format!("{department}/{code}")
}

/// Everything that is to be said, each with the reason recorded for it.
#[must_use]
pub fn findings(plan: &AnnualPlan, measure: &Measure) -> Vec<Finding> {
    let mut out = Vec::new();
    coverage(plan, measure, &mut out);
    ratios(plan, measure, &mut out);
    contained(plan, measure, &mut out);
    for finding in &mut out {
        let same = plan
            .adjustments
            .iter()
            .find(|a| a.rule == finding.rule && a.task == finding.task && a.item == finding.item);
        finding.reason = same.map(|a| a.reason.clone()).unwrap_or_default();
    }
    out
}

/// How many times each listed item is checked by drawing, over all plans of the year.
fn coverage(plan: &AnnualPlan, measure: &Measure, out: &mut Vec<Finding>) {
    let mut times: BTreeMap<String, (i64, bool)> = BTreeMap::new();
    for task in plan.tasks.iter().chain(&measure.others) {
        for item in &task.items {
            let (drawn, any) = times.entry(key(&item.department, &item.code)).or_default();
            *any = true;
            *drawn += if task.form == TaskForm::Random { task.times } else { 0 };
        }
    }
    for list in &measure.lists {
        for item in &list.items {
            let at = key(&list.department, &item.code);
            let (drawn, any) = times.get(&at).copied().unwrap_or_default();
            let needed = times_needed(item, measure.times_min);
            let (rule, detail) = if !any {
                (FindingRule::ItemNotCovered, item.name.clone())
            } else if drawn < needed {
                (FindingRule::TimesBelow, format!("{drawn} < {needed}"))
            } else {
                continue;
            };
            out.push(finding(rule, "", &at, detail));
        }
    }
}

/// Checks in a year that the item's own frequency asks for, or policy where it says none.
fn times_needed(item: &CheckItem, times_min: i64) -> i64 {
    match item.frequency.times {
        0 => times_min,
        times => times * YEAR_MONTHS / item.frequency.window_months.max(1),
    }
}

fn ratios(plan: &AnnualPlan, measure: &Measure, out: &mut Vec<Finding>) {
    for task in &plan.tasks {
        let planned = task.each();
        for item in &task.items {
            let list = measure.lists.iter().find(|l| l.department == item.department);
            let listed = list.and_then(|l| l.items.iter().find(|i| i.code == item.code));
            let Some(listed) = listed else { continue };
            let own = listed.ratio.min.and_then(|m| u64::try_from(m).ok());
            let fixed = listed.ratio.fixed.and_then(|n| u64::try_from(n).ok());
            let share = own.unwrap_or(if fixed.is_some() { 0 } else { measure.ratio_floor });
            let needed = task.subjects.saturating_mul(share).div_ceil(BASIS_POINTS);
            let needed = needed.max(fixed.unwrap_or(0).min(task.subjects));
            // Without a number of subjects, shares are compared as they stand.
            let short = match (task.subjects, task.rule.basis_points) {
                (0, Some(planned)) => planned < share,
                _ => planned < needed,
            };
            if short {
                let at = key(&item.department, &item.code);
                let detail = format!("{planned} of {}, {share} basis points", task.subjects);
                out.push(finding(FindingRule::RatioBelow, &task.id, &at, detail));
            }
        }
    }
}

fn contained(plan: &AnnualPlan, measure: &Measure, out: &mut Vec<Finding>) {
    let others: &[PlanTask] = if measure.consolidates { &measure.others } else { &[] };
    let all = || plan.tasks.iter().chain(others);
    for SuperiorTask { at, task, codes } in &measure.superior {
        let name = at.text();
        let mine: Vec<&PlanTask> = all().filter(|t| t.superior.as_ref() == Some(at)).collect();
        let Some(first) = mine.first() else {
            let detail = task.title.clone();
            out.push(finding(FindingRule::SuperiorTaskMissing, &name, "", detail));
            continue;
        };
        if mine.iter().all(|t| asks_for_less(&t.rule, &task.rule, t.subjects)) {
            let numbers = |t: &PlanTask| format!("{:?}/{:?}", t.rule.basis_points, t.rule.count);
            let detail = format!("{} < {}", numbers(first), numbers(task));
            out.push(finding(FindingRule::SuperiorRatioBelow, &name, "", detail));
        }
        let times: i64 = mine.iter().map(|t| t.times).sum();
        if times < task.times {
            let detail = format!("{times} < {}", task.times);
            out.push(finding(FindingRule::SuperiorTimesBelow, &name, "", detail));
        }
        let inside = |t: &&PlanTask| t.first_day >= task.first_day && t.last_day <= task.last_day;
        if !mine.iter().all(inside) {
            let detail = format!("{}..{}", task.first_day, task.last_day);
            out.push(finding(FindingRule::SuperiorDaysOutside, &name, "", detail));
        }
        for item in codes {
            let same = |i: &TaskItem| i.department == item.department && i.code == item.code;
            if !mine.iter().any(|t| t.items.iter().any(same)) {
                let at = key(&item.department, &item.code);
                let detail = item.name.clone();
                out.push(finding(FindingRule::SuperiorItemsMissing, &name, &at, detail));
            }
        }
    }
    for Accepted { id, last_day } in &measure.dispatched {
        if !all().any(|t| t.dispatch == *id && t.last_day <= *last_day) {
            let detail = format!("..{last_day}");
            out.push(finding(FindingRule::DispatchedTaskMissing, id, "", detail));
        }
    }
}

fn finding(rule: FindingRule, task: &str, item: &str, detail: String) -> Finding {
    let (task, item) = (task.to_owned(), item.to_owned());
    Finding { rule, task, item, detail, reason: String::new() }
}

//! Annual plans, what is to be said of them, dispatched tasks.

use super::super::pb;
use super::approval::flow_out;
use super::campaign::{scope, scope_out};
use super::department::{etag, level, level_out};
use super::{name, parse, present, signed, unsigned};
use crate::app::annual_plans::{Checked, Draft};
use crate::domain::annual_plan::{
    Adjustment, AnnualPlan, Budget, PlanTask, TaskForm, TaskItem, TaskOrigin, TaskRef,
};
use crate::domain::approval::Paper;
use crate::domain::campaign::Mode;
use crate::domain::dispatch::{DispatchState, DispatchedTask};
use crate::domain::plan_check::{Finding, FindingRule};
use crate::domain::quota::QuotaRule;
use crate::domain::{Violations, day};

/// Reads a year; a violation for one that cannot be.
fn year(v: &mut Violations, field: &str, given: i32) -> i16 {
    let year = i16::try_from(given);
    v.require(year.is_ok(), field, "YEAR", &given.to_string());
    year.unwrap_or_default()
}

/// Reads the year of a list.
///
/// # Errors
/// Its violation.
pub fn listed_year(given: i32) -> Result<i16, Violations> {
    let mut v = Violations::default();
    let year = year(&mut v, "year", given);
    v.finish(year)
}

/// Reads a plan as its unit sends it.
///
/// # Errors
/// Its violations.
pub fn draft(message: Option<pb::AnnualPlan>, given: &str) -> Result<Draft, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "annual_plan", message);
    let year = year(&mut v, "annual_plan.year", m.year);
    let task = |(i, t)| task(&mut v, &format!("annual_plan.tasks[{i}]"), t);
    let tasks = m.tasks.into_iter().enumerate().map(task).collect();
    let adjustment = |(i, a): (usize, pb::PlanAdjustment)| {
        let word = pb::FindingRule::try_from(a.rule).ok().map(|x| x.as_str_name());
        let field = format!("annual_plan.adjustments[{i}].rule");
        let rule: Option<FindingRule> = parse(&mut v, &field, word, "FINDING_RULE_");
        rule.map(|rule| Adjustment { rule, task: a.task, item: a.item, reason: a.reason })
    };
    let adjustments = m.adjustments.into_iter().enumerate().filter_map(adjustment).collect();
    let etag = etag(&mut v, "etag", given);
    v.finish(Draft {
        id: m.plan_id,
        jurisdiction: m.jurisdiction,
        unit: m.unit,
        year,
        plan: AnnualPlan { title: m.title, source: m.source, tasks, adjustments },
        etag,
    })
}

fn task(v: &mut Violations, at: &str, m: pb::AnnualTask) -> PlanTask {
    let origin = pb::annual_task::Origin::try_from(m.origin).ok().map(|x| x.as_str_name());
    let origin = parse(v, &format!("{at}.origin"), origin, "ORIGIN_");
    let form = pb::annual_task::Form::try_from(m.form).ok().map(|x| x.as_str_name());
    let form = parse(v, &format!("{at}.form"), form, "FORM_");
    let mode: Option<Mode> = match m.mode {
        0 => None,
        given => {
            let word = pb::JointMode::try_from(given).ok().map(|x| x.as_str_name());
            parse(v, &format!("{at}.mode"), word, "JOINT_MODE_")
        }
    };
    let budget = m.budget.unwrap_or_default();
    let contained = !m.superior_plan_id.is_empty() || !m.superior_task_id.is_empty();
    PlanTask {
        scope: scope(v, &format!("{at}.scope"), m.scope.unwrap_or_default()),
        subjects: unsigned(v, &format!("{at}.subjects"), Some(m.subjects)).unwrap_or(0),
        rule: ratio(v, &format!("{at}.ratio"), m.ratio.unwrap_or_default()),
        first_day: day::parse(v, &format!("{at}.first_day"), &m.first_day).unwrap_or_default(),
        last_day: day::parse(v, &format!("{at}.last_day"), &m.last_day).unwrap_or_default(),
        id: m.task_id,
        title: m.title,
        origin: origin.unwrap_or(TaskOrigin::Planned),
        form: form.unwrap_or(TaskForm::Random),
        reason: m.reason,
        override_reason: m.override_reason,
        lead: m.lead,
        participants: m.participants,
        mode,
        items: m.items.into_iter().map(item).collect(),
        times: m.times,
        budget: Budget { fixed_fen: budget.fixed_fen, per_subject_fen: budget.per_subject_fen },
        jurisdictions: m.jurisdictions,
        superior: contained
            .then_some(TaskRef { plan: m.superior_plan_id, task: m.superior_task_id }),
        dispatch: m.dispatched_task_id,
    }
}

/// Reads how many are drawn.
pub(super) fn ratio(v: &mut Violations, at: &str, m: pb::TaskRatio) -> QuotaRule {
    let mut count = |name: &str, value| unsigned(v, &format!("{at}.{name}"), value);
    QuotaRule {
        basis_points: count("basis_points", m.basis_points),
        count: count("count", m.count),
        max: count("max", m.max),
        min: count("min", m.min),
    }
}

/// Writes how many are drawn.
pub(super) fn ratio_out(rule: &QuotaRule) -> pb::TaskRatio {
    pb::TaskRatio {
        basis_points: rule.basis_points.map(signed),
        count: rule.count.map(signed),
        min: rule.min.map(signed),
        max: rule.max.map(signed),
    }
}

fn item(m: pb::AnnualTaskItem) -> TaskItem {
    let pb::AnnualTaskItem { department, code, name, external_code } = m;
    TaskItem { department, code, name, external_code }
}

fn item_out(i: TaskItem) -> pb::AnnualTaskItem {
    let TaskItem { department, code, name, external_code } = i;
    pb::AnnualTaskItem { department, code, name, external_code }
}

/// Writes a plan.
#[must_use]
pub fn out(paper: Paper<AnnualPlan>) -> pb::AnnualPlan {
    let AnnualPlan { title, source, tasks, adjustments } = paper.content;
    let adjustment = |a: Adjustment| pb::PlanAdjustment {
        rule: rule_out(a.rule),
        task: a.task,
        item: a.item,
        reason: a.reason,
    };
    pb::AnnualPlan {
        plan_id: paper.id,
        jurisdiction: paper.jurisdiction,
        unit: paper.unit,
        year: paper.year.into(),
        title,
        source,
        tasks: tasks.into_iter().map(task_out).collect(),
        adjustments: adjustments.into_iter().map(adjustment).collect(),
        flow: Some(flow_out(paper.flow)),
    }
}

fn rule_out(rule: FindingRule) -> i32 {
    pb::FindingRule::from_str_name(&name(&rule, "FINDING_RULE_")).map_or(0, i32::from)
}

fn task_out(t: PlanTask) -> pb::AnnualTask {
    let origin = pb::annual_task::Origin::from_str_name(&name(&t.origin, "ORIGIN_"));
    let form = pb::annual_task::Form::from_str_name(&name(&t.form, "FORM_"));
    let mode = t.mode.and_then(|m| pb::JointMode::from_str_name(&name(&m, "JOINT_MODE_")));
    let budget = pb::TaskBudget {
        fixed_fen: t.budget.fixed_fen,
        per_subject_fen: t.budget.per_subject_fen,
        checks: signed(t.checks()),
        total_fen: t.budget_fen(),
    };
    let (plan, task) = t.superior.map(|s| (s.plan, s.task)).unwrap_or_default();
    pb::AnnualTask {
        task_id: t.id,
        title: t.title,
        origin: origin.map_or(0, i32::from),
        form: form.map_or(0, i32::from),
        reason: t.reason,
        override_reason: t.override_reason,
        lead: t.lead,
        participants: t.participants,
        mode: mode.map_or(0, i32::from),
        items: t.items.into_iter().map(item_out).collect(),
        scope: Some(scope_out(t.scope)),
        subjects: signed(t.subjects),
        ratio: Some(ratio_out(&t.rule)),
        times: t.times,
        first_day: t.first_day.to_string(),
        last_day: t.last_day.to_string(),
        budget: Some(budget),
        jurisdictions: t.jurisdictions,
        superior_plan_id: plan,
        superior_task_id: task,
        dispatched_task_id: t.dispatch,
    }
}

/// Writes what is to be said of a plan.
#[must_use]
pub fn checked_out(checked: Checked) -> pb::CheckAnnualPlanResponse {
    let Checked { plan, findings, campaigns } = checked;
    let tasks = &plan.content.tasks;
    let finding = |f: Finding| pb::PlanFinding {
        rule: rule_out(f.rule),
        blocks: f.rule.blocks(),
        task: f.task,
        item: f.item,
        detail: f.detail,
        reason: f.reason,
    };
    let named = campaigns.into_iter().map(|(task_id, campaign_ids)| pb::TaskCampaigns {
        times: plan.content.task(&task_id).map_or(0, |t| t.times),
        task_id,
        campaign_ids,
    });
    pb::CheckAnnualPlanResponse {
        approvable: !findings.iter().any(Finding::stands_in_the_way),
        findings: findings.into_iter().map(finding).collect(),
        checks: tasks.iter().fold(0, |sum, t| signed(t.checks()).saturating_add(sum)),
        total_fen: tasks.iter().fold(0, |sum, t| t.budget_fen().saturating_add(sum)),
        campaigns: named.collect(),
    }
}

/// Reads a dispatched task.
///
/// # Errors
/// Its violations.
pub fn dispatched(message: Option<pb::DispatchedTask>) -> Result<DispatchedTask, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "task", message);
    let level = level(&mut v, "task.level", m.level);
    let first = day::parse(&mut v, "task.first_day", &m.first_day);
    let last = day::parse(&mut v, "task.last_day", &m.last_day);
    v.finish(DispatchedTask {
        id: m.task_id,
        jurisdiction: m.jurisdiction,
        level,
        sender: m.sender,
        document: m.document,
        title: m.title,
        items: m.items.into_iter().map(item).collect(),
        first_day: first.unwrap_or_default(),
        last_day: last.unwrap_or_default(),
        unit: String::new(),
        codes: Vec::new(),
        reason: String::new(),
        state: DispatchState::Unrouted,
        version: 0,
    })
}

/// Writes a dispatched task.
#[must_use]
pub fn dispatched_out(t: DispatchedTask) -> pb::DispatchedTask {
    let state = pb::dispatched_task::State::from_str_name(&name(&t.state, "STATE_"));
    pb::DispatchedTask {
        task_id: t.id,
        jurisdiction: t.jurisdiction,
        level: level_out(t.level),
        sender: t.sender,
        document: t.document,
        title: t.title,
        items: t.items.into_iter().map(item_out).collect(),
        first_day: t.first_day.to_string(),
        last_day: t.last_day.to_string(),
        unit: t.unit,
        codes: t.codes,
        reason: t.reason,
        state: state.map_or(0, i32::from),
        etag: t.version.to_string(),
    }
}

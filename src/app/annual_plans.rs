//! Annual plans: what they are held against, and what follows from it (R16, R48, R49, R67, R68, R76).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Aim, App, AppError, Begun, Call, papers};
use crate::domain::Violations;
use crate::domain::annual_plan::{AnnualPlan, PlanTask, TaskRef};
use crate::domain::approval::{Flow, Paper, PaperState};
use crate::domain::caller::Role;
use crate::domain::dispatch::DispatchState;
use crate::domain::item::ItemList;
use crate::domain::plan_check::{
    Accepted, Finding, Measure, SuperiorTask, findings, matching_codes,
};
use crate::domain::policy::{self, Policy};
use crate::domain::{day, id};
use crate::store::{Page, PaperFilter, Tx};

/// Most levels of divisions above one.
const LEVELS_MAX: usize = 5;

/// A plan as its unit sends it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Identifier.
    pub id: String,
    /// The jurisdiction.
    pub jurisdiction: String,
    /// The unit; empty for the leading group's.
    pub unit: String,
    /// The year.
    pub year: i16,
    /// What it says.
    pub plan: AnnualPlan,
    /// Etag of the draft it replaces; 0 for a new plan.
    pub etag: i64,
}

/// Makes a plan, or replaces what its draft says.
///
/// # Errors
/// [`AppError`]; departments for their own, offices for the leading group's and for superiors' plans.
pub async fn put(app: &App, call: &Call, draft: Draft) -> Result<Paper<AnnualPlan>, AppError> {
    let Draft { id, jurisdiction, unit, year, plan, etag } = draft;
    papers::require_unit(&call.caller, &unit)?;
    let mut violations = Violations::default();
    id::check_slug(&mut violations, "annual_plan.plan_id", &id);
    id::check_division(&mut violations, "annual_plan.jurisdiction", &jurisdiction);
    let copied = plan.source.is_empty() || unit.is_empty();
    violations.require(copied, "annual_plan.source", "OFFICES_ONLY", &plan.source);
    plan.check(&mut violations, "annual_plan", year);
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    if step.tx.jurisdiction(&jurisdiction).await?.is_none() {
        return Err(AppError::not_found("jurisdiction", &jurisdiction));
    }
    check_known(&mut step.tx, &jurisdiction, &unit, &plan).await?;
    let flow = Flow::new(1, "", &call.caller);
    let paper = Paper { id, jurisdiction, unit, year, parent: String::new(), content: plan, flow };
    papers::put(step, call, paper, etag).await
}

/// Departments serve the jurisdiction and list what is drawn; what is listed is not checked
/// otherwise without a reason (R17). A superior's plan that was copied names others' departments.
async fn check_known(
    tx: &mut Tx,
    jurisdiction: &str,
    unit: &str,
    plan: &AnnualPlan,
) -> Result<(), AppError> {
    if !plan.source.is_empty() {
        return Ok(());
    }
    let mut violations = Violations::default();
    let (known, lists) =
        lists(tx, jurisdiction, plan.tasks.iter().map(|t| t.last_day).max()).await?;
    let here = unit.is_empty() || known.contains(unit);
    violations.require(here, "annual_plan.unit", "UNKNOWN_DEPARTMENT", unit);
    for (i, task) in plan.tasks.iter().enumerate() {
        let at = format!("annual_plan.tasks[{i}]");
        let led =
            unit.is_empty() || task.lead == unit || task.participants.iter().any(|p| p == unit);
        violations.require(led, format!("{at}.lead"), "UNIT_TAKES_PART", &task.lead);
        for department in std::iter::once(&task.lead).chain(&task.participants) {
            let field = format!("{at}.participants");
            let here = known.contains(department.as_str());
            violations.require(here, field, "UNKNOWN_DEPARTMENT", department);
        }
        check_items(&mut violations, &at, task, &lists);
    }
    Ok(violations.finish(())?)
}

fn check_items(violations: &mut Violations, at: &str, task: &PlanTask, lists: &[ItemList]) {
    let free = task.leaves_no_chance();
    for (i, item) in task.items.iter().enumerate() {
        let list = lists.iter().find(|l| l.department == item.department);
        let listed = list.is_some_and(|l| l.items.iter().any(|own| own.code == item.code));
        let field = format!("{at}.items[{i}].code");
        violations.require(listed || free, &field, "UNKNOWN_ITEM", &item.code);
        let reason = !task.override_reason.trim().is_empty();
        let rule = "LISTED_ITEM_NEEDS_OVERRIDE_REASON";
        violations.require(!(listed && free) || reason, &field, rule, &item.code);
    }
}

/// Departments of a jurisdiction, and their lists on a day.
async fn lists(
    tx: &mut Tx,
    jurisdiction: &str,
    on: Option<jiff::civil::Date>,
) -> Result<(BTreeSet<String>, Vec<ItemList>), AppError> {
    let known = tx.departments_in(&[jurisdiction.to_owned()]).await?;
    let ids: Vec<String> = known.into_iter().map(|d| d.id).collect();
    let lists = tx.item_lists_on(&ids, on.unwrap_or(jiff::civil::Date::MAX)).await?;
    Ok((ids.into_iter().collect(), lists))
}

/// Takes the step that is due, unless something stands in the way (R68).
///
/// # Errors
/// [`AppError::Precondition`] that names what stands in the way; [`AppError::Forbidden`].
pub async fn approve(app: &App, call: &Call, aim: Aim<'_>) -> Result<Paper<AnnualPlan>, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let paper = papers::due(&mut step.tx, call, aim).await?;
    let today = day::of_instant(step.now_us);
    let measure = measure(&mut step.tx, &paper, today).await?;
    let found = findings(&paper.content, &measure);
    let standing: Vec<String> = found
        .iter()
        .filter(|f| f.stands_in_the_way())
        .map(|f| format!("{:?} {} {}", f.rule, f.task, f.item))
        .collect();
    if !standing.is_empty() {
        return Err(AppError::precondition("PLAN_FINDINGS", standing.join("; ")));
    }
    papers::endorse(step, call, paper).await
}

/// What is to be said of a plan, and which campaigns carry it out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checked {
    /// The plan.
    pub plan: Paper<AnnualPlan>,
    /// What is to be said.
    pub findings: Vec<Finding>,
    /// (task, campaigns).
    pub campaigns: Vec<(String, Vec<String>)>,
}

/// Checks a version, or the latest for 0.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn check(app: &App, id: &str, version: i64) -> Result<Checked, AppError> {
    let mut tx = app.db.read().await?;
    let plan: Paper<AnnualPlan> = papers::find(&mut tx, id, version).await?;
    let today = day::of_instant(app.clock.now_us());
    let measure = measure(&mut tx, &plan, today).await?;
    let findings = findings(&plan.content, &measure);
    let all = tx.campaigns_in(&plan.jurisdiction).await?;
    let of = |task: &PlanTask| {
        let named = all.iter().filter(|c| c.plan == plan.id && c.plan_task == task.id);
        (task.id.clone(), named.map(|c| c.id.clone()).collect())
    };
    let campaigns = plan.content.tasks.iter().map(of).collect();
    Ok(Checked { findings, campaigns, plan })
}

/// What a plan is held against today.
async fn measure(
    tx: &mut Tx,
    plan: &Paper<AnnualPlan>,
    today: jiff::civil::Date,
) -> Result<Measure, AppError> {
    let jurisdiction = plan.jurisdiction.as_str();
    if !plan.content.source.is_empty() {
        return Ok(Measure::default());
    }
    let issued = tx.policies(jurisdiction).await?;
    let policy = Policy::resolve(jurisdiction, &issued, today);
    let on = plan.content.tasks.iter().map(|t| t.last_day).max();
    let (_, mut lists) = lists(tx, jurisdiction, on).await?;
    if !plan.unit.is_empty() {
        // Items of other departments in its tasks are theirs to cover.
        lists.retain(|l| l.department == plan.unit);
    }
    let superior = superior_tasks(tx, plan, &lists).await?;
    let page = Page { after: "", limit: i64::MAX };
    let filter = PaperFilter { jurisdiction, year: plan.year, parent: "", state: None };
    let others: Vec<Paper<AnnualPlan>> = tx.papers(&filter, &page).await?;
    let counted = |p: &Paper<AnnualPlan>| p.id != plan.id && p.flow.state != PaperState::Draft;
    let others = others.into_iter().filter(counted).flat_map(|p| p.content.tasks).collect();
    let tasks = tx.dispatched_tasks(jurisdiction, &plan.unit, &page).await?;
    let dispatched = tasks
        .into_iter()
        .filter(|t| t.state == DispatchState::Accepted && t.last_day.year() == plan.year)
        .map(|t| Accepted { id: t.id, last_day: t.last_day })
        .collect();
    Ok(Measure {
        ratio_floor: u64::try_from(policy.number(policy::RATIO_FLOOR)).unwrap_or(0),
        times_min: policy.number(policy::PLAN_CHECKS_MIN),
        lists,
        others,
        consolidates: plan.unit.is_empty(),
        superior,
        dispatched,
    })
}

/// Tasks of the published plans above that name the jurisdiction and match a list (R68); the
/// leading group's plan has to contain those that match nobody's, too.
async fn superior_tasks(
    tx: &mut Tx,
    plan: &Paper<AnnualPlan>,
    lists: &[ItemList],
) -> Result<Vec<SuperiorTask>, AppError> {
    let mut out = Vec::new();
    let page = Page { after: "", limit: i64::MAX };
    let mut code = plan.jurisdiction.clone();
    for _ in 0..LEVELS_MAX {
        let above = tx.jurisdiction(&code).await?.map(|j| j.parent).unwrap_or_default();
        if above.is_empty() {
            break;
        }
        code = above;
        let state = Some(PaperState::Published);
        let filter = PaperFilter { jurisdiction: &code, year: plan.year, parent: "", state };
        let plans: Vec<Paper<AnnualPlan>> = tx.papers(&filter, &page).await?;
        for superior in plans {
            for task in superior.content.tasks {
                if !task.jurisdictions.contains(&plan.jurisdiction) {
                    continue;
                }
                let codes: Vec<_> =
                    lists.iter().flat_map(|l| matching_codes(&task.items, l)).collect();
                if codes.is_empty() && !plan.unit.is_empty() {
                    continue;
                }
                let at = TaskRef { plan: superior.id.clone(), task: task.id.clone() };
                out.push(SuperiorTask { at, task, codes });
            }
        }
    }
    Ok(out)
}

/// The plan without what is not for everybody: budgets, authors, who approved.
#[must_use]
pub fn for_everybody(mut plan: Paper<AnnualPlan>) -> Paper<AnnualPlan> {
    for task in &mut plan.content.tasks {
        task.budget = crate::domain::annual_plan::Budget::default();
    }
    hide(&mut plan.flow);
    plan
}

/// Takes out of a flow what is not for everybody.
pub fn hide(flow: &mut Flow) {
    flow.authors.clear();
    flow.drafted_by.clear();
    flow.steps.clear();
    flow.taken.clear();
    flow.returned.clear();
    flow.filing = None;
}

/// Whose dispatched tasks a caller sees.
#[must_use]
pub fn seen_unit(call: &Call) -> &str {
    if call.caller.role == Role::Department { &call.caller.department } else { "" }
}

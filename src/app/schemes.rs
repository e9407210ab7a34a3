//! Implementation schemes: each for one task of an approved plan (R73–R75).

use super::annual_plans::hide;
use super::{Aim, App, AppError, Begun, Call, calendar, papers};
use crate::domain::annual_plan::AnnualPlan;
use crate::domain::approval::{Flow, Paper, PaperState};
use crate::domain::campaign::Campaign;
use crate::domain::deadline::Deadline;
use crate::domain::scheme::Scheme;
use crate::domain::{Violations, id};
use crate::store::Tx;

/// Makes a scheme, or replaces what its draft says.
///
/// # Errors
/// [`AppError`]; the plan's unit, once the plan is approved.
pub async fn put(
    app: &App,
    call: &Call,
    (scheme_id, plan_id, etag): (String, &str, i64),
    scheme: Scheme,
) -> Result<Paper<Scheme>, AppError> {
    let mut violations = Violations::default();
    id::check_slug(&mut violations, "scheme.scheme_id", &scheme_id);
    scheme.check(&mut violations, "scheme");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let plan = in_force(&mut step.tx, plan_id).await?;
    papers::require_unit(&call.caller, &plan.unit)?;
    let task = plan.content.task(&scheme.task);
    let task = task.ok_or_else(|| AppError::not_found("plan task", &scheme.task))?;
    let mut violations = Violations::default();
    scheme.check_task(&mut violations, "scheme", task);
    violations.finish(())?;
    let paper = Paper {
        id: scheme_id,
        jurisdiction: plan.jurisdiction.clone(),
        unit: plan.unit.clone(),
        year: plan.year,
        parent: plan.id.clone(),
        content: scheme,
        flow: Flow::new(1, "", &call.caller),
    };
    papers::put(step, call, paper, etag).await
}

/// The version of a plan that holds: published, or approved while none is.
pub(super) async fn in_force(tx: &mut Tx, plan: &str) -> Result<Paper<AnnualPlan>, AppError> {
    let versions: Vec<Paper<AnnualPlan>> = tx.paper_versions(plan, 0, i64::MAX).await?;
    let missing = || AppError::not_found("annual_plan", plan);
    let last = versions.last().ok_or_else(missing)?.flow.state;
    let of = |state| versions.iter().rev().find(|p| p.flow.state == state);
    let found = of(PaperState::Published).or_else(|| of(PaperState::Approved)).cloned();
    found.ok_or_else(|| AppError::precondition("PLAN_IS_NOT_APPROVED", last.word()))
}

/// Takes the step that is due. The scheme still has to fit the plan as it holds now.
///
/// # Errors
/// [`AppError`]; whoever the chain names.
pub async fn approve(app: &App, call: &Call, aim: Aim<'_>) -> Result<Paper<Scheme>, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let paper: Paper<Scheme> = papers::due(&mut step.tx, call, aim).await?;
    let plan = in_force(&mut step.tx, &paper.parent).await?;
    let task = plan.content.task(&paper.content.task);
    let task = task.ok_or_else(|| AppError::precondition("TASK_IS_GONE", &*paper.content.task))?;
    let mut violations = Violations::default();
    paper.content.check_task(&mut violations, "scheme", task);
    violations.finish(())?;
    papers::endorse(step, call, paper).await
}

/// The scheme without what is not for everybody.
#[must_use]
pub fn for_everybody(mut scheme: Paper<Scheme>) -> Paper<Scheme> {
    hide(&mut scheme.flow);
    scheme
}

/// Binds a campaign to the plan task and the scheme it names; it is bound to nothing when it names
/// neither. A campaign made from a scheme draws no fewer and checks nothing else.
///
/// # Errors
/// [`AppError`].
pub async fn bind(tx: &mut Tx, campaign: &mut Campaign) -> Result<(), AppError> {
    let mut violations = Violations::default();
    let both = campaign.plan.is_empty() == campaign.plan_task.is_empty();
    violations.require(both, "campaign.plan_task_id", "PLAN_AND_TASK", &campaign.plan_task);
    let planned = campaign.scheme.is_empty() || !campaign.plan.is_empty();
    violations.require(planned, "campaign.scheme_id", "SCHEME_NEEDS_PLAN", &campaign.scheme);
    violations.finish(())?;
    campaign.scheme_version = 0;
    if campaign.plan.is_empty() {
        return Ok(());
    }
    let plan = in_force(tx, &campaign.plan).await?;
    let task = plan.content.task(&campaign.plan_task);
    let task = task.ok_or_else(|| AppError::not_found("plan task", &campaign.plan_task))?;
    let mut violations = Violations::default();
    let here = plan.jurisdiction == campaign.jurisdiction;
    let field = "campaign.jurisdiction";
    violations.require(here, field, "ANOTHER_PLAN_S", &campaign.jurisdiction);
    let inside = campaign.first_day >= task.first_day && campaign.last_day <= task.last_day;
    let first = campaign.first_day.to_string();
    violations.require(inside, "campaign.first_day", "OUTSIDE_THE_TASK", &first);
    for (i, p) in campaign.participants.iter().enumerate() {
        let named = p.department == task.lead || task.participants.contains(&p.department);
        let field = format!("campaign.participants[{i}].department");
        violations.require(named, field, "NOT_IN_THE_TASK", &p.department);
    }
    violations.finish(())?;
    if campaign.scheme.is_empty() { Ok(()) } else { bind_scheme(tx, campaign).await }
}

/// By when the results of a check that begins on a day are entered: as the scheme of its campaign says
/// (R109); `None` without a scheme.
///
/// # Errors
/// [`AppError`].
pub(super) async fn entry(
    tx: &mut Tx,
    campaign: &Campaign,
    from: jiff::civil::Date,
) -> Result<Option<Deadline>, AppError> {
    if campaign.scheme.is_empty() {
        return Ok(None);
    }
    let scheme: Option<Paper<Scheme>> = tx.paper(&campaign.scheme, campaign.scheme_version).await?;
    let scheme = scheme.ok_or(AppError::Broken("a campaign names a scheme that is gone"))?;
    let calendar = calendar::load(tx, &campaign.jurisdiction).await?;
    Ok(Some(Deadline::set(&calendar, from, scheme.content.result_days)))
}

async fn bind_scheme(tx: &mut Tx, campaign: &mut Campaign) -> Result<(), AppError> {
    let versions: Vec<Paper<Scheme>> = tx.paper_versions(&campaign.scheme, 0, i64::MAX).await?;
    // R73: a scheme is approved, then published, then carried out.
    let published = versions.iter().find(|p| p.flow.state == PaperState::Published);
    let missing = || AppError::precondition("SCHEME_IS_NOT_PUBLISHED", &*campaign.scheme);
    let scheme = published.ok_or_else(missing)?;
    let mut violations = Violations::default();
    let same = scheme.parent == campaign.plan && scheme.content.task == campaign.plan_task;
    violations.require(same, "campaign.scheme_id", "ANOTHER_TASK_S", &campaign.scheme);
    let content = &scheme.content;
    let inside = campaign.first_day >= content.first_day && campaign.last_day <= content.last_day;
    let first = campaign.first_day.to_string();
    violations.require(inside, "campaign.first_day", "OUTSIDE_THE_SCHEME", &first);
    let scoped = campaign.scope == content.scope;
    violations.require(scoped, "campaign.scope", "ANOTHER_SCOPE_THAN_THE_SCHEME_S", "");
    for (i, p) in campaign.participants.iter_mut().enumerate() {
        let at = format!("campaign.participants[{i}]");
        let takes_part = content.departments().contains(p.department.as_str());
        let field = format!("{at}.department");
        violations.require(takes_part, field, "NOT_IN_THE_SCHEME", &p.department);
        if p.items.is_empty() {
            let own = content.items.iter().filter(|item| item.department == p.department);
            p.items = own.map(|item| item.code.clone()).collect();
        }
        let some = !p.items.is_empty();
        violations.require(some, format!("{at}.items"), "NOT_IN_THE_SCHEME", "");
        for code in &p.items {
            let held = content.holds(&p.department, code);
            violations.require(held, format!("{at}.items"), "NOT_IN_THE_SCHEME", code);
        }
        for (k, quota) in p.quotas.iter().enumerate() {
            let short = match (quota.rule.basis_points, content.rule.basis_points) {
                (Some(own), Some(wanted)) => own < wanted,
                (None, None) => quota.rule.count < content.rule.count,
                _ => true,
            };
            let field = format!("{at}.quotas[{k}]");
            violations.require(!short, field, "BELOW_THE_SCHEME", &quota.stratum);
        }
    }
    campaign.scheme_version = scheme.flow.version;
    Ok(violations.finish(())?)
}

//! Matching of plans (撮合): tasks in, proposals out, departments answer.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    App, AppError, Begun, Call, departments, framing, matching, require_department, require_office,
};
use crate::domain::caller::Role;
use crate::domain::inspector::DateRange;
use crate::domain::plan::{Proposal, ProposalState, Task, TaskState};
use crate::domain::policy::{self, Policy};
use crate::domain::{Violations, day};
use crate::merge::stab;
use crate::store::Page;

/// Submits tasks of the caller's department; returns how many were stored.
///
/// # Errors
/// [`AppError`]; department systems only. A task that is part of a proposal is not replaced.
pub async fn submit(app: &App, call: &Call, mut tasks: Vec<Task>) -> Result<i64, AppError> {
    let department = require_department(&call.caller)?.to_owned();
    let own = departments::own(app, &department).await?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let list = step.tx.item_list(&department, 0).await?;
    let mut violations = Violations::default();
    for (i, task) in tasks.iter_mut().enumerate() {
        task.department.clone_from(&department);
        let at = format!("tasks[{i}]");
        task.check(&mut violations, &at);
        for code in &task.items {
            let known =
                list.as_ref().is_some_and(|l| l.items.iter().any(|item| item.code == *code));
            violations.require(known, format!("{at}.items"), "UNKNOWN_ITEM", code);
        }
    }
    violations.finish(())?;
    for task in &tasks {
        if !step.tx.put_task(&own.jurisdiction, task, TaskState::Open).await? {
            return Err(AppError::precondition("TASK_IS_PROPOSED", task.id.clone()));
        }
    }
    let stored = i64::try_from(tasks.len()).unwrap_or(i64::MAX);
    let body = json!({ "department": department, "tasks": stored });
    step.finish(call, "tasks.submit", body, stored).await
}

/// What was proposed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Proposed {
    /// Tasks looked at.
    pub tasks: i64,
    /// Visits proposed.
    pub proposals: i64,
    /// Tasks that share a visit.
    pub merged: i64,
    /// Tasks that share with nobody.
    pub unmerged: Vec<Task>,
}

/// Proposes the fewest visits that serve the open tasks of a jurisdiction.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn propose(
    app: &App,
    call: &Call,
    jurisdiction: &str,
    blackout: Vec<DateRange>,
) -> Result<Proposed, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let today = day::of_instant(step.now_us);
    let issued = step.tx.policies(jurisdiction).await?;
    let policy = Policy::resolve(jurisdiction, &issued, today);
    let mut tasks = step.tx.open_tasks(jurisdiction).await?;
    let entries = step.tx.entries_all(jurisdiction).await?;
    let decisions = step.tx.decisions(jurisdiction).await?;
    let resolution = tokio::task::block_in_place(|| matching::derive(&entries, &decisions));
    for task in &mut tasks {
        task.subject_id = resolution.canonical(&task.subject_id).to_owned();
        task.unmerged = None;
    }
    let count = tasks.len();
    let first = tasks.iter().map(|t| t.window.first).min().unwrap_or(today);
    let history =
        framing::history(&app.sealer, &mut step.tx, (jurisdiction, ""), first, &resolution);
    let history = history.await?;
    let cap = policy.number(policy::ANNUAL_CAP);
    let left = |subject: &str| usize::try_from(cap - history.visits(subject)).unwrap_or(0);
    let placed = stab::place(tasks, &blackout, left);
    let mut merged = 0;
    for stop in &placed.stops {
        let id = format!("p-{}", hex::encode(app.entropy.bytes::<8>()));
        let mut tasks = stop.tasks.clone();
        merged +=
            if tasks.iter().any(|t| t.department != tasks[0].department) { tasks.len() } else { 0 };
        for task in &mut tasks {
            task.state = TaskState::Proposed;
            step.tx.put_task(jurisdiction, task, TaskState::Open).await?;
        }
        let mut names: Vec<&String> = tasks.iter().map(|t| &t.department).collect();
        names.dedup();
        let answers = names.into_iter().map(|d| (d.clone(), None)).collect();
        let subject_id = stop.subject.clone();
        let state = ProposalState::Open;
        let proposal = Proposal { id, subject_id, window: stop.window, tasks, answers, state };
        step.tx.put_proposal(jurisdiction, &proposal).await?;
    }
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let reply = Proposed {
        tasks: number(count),
        proposals: number(placed.stops.len()),
        merged: number(merged),
        unmerged: placed.unmerged,
    };
    let body = json!({
        "jurisdiction": jurisdiction,
        "merged": reply.merged,
        "proposals": reply.proposals,
        "tasks": reply.tasks,
    });
    step.finish(call, "visits.propose", body, reply).await
}

/// A department accepts or declines a proposal. A declined one sets its tasks free again.
///
/// # Errors
/// [`AppError`]; department systems that have a part in it only.
pub async fn answer(app: &App, call: &Call, id: &str, accept: bool) -> Result<Proposal, AppError> {
    let department = require_department(&call.caller)?;
    let jurisdiction = departments::own(app, department).await?.jurisdiction;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let found = step.tx.proposals_by_id(&jurisdiction, &[id.to_owned()]).await?.pop();
    let mut proposal = found
        .filter(|p| p.answers.iter().any(|(d, _)| d == department))
        .ok_or_else(|| AppError::not_found("proposal", id))?;
    if !proposal.answer(department, accept) {
        return Err(AppError::precondition("PROPOSAL_IS_CLOSED", id));
    }
    let state = match proposal.state {
        ProposalState::Accepted => Some(TaskState::Accepted),
        ProposalState::Declined => Some(TaskState::Open),
        _ => None,
    };
    if let Some(state) = state {
        for task in &mut proposal.tasks {
            task.state = state;
            step.tx.put_task(&jurisdiction, task, TaskState::Proposed).await?;
        }
    }
    step.tx.put_proposal(&jurisdiction, &proposal).await?;
    let body = json!({ "accept": accept, "department": department, "proposal": id });
    step.finish(call, "proposal.answer", body, proposal).await
}

/// A page of proposals; a department sees those it has a part in.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    call: &Call,
    jurisdiction: &str,
    page: &Page<'_>,
) -> Result<Vec<Proposal>, AppError> {
    let own = own_jurisdiction(app, call, jurisdiction).await?;
    let mut proposals = app.db.read().await?.proposals(&own, page).await?;
    if call.caller.role == Role::Department {
        let department = &call.caller.department;
        proposals.retain(|p| p.answers.iter().any(|(d, _)| d == department));
    }
    Ok(proposals)
}

/// A page of tasks; a department sees its own.
///
/// # Errors
/// [`AppError`].
pub async fn tasks(
    app: &App,
    call: &Call,
    jurisdiction: &str,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<Task>, AppError> {
    let own = own_jurisdiction(app, call, jurisdiction).await?;
    let department = &call.caller.department;
    Ok(app.db.read().await?.tasks(&own, department, after, limit).await?)
}

async fn own_jurisdiction(app: &App, call: &Call, asked: &str) -> Result<String, AppError> {
    match call.caller.role {
        Role::Office => Ok(asked.to_owned()),
        Role::Department => Ok(departments::own(app, &call.caller.department).await?.jurisdiction),
        _ => Err(AppError::Forbidden("OFFICE_OR_DEPARTMENT_ONLY")),
    }
}

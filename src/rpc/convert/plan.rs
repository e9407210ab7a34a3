//! Planned tasks and proposals.

use super::super::pb;
use super::name;
use super::subject::subject_id;
use crate::domain::inspector::DateRange;
use crate::domain::plan::{Proposal, Task, TaskState};
use crate::domain::row::RECORDS_MAX;
use crate::domain::{Violations, day};

/// Reads tasks as submitted.
///
/// # Errors
/// Their violations.
pub fn tasks(messages: Vec<pb::PlannedTask>) -> Result<Vec<Task>, Violations> {
    let mut v = Violations::default();
    v.require(messages.len() <= RECORDS_MAX, "tasks", "TOO_MANY", "");
    v.require(!messages.is_empty(), "tasks", "REQUIRED", "");
    let read = |(i, m): (usize, pb::PlannedTask)| {
        let at = format!("tasks[{i}]");
        let first = day::parse(&mut v, &format!("{at}.first_day"), &m.first_day);
        let last = day::parse(&mut v, &format!("{at}.last_day"), &m.last_day);
        Task {
            subject_id: subject_id(&mut v, &format!("{at}.subject_id"), &m.subject_id),
            id: m.task_id,
            department: String::new(),
            items: m.items,
            window: DateRange { first: first.unwrap_or_default(), last: last.unwrap_or_default() },
            state: TaskState::Open,
            unmerged: None,
        }
    };
    let tasks = messages.into_iter().enumerate().map(read).collect();
    v.finish(tasks)
}

/// Writes a task.
#[must_use]
pub fn task_out(t: Task) -> pb::PlannedTask {
    let state = pb::planned_task::State::from_str_name(&name(&t.state, "STATE_"));
    let unmerged =
        t.unmerged.and_then(|u| pb::UnmergedReason::from_str_name(&name(&u, "UNMERGED_REASON_")));
    pb::PlannedTask {
        task_id: t.id,
        department: t.department,
        subject_id: t.subject_id,
        items: t.items,
        first_day: t.window.first.to_string(),
        last_day: t.window.last.to_string(),
        state: state.map_or(0, i32::from),
        unmerged: unmerged.map_or(0, i32::from),
    }
}

/// Writes a proposal.
#[must_use]
pub fn proposal_out(p: Proposal) -> pb::Proposal {
    let state = pb::proposal::State::from_str_name(&name(&p.state, "STATE_"));
    let answer = |(department, answer): (String, Option<bool>)| pb::ProposalAnswer {
        department,
        answered: answer.is_some(),
        accepted: answer == Some(true),
    };
    pb::Proposal {
        proposal_id: p.id,
        subject_id: p.subject_id,
        first_day: p.window.first.to_string(),
        last_day: p.window.last.to_string(),
        tasks: p.tasks.into_iter().map(task_out).collect(),
        answers: p.answers.into_iter().map(answer).collect(),
        state: state.map_or(0, i32::from),
    }
}

//! The fewest visits that serve every task inside its window.
//!
//! Per subject this is interval stabbing: take the task that ends first, visit on the last free
//! day of its window, and serve with it every other task whose window holds that day. No choice
//! of days needs fewer visits. Caps and blackout days come on top.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::domain::inspector::DateRange;
use crate::domain::plan::{Task, Unmerged};

/// One proposed visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The subject.
    pub subject: String,
    /// Days on which all of its tasks may be done.
    pub window: DateRange,
    /// The tasks, by (department, id).
    pub tasks: Vec<Task>,
}

/// What became of the tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    /// The visits, by subject and day.
    pub stops: Vec<Stop>,
    /// Tasks that share with nobody, with the reason. Those with a visit of their own are also
    /// in `stops`; those past the cap or blacked out are not.
    pub unmerged: Vec<Task>,
}

/// Places visits. `left` says how many more random visits each subject may have.
#[must_use]
pub fn place(tasks: Vec<Task>, blackout: &[DateRange], left: impl Fn(&str) -> usize) -> Stops {
    let mut by_subject: BTreeMap<String, Vec<Task>> = BTreeMap::new();
    for task in tasks {
        by_subject.entry(task.subject_id.clone()).or_default().push(task);
    }
    let mut out = Stops::default();
    for (subject, mut tasks) in by_subject {
        tasks.sort_by(|a, b| {
            let key =
                |t: &Task| (t.window.last, t.window.first, t.department.clone(), t.id.clone());
            key(a).cmp(&key(b))
        });
        place_subject(&subject, tasks, blackout, left(&subject), &mut out);
    }
    out
}

fn place_subject(
    subject: &str,
    tasks: Vec<Task>,
    blackout: &[DateRange],
    left: usize,
    out: &mut Stops,
) {
    let alone = tasks.iter().all(|t| t.department == tasks[0].department);
    let mut waiting = Vec::new();
    for task in tasks {
        match last_free(&task.window, blackout) {
            Some(day) => waiting.push((day, task)),
            None => out.unmerged.push(without(task, Unmerged::Blackout)),
        }
    }
    // Blackouts can move a last free day before an earlier deadline's: order by it.
    waiting.sort_by_key(|(day, _)| *day);
    let mut groups: Vec<(Date, Vec<Task>)> = Vec::new();
    for (day, task) in waiting {
        // Days of earlier visits are free days; any of them inside the window serves the task.
        let served =
            groups.iter_mut().find(|(at, _)| task.window.first <= *at && *at <= task.window.last);
        match served {
            Some((_, group)) => group.push(task),
            None => groups.push((day, vec![task])),
        }
    }
    // With a cap, the visits that serve most tasks come first.
    groups.sort_by_key(|(day, group)| (std::cmp::Reverse(group.len()), *day));
    let over = groups.split_off(groups.len().min(left));
    groups.sort_by_key(|(day, _)| *day);
    for (_, group) in over {
        out.unmerged.extend(group.into_iter().map(|t| without(t, Unmerged::AnnualCap)));
    }
    for (_, mut group) in groups {
        group.sort_by(|a, b| (&a.department, &a.id).cmp(&(&b.department, &b.id)));
        let shared = group.iter().any(|t| t.department != group[0].department);
        if !shared {
            let why = if alone { Unmerged::OnlyTask } else { Unmerged::WindowsApart };
            group = group.into_iter().map(|t| without(t, why)).collect();
            out.unmerged.extend(group.iter().cloned());
        }
        let window = DateRange {
            first: group.iter().map(|t| t.window.first).max().unwrap_or(Date::MIN),
            last: group.iter().map(|t| t.window.last).min().unwrap_or(Date::MAX),
        };
        out.stops.push(Stop { subject: subject.to_owned(), window, tasks: group });
    }
}

fn without(mut task: Task, why: Unmerged) -> Task {
    task.unmerged = Some(why);
    task
}

/// The last day of a window on which visiting is allowed.
fn last_free(window: &DateRange, blackout: &[DateRange]) -> Option<Date> {
    let mut at = window.last;
    while at >= window.first {
        let Some(block) = blackout.iter().find(|b| b.first <= at && at <= b.last) else {
            return Some(at);
        };
        if block.first <= window.first {
            return None;
        }
        at = block.first.yesterday().ok()?;
    }
    None
}

//! Tasks that departments have planned already, and the visits proposed for them (撮合).

use serde::{Deserialize, Serialize};

use super::inspector::DateRange;
use super::{Violations, id, text};

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskState {
    /// Waits for a proposal.
    Open,
    /// Part of a proposal.
    Proposed,
    /// Part of an accepted proposal.
    Accepted,
}

/// Why a task shares its visit with nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Unmerged {
    /// No other department has a task for the subject.
    OnlyTask,
    /// Other departments' windows do not meet this one.
    WindowsApart,
    /// The subject's cap of the year is used up.
    AnnualCap,
    /// Every day of the window is blacked out.
    Blackout,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Identifier within the department.
    pub id: String,
    /// The department.
    pub department: String,
    /// The subject.
    pub subject_id: String,
    /// Items to check.
    pub items: Vec<String>,
    /// Days on which it may be done.
    pub window: DateRange,
    /// Where it stands.
    pub state: TaskState,
    /// Why it was not merged.
    pub unmerged: Option<Unmerged>,
}

impl Task {
    /// Checks forms and bounds; the subject's id has been read by `matching`.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        id::check_foreign(violations, &format!("{at}.task_id"), &self.id);
        let ordered = self.window.first <= self.window.last;
        let last = self.window.last.to_string();
        violations.require(ordered, format!("{at}.last_day"), "BEFORE_FIRST_DAY", &last);
        violations.require(!self.items.is_empty(), format!("{at}.items"), "REQUIRED", "");
        for (i, code) in self.items.iter().enumerate() {
            text::require(violations, &format!("{at}.items[{i}]"), code, text::SHORT_CHARS_MAX);
        }
    }
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProposalState {
    /// Waits for answers.
    Open,
    /// All accepted.
    Accepted,
    /// One declined.
    Declined,
    /// Part of a campaign.
    Scheduled,
}

/// A visit proposed for several tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Identifier.
    pub id: String,
    /// The subject.
    pub subject_id: String,
    /// Days on which all of its tasks may be done.
    pub window: DateRange,
    /// The tasks.
    pub tasks: Vec<Task>,
    /// (department, answer).
    pub answers: Vec<(String, Option<bool>)>,
    /// Where it stands.
    pub state: ProposalState,
}

impl Proposal {
    /// Notes a department's answer; `false` when it has no part in it or it is not open.
    pub fn answer(&mut self, department: &str, accept: bool) -> bool {
        let open = self.state == ProposalState::Open;
        let found = self.answers.iter_mut().find(|(d, _)| d == department);
        let (true, Some((_, answer))) = (open, found) else { return false };
        *answer = Some(accept);
        if !accept {
            self.state = ProposalState::Declined;
        } else if self.answers.iter().all(|(_, a)| *a == Some(true)) {
            self.state = ProposalState::Accepted;
        }
        true
    }
}

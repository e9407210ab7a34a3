//! Tasks dispatched from province or city: routed to the unit they match, accepted or not (R76).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::annual_plan::{TASK_ITEMS_MAX, TaskItem};
use super::department::Level;
use super::item::ItemList;
use super::plan_check::matching_codes;
use super::{Violations, id, text};

/// Where a dispatched task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DispatchState {
    /// No unit matches, or the one asked has declined: an office has to route it.
    Unrouted,
    /// A unit is asked.
    Routed,
    /// The unit has it; its plan of the year has to contain it.
    Accepted,
}

/// What can be done to a dispatched task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DispatchDeed {
    /// An office names the unit.
    Route,
    /// The unit accepts.
    Accept,
    /// The unit declines, with a reason.
    Decline,
}

impl DispatchState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Unrouted, Self::Routed, Self::Accepted];

    /// The state after a deed, if the deed is allowed here.
    #[must_use]
    pub const fn after(self, deed: DispatchDeed) -> Option<Self> {
        match (self, deed) {
            (Self::Unrouted | Self::Routed, DispatchDeed::Route) => Some(Self::Routed),
            (Self::Routed, DispatchDeed::Accept) => Some(Self::Accepted),
            (Self::Routed, DispatchDeed::Decline) => Some(Self::Unrouted),
            _ => None,
        }
    }

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unrouted => "UNROUTED",
            Self::Routed => "ROUTED",
            Self::Accepted => "ACCEPTED",
        }
    }
}

/// A dispatched task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchedTask {
    /// Identifier within the jurisdiction.
    pub id: String,
    /// The jurisdiction it is dispatched to.
    pub jurisdiction: String,
    /// Level it comes from.
    pub level: Level,
    /// Who sent it.
    pub sender: String,
    /// Number of the document.
    pub document: String,
    /// Name.
    pub title: String,
    /// What is to be checked, as the sender names it.
    pub items: Vec<TaskItem>,
    /// First day.
    pub first_day: Date,
    /// Last day.
    pub last_day: Date,
    /// The unit; empty while there is none.
    pub unit: String,
    /// Its codes for the items.
    pub codes: Vec<String>,
    /// Why an office routed it, or the unit declined.
    pub reason: String,
    /// Where it stands.
    pub state: DispatchState,
    /// Counts changes; the etag.
    pub version: i64,
}

impl DispatchedTask {
    /// Does a deed; `false` when it is not allowed here.
    pub fn act(&mut self, deed: DispatchDeed) -> bool {
        let Some(next) = self.state.after(deed) else { return false };
        self.state = next;
        self.version += 1;
        true
    }

    /// Routes it to the unit whose list holds most of the items; the first by id where several
    /// do. It stays unrouted when none holds any.
    pub fn route(&mut self, lists: &[ItemList]) {
        let found = lists.iter().map(|list| (list, matching_codes(&self.items, list)));
        let best = found
            .min_by_key(|(list, codes)| (std::cmp::Reverse(codes.len()), list.department.clone()));
        let Some((list, codes)) = best.filter(|(_, codes)| !codes.is_empty()) else { return };
        self.unit.clone_from(&list.department);
        self.codes = codes.into_iter().map(|item| item.code).collect();
        self.state = DispatchState::Routed;
    }

    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        id::check_foreign(violations, &format!("{at}.task_id"), &self.id);
        id::check_division(violations, &format!("{at}.jurisdiction"), &self.jurisdiction);
        let texts =
            [("sender", &self.sender), ("document", &self.document), ("title", &self.title)];
        for (name, value) in texts {
            text::require(violations, &format!("{at}.{name}"), value, text::SHORT_CHARS_MAX);
        }
        let ordered = self.first_day <= self.last_day;
        let last = self.last_day.to_string();
        violations.require(ordered, format!("{at}.last_day"), "BEFORE_FIRST_DAY", &last);
        let field = format!("{at}.items");
        let count = (1..=TASK_ITEMS_MAX).contains(&self.items.len());
        violations.require(count, &field, "COUNT", "");
        for (i, item) in self.items.iter().enumerate() {
            let at = format!("{field}[{i}]");
            text::require(violations, &format!("{at}.name"), &item.name, text::SHORT_CHARS_MAX);
            let field = format!("{at}.external_code");
            text::check(violations, &field, &item.external_code, text::SHORT_CHARS_MAX);
        }
    }
}

//! What an office has to look at: computed from what is stored, never stored itself.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What is out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WarningKind {
    /// A subject is visited, or planned to be, twice within the policy's days (R59).
    RepeatedVisit,
    /// One random visit, or none, is left to a subject in the year (R51).
    AnnualCapNear,
    /// A listed item is in no published plan and no campaign of the year (R16).
    ItemUncovered,
    /// Nobody of the department may be sent for an item (R30).
    NoCompetentInspector,
    /// A slot of a team is empty still (R93, R94).
    ShortageUnsolved,
    /// The days of a visit are over and its check has not ended (R99).
    CheckOverdue,
    /// An attempt at a draw was aborted, or its outcome voided (R81).
    AttemptEnded,
    /// A person was assigned without a draw (R93).
    DirectAssignment,
    /// A named person replaced a drawn one (R92).
    AppointedReplacement,
    /// A stratum is so small that who is drawn can be guessed (R86).
    SmallStratum,
    /// A registry or item list was not renewed for the policy's days (R23).
    ListStale,
    /// A duty has to be done today (R130).
    DeadlineToday,
    /// The day of a duty has passed without it (R130).
    DeadlineMissed,
    /// The day of a duty is in a year that no calendar counts (R130).
    DeadlineUncounted,
    /// An inspector has no valid training (R136).
    TrainingMissing,
    /// The training of an inspector is about to lapse (R136).
    TrainingLapses,
    /// Fewer checks of the year are joint than the policy wants (R55).
    JointRateLow,
}

impl WarningKind {
    /// What to do about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::RepeatedVisit => "Make one joint visit of both, or move the later one away.",
            Self::AnnualCapNear => "Join what is still planned for the subject into one visit.",
            Self::ItemUncovered => "Add a task to the annual plan, or a campaign that checks it.",
            Self::NoCompetentInspector => {
                "Train or certify somebody, or match with a neighbouring pool."
            }
            Self::ShortageUnsolved => "Take one of the ways out that stand beside the shortage.",
            Self::CheckOverdue => "Carry the check out, or end it on a ground.",
            Self::AttemptEnded => "Read the reason, and see that another office approved it.",
            Self::DirectAssignment | Self::AppointedReplacement => {
                "Review the reason and the evidence of the change."
            }
            Self::SmallStratum => "Join the stratum with another, or widen the scope.",
            Self::DeadlineToday => "Do it today.",
            Self::DeadlineMissed => {
                "Do it now; bring evidence of the duty of care, and have the liability decided."
            }
            Self::DeadlineUncounted => "Import the calendar of the year.",
            Self::TrainingMissing | Self::TrainingLapses => {
                "Train the person, and record the training."
            }
            Self::JointRateLow => "Propose joint campaigns, or match plans of departments.",
            Self::ListStale => "Import the list anew, even if nothing has changed.",
        }
    }
}

/// What a warning is about: ids and tickets, no names; empty and 0 where it does not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// The department.
    pub department: String,
    /// The subject's id: only of what is no secret any more.
    pub subject: String,
    /// Code of the item.
    pub item: String,
    /// The campaign.
    pub campaign: String,
    /// The attempt.
    pub attempt: i64,
    /// Rank of the visit.
    pub rank: i64,
    /// Position in the department's section, from 1.
    pub slot: i64,
    /// The stratum.
    pub stratum: String,
    /// Ticket of the visit's unit.
    pub ticket: String,
}

/// One warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What is out of order.
    pub kind: WarningKind,
    /// What it is about.
    pub about: About,
    /// Since when.
    pub since: Date,
    /// Numbers and words.
    pub detail: String,
    /// Departments that see it beside offices.
    pub seen_by: BTreeSet<String>,
}

impl Warning {
    /// By what warnings are ordered and paged: it stays the same while the warning does.
    #[must_use]
    pub fn key(&self) -> String {
        let About { department, subject, item, campaign, attempt, rank, slot, stratum, ticket } =
            &self.about;
        let Self { kind, since, .. } = self;
        let place = format!("{campaign} {attempt:06} {rank:08} {slot:04} {ticket} {stratum}");
        format!("{kind:?} {department} {item} {subject} {since} {place} {}", self.detail)
    }
}

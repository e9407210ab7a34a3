//! What follows from a result that calls for it (R107, R120–R123): handed over to the competent unit,
//! rectified, prosecuted or referred, and its outcome reported back.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::hash::Digest;
use super::{Violations, id, text};

/// Where a follow-up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FollowUpState {
    /// The department has to hand it over, or to take it on itself.
    Open,
    /// The competent unit has to accept it (R120).
    HandedOver,
    /// A unit has taken it on.
    Accepted,
    /// The subject was ordered to rectify by a day (R121).
    Rectifying,
    /// The re-check found it rectified.
    Rectified,
    /// A case is open (R122).
    CaseOpened,
    /// Suspected crime was referred to a judicial organ (R123).
    Referred,
    /// The judicial organ has confirmed the referral.
    ReferralReceived,
    /// The outcome was reported back (R120).
    Closed,
}

/// What kind of step is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FollowUpAction {
    /// The department takes it on itself.
    Keep,
    /// It is handed over to the competent unit.
    HandOver,
    /// The unit takes it on.
    Accept,
    /// The unit is not competent.
    Return,
    /// Rectification is ordered.
    Order,
    /// The re-check finds it rectified.
    Pass,
    /// The re-check finds it not rectified.
    Fail,
    /// A case is opened.
    OpenCase,
    /// It is referred to a judicial organ.
    Refer,
    /// The judicial organ confirms.
    Receipt,
    /// The outcome is reported back.
    Report,
}

impl FollowUpState {
    /// All states.
    pub const ALL: [Self; 9] = [
        Self::Open,
        Self::HandedOver,
        Self::Accepted,
        Self::Rectifying,
        Self::Rectified,
        Self::CaseOpened,
        Self::Referred,
        Self::ReferralReceived,
        Self::Closed,
    ];

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::HandedOver => "HANDED_OVER",
            Self::Accepted => "ACCEPTED",
            Self::Rectifying => "RECTIFYING",
            Self::Rectified => "RECTIFIED",
            Self::CaseOpened => "CASE_OPENED",
            Self::Referred => "REFERRED",
            Self::ReferralReceived => "REFERRAL_RECEIVED",
            Self::Closed => "CLOSED",
        }
    }

    /// The state after an action; `None` when the action is not possible.
    #[must_use]
    pub const fn after(self, action: FollowUpAction) -> Option<Self> {
        use FollowUpAction as Do;
        match (self, action) {
            (Self::Open, Do::HandOver) => Some(Self::HandedOver),
            (Self::HandedOver, Do::Return) => Some(Self::Open),
            (Self::Open, Do::Keep)
            | (Self::HandedOver, Do::Accept)
            | (Self::Rectifying, Do::Fail) => Some(Self::Accepted),
            (Self::Accepted, Do::Order) => Some(Self::Rectifying),
            (Self::Rectifying, Do::Pass) => Some(Self::Rectified),
            (Self::Accepted | Self::Rectified, Do::OpenCase) => Some(Self::CaseOpened),
            (Self::Accepted | Self::CaseOpened, Do::Refer) => Some(Self::Referred),
            (Self::Referred, Do::Receipt) => Some(Self::ReferralReceived),
            (
                Self::Accepted | Self::Rectified | Self::CaseOpened | Self::ReferralReceived,
                Do::Report,
            ) => Some(Self::Closed),
            _ => None,
        }
    }
}

impl FollowUpAction {
    /// All actions.
    pub const ALL: [Self; 11] = [
        Self::Keep,
        Self::HandOver,
        Self::Accept,
        Self::Return,
        Self::Order,
        Self::Pass,
        Self::Fail,
        Self::OpenCase,
        Self::Refer,
        Self::Receipt,
        Self::Report,
    ];

    /// Whether the department whose result it is makes the step; the competent unit all others.
    #[must_use]
    pub const fn by_department(self) -> bool {
        matches!(self, Self::Keep | Self::HandOver)
    }
}

/// A step as it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What kind.
    pub action: FollowUpAction,
    /// Of a hand-over: the competent unit.
    pub unit: String,
    /// Of an order: the last day of the rectification (R121).
    pub due_on: Option<Date>,
    /// Of a case: its number; of a referral and its receipt: the judicial organ.
    pub reference: String,
    /// SHA-256 of the document: the order, the record of the re-check, the decision to open a case, the
    /// letter of referral, its receipt.
    pub document: String,
    /// In words; of a return why, of a report the outcome.
    pub note: String,
    /// Who made it.
    pub by: String,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

impl Step {
    /// Checks that the step has what it needs, and nothing else.
    pub fn check(&self, violations: &mut Violations, today: Date) {
        use FollowUpAction as Do;
        let hands = self.action == Do::HandOver;
        violations.require(
            hands != self.unit.is_empty(),
            "unit",
            "OF_A_HAND_OVER_ONLY",
            &self.unit,
        );
        if hands {
            id::check_slug(violations, "unit", &self.unit);
        }
        let orders = self.action == Do::Order;
        let due = self.due_on.map(|d| d.to_string()).unwrap_or_default();
        violations.require(orders == self.due_on.is_some(), "due_on", "OF_AN_ORDER_ONLY", &due);
        let ahead = self.due_on.is_none_or(|day| day > today);
        violations.require(ahead, "due_on", "IN_THE_FUTURE", &due);
        let short = text::SHORT_CHARS_MAX;
        match self.action {
            Do::OpenCase | Do::Refer | Do::Receipt => {
                text::require(violations, "reference", &self.reference, short);
            }
            _ => text::check(violations, "reference", &self.reference, short),
        }
        let documented = matches!(
            self.action,
            Do::Order | Do::Pass | Do::Fail | Do::OpenCase | Do::Refer | Do::Receipt
        );
        let empty = self.document.is_empty() && !documented;
        let good = empty || Digest::from_hex(&self.document).is_some();
        violations.require(good, "document_sha256", "SHA256_HEX", &self.document);
        match self.action {
            Do::Return | Do::Report => {
                text::require(violations, "note", &self.note, text::LONG_CHARS_MAX);
            }
            _ => text::check(violations, "note", &self.note, text::LONG_CHARS_MAX),
        }
    }
}

/// What follows from a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// The result.
    pub result: String,
    /// The campaign.
    pub campaign: String,
    /// The department whose result it is.
    pub department: String,
    /// The competent unit; empty until one is named.
    pub unit: String,
    /// The last day of the rectification that is ordered; `None` without one.
    pub rectify_by: Option<Date>,
    /// Where it stands.
    pub state: FollowUpState,
    /// Counts changes; the etag.
    pub version: i64,
    /// The steps made.
    pub steps: Vec<Step>,
}

/// Most steps of one follow-up.
pub const STEPS_MAX: usize = 200;

impl FollowUp {
    /// What follows from a result, with nothing done yet.
    #[must_use]
    pub fn open(result: &str, campaign: &str, department: &str) -> Self {
        Self {
            result: result.to_owned(),
            campaign: campaign.to_owned(),
            department: department.to_owned(),
            unit: String::new(),
            rectify_by: None,
            state: FollowUpState::Open,
            version: 1,
            steps: Vec::new(),
        }
    }

    /// Makes a step; `false` when it is not possible here.
    pub fn make(&mut self, step: Step) -> bool {
        let Some(next) = self.state.after(step.action) else { return false };
        if self.steps.len() >= STEPS_MAX {
            return false;
        }
        match step.action {
            FollowUpAction::Keep => self.unit.clone_from(&self.department),
            FollowUpAction::HandOver => self.unit.clone_from(&step.unit),
            FollowUpAction::Return => self.unit.clear(),
            _ => {}
        }
        self.rectify_by = step.due_on;
        self.state = next;
        self.version += 1;
        self.steps.push(step);
        true
    }

    /// Whether the ordered rectification was not re-checked in time (R121).
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        self.state == FollowUpState::Rectifying && self.rectify_by.is_some_and(|due| today > due)
    }
}

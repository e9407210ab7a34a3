//! Exceptions from the rules of a draw: a subject or items left out on a ground of the closed list
//! (R36–R44), and a subject that may be drawn beyond the annual cap (R52).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Violations, id, text};

/// Most items of one exception.
pub const ITEMS_MAX: usize = 500;
/// Longest time an exception holds before it is looked at anew, in days.
pub const VALID_DAYS_MAX: i32 = 3 * 366;

/// On what ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Ground {
    /// Law fixes another manner (R36).
    LawFixesManner,
    /// Superiors ask for another manner (R37).
    SuperiorsAsk,
    /// A lead is followed (R38).
    LeadFollowed,
    /// A risk assessment finds a draw unsuitable (R39).
    RiskAssessment,
    /// Superiors' special inspection (R40).
    SuperiorsSpecial,
    /// A case that was handed over (R41).
    CaseHandedOver,
    /// An emergency (R42).
    Emergency,
    /// Key goods that are not on the list (R43).
    KeyGoods,
    /// Another ground, in words, approved (R44).
    OtherGround,
    /// May be drawn beyond the cap: high risk (R52).
    BeyondCapHighRisk,
    /// May be drawn beyond the cap: law needs it (R52).
    BeyondCapLaw,
    /// May be drawn beyond the cap: superiors demand it (R52).
    BeyondCapSuperiors,
}

impl Ground {
    /// All grounds.
    pub const ALL: [Self; 12] = [
        Self::LawFixesManner,
        Self::SuperiorsAsk,
        Self::LeadFollowed,
        Self::RiskAssessment,
        Self::SuperiorsSpecial,
        Self::CaseHandedOver,
        Self::Emergency,
        Self::KeyGoods,
        Self::OtherGround,
        Self::BeyondCapHighRisk,
        Self::BeyondCapLaw,
        Self::BeyondCapSuperiors,
    ];

    /// The word stored for it, which is also the rule's id in a frame.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LawFixesManner => "LAW_FIXES_MANNER",
            Self::SuperiorsAsk => "SUPERIORS_ASK",
            Self::LeadFollowed => "LEAD_FOLLOWED",
            Self::RiskAssessment => "RISK_ASSESSMENT",
            Self::SuperiorsSpecial => "SUPERIORS_SPECIAL",
            Self::CaseHandedOver => "CASE_HANDED_OVER",
            Self::Emergency => "EMERGENCY",
            Self::KeyGoods => "KEY_GOODS",
            Self::OtherGround => "OTHER_GROUND",
            Self::BeyondCapHighRisk => "BEYOND_CAP_HIGH_RISK",
            Self::BeyondCapLaw => "BEYOND_CAP_LAW",
            Self::BeyondCapSuperiors => "BEYOND_CAP_SUPERIORS",
        }
    }

    /// Whether it lets a subject be drawn beyond the cap instead of leaving it out.
    #[must_use]
    pub const fn is_beyond_cap(self) -> bool {
        matches!(self, Self::BeyondCapHighRisk | Self::BeyondCapLaw | Self::BeyondCapSuperiors)
    }

    /// Whether it holds only once an office has approved it: what the list does not name, and what
    /// burdens a subject more.
    #[must_use]
    pub const fn needs_approval(self) -> bool {
        matches!(self, Self::OtherGround) || self.is_beyond_cap()
    }
}

/// Where an exception stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExceptionState {
    /// Waits for an office.
    Requested,
    /// Holds on its days.
    InForce,
    /// An office declined it.
    Declined,
    /// The department took it back.
    Withdrawn,
}

/// What can be done to an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionAction {
    /// An office approves.
    Approve,
    /// An office declines.
    Decline,
    /// The department takes it back.
    Withdraw,
}

impl ExceptionState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Requested, Self::InForce, Self::Declined, Self::Withdrawn];

    /// The state after an action, if the action is allowed here.
    #[must_use]
    pub const fn after(self, action: ExceptionAction) -> Option<Self> {
        match (self, action) {
            (Self::Requested, ExceptionAction::Approve) => Some(Self::InForce),
            (Self::Requested, ExceptionAction::Decline) => Some(Self::Declined),
            (Self::Requested | Self::InForce, ExceptionAction::Withdraw) => Some(Self::Withdrawn),
            _ => None,
        }
    }

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::InForce => "IN_FORCE",
            Self::Declined => "DECLINED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }
}

/// An exception of a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Identifier.
    pub id: String,
    /// The department for whose checks it holds.
    pub department: String,
    /// On what ground.
    pub ground: Ground,
    /// The subject; empty for every subject, when items are named.
    pub subject: String,
    /// Codes of the department's items; empty for all.
    pub items: Vec<String>,
    /// The law, order, assessment, lead or case behind it.
    pub reference: String,
    /// In words.
    pub reason: String,
    /// First day on which it holds.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Where it stands.
    pub state: ExceptionState,
    /// Who asked: the key.
    pub requested_by: String,
    /// Who decided: the office; empty until then and where nobody has to.
    pub decided_by: String,
    /// Counts changes; the etag.
    pub version: i64,
}

impl Exception {
    /// Checks forms, bounds and what its ground asks for.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        let field = |name: &str| format!("{at}.{name}");
        text::require(violations, &field("reference"), &self.reference, text::SHORT_CHARS_MAX);
        let approved = self.ground.needs_approval();
        match approved {
            true => text::require(violations, &field("reason"), &self.reason, text::LONG_CHARS_MAX),
            false => text::check(violations, &field("reason"), &self.reason, text::LONG_CHARS_MAX),
        }
        let days = self.from <= self.to;
        violations.require(days, field("to"), "BEFORE_FROM", &self.to.to_string());
        let span = self.to.since(self.from).map_or(i32::MAX, |span| span.get_days());
        violations.require(span <= VALID_DAYS_MAX, field("to"), "TOO_LONG", &self.to.to_string());
        let says = !self.subject.is_empty() || !self.items.is_empty();
        violations.require(says, field("subject_id"), "SUBJECT_OR_ITEMS", "");
        let whole = !self.ground.is_beyond_cap() || self.items.is_empty();
        violations.require(whole, field("items"), "CAP_IS_OF_A_SUBJECT", "");
        violations.require(self.items.len() <= ITEMS_MAX, field("items"), "TOO_MANY", "");
        for (i, code) in self.items.iter().enumerate() {
            id::check_foreign(violations, &format!("{at}.items[{i}]"), code);
        }
    }

    /// Whether it holds on a day.
    #[must_use]
    pub fn holds(&self, on: Date) -> bool {
        self.state == ExceptionState::InForce && self.from <= on && on <= self.to
    }

    /// Whether it is about an item of a subject.
    #[must_use]
    pub fn is_of(&self, code: &str) -> bool {
        self.items.is_empty() || self.items.iter().any(|own| own == code)
    }

    /// Moves to the state after an action; `false` when the action is not allowed here.
    pub fn act(&mut self, action: ExceptionAction, by: &str) -> bool {
        let Some(next) = self.state.after(action) else { return false };
        self.state = next;
        if action != ExceptionAction::Withdraw {
            by.clone_into(&mut self.decided_by);
        }
        self.version += 1;
        true
    }
}

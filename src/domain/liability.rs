//! Liability (责任) for deadlines that passed unmet (R130), and the duty of care that exempts from it
//! (尽职免责, R131): told once, fulfilled late or not, decided by somebody who is not of the unit.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::Due;
use super::hash::{Digest, Suite};
use super::{Violations, text};

/// Most pieces of evidence that one decision considers.
pub const CONSIDERED_MAX: usize = 100;
/// Hexadecimal digits of a liability's id.
const ID_DIGITS: usize = 32;

/// Which duty was not done in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LiabilityKind {
    /// A result was not published (R111).
    Publication,
    /// An objection was not reviewed (R116).
    ObjectionReview,
    /// The outcome of a review was not told (R117).
    ObjectionAnswer,
    /// An ordered rectification was not re-checked (R121).
    Rectification,
    /// What has to follow from a result was neither handed over nor taken on (R120).
    HandOver,
    /// What was handed over was neither taken on nor returned (R120).
    Acceptance,
    /// A criminal referral has no receipt (R123).
    ReferralReceipt,
    /// An invitation was not answered (R62).
    Invitation,
    /// A visit was not carried out in its days (R99).
    Check,
    /// An office did not commit to its number (R81).
    Commitment,
    /// An office did not reveal its number (R81).
    Reveal,
}

impl LiabilityKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Publication,
        Self::ObjectionReview,
        Self::ObjectionAnswer,
        Self::Rectification,
        Self::HandOver,
        Self::Acceptance,
        Self::ReferralReceipt,
        Self::Invitation,
        Self::Check,
        Self::Commitment,
        Self::Reveal,
    ];

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Publication => "PUBLICATION",
            Self::ObjectionReview => "OBJECTION_REVIEW",
            Self::ObjectionAnswer => "OBJECTION_ANSWER",
            Self::Rectification => "RECTIFICATION",
            Self::HandOver => "HAND_OVER",
            Self::Acceptance => "ACCEPTANCE",
            Self::ReferralReceipt => "REFERRAL_RECEIPT",
            Self::Invitation => "INVITATION",
            Self::Check => "CHECK",
            Self::Commitment => "COMMITMENT",
            Self::Reveal => "REVEAL",
        }
    }

    /// Whether a supervising office has the duty; departments have all others.
    #[must_use]
    pub const fn is_of_office(self) -> bool {
        matches!(self, Self::Commitment | Self::Reveal)
    }
}

/// Where a liability stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LiabilityState {
    /// The deadline passed and the duty is not done.
    Open,
    /// It was done after its day.
    FulfilledLate,
    /// The unit did its duty of care (R131).
    Exempted,
    /// The unit is liable.
    Upheld,
}

/// What happens to a liability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiabilityAction {
    /// The duty is done, late.
    Fulfil,
    /// It is decided that the unit is exempt.
    Exempt,
    /// It is decided that the unit is liable.
    Uphold,
}

impl LiabilityState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Open, Self::FulfilledLate, Self::Exempted, Self::Upheld];

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::FulfilledLate => "FULFILLED_LATE",
            Self::Exempted => "EXEMPTED",
            Self::Upheld => "UPHELD",
        }
    }

    /// The state after an action; `None` when the action is not possible. What was decided stays so,
    /// also when the duty is done at last.
    #[must_use]
    pub const fn after(self, action: LiabilityAction) -> Option<Self> {
        use LiabilityAction as Do;
        match (self, action) {
            (Self::Open, Do::Fulfil) => Some(Self::FulfilledLate),
            (Self::Exempted | Self::Upheld, Do::Fulfil) => Some(self),
            (Self::Open | Self::FulfilledLate, Do::Exempt) => Some(Self::Exempted),
            (Self::Open | Self::FulfilledLate, Do::Uphold) => Some(Self::Upheld),
            _ => None,
        }
    }

    /// Whether nobody has decided it.
    #[must_use]
    pub const fn is_undecided(self) -> bool {
        matches!(self, Self::Open | Self::FulfilledLate)
    }
}

/// Why a unit is not liable, and what evidence shows (R131).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DutyGround {
    /// It worked by its list and its plan (照单履职).
    ListAndPlan,
    /// Technical means could not find it at the time.
    TechnicalLimit,
    /// What it did or left is not the cause.
    NoCausation,
    /// A third party reported falsely.
    FalseThirdPartyReport,
    /// Whom it checks hindered it.
    Hindered,
}

/// A reference to evidence of the duty of care: the thing itself stays with the unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyEvidence {
    /// SHA-256 of the thing, in hexadecimal.
    pub sha256: String,
    /// What it shows.
    pub ground: DutyGround,
    /// The day it is of.
    pub on: Date,
    /// When it was attached, in microseconds UTC.
    pub at_us: i64,
}

impl DutyEvidence {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str, today: Date) {
        let good = Digest::from_hex(&self.sha256).is_some();
        violations.require(good, format!("{at}.sha256"), "SHA256_HEX", &self.sha256);
        let past = self.on <= today;
        violations.require(past, format!("{at}.on"), "NOT_IN_THE_FUTURE", &self.on.to_string());
    }
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Why the unit is exempt; `None` where it is liable.
    pub exempt: Option<DutyGround>,
    /// In words.
    pub reason: String,
    /// SHA-256 of the decision's document.
    pub document: String,
    /// Digests of the unit's evidence that was considered.
    pub considered: Vec<String>,
    /// Who decided.
    pub by: String,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

impl Ruling {
    /// Checks forms, bounds and that an exemption rests on evidence that the unit has attached.
    pub fn check(&self, violations: &mut Violations, attached: &[DutyEvidence]) {
        text::require(violations, "reason", &self.reason, text::LONG_CHARS_MAX);
        let good = Digest::from_hex(&self.document).is_some();
        violations.require(good, "document_sha256", "SHA256_HEX", &self.document);
        let count = self.considered.len() <= CONSIDERED_MAX;
        violations.require(count, "considered_sha256", "TOO_MANY", "");
        for (i, digest) in self.considered.iter().enumerate() {
            let known = attached.iter().any(|e| e.sha256 == *digest);
            violations.require(known, format!("considered_sha256[{i}]"), "NOT_ATTACHED", digest);
        }
        let shown = self.exempt.is_none_or(|ground| {
            let shows = |e: &&DutyEvidence| e.ground == ground;
            attached.iter().filter(shows).any(|e| self.considered.contains(&e.sha256))
        });
        violations.require(shown, "considered_sha256", "GROUND_IS_NOT_SHOWN", "");
    }
}

/// A deadline that passed unmet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Liability {
    /// Its id: follows from kind, object and unit, so that there is one.
    pub id: String,
    /// Where.
    pub jurisdiction: String,
    /// The campaign.
    pub campaign: String,
    /// Rank of the visit it is about; 0 for none.
    pub rank: i64,
    /// Who had the duty: a department or a supervising office.
    pub unit: String,
    /// Which duty.
    pub kind: LiabilityKind,
    /// What it is about: a result, an objection, a step of a follow-up, a visit, an attempt.
    pub object: String,
    /// The last day that was in time, with the calendars it was counted with.
    pub due: Due,
    /// When it was told, in microseconds UTC.
    pub arisen_us: i64,
    /// Where it stands.
    pub state: LiabilityState,
    /// The day on which the duty was done, late; `None` until then.
    pub fulfilled_on: Option<Date>,
    /// What was decided.
    pub ruling: Option<Ruling>,
    /// Counts changes; the etag.
    pub version: i64,
}

/// The id of a liability.
#[must_use]
pub fn liability_id(kind: LiabilityKind, object: &str, unit: &str) -> String {
    let fields = [kind.word().as_bytes(), object.as_bytes(), unit.as_bytes()];
    let digest = Suite::Sha256.tagged("onevisit/liability", &fields);
    digest.to_string()[..ID_DIGITS].to_owned()
}

impl Liability {
    /// Does an action; `false` when it is not possible, or the duty was done before.
    pub fn act(&mut self, action: LiabilityAction) -> bool {
        let again = action == LiabilityAction::Fulfil && self.fulfilled_on.is_some();
        let Some(next) = self.state.after(action).filter(|_| !again) else { return false };
        self.state = next;
        self.version += 1;
        true
    }
}

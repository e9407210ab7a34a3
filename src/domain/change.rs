//! What is changed of an outcome after the draw: another subject (R83), another person (R91–R93).

use serde::{Deserialize, Serialize};

use super::Violations;
use super::hash::Digest;

/// What kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeKind {
    /// A subject drops out; the next in reserve takes its place (递补).
    Substitution,
    /// Another person takes a slot of a team (更换).
    Replacement,
}

/// Why; there are no other reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeReason {
    /// The subject has ceased business or was struck off.
    Ceased,
    /// The subject cannot be found at its address.
    NotFound,
    /// The subject has moved out of the jurisdiction.
    MovedAway,
    /// The premises cannot be entered safely.
    Unsafe,
    /// The person is ill.
    Ill,
    /// The person is away.
    Away,
    /// The person has left the department or lost the certificate.
    Left,
    /// The person declares an interest after the draw (R91).
    InterestDeclared,
    /// The subject asks for the person's recusal (R91).
    RecusalAsked,
    /// Nobody could be dealt into the slot.
    Shortage,
}

impl ChangeReason {
    /// What kind of change it is a reason for.
    #[must_use]
    pub const fn kind(self) -> ChangeKind {
        match self {
            Self::Ceased | Self::NotFound | Self::MovedAway | Self::Unsafe => {
                ChangeKind::Substitution
            }
            _ => ChangeKind::Replacement,
        }
    }

    /// Whether the person has to stay away from the subject from now on.
    #[must_use]
    pub const fn is_recusal(self) -> bool {
        matches!(self, Self::InterestDeclared | Self::RecusalAsked)
    }
}

/// How the person that comes is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Choice {
    /// The next suiting one in the order of the draw (R92).
    Next,
    /// A suiting one that is named; only where the policy allows it.
    Appointed,
    /// Anybody of the department who may be sent, when nobody suits (直接委派, R93).
    Direct,
    /// Whom a supplementary draw takes from the department's people and those of the same powers next
    /// door (相邻区域随机匹配, R94). Approving it leaves the slot empty until that draw.
    Neighbour,
}

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeState {
    /// Asked for.
    Requested,
    /// Approved by somebody else, and carried out.
    Approved,
    /// Declined.
    Declined,
}

impl ChangeState {
    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Approved => "APPROVED",
            Self::Declined => "DECLINED",
        }
    }
}

/// A unit of the reserve that was used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The department whose reserve it is.
    pub department: String,
    /// The stratum.
    pub stratum: String,
    /// Rank in the stratum; the first reserve follows the last drawn one.
    pub rank: i64,
    /// The unit's ticket; empty when the reserve is exhausted.
    pub ticket: String,
    /// The visit that the department makes instead; 0 when the unit had dropped out before, was
    /// passed over, or the reserve is exhausted.
    pub visit: i64,
    /// The rule by which the unit was passed over, such as `ANNUAL_CAP` (R51): what held at the freeze
    /// may have changed since. Empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub passed: String,
}

/// A change, as everybody may see it: tickets, no names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The campaign.
    pub campaign: String,
    /// Number within the campaign, from 1.
    pub nth: i64,
    /// The attempt whose outcome is changed.
    pub attempt: i64,
    /// What kind.
    pub kind: ChangeKind,
    /// Rank of the visit.
    pub rank: i64,
    /// Of a replacement: the department. Empty otherwise.
    pub department: String,
    /// Of a replacement: the slot of the department's section, from 1. 0 otherwise.
    pub slot: i64,
    /// Of a replacement: how the person is chosen.
    pub choice: Choice,
    /// Why.
    pub reason: ChangeReason,
    /// SHA-256 of the evidence, in hexadecimal.
    pub evidence_sha256: String,
    /// Who asked.
    pub requested_by: String,
    /// When, in microseconds UTC.
    pub requested_us: i64,
    /// Where it stands.
    pub state: ChangeState,
    /// Who approved or declined; empty until then.
    pub decided_by: String,
    /// When; 0 until then.
    pub decided_us: i64,
    /// Of an approved replacement: the ticket of who went; empty for a slot that was empty.
    pub went: String,
    /// Of an approved replacement: the ticket of who came.
    pub came: String,
    /// Of an approved substitution: what was used of the reserves.
    pub taken: Vec<Taken>,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The campaign.
    pub campaign: String,
    /// Rank of the visit.
    pub rank: i64,
    /// What kind of change.
    pub kind: ChangeKind,
    /// Of a replacement: the department.
    pub department: String,
    /// Of a replacement: the slot, from 1.
    pub slot: i64,
    /// Of a replacement: how the person is chosen.
    pub choice: Choice,
    /// The person's id in the department's list, when one is named.
    pub inspector: String,
    /// Why.
    pub reason: ChangeReason,
    /// SHA-256 of the evidence, in hexadecimal.
    pub evidence_sha256: String,
}

impl Asked {
    /// Checks forms, and that the reason is one for this kind.
    pub fn check(&self, violations: &mut Violations) {
        let digest = Digest::from_hex(&self.evidence_sha256).is_some();
        violations.require(digest, "evidence_sha256", "SHA256_HEX", &self.evidence_sha256);
        let reason = format!("{:?}", self.reason);
        violations.require(self.reason.kind() == self.kind, "reason", "REASON_OF_KIND", &reason);
        if self.kind == ChangeKind::Replacement {
            let department = !self.department.is_empty();
            violations.require(department, "department", "REQUIRED", "");
            violations.require(self.slot > 0, "slot", "FROM_1", &self.slot.to_string());
            let named = !self.inspector.is_empty();
            let drawn = matches!(self.choice, Choice::Next | Choice::Neighbour);
            let fits = named != drawn;
            violations.require(fits, "inspector_id", "NAMED_UNLESS_DRAWN", &self.inspector);
        }
    }
}

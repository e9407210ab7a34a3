//! What may be drawn, before it is sealed: units, inspectors, rules (SPEC.md section 2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hash::Suite;
use crate::domain::quota::{QuotaRule, RatioBase};

pub use crate::domain::profile::{Join, Slot};

/// A unit that may be drawn: a subject, or one of its premises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Code or `scheme:value`, with `#premises` where one subject has several.
    pub id: String,
    /// What is opened at the door: any JSON of texts and integers.
    pub record: Value,
    /// The one stratum the unit belongs to, such as `risk:C`.
    pub stratum: String,
    /// `in:PROFILE` or `x:REASON` for every department whose registry holds the unit.
    pub departments: BTreeMap<String, String>,
}

impl Unit {
    /// True when no department may draw the unit: it is opened to auditors only.
    #[must_use]
    pub fn is_excluded(&self) -> bool {
        !self.departments.values().any(|status| status.starts_with(IN))
    }
}

/// Prefix of the status of a unit that a department may draw.
pub const IN: &str = "in:";
/// Prefix of the status of a unit that a rule excludes for a department.
pub const EXCLUDED: &str = "x:";

/// An inspector who may be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspector {
    /// Unique over all departments.
    pub id: String,
    /// What is opened to those entitled.
    pub record: Value,
    /// The department the person belongs to.
    pub department: String,
    /// Lower tiers are sent first: 0 own staff, then borrowed people.
    pub tier: u64,
    /// May lead a joint team.
    pub may_lead: bool,
    /// Most visits of this draw the person can take.
    pub cap: u64,
    /// Qualifications and competences.
    pub tags: Vec<String>,
}

/// A public randomness round that does not exist yet when the commitments close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    /// The randomness network's chain hash.
    pub chain: String,
    /// The round's number.
    pub round: u64,
}

/// Everything one draw depends on, in clear. Never published: [`super::Sealed`] is.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The hash suite.
    pub alg: Suite,
    /// Resource name of the draw, bound into every ticket.
    pub draw_id: String,
    /// 1 for the first attempt of a campaign.
    pub attempt: u64,
    /// The lead department.
    pub lead: String,
    /// Who joins a visit.
    pub join: Join,
    /// What a ratio is a ratio of.
    pub ratio_base: RatioBase,
    /// Named slot lists.
    pub profiles: BTreeMap<String, Vec<Slot>>,
    /// Rule per department and stratum.
    pub quotas: BTreeMap<String, BTreeMap<String, QuotaRule>>,
    /// The sampling frame, in any order.
    pub units: Vec<Unit>,
    /// The inspector pools, in any order.
    pub inspectors: Vec<Inspector>,
    /// (unit id, inspector id) that may not meet.
    pub avoid: Vec<(String, String)>,
    /// (unit id, inspector id) that should meet again.
    pub keep: Vec<(String, String)>,
    /// Supervising offices, in the order their numbers are mixed in.
    pub contributors: Vec<String>,
    /// The public randomness round, if one is used.
    pub beacon: Option<Beacon>,
    /// Texts that the draw binds without reading.
    pub context: BTreeMap<String, String>,
}

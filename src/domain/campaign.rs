//! Joint campaigns: who, what, how many, and where it stands (R58–R63, R81).

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ceremony::Ceremony;
use super::inspector::PERSON_LIST_LEN_MAX;
use super::local_mode::Asks;
use super::profile::{DEFAULT, Join, Profile, SLOTS_MAX};
use super::quota::{BASIS_POINTS, QuotaRule};
pub use super::scope::Scope;
use super::subject::{RiskClass, UNCLASSIFIED};
use super::supplement::Supplement;
use super::{Violations, id, text};

/// Most participants of a campaign.
pub const PARTICIPANTS_MAX: usize = 100;
/// Most supervising offices of a campaign.
pub const CONTRIBUTORS_MAX: usize = 16;
/// Most proposals that one campaign can schedule.
pub const PROPOSALS_MAX: usize = 100_000;
/// Prefix of strata by risk class.
pub const RISK_STRATUM: &str = "risk:";
/// Suffix of the stratum of marked subjects (R54).
pub const MARKED: &str = "+marked";
/// Stands for every stratum in a quota.
pub const EVERY_STRATUM: &str = "*";
/// Most units one quota can ask for.
pub const COUNT_MAX: u64 = 10_000_000;

/// Mode of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// 综合大联查.
    Comprehensive,
    /// 风险分类联查.
    RiskBased,
    /// 专项整治联查.
    Special,
    /// 撮合: accepted proposals.
    MatchedPlans,
    /// A mode of the jurisdiction's own (R63).
    Local,
}

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Participants are invited.
    Proposed,
    /// May be frozen.
    Approved,
    /// Waits for commitments and reveals.
    Frozen,
    /// Visits may be read.
    Drawn,
    /// An attempt was aborted or its outcome voided; a further one has to be approved.
    Aborted,
    /// Everything that could have been drawn is open.
    Closed,
}

/// What can be done to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A participant accepts or declines.
    Answer,
    /// An office approves.
    Approve,
    /// The frame is frozen.
    Freeze,
    /// An office commits or reveals.
    Contribute,
    /// The draw is made.
    Draw,
    /// The attempt is aborted.
    Abort,
    /// The outcome is declared void.
    Void,
    /// A further attempt is approved; the campaign may be frozen again.
    Retry,
    /// The campaign is over.
    Close,
}

impl State {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Proposed, Self::Approved, Self::Frozen, Self::Drawn, Self::Aborted, Self::Closed];

    /// The state after an action, if the action is allowed here.
    #[must_use]
    pub const fn after(self, action: Action) -> Option<Self> {
        match (self, action) {
            (Self::Proposed, Action::Answer) => Some(Self::Proposed),
            (Self::Proposed, Action::Approve) | (Self::Aborted, Action::Retry) => {
                Some(Self::Approved)
            }
            (Self::Frozen, Action::Abort) | (Self::Drawn, Action::Void) => Some(Self::Aborted),
            (Self::Approved, Action::Freeze) | (Self::Frozen, Action::Contribute) => {
                Some(Self::Frozen)
            }
            (Self::Frozen, Action::Draw) => Some(Self::Drawn),
            (Self::Drawn, Action::Close) => Some(Self::Closed),
            _ => None,
        }
    }

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
            Self::Approved => "APPROVED",
            Self::Frozen => "FROZEN",
            Self::Drawn => "DRAWN",
            Self::Aborted => "ABORTED",
            Self::Closed => "CLOSED",
        }
    }
}

/// A participant's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Answer {
    /// No answer yet.
    Invited,
    /// Takes part.
    Accepted,
    /// Does not.
    Declined,
}

/// How many a department draws in a stratum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StratumQuota {
    /// `risk:A` to `risk:D`, `risk:U`, or `*`.
    pub stratum: String,
    /// The rule.
    pub rule: QuotaRule,
}

/// A department's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The department.
    pub department: String,
    /// Items it checks; empty for its whole list.
    pub items: Vec<String>,
    /// Quotas; none for a department that only joins.
    pub quotas: Vec<StratumQuota>,
    /// Profile of its teams.
    pub profile: String,
    /// Its answer.
    pub answer: Answer,
}

impl Participant {
    /// The rule for a stratum: its own, or the one for every stratum.
    #[must_use]
    pub fn rule(&self, stratum: &str) -> Option<&QuotaRule> {
        let named = |name: &str| self.quotas.iter().find(|q| q.stratum == name);
        named(stratum).or_else(|| named(EVERY_STRATUM)).map(|q| &q.rule)
    }
}

/// A joint campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// Identifier.
    pub id: String,
    /// Name.
    pub title: String,
    /// Jurisdiction.
    pub jurisdiction: String,
    /// Mode.
    pub mode: Mode,
    /// The lead department.
    pub lead: String,
    /// Who takes part.
    pub participants: Vec<Participant>,
    /// Which subjects.
    pub scope: Scope,
    /// Who joins a visit.
    pub join: Join,
    /// Named slot lists.
    pub profiles: Vec<Profile>,
    /// First day of visits.
    pub first_day: Date,
    /// Last day.
    pub last_day: Date,
    /// Supervising offices.
    pub contributors: Vec<String>,
    /// Deadlines and beacon of its draw.
    #[serde(default)]
    pub ceremony: Ceremony,
    /// Where it stands.
    pub state: State,
    /// Attempts so far.
    pub attempts: i64,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who approved it; empty until then.
    pub approved_by: String,
    /// Proposals of a MATCHED_PLANS campaign.
    pub proposals: Vec<String>,
    /// What it supplements; `None` for a draw of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplement: Option<Supplement>,
    /// Opens every ticket that could have been drawn, in hexadecimal; empty until closed.
    #[serde(default)]
    pub master_s: String,
    /// The annual plan it carries out; empty for none (R67).
    #[serde(default)]
    pub plan: String,
    /// The task of the plan.
    #[serde(default)]
    pub plan_task: String,
    /// The scheme it is made from; empty for none (R73).
    #[serde(default)]
    pub scheme: String,
    /// Version of the scheme; 0 for none.
    #[serde(default)]
    pub scheme_version: i64,
    /// Why subjects of listed items are all visited instead of drawn (R17); empty where some are drawn.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub override_reason: String,
    /// Last day for answers to invitations (R62); `None` for no such day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<Date>,
    /// Departments that had not answered when the invitations were closed (R62, R130).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silent: Vec<String>,
    /// The local mode; empty for a built-in one (R63).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub local_mode: String,
    /// Version of the local mode; 0 for none.
    #[serde(default)]
    pub local_mode_version: i64,
    /// What the local mode asked when the campaign was proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Asks>,
    /// Its items that are not on the joint list, as `department/code` (R15).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside_joint_list: Vec<String>,
    /// Counts changes; the etag.
    pub version: i64,
}

impl Campaign {
    /// The departments that take part for certain.
    pub fn accepted(&self) -> impl Iterator<Item = &Participant> {
        self.participants.iter().filter(|p| p.answer == Answer::Accepted)
    }

    /// Moves to the state after an action; `false` when the action is not allowed here.
    pub fn act(&mut self, action: Action) -> bool {
        let Some(next) = self.state.after(action) else { return false };
        self.state = next;
        self.version += 1;
        true
    }

    /// Checks forms, bounds and the rules between fields.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        id::check_slug(violations, &format!("{at}.campaign_id"), &self.id);
        text::require(violations, &format!("{at}.title"), &self.title, text::SHORT_CHARS_MAX);
        id::check_division(violations, &format!("{at}.jurisdiction"), &self.jurisdiction);
        let days = self.first_day <= self.last_day;
        let given = self.last_day.to_string();
        violations.require(days, format!("{at}.last_day"), "BEFORE_FIRST_DAY", &given);
        let reason = &self.override_reason;
        text::check(violations, &format!("{at}.override_reason"), reason, text::LONG_CHARS_MAX);
        self.check_participants(violations, at);
        self.check_contributors(violations, at);
        self.ceremony.check(violations, &format!("{at}.ceremony"), self.contributors.len());
        self.check_profiles(violations, at);
        self.scope.check(violations, &format!("{at}.scope"));
        self.check_mode(violations, at);
    }

    fn check_mode(&self, violations: &mut Violations, at: &str) {
        self.mode.asks().require(violations, at, self);
        let few = self.proposals.len() <= PROPOSALS_MAX;
        violations.require(few, format!("{at}.proposals"), "TOO_MANY", "");
        let field = format!("{at}.local_mode_id");
        match self.mode {
            Mode::Local => id::check_slug(violations, &field, &self.local_mode),
            _ => {
                let none = self.local_mode.is_empty();
                violations.require(none, field, "ONLY_LOCAL_MODE", &self.local_mode);
            }
        }
    }

    fn check_participants(&self, violations: &mut Violations, at: &str) {
        let field = format!("{at}.participants");
        let count = self.participants.len();
        violations.require((1..=PARTICIPANTS_MAX).contains(&count), &field, "COUNT", "");
        let mut seen = BTreeSet::new();
        for (i, participant) in self.participants.iter().enumerate() {
            let at = format!("{field}[{i}]");
            let department = &participant.department;
            id::check_slug(violations, &format!("{at}.department"), department);
            let new = seen.insert(department.as_str());
            violations.require(new, format!("{at}.department"), "DUPLICATE", department);
            let profile = &participant.profile;
            let known = profile == DEFAULT || self.profiles.iter().any(|p| p.name == *profile);
            violations.require(known, format!("{at}.profile"), "UNKNOWN_PROFILE", profile);
            check_quotas(violations, &format!("{at}.quotas"), &participant.quotas);
        }
        let leads = seen.contains(self.lead.as_str());
        violations.require(leads, format!("{at}.lead"), "LEAD_TAKES_PART", &self.lead);
    }

    fn check_contributors(&self, violations: &mut Violations, at: &str) {
        let field = format!("{at}.contributors");
        let count = self.contributors.len();
        // At least two: one office alone could choose its number to steer the draw.
        let rule = "TWO_TO_SIXTEEN_OFFICES";
        violations.require((2..=CONTRIBUTORS_MAX).contains(&count), &field, rule, "");
        let distinct: BTreeSet<&String> = self.contributors.iter().collect();
        violations.require(distinct.len() == count, &field, "DUPLICATE", "");
        for (i, office) in self.contributors.iter().enumerate() {
            text::require(violations, &format!("{field}[{i}]"), office, text::SHORT_CHARS_MAX);
        }
    }

    fn check_profiles(&self, violations: &mut Violations, at: &str) {
        for (i, profile) in self.profiles.iter().enumerate() {
            let at = format!("{at}.profiles[{i}]");
            id::check_slug(violations, &format!("{at}.name"), &profile.name);
            let slots = (1..=SLOTS_MAX).contains(&profile.slots.len());
            violations.require(slots, format!("{at}.slots"), "COUNT", "");
            let leads = profile.slots.iter().filter(|s| s.lead).count() <= 1;
            violations.require(leads, format!("{at}.slots"), "ONE_LEADER", "");
            for tag in profile.slots.iter().flat_map(|s| &s.requires) {
                text::require(violations, &format!("{at}.slots"), tag, text::SHORT_CHARS_MAX);
            }
            let tags = profile.slots.iter().all(|s| s.requires.len() <= PERSON_LIST_LEN_MAX);
            violations.require(tags, format!("{at}.slots"), "TOO_MANY", "");
        }
    }
}

fn check_quotas(violations: &mut Violations, field: &str, quotas: &[StratumQuota]) {
    let mut seen = BTreeSet::new();
    for (i, quota) in quotas.iter().enumerate() {
        let at = format!("{field}[{i}]");
        let class = quota.stratum.strip_prefix(RISK_STRATUM);
        let known = quota.stratum == EVERY_STRATUM
            || class.is_some_and(|c| c == UNCLASSIFIED || RiskClass::from_word(c).is_some());
        violations.require(known, format!("{at}.stratum"), "UNKNOWN_STRATUM", &quota.stratum);
        let new = seen.insert(&quota.stratum);
        violations.require(new, format!("{at}.stratum"), "DUPLICATE", &quota.stratum);
        let rule = &quota.rule;
        let says = rule.basis_points.is_some() != rule.count.is_some();
        violations.require(says, &at, "SHARE_OR_COUNT", "");
        let share = rule.basis_points.is_none_or(|s| s <= BASIS_POINTS);
        violations.require(share, format!("{at}.basis_points"), "SHARE_RANGE", "");
        let bounds = [("count", rule.count), ("min", rule.min), ("max", rule.max)];
        for (name, bound) in bounds {
            let good = bound.is_none_or(|n| n <= COUNT_MAX);
            violations.require(good, format!("{at}.{name}"), "COUNT_RANGE", "");
        }
        let ordered = rule.min.unwrap_or(0) <= rule.max.unwrap_or(u64::MAX);
        violations.require(ordered, format!("{at}.max"), "BELOW_MIN", "");
    }
}

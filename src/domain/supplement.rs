//! A supplementary draw: further subjects for a drawn campaign, by fresh randomness (R83).

use serde::{Deserialize, Serialize};

use super::Violations;
use super::campaign::{Campaign, EVERY_STRATUM, Mode, Participant};
use super::quota::{BASIS_POINTS, QuotaRule};

/// Why; there are no other reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SupplementReason {
    /// A department's reserve is used up.
    ReserveExhausted,
    /// Further subjects are to be visited.
    MoreSubjects,
    /// Slots are filled jointly with the neighbouring jurisdictions' people (R94).
    NeighbourPool,
}

impl SupplementReason {
    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReserveExhausted => "RESERVE_EXHAUSTED",
            Self::MoreSubjects => "MORE_SUBJECTS",
            Self::NeighbourPool => "NEIGHBOUR_POOL",
        }
    }
}

/// What a supplementary campaign is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplement {
    /// The campaign it supplements.
    pub parent: String,
    /// Why.
    pub reason: SupplementReason,
    /// Of a draw with neighbours: numbers of the approved changes whose slots it fills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<i64>,
    /// The drawn attempt it supplements.
    pub attempt: i64,
    /// That attempt's freeze, in hexadecimal.
    pub freeze_hash: String,
    /// That attempt's outcome, in hexadecimal.
    pub result_root: String,
}

impl Supplement {
    /// Whether it draws people for empty slots, rather than subjects.
    #[must_use]
    pub fn draws_people(&self) -> bool {
        self.reason == SupplementReason::NeighbourPool
    }

    /// The texts by which a frozen statement names what it supplements, with their keys.
    #[must_use]
    pub fn context(&self) -> [(&'static str, String); 4] {
        [
            ("supplement_of", format!("campaigns/{}/draws/{}", self.parent, self.attempt)),
            ("supplement_freeze_hash", self.freeze_hash.clone()),
            ("supplement_result_root", self.result_root.clone()),
            ("supplement_reason", self.reason.word().to_owned()),
        ]
    }

    /// Checks that a supplementary campaign is like the one it supplements: the same rules, offices
    /// and people, some of its departments, other numbers.
    pub fn check(violations: &mut Violations, at: &str, new: &Campaign, parent: &Campaign) {
        let rule = "AS_THE_DRAW_IT_SUPPLEMENTS";
        let same = [
            ("jurisdiction", new.jurisdiction == parent.jurisdiction),
            ("mode", new.mode == parent.mode),
            ("local_mode_id", new.local_mode == parent.local_mode),
            ("scope", new.scope == parent.scope),
            ("join", new.join == parent.join),
            ("profiles", new.profiles == parent.profiles),
            ("contributors", new.contributors == parent.contributors),
            ("ceremony", new.ceremony == parent.ceremony),
        ];
        for (field, holds) in same {
            violations.require(holds, format!("{at}.{field}"), rule, "");
        }
        let matched = parent.mode == Mode::MatchedPlans;
        violations.require(!matched, format!("{at}.mode"), "MATCHED_PLANS_DRAW_NOBODY", "");
        let people = new.supplement.as_ref().is_some_and(Self::draws_people);
        let every = |p: &Participant| match p.quotas.as_slice() {
            [q] => q.stratum == EVERY_STRATUM && q.rule == QuotaRule::share(BASIS_POINTS),
            _ => false,
        };
        let all = !people || new.participants.iter().all(every);
        violations.require(all, format!("{at}.participants.quotas"), "EVERY_SLOT_IS_DRAWN_FOR", "");
        let days = (new.first_day, new.last_day) == (parent.first_day, parent.last_day);
        violations.require(!people || days, format!("{at}.first_day"), rule, "");
        let changes = new.supplement.as_ref().is_some_and(|of| !of.changes.is_empty());
        violations.require(
            people == changes,
            format!("{at}.supplement.changes"),
            "ONLY_NEIGHBOUR_POOL",
            "",
        );
        let like = |p: &Participant| {
            let known = parent.accepted().find(|other| other.department == p.department);
            known.is_some_and(|other| other.items == p.items && other.profile == p.profile)
        };
        for (i, participant) in new.participants.iter().enumerate() {
            let field = format!("{at}.participants[{i}]");
            violations.require(like(participant), field, rule, &participant.department);
        }
    }
}

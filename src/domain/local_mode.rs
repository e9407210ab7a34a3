//! What a mode asks of a campaign, and the modes a jurisdiction adds as data (R58–R63).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::campaign::{Campaign, EVERY_STRATUM, Mode};
use super::item::ItemList;
use super::subject::{RiskClass, RiskFactKind, UNCLASSIFIED};
use super::{Violations, id, text};

/// Most catalogue codes of one mode.
pub const CODES_MAX: usize = 500;

/// What a campaign of a mode has to be like. The built-in modes are said in the same words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asks {
    /// Accepted proposals are visited; nobody is drawn by quota.
    #[serde(default)]
    pub proposals: bool,
    /// The scope names a field, by tags.
    #[serde(default)]
    pub field: bool,
    /// Subjects are chosen by risk: the scope names classes or marks, or the quotas name strata.
    #[serde(default)]
    pub by_risk: bool,
    /// The only risk classes of the scope; empty for any.
    #[serde(default)]
    pub risk_classes: Vec<String>,
    /// The only marks of the scope, one of which it names; empty for no such demand.
    #[serde(default)]
    pub marks: Vec<RiskFactKind>,
    /// Catalogue codes: participants name items, and each has one of these; empty for any items.
    #[serde(default)]
    pub items: Vec<String>,
}

impl Mode {
    /// What a built-in mode asks; a local one asks what its data says.
    #[must_use]
    pub fn asks(self) -> Asks {
        let none = Asks::default();
        match self {
            Self::Comprehensive | Self::Local => none,
            Self::RiskBased => Asks { by_risk: true, ..none },
            Self::Special => Asks { field: true, ..none },
            Self::MatchedPlans => Asks { proposals: true, ..none },
        }
    }
}

impl Asks {
    /// Holds a campaign against what its mode asks, but for the items.
    pub fn require(&self, violations: &mut Violations, at: &str, campaign: &Campaign) {
        let scope = &campaign.scope;
        let field = format!("{at}.proposals");
        let given = !campaign.proposals.is_empty();
        violations.require(self.proposals || !given, &field, "ONLY_MATCHED_PLANS", "");
        violations.require(!self.proposals || given, &field, "REQUIRED", "");
        let draws = self.proposals || campaign.participants.iter().any(|p| !p.quotas.is_empty());
        violations.require(draws, format!("{at}.participants.quotas"), "NOBODY_DRAWS", "");
        let named = !self.field || !scope.tags.is_empty();
        violations.require(named, format!("{at}.scope.tags"), "SPECIAL_NEEDS_FIELD", "");
        let mut quotas = campaign.participants.iter().flat_map(|p| &p.quotas);
        let by_risk = !self.by_risk
            || !scope.risk_classes.is_empty()
            || !scope.marked_by.is_empty()
            || !quotas.any(|q| q.stratum == EVERY_STRATUM);
        let field = format!("{at}.participants.quotas");
        violations.require(by_risk, field, "RISK_BASED_NEEDS_CLASSES", EVERY_STRATUM);
        let classes = &scope.risk_classes;
        let fits = self.risk_classes.is_empty()
            || (!classes.is_empty() && classes.iter().all(|c| self.risk_classes.contains(c)));
        let field = format!("{at}.scope.risk_classes");
        violations.require(fits, field, "CLASSES_OF_THE_MODE", &classes.join(","));
        let marks = &scope.marked_by;
        let fits = self.marks.is_empty()
            || (!marks.is_empty() && marks.iter().all(|m| self.marks.contains(m)));
        violations.require(fits, format!("{at}.scope.marked_by"), "MARKS_OF_THE_MODE", "");
    }

    /// Holds the participants' items against the mode's catalogue codes.
    pub fn require_items(
        &self,
        violations: &mut Violations,
        at: &str,
        campaign: &Campaign,
        lists: &[ItemList],
    ) {
        if self.items.is_empty() {
            return;
        }
        for (i, participant) in campaign.participants.iter().enumerate() {
            let field = format!("{at}.participants[{i}].items");
            let named = !participant.items.is_empty();
            violations.require(named, &field, "MODE_NAMES_ITEMS", &participant.department);
            let list = lists.iter().find(|l| l.department == participant.department);
            for code in &participant.items {
                let items = list.map_or(&[][..], |l| &l.items);
                let own = items.iter().find(|item| item.code == *code);
                let fits = own.is_some_and(|item| self.items.contains(&item.external_code));
                violations.require(fits, &field, "ITEM_OUTSIDE_MODE", code);
            }
        }
    }

    fn check(&self, violations: &mut Violations, at: &str) {
        for (i, class) in self.risk_classes.iter().enumerate() {
            let known = class == UNCLASSIFIED || RiskClass::from_word(class).is_some();
            violations.require(known, format!("{at}.risk_classes[{i}]"), "UNKNOWN_CLASS", class);
        }
        violations.require(self.items.len() <= CODES_MAX, format!("{at}.items"), "TOO_MANY", "");
        for (i, code) in self.items.iter().enumerate() {
            text::require(violations, &format!("{at}.items[{i}]"), code, text::SHORT_CHARS_MAX);
        }
        let distinct: BTreeSet<&RiskFactKind> = self.marks.iter().collect();
        let once = distinct.len() == self.marks.len();
        violations.require(once, format!("{at}.marks"), "DUPLICATE", "");
    }
}

/// A mode of a jurisdiction's own, in one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalMode {
    /// The jurisdiction.
    pub jurisdiction: String,
    /// Identifier within the jurisdiction.
    pub id: String,
    /// Name.
    pub name: String,
    /// The document it rests on.
    pub basis: String,
    /// What it asks.
    pub asks: Asks,
    /// 1 for the first version.
    pub version: i64,
}

impl LocalMode {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        id::check_division(violations, &format!("{at}.jurisdiction"), &self.jurisdiction);
        id::check_slug(violations, &format!("{at}.mode_id"), &self.id);
        text::require(violations, &format!("{at}.name"), &self.name, text::SHORT_CHARS_MAX);
        text::require(violations, &format!("{at}.basis"), &self.basis, text::SHORT_CHARS_MAX);
        self.asks.check(violations, at);
    }
}

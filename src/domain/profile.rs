//! Who has to stand at the door: named slot lists of a campaign (R88–R90).

use serde::{Deserialize, Serialize};

/// Name of the profile that a participant has when it names none.
pub const DEFAULT: &str = "default";
/// Most slots of one profile.
pub const SLOTS_MAX: usize = 20;

/// Who has to stand at the door for a department: one slot of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// True when the lead department's person in this slot leads the team.
    pub lead: bool,
    /// Tags the person must carry, all of them.
    pub requires: Vec<String>,
}

/// Which departments take part in a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Join {
    /// Those that drew the unit.
    #[serde(rename = "DRAWN_ONLY")]
    DrawnOnly,
    /// Also every other department that may check the unit (综合大联查).
    #[serde(rename = "ALL_APPLICABLE")]
    AllApplicable,
}

/// A named slot list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Name within the campaign.
    pub name: String,
    /// The slots.
    pub slots: Vec<Slot>,
}

impl Profile {
    /// The default: as many slots as the policy asks for, the first one leading.
    #[must_use]
    pub fn default_of(people: usize) -> Self {
        let slot = |i: usize| Slot { lead: i == 0, requires: Vec::new() };
        Self { name: DEFAULT.to_owned(), slots: (0..people.max(1)).map(slot).collect() }
    }
}

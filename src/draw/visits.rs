//! From winners to visits: one door, many departments (SPEC.md section 5).

use std::collections::BTreeMap;

use super::frame::Join;
use super::freeze::Freeze;
use super::lot::{Lot, Winner};
use super::pool::Pool;

/// How a department came to a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum How {
    /// It drew the unit.
    #[serde(rename = "drawn")]
    Drawn,
    /// Another department drew it and this one is competent (`ALL_APPLICABLE`).
    #[serde(rename = "joined")]
    Joined,
}

impl How {
    /// The word that stands in the hashes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Drawn => "drawn",
            Self::Joined => "joined",
        }
    }
}

/// One department's part of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The department.
    pub department: String,
    /// How it came to be here.
    pub how: How,
    /// The profile that says who has to come.
    pub profile: String,
    /// Per slot of the profile, the inspector's position in the pool.
    pub team: Vec<Option<usize>>,
}

/// One entry through one door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// 1 for the smallest lot.
    pub rank: u64,
    /// Position of the unit in the pool.
    pub unit: usize,
    /// Sections by department.
    pub sections: Vec<Section>,
}

/// Collapses the winners (reserves left out by the caller) into visits with empty teams.
#[must_use]
pub fn merge(freeze: &Freeze, pool: &Pool, lots: &[Lot], winners: &[Winner]) -> Vec<Visit> {
    let mut drawn: BTreeMap<(Lot, usize), BTreeMap<&str, How>> = BTreeMap::new();
    for winner in winners {
        let key = (lots[winner.unit], winner.unit);
        drawn.entry(key).or_default().insert(&winner.department, How::Drawn);
    }
    (1..)
        .zip(drawn)
        .map(|(rank, ((_, unit), mut departments))| {
            let leaf = pool.units.kind(unit);
            if freeze.join == Join::AllApplicable {
                for (department, _) in &leaf.statuses {
                    if leaf.profile(department).is_some() {
                        departments.entry(department).or_insert(How::Joined);
                    }
                }
            }
            let section = |(department, how): (&str, How)| {
                let profile = leaf.profile(department).unwrap_or_default().to_owned();
                let slots = freeze.profiles.get(&profile).map_or(0, Vec::len);
                Section { department: department.to_owned(), how, profile, team: vec![None; slots] }
            };
            Visit { rank, unit, sections: departments.into_iter().map(section).collect() }
        })
        .collect()
}

//! What a draw costs and saves: checks, doors, joint share, and the doors of separate draws.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::draw::frame::EXCLUDED;
use crate::draw::freeze::Freeze;
use crate::draw::outcome::Outcome;
use crate::draw::pool::Pool;

/// A stratum smaller than this gives its members away.
pub const SMALL_STRATUM: u64 = 20;
/// Parts in a whole, for probabilities in integers.
const ONE: u64 = 1 << 32;

/// Figures of one department.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Units its registry holds.
    pub registered: u64,
    /// Units it may draw.
    pub eligible: u64,
    /// Checks it makes.
    pub checks: u64,
    /// Inspectors in its pool.
    pub inspectors: u64,
    /// Fewest visits of one inspector.
    pub load_min: u64,
    /// Most visits of one inspector.
    pub load_max: u64,
    /// Empty slots.
    pub shortages: u64,
}

/// Figures of a draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Units in the frame.
    pub units: u64,
    /// Sections over all visits.
    pub checks: u64,
    /// Visits.
    pub doors: u64,
    /// Checks that share a door.
    pub joint_checks: u64,
    /// Visits of two or more departments.
    pub joint_doors: u64,
    /// Visits saved against one visit per check.
    pub visits_saved: u64,
    /// Doors, by expectation, when each department draws by itself and only coincidences merge.
    pub independent_doors: u64,
    /// Joint checks, by expectation, of such separate draws.
    pub independent_joint_checks: u64,
    /// Empty slots.
    pub shortages: u64,
    /// Per department.
    pub loads: BTreeMap<String, Load>,
    /// Excluded units per department and rule.
    pub exclusions: BTreeMap<String, BTreeMap<String, u64>>,
    /// `department stratum` pairs that give their members away.
    pub small_strata: Vec<String>,
}

/// Counts an outcome.
#[must_use]
pub fn count(freeze: &Freeze, pool: &Pool, outcome: &Outcome) -> Figures {
    let sections = |v: &crate::draw::visits::Visit| v.sections.len() as u64;
    let checks: u64 = outcome.visits.iter().map(sections).sum();
    let doors = outcome.visits.len() as u64;
    let joint = || outcome.visits.iter().map(sections).filter(|n| *n > 1);
    let (independent_doors, independent_joint_checks) = independent(freeze, pool);
    let mut figures = Figures {
        units: pool.units.len() as u64,
        checks,
        doors,
        joint_checks: joint().sum(),
        joint_doors: joint().count() as u64,
        visits_saved: checks - doors,
        independent_doors,
        independent_joint_checks,
        shortages: outcome.dealt.short,
        ..Figures::default()
    };
    count_pool(pool, &mut figures);
    count_teams(pool, outcome, &mut figures);
    figures.small_strata = freeze
        .quotas
        .iter()
        .flat_map(|(d, strata)| strata.iter().map(move |(s, q)| (d, s, q)))
        .filter(|(_, _, q)| q.draw > 0 && (q.eligible < SMALL_STRATUM || q.draw * 2 > q.eligible))
        .map(|(d, s, _)| format!("{d} {s}"))
        .collect();
    figures
}

fn count_pool(pool: &Pool, figures: &mut Figures) {
    for (kind, units) in pool.units.counted() {
        for (department, status) in &kind.statuses {
            let load = figures.loads.entry(department.clone()).or_default();
            load.registered += units;
            match status.strip_prefix(EXCLUDED) {
                None => load.eligible += units,
                Some(rule) => {
                    let rules = figures.exclusions.entry(department.clone()).or_default();
                    *rules.entry(rule.to_owned()).or_default() += units;
                }
            }
        }
    }
}

fn count_teams(pool: &Pool, outcome: &Outcome, figures: &mut Figures) {
    let mut visits_of = vec![0u64; pool.inspectors.len()];
    for section in outcome.visits.iter().flat_map(|v| &v.sections) {
        let load = figures.loads.entry(section.department.clone()).or_default();
        load.checks += 1;
        for member in &section.team {
            match member {
                Some(inspector) => visits_of[*inspector] += 1,
                None => load.shortages += 1,
            }
        }
    }
    for (leaf, visits) in pool.inspectors.iter().zip(visits_of) {
        let load = figures.loads.entry(leaf.department.clone()).or_default();
        load.load_min = if load.inspectors == 0 { visits } else { load.load_min.min(visits) };
        load.load_max = load.load_max.max(visits);
        load.inspectors += 1;
    }
}

/// Doors and joint checks, by expectation, when each department draws by itself: sums over units
/// the chance that anybody draws it, and the chances that a department does not draw it alone.
fn independent(freeze: &Freeze, pool: &Pool) -> (u64, u64) {
    let mut chances: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (department, strata) in &freeze.quotas {
        for (stratum, quota) in strata.iter().filter(|(_, q)| q.eligible > 0) {
            chances.insert((department, stratum), quota.draw * ONE / quota.eligible);
        }
    }
    let (mut doors, mut joint) = (0, 0);
    for (kind, units) in pool.units.counted() {
        let chance = |(department, _): &(String, String)| {
            kind.profile(department)?;
            chances.get(&(department.as_str(), kind.stratum.as_str())).copied()
        };
        let drawn: Vec<u64> = kind.statuses.iter().filter_map(chance).collect();
        doors += u128::from(units) * u128::from(ONE - missed(drawn.iter()));
        for (i, own) in drawn.iter().enumerate() {
            let others = drawn.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, c)| c);
            let shared = u128::from(*own) * u128::from(ONE - missed(others)) / u128::from(ONE);
            joint += u128::from(units) * shared;
        }
    }
    (rounded(doors), rounded(joint))
}

/// The chance that none of some independent chances comes true.
fn missed<'a>(chances: impl Iterator<Item = &'a u64>) -> u64 {
    chances.fold(ONE, |missed, chance| {
        let product = u128::from(missed) * u128::from(ONE - chance) / u128::from(ONE);
        u64::try_from(product).unwrap_or(ONE)
    })
}

fn rounded(sum: u128) -> u64 {
    u64::try_from((sum + u128::from(ONE / 2)) / u128::from(ONE)).unwrap_or(u64::MAX)
}

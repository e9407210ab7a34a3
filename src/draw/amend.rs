//! After the draw: who comes next in the same order (SPEC.md sections 4 and 6).

use std::collections::{BTreeMap, BTreeSet};

use super::chacha::Blocks;
use super::freeze::Freeze;
use super::hash::Digest;
use super::lot::{self, Lot, Winner};
use super::pool::{InspectorLeaf, Pool};
use super::seed::Seed;
use crate::domain::profile::Slot;

/// A slot of a team that somebody is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Vacancy<'a> {
    /// The department that sends somebody.
    pub department: &'a str,
    /// The unit that is visited.
    pub unit: Digest,
    /// What the slot asks for.
    pub slot: &'a Slot,
    /// Whether who stands in the slot leads the team.
    pub leads: bool,
    /// Who is out of the question: at the door already, or sent away from it.
    pub barred: &'a BTreeSet<Digest>,
}

impl Vacancy<'_> {
    /// Whether somebody of the pool suits, load aside.
    #[must_use]
    pub fn suits(&self, pool: &Pool, leaf: &InspectorLeaf) -> bool {
        leaf.department == self.department
            && self.slot.requires.iter().all(|tag| leaf.tags.binary_search(tag).is_ok())
            && (leaf.may_lead || !self.leads)
            && !self.barred.contains(&leaf.ticket)
            && pool.avoid.binary_search(&(self.unit, leaf.ticket)).is_err()
    }
}

/// The suiting inspector below the cap with the smallest `(tier, load, prio(i, load), i)`, as a
/// position in the pool.
#[must_use]
pub fn next_suiting(
    pool: &Pool,
    seed: &Seed,
    loads: &BTreeMap<Digest, u64>,
    vacancy: &Vacancy<'_>,
) -> Option<usize> {
    let blocks = Blocks::new(&seed.inspector_key(vacancy.department));
    let all = pool.inspectors.iter().enumerate();
    let own = all.filter(|(_, leaf)| leaf.department == vacancy.department);
    let load = |leaf: &InspectorLeaf| loads.get(&leaf.ticket).copied().unwrap_or(0);
    (0u64..)
        .zip(own)
        .filter(|(_, (_, leaf))| vacancy.suits(pool, leaf) && load(leaf) < leaf.cap)
        .map(|(i, (seat, leaf))| {
            let load = load(leaf);
            ((leaf.tier, load, blocks.numbers(i, load)[0], i), seat)
        })
        .min()
        .map(|(_, seat)| seat)
}

/// The reserves of all departments and strata, `count` of each, by (department, stratum, rank).
#[must_use]
pub fn reserves(freeze: &Freeze, pool: &Pool, lots: &[Lot], count: u64) -> Vec<Winner> {
    let mut winners = lot::select(freeze, pool, lots, count);
    winners.retain(|w| w.rank > freeze.quotas[&*w.department][&*w.stratum].draw);
    winners
}

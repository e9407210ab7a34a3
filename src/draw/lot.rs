//! One lot per unit, shared by all departments, and each department's winners (SPEC.md section 4).

use std::collections::BTreeMap;

use super::chacha;
use super::frame::IN;
use super::freeze::Freeze;
use super::hash::Digest;
use super::pool::Pool;

pub use super::chacha::Lot;

/// A unit that a department drew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Winner {
    /// The department that drew it.
    pub department: String,
    /// The stratum it was drawn in.
    pub stratum: String,
    /// 1 for the first drawn; ranks above the quota are the reserve (递补).
    pub rank: u64,
    /// Position in the pool's units.
    pub unit: usize,
}

/// The lots of all units, in pool order, computed on all cores.
#[must_use]
pub fn lots(pool: &Pool, key: &Digest) -> Vec<Lot> {
    let mut lots = vec![Lot::default(); pool.units.len()];
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = pool.units.len().div_ceil(cores).max(chacha::LANES);
    std::thread::scope(|scope| {
        for (units, lots) in pool.units.chunks(share).zip(lots.chunks_mut(share)) {
            scope.spawn(move || {
                let tickets: Vec<Digest> = units.iter().map(|leaf| leaf.ticket).collect();
                chacha::lots(key, &tickets, lots);
            });
        }
    });
    lots
}

/// One department's draw in one stratum, while candidates are gathered.
struct Drum<'a> {
    department: &'a str,
    stratum: &'a str,
    /// Ranks wanted.
    take: usize,
    /// Units above this cannot be among the smallest, unless too few lie below.
    ceiling: u64,
    /// Units with status `in:*`.
    eligible: usize,
    candidates: Vec<usize>,
}

impl<'a> Drum<'a> {
    fn new(freeze: &'a Freeze, department: &'a str, stratum: &'a str, reserves: u64) -> Self {
        let quota = &freeze.quotas[department][stratum];
        let take = quota.draw.saturating_add(reserves);
        let ceiling = ceiling(take, quota.eligible);
        let take = usize::try_from(take).unwrap_or(usize::MAX);
        Self { department, stratum, take, ceiling, eligible: 0, candidates: Vec::new() }
    }

    fn is_short(&self) -> bool {
        self.candidates.len() < self.take.min(self.eligible)
    }

    fn winners(mut self, lots: &[Lot]) -> impl Iterator<Item = Winner> {
        let take = self.take.min(self.candidates.len());
        let units = &mut self.candidates;
        // Pool order is ticket order, so the unit's position breaks ties as its ticket would.
        if take > 0 && take < units.len() {
            units.select_nth_unstable_by_key(take - 1, |&u| (lots[u], u));
        }
        units.truncate(take);
        units.sort_unstable_by_key(|&u| (lots[u], u));
        (1..).zip(self.candidates).map(move |(rank, unit)| Winner {
            department: self.department.to_owned(),
            stratum: self.stratum.to_owned(),
            rank,
            unit,
        })
    }
}

/// Standard deviations by which candidates outnumber the ranks wanted.
const SPARE_DEVIATIONS: u64 = 8;
/// Candidates on top, for strata where few are wanted.
const SPARE_CANDIDATES: u64 = 32;

/// The first eight bytes below which a little more than `take` of `eligible` lots lie, all but
/// certainly, because lots are uniform.
fn ceiling(take: u64, eligible: u64) -> u64 {
    let spare = SPARE_DEVIATIONS.saturating_mul(take.isqrt()).saturating_add(SPARE_CANDIDATES);
    let wanted = take.saturating_add(spare);
    if wanted >= eligible {
        return u64::MAX;
    }
    u64::try_from((u128::from(wanted) << 64) / u128::from(eligible)).unwrap_or(u64::MAX)
}

fn prefix(lot: &Lot) -> u64 {
    lot.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// Every department's draw, with as many reserves per stratum as asked for, by (department,
/// stratum, rank). One pass over the pool keeps the few units that can win; should the lots leave
/// a stratum short of candidates, a second pass takes all of its units.
#[must_use]
pub fn select(freeze: &Freeze, pool: &Pool, lots: &[Lot], reserves: u64) -> Vec<Winner> {
    let mut drums: Vec<Drum<'_>> = freeze
        .quotas
        .iter()
        .flat_map(|(d, strata)| strata.keys().map(move |s| Drum::new(freeze, d, s, reserves)))
        .collect();
    gather(&mut drums, pool, lots);
    for drum in &mut drums {
        if drum.is_short() {
            drum.ceiling = u64::MAX;
            (drum.eligible, drum.candidates) = (0, Vec::new());
            gather(std::slice::from_mut(drum), pool, lots);
        }
    }
    drums.into_iter().flat_map(|drum| drum.winners(lots)).collect()
}

fn gather(drums: &mut [Drum<'_>], pool: &Pool, lots: &[Lot]) {
    let place: BTreeMap<(&str, &str), usize> =
        drums.iter().enumerate().map(|(i, d)| ((d.department, d.stratum), i)).collect();
    for (unit, leaf) in pool.units.iter().enumerate() {
        for (department, status) in leaf.statuses.iter() {
            if status.starts_with(IN)
                && let Some(at) = place.get(&(department.as_str(), &*leaf.stratum))
            {
                let drum = &mut drums[*at];
                drum.eligible += 1;
                if prefix(&lots[unit]) <= drum.ceiling {
                    drum.candidates.push(unit);
                }
            }
        }
    }
}

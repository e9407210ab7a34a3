//! One lot per unit, shared by all departments, and each department's winners (SPEC.md section 4).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::chacha;
use super::frame::IN;
use super::freeze::Freeze;
use super::hash::Digest;
use super::pool::Pool;

pub use super::chacha::Lot;

/// Fewer units than this are not worth a thread.
const UNITS_PER_THREAD_MIN: usize = 4_096;

/// A unit that a department drew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Winner {
    /// The department that drew it.
    pub department: Arc<str>,
    /// The stratum it was drawn in.
    pub stratum: Arc<str>,
    /// 1 for the first drawn; ranks above the quota are the reserve (递补).
    pub rank: u64,
    /// Position in the pool's units.
    pub unit: usize,
}

/// The lots of all units, in pool order, computed on all cores.
#[must_use]
pub fn lots(pool: &Pool, key: &Digest) -> Vec<Lot> {
    let tickets = pool.units.tickets();
    let mut lots = vec![Lot::default(); tickets.len()];
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = tickets.len().div_ceil(cores).max(UNITS_PER_THREAD_MIN);
    std::thread::scope(|scope| {
        for (tickets, lots) in tickets.chunks(share).zip(lots.chunks_mut(share)) {
            scope.spawn(move || chacha::lots(key, tickets, lots));
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
    eligible: u64,
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
        (self.candidates.len() as u64) < (self.take as u64).min(self.eligible)
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
        let (department, stratum): (Arc<str>, Arc<str>) =
            (self.department.into(), self.stratum.into());
        (1..).zip(self.candidates).map(move |(rank, unit)| Winner {
            department: department.clone(),
            stratum: stratum.clone(),
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
    // Per kind of unit, the drums its units are in and the highest of their ceilings.
    let mut routes: Vec<(u64, Vec<usize>)> = Vec::new();
    for (kind, units) in pool.units.counted() {
        let drawn = kind.statuses.iter().filter(|(_, status)| status.starts_with(IN));
        let at: Vec<usize> = drawn
            .filter_map(|(d, _)| place.get(&(d.as_str(), kind.stratum.as_str())).copied())
            .collect();
        at.iter().for_each(|i| drums[*i].eligible += units);
        routes.push((at.iter().map(|i| drums[*i].ceiling).max().unwrap_or(0), at));
    }
    for (unit, (lot, kind)) in lots.iter().zip(pool.units.kind_of()).enumerate() {
        let (ceiling, route) = &routes[*kind as usize];
        let start = prefix(lot);
        if start > *ceiling {
            continue;
        }
        for at in route {
            let drum = &mut drums[*at];
            if start <= drum.ceiling {
                drum.candidates.push(unit);
            }
        }
    }
}

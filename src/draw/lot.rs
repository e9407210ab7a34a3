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

/// Every department's draw, with as many reserves per stratum as asked for.
///
/// Winners come first by (department, stratum, rank); `reserves` counts ranks beyond the quota.
#[must_use]
pub fn select(freeze: &Freeze, pool: &Pool, lots: &[Lot], reserves: u64) -> Vec<Winner> {
    let mut eligible: Vec<((&str, &str), Vec<usize>)> = Vec::new();
    let mut place: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (department, strata) in &freeze.quotas {
        for stratum in strata.keys() {
            place.insert((department, stratum), eligible.len());
            eligible.push(((department, stratum), Vec::new()));
        }
    }
    for (unit, leaf) in pool.units.iter().enumerate() {
        for (department, status) in leaf.statuses.iter() {
            if status.starts_with(IN)
                && let Some(at) = place.get(&(department.as_str(), &*leaf.stratum))
            {
                eligible[*at].1.push(unit);
            }
        }
    }
    let mut winners = Vec::new();
    for ((department, stratum), mut units) in eligible {
        let draw = freeze.quotas[department][stratum].draw.saturating_add(reserves);
        let take = usize::try_from(draw).unwrap_or(usize::MAX).min(units.len());
        // Pool order is ticket order, so the unit's position breaks ties as its ticket would.
        if take > 0 && take < units.len() {
            units.select_nth_unstable_by_key(take - 1, |&u| (lots[u], u));
        }
        units.truncate(take);
        units.sort_unstable_by_key(|&u| (lots[u], u));
        winners.extend((1..).zip(units).map(|(rank, unit)| Winner {
            department: department.to_owned(),
            stratum: stratum.to_owned(),
            rank,
            unit,
        }));
    }
    winners
}

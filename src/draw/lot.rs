//! One lot per unit, shared by all departments, and each department's winners (SPEC.md section 4).

use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use super::freeze::Freeze;
use super::hash::Digest;
use super::pool::Pool;

/// 32-bit words in a ChaCha20 block.
const BLOCK_WORDS: u128 = 16;
/// Width of a lot, in bytes.
pub const LOT_BYTES: usize = 16;

/// The first 16 bytes of a unit's ChaCha20 block.
pub type Lot = [u8; LOT_BYTES];

/// Reads the ChaCha20 stream under one key at stated blocks.
pub struct Blocks(ChaCha20Rng);

impl Blocks {
    /// A reader for one key.
    #[must_use]
    pub fn new(key: &Digest) -> Self {
        Self(ChaCha20Rng::from_seed(key.0))
    }

    fn seek(&mut self, nonce: u64, counter: u64) {
        self.0.set_stream(nonce);
        self.0.set_word_pos(BLOCK_WORDS * u128::from(counter));
    }

    /// The lot of a ticket: counter and nonce are its first and second eight bytes.
    pub fn lot(&mut self, ticket: &Digest) -> Lot {
        let [counter, nonce, ..] = ticket.0.as_chunks::<8>().0 else { unreachable_short() };
        self.seek(u64::from_le_bytes(*nonce), u64::from_le_bytes(*counter));
        let mut lot = [0; LOT_BYTES];
        self.0.fill_bytes(&mut lot);
        lot
    }

    /// The first eight bytes of block (`nonce`, `counter`), as a little-endian number.
    pub fn number(&mut self, nonce: u64, counter: u64) -> u64 {
        self.seek(nonce, counter);
        self.0.next_u64()
    }
}

fn unreachable_short() -> ! {
    unreachable!("a digest holds four chunks of eight bytes")
}

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

/// The lots of all units, in pool order.
#[must_use]
pub fn lots(pool: &Pool, key: &Digest) -> Vec<Lot> {
    let mut blocks = Blocks::new(key);
    pool.units.iter().map(|leaf| blocks.lot(&leaf.ticket)).collect()
}

/// Every department's draw, with as many reserves per stratum as asked for.
///
/// Winners come first by (department, stratum, rank); `reserves` counts ranks beyond the quota.
#[must_use]
pub fn select(freeze: &Freeze, pool: &Pool, lots: &[Lot], reserves: u64) -> Vec<Winner> {
    let mut eligible: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (department, strata) in &freeze.quotas {
        for stratum in strata.keys() {
            eligible.insert((department, stratum), Vec::new());
        }
    }
    for (unit, leaf) in pool.units.iter().enumerate() {
        for (department, _) in &leaf.statuses {
            if leaf.profile(department).is_some()
                && let Some(units) = eligible.get_mut(&(department.as_str(), &*leaf.stratum))
            {
                units.push(unit);
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

//! The whole draw as one function of published data.

use super::deal::{self, DealCount};
use super::freeze::Freeze;
use super::hash::Digest;
use super::lot::{self, Winner};
use super::pool::Pool;
use super::result;
use super::seed::Seed;
use super::visits::{self, Visit};

/// What a seed does to a frozen pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The drawn units by (department, stratum, rank).
    pub winners: Vec<Winner>,
    /// The visits by rank, with their teams.
    pub visits: Vec<Visit>,
    /// How dealing went.
    pub dealt: DealCount,
    /// Binds all of it.
    pub result_root: Digest,
}

/// Draws subjects, merges them into visits and deals teams. Linear in the pool, up to a logarithm.
#[must_use]
pub fn draw(freeze: &Freeze, pool: &Pool, seed: &Seed) -> Outcome {
    let lots = lot::lots(pool, &seed.subject_key());
    let winners = lot::select(freeze, pool, &lots, 0);
    let mut visits = visits::merge(freeze, pool, &lots, &winners);
    let dealt = deal::deal(freeze, pool, seed, &mut visits);
    let result_root = result::root(freeze.alg, pool, &winners, &visits);
    Outcome { winners, visits, dealt, result_root }
}

//! Seeded randomness of the generator: ChaCha20, integers only, no modulo bias.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// Per mille in a whole.
pub const MILLE: u64 = 1_000;

/// A seeded stream.
pub struct Random(ChaCha20Rng);

impl Random {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A number below `n`; 0 for 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let limit = u64::MAX - u64::MAX % n;
        loop {
            let value = self.0.next_u64();
            if value < limit {
                return value % n;
            }
        }
    }

    /// True `mille` times in a thousand.
    pub fn chance(&mut self, mille: u64) -> bool {
        self.below(MILLE) < mille
    }

    /// One of some things.
    ///
    /// # Panics
    /// When there are none.
    pub fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let at = self.below(things.len() as u64);
        &things[usize::try_from(at).unwrap_or(0)]
    }

    /// The position of a weight, by weight.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut at = self.below(weights.clone().sum());
        for (i, weight) in weights.enumerate() {
            if at < weight {
                return i;
            }
            at -= weight;
        }
        0
    }
}

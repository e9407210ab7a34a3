//! A tree that grows by leaves and is known by its frontier alone: the perfect subtrees that make it up.

use crate::domain::hash::{Digest, Suite};

/// The log is hashed with SHA-256, as its layout wants.
const SUITE: Suite = Suite::Sha256;

/// A tree of some size, by its frontier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growing {
    size: u64,
    /// Largest first.
    frontier: Vec<Digest>,
}

impl Growing {
    /// A tree of a size from its frontier; `None` when that has another number of hashes.
    #[must_use]
    pub fn at(size: u64, frontier: Vec<Digest>) -> Option<Self> {
        (frontier.len() as u64 == u64::from(size.count_ones())).then_some(Self { size, frontier })
    }

    /// How many leaves it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut hash = SUITE.leaf(leaf);
        // A subtree that is full joins its equal on the left.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.frontier.pop() {
                hash = SUITE.node(&left, &hash);
            }
        }
        self.frontier.push(hash);
        self.size += 1;
    }

    /// Its root.
    #[must_use]
    pub fn root(&self) -> Digest {
        let joined = self.frontier.iter().rev().copied();
        let root = joined.reduce(|right, left| SUITE.node(&left, &right));
        root.unwrap_or_else(|| SUITE.hash(&[]))
    }
}

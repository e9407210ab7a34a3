//! The RFC 6962 tree over leaf hashes that are kept as tiles.
//!
//! A tile holds up to 256 hashes of one level; levels are eight tree levels apart, as in the C2SP
//! tlog-tiles layout. All hashes of the tree in between follow from one tile each.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::domain::hash::{Digest, Suite};

/// The log is hashed with SHA-256, as its layout wants.
const SUITE: Suite = Suite::Sha256;
/// Tree levels from one tile level to the next.
const TILE_HEIGHT: u32 = 8;
/// Hashes of a full tile.
pub const TILE_WIDTH: u64 = 1 << TILE_HEIGHT;

/// A tile's place: (tile level, index within the level).
pub type TileId = (u32, u64);

/// The hash of `2^level` leaves from leaf `index << level` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    level: u32,
    index: u64,
}

impl Node {
    /// The tile that yields it, and the hashes there that make it up.
    fn place(self) -> (TileId, Range<u64>) {
        let within = self.level % TILE_HEIGHT;
        let first = self.index << within;
        let tile = (self.level / TILE_HEIGHT, first / TILE_WIDTH);
        let from = first % TILE_WIDTH;
        (tile, from..from + (1 << within))
    }
}

/// The perfect subtrees that make up a range of leaves, largest first.
fn cover(leaves: &Range<u64>) -> Vec<Node> {
    let mut out = Vec::new();
    let mut at = leaves.start;
    while at < leaves.end {
        let level = (leaves.end - at).ilog2();
        out.push(Node { level, index: at >> level });
        at += 1 << level;
    }
    out
}

/// The perfect subtrees that make up a tree, largest first: its frontier.
#[must_use]
pub fn frontier(size: u64) -> Vec<Range<u64>> {
    let nodes = cover(&(0..size)).into_iter();
    nodes.map(|Node { level, index }| index << level..(index + 1) << level).collect()
}

/// The largest power of two below `size`, where RFC 6962 splits a tree of two or more leaves.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The ranges whose hashes prove that leaf `index` is in the tree of `size` leaves, lowest first
/// (RFC 6962, section 2.1.1). Empty when it is not.
#[must_use]
pub fn inclusion(index: u64, size: u64) -> Vec<Range<u64>> {
    let mut out = Vec::new();
    let mut within = 0..if index < size { size } else { 0 };
    while within.end - within.start > 1 {
        let middle = within.start + split(within.end - within.start);
        let (own, other) = match index < middle {
            true => (within.start..middle, middle..within.end),
            false => (middle..within.end, within.start..middle),
        };
        out.push(other);
        within = own;
    }
    out.reverse();
    out
}

/// The ranges whose hashes prove that the tree of `size` leaves continues the one of `from` leaves
/// (RFC 6962, section 2.1.2). Empty for `from` 0 and for equal sizes.
#[must_use]
pub fn consistency(from: u64, size: u64) -> Vec<Range<u64>> {
    let mut out = Vec::new();
    let mut within = 0..if from == 0 || from > size { from } else { size };
    while within.end != from {
        let middle = within.start + split(within.end - within.start);
        let (own, other) = match from <= middle {
            true => (within.start..middle, middle..within.end),
            false => (middle..within.end, within.start..middle),
        };
        out.push(other);
        within = own;
    }
    // A subtree of the old tree that begins at its first leaf is the old root itself, which is known.
    if within.start > 0 {
        out.push(within);
    }
    out.reverse();
    out
}

/// Whether a tree of `size` leaves has the first `width` hashes of a tile.
#[must_use]
pub fn holds(size: u64, (level, nth): TileId, width: u64) -> bool {
    let hashes = size.checked_shr(level.saturating_mul(TILE_HEIGHT)).unwrap_or(0);
    let last = nth.checked_mul(TILE_WIDTH).and_then(|first| first.checked_add(width));
    (1..=TILE_WIDTH).contains(&width) && last.is_some_and(|last| last <= hashes)
}

/// Some tiles of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tiles(pub BTreeMap<TileId, Vec<Digest>>);

/// The tiles that the hashes of some ranges are computed from.
#[must_use]
pub fn tiles_of<'a>(ranges: impl IntoIterator<Item = &'a Range<u64>>) -> BTreeSet<TileId> {
    ranges.into_iter().flat_map(cover).map(|node| node.place().0).collect()
}

/// The tiles of the right edge of a tree: what its root is computed from and what grows.
#[must_use]
pub fn edge(size: u64) -> BTreeSet<TileId> {
    tiles_of([&(0..size)])
}

impl Tiles {
    /// The hash of a range of leaves that is a subtree; `None` when a tile is missing or too short.
    #[must_use]
    pub fn hash(&self, leaves: &Range<u64>) -> Option<Digest> {
        let nodes: Option<Vec<Digest>> = cover(leaves).into_iter().map(|n| self.node(n)).collect();
        Some(fold(nodes?))
    }

    fn node(&self, node: Node) -> Option<Digest> {
        let (tile, within) = node.place();
        let within = usize::try_from(within.start).ok()?..usize::try_from(within.end).ok()?;
        let mut hashes = self.0.get(&tile)?.get(within)?.to_vec();
        while hashes.len() > 1 {
            hashes = hashes.as_chunks::<2>().0.iter().map(|[l, r]| SUITE.node(l, r)).collect();
        }
        hashes.pop()
    }

    /// The root of the first `size` leaves, from the tiles of its [`edge`].
    #[must_use]
    pub fn root(&self, size: u64) -> Option<Digest> {
        self.hash(&(0..size))
    }

    /// Appends leaf hashes to a tree of `size` leaves whose edge is here; returns the changed tiles.
    pub fn grow(&mut self, size: u64, leaves: &[Digest]) -> BTreeSet<TileId> {
        let mut changed = BTreeSet::new();
        for (leaf, hash) in (size..).zip(leaves) {
            let (mut level, mut index, mut hash) = (0, leaf, *hash);
            loop {
                let id = (level, index / TILE_WIDTH);
                let tile = self.0.entry(id).or_default();
                tile.push(hash);
                changed.insert(id);
                if (tile.len() as u64) < TILE_WIDTH {
                    break;
                }
                hash = fold_perfect(tile.clone());
                level += 1;
                index /= TILE_WIDTH;
            }
        }
        changed
    }
}

fn fold_perfect(mut hashes: Vec<Digest>) -> Digest {
    while hashes.len() > 1 {
        hashes = hashes.as_chunks::<2>().0.iter().map(|[l, r]| SUITE.node(l, r)).collect();
    }
    fold(hashes)
}

/// Joins subtrees from the right: `MTH` of what they cover; of nothing, the hash of nothing.
fn fold(nodes: Vec<Digest>) -> Digest {
    let last = nodes.into_iter().rev().reduce(|right, left| SUITE.node(&left, &right));
    last.unwrap_or_else(|| SUITE.hash(&[]))
}

/// Whether a proof shows that `leaf` is at `index` in the tree with this root.
#[must_use]
pub fn includes(leaf: &[u8], index: u64, size: u64, proof: &[Digest], root: &Digest) -> bool {
    let ranges = inclusion(index, size);
    if index >= size || ranges.len() != proof.len() {
        return false;
    }
    let join = |own: Digest, (range, other): (&Range<u64>, &Digest)| match range.start > index {
        true => SUITE.node(&own, other),
        false => SUITE.node(other, &own),
    };
    ranges.iter().zip(proof).fold(SUITE.leaf(leaf), join) == *root
}

/// Whether a proof shows that the tree (`size`, `root`) continues the tree (`from`, `old`).
#[must_use]
pub fn continues(from: u64, old: &Digest, size: u64, root: &Digest, proof: &[Digest]) -> bool {
    let ranges = consistency(from, size);
    if from > size || ranges.len() != proof.len() {
        return false;
    }
    if from == 0 {
        return true;
    }
    // Both roots are built from the same hashes: the old one from those left of its end.
    let mut known = ranges.iter().zip(proof);
    let (mut was, mut is) = match ranges.first().is_none_or(|first| first.end > from) {
        true => (*old, *old),
        false => match known.next() {
            Some((_, hash)) => (*hash, *hash),
            None => return false,
        },
    };
    for (range, hash) in known {
        if range.start >= from {
            is = SUITE.node(&is, hash);
        } else {
            (was, is) = (SUITE.node(hash, &was), SUITE.node(hash, &is));
        }
    }
    was == *old && is == *root
}

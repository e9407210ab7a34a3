//! The published units as columns: many units share few kinds, so a draw walks tickets and small
//! numbers instead of texts.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::frame::IN;
use super::hash::{Digest, Suite, push_field};
use super::pool::Rooted;

/// What a unit has in common with others: all of its leaf but the ticket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// The stratum.
    pub stratum: String,
    /// (department, status), sorted by department.
    pub statuses: Vec<(String, String)>,
}

impl Kind {
    /// The profile under which `department` may draw such a unit, if it may.
    #[must_use]
    pub fn profile(&self, department: &str) -> Option<&str> {
        let at = self.statuses.binary_search_by(|(d, _)| d.as_str().cmp(department)).ok()?;
        self.statuses[at].1.strip_prefix(IN)
    }

    /// The fields of a leaf behind its ticket: `stratum, dept1, status1, ..`.
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32 + 32 * self.statuses.len());
        push_field(&mut out, self.stratum.as_bytes());
        for (department, status) in &self.statuses {
            push_field(&mut out, department.as_bytes());
            push_field(&mut out, status.as_bytes());
        }
        out
    }
}

/// Units sorted by ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units {
    tickets: Vec<Digest>,
    /// Per unit, its place in `kinds`.
    kind_of: Vec<u32>,
    /// In the order in which they first appear, so that equal lists are equal columns.
    kinds: Vec<Kind>,
}

impl Units {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }

    /// The ticket at a position.
    #[must_use]
    pub fn ticket(&self, unit: usize) -> Digest {
        self.tickets[unit]
    }

    /// All tickets.
    #[must_use]
    pub fn tickets(&self) -> &[Digest] {
        &self.tickets
    }

    /// The stratum of the unit with a ticket; `None` when there is none.
    #[must_use]
    pub fn stratum_of(&self, ticket: &Digest) -> Option<&str> {
        let unit = self.tickets.binary_search(ticket).ok()?;
        Some(&self.kind(unit).stratum)
    }

    /// The kind of the unit at a position.
    #[must_use]
    pub fn kind(&self, unit: usize) -> &Kind {
        &self.kinds[self.kind_of[unit] as usize]
    }

    /// The different kinds.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Per unit, its kind's place in [`Units::kinds`].
    #[must_use]
    pub fn kind_of(&self) -> &[u32] {
        &self.kind_of
    }

    /// Each kind with the number of its units.
    pub fn counted(&self) -> impl Iterator<Item = (&Kind, u64)> {
        let mut counts = vec![0u64; self.kinds.len()];
        for kind in &self.kind_of {
            counts[*kind as usize] += 1;
        }
        self.kinds.iter().zip(counts)
    }

    /// Size and tree hash over `E(ticket, stratum, dept1, status1, ..)`.
    #[must_use]
    pub fn rooted(&self, suite: Suite) -> Rooted {
        let tails: Vec<Vec<u8>> = self.kinds.iter().map(Kind::encode).collect();
        let leaves = self.tickets.iter().zip(&self.kind_of).map(|(ticket, kind)| {
            let tail = &tails[*kind as usize];
            let mut leaf = Vec::with_capacity(64 + tail.len());
            push_field(&mut leaf, ticket.bytes());
            leaf.extend_from_slice(tail);
            leaf
        });
        Rooted { n: self.tickets.len() as u64, root: suite.tree(leaves) }
    }
}

impl FromIterator<(Digest, Kind)> for Units {
    fn from_iter<I: IntoIterator<Item = (Digest, Kind)>>(leaves: I) -> Self {
        let mut units = Self::default();
        let mut places: BTreeMap<Kind, u32> = BTreeMap::new();
        for (ticket, kind) in leaves {
            let place = places.get(&kind).copied().unwrap_or_else(|| {
                let place = u32::try_from(units.kinds.len()).unwrap_or(u32::MAX);
                units.kinds.push(kind.clone());
                places.insert(kind, place);
                place
            });
            units.tickets.push(ticket);
            units.kind_of.push(place);
        }
        units
    }
}

/// A unit as everybody may see it.
#[derive(Serialize)]
struct LeafOut<'a> {
    ticket: Digest,
    stratum: &'a str,
    statuses: &'a [(String, String)],
}

#[derive(Deserialize)]
struct LeafIn {
    ticket: Digest,
    stratum: String,
    statuses: Vec<(String, String)>,
}

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.len()).map(|unit| {
            let kind = self.kind(unit);
            let (stratum, statuses) = (kind.stratum.as_str(), kind.statuses.as_slice());
            LeafOut { ticket: self.tickets[unit], stratum, statuses }
        }))
    }
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let leaves: Vec<LeafIn> = Vec::deserialize(deserializer)?;
        let kind = |l: LeafIn| (l.ticket, Kind { stratum: l.stratum, statuses: l.statuses });
        Ok(leaves.into_iter().map(kind).collect())
    }
}

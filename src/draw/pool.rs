//! The published ticket file: leaves without names, and their tree roots (SPEC.md section 2, step 5).

use serde::{Deserialize, Serialize};

use super::hash::{Digest, Suite, push_field};
use super::units::Units;

/// An inspector as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectorLeaf {
    /// The inspector's ticket.
    pub ticket: Digest,
    /// The department.
    pub department: String,
    /// Lower tiers are sent first.
    pub tier: u64,
    /// May lead a joint team.
    pub may_lead: bool,
    /// Most visits in this draw.
    pub cap: u64,
    /// Qualifications, sorted.
    pub tags: Vec<String>,
}

impl InspectorLeaf {
    /// `E(ticket, dept, u64 tier, u64 may_lead, u64 cap, tag1, ..)`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        push_field(&mut out, self.ticket.bytes());
        push_field(&mut out, self.department.as_bytes());
        for number in [self.tier, u64::from(self.may_lead), self.cap] {
            push_field(&mut out, &number.to_be_bytes());
        }
        for tag in &self.tags {
            push_field(&mut out, tag.as_bytes());
        }
        out
    }
}

/// (unit ticket, inspector ticket).
pub type Pair = (Digest, Digest);

/// The four published lists; all that is needed, with the freeze bytes and the reveals, to redo a draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Units sorted by ticket.
    pub units: Units,
    /// Inspectors sorted by ticket.
    pub inspectors: Vec<InspectorLeaf>,
    /// Pairs that may not meet, sorted.
    pub avoid: Vec<Pair>,
    /// Pairs that should meet again, sorted.
    pub keep: Vec<Pair>,
}

/// Size and root of one published list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rooted {
    /// Number of leaves.
    pub n: u64,
    /// Their tree hash.
    pub root: Digest,
}

impl Pool {
    /// Size and root of the inspectors.
    #[must_use]
    pub fn rooted_inspectors(&self, suite: Suite) -> Rooted {
        rooted(suite, self.inspectors.iter().map(InspectorLeaf::encode))
    }

    /// Size and root of a list of pairs.
    #[must_use]
    pub fn rooted_pairs(suite: Suite, pairs: &[Pair]) -> Rooted {
        rooted(suite, pairs.iter().map(encode_pair))
    }
}

fn rooted(suite: Suite, leaves: impl ExactSizeIterator<Item = Vec<u8>>) -> Rooted {
    Rooted { n: leaves.len() as u64, root: suite.tree(leaves) }
}

fn encode_pair(pair: &Pair) -> Vec<u8> {
    super::hash::encode(&[pair.0.bytes(), pair.1.bytes()])
}

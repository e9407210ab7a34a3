//! Opening one ticket: what it stands for, and where it stands in the result (SPEC.md section 8).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::DrawError;
use super::bundle::Published;
use super::freeze::{Class, salt, ticket};
use super::hash::{Digest, Suite, encode, push_field};
use crate::domain::canon;

/// What a ticket stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The unit's id.
    pub id: String,
    /// What was bound with it.
    pub record: Value,
    /// Makes the ticket unguessable.
    pub salt: Digest,
}

impl Opening {
    /// Opens a unit of a class by the class's master key, which is public once a campaign is closed; the
    /// salt opens this ticket and no other.
    #[must_use]
    pub fn under(
        suite: Suite,
        master: &Digest,
        draw_id: &str,
        class: Class,
        (id, record): (&str, Value),
    ) -> Self {
        let salt = salt(suite, master, draw_id, class, id);
        Self { id: id.to_owned(), record, salt }
    }

    /// The ticket it opens.
    ///
    /// # Errors
    /// [`DrawError::Canon`] when the record has no canonical form.
    pub fn ticket(&self, suite: Suite, draw_id: &str, class: Class) -> Result<Digest, DrawError> {
        let rec = suite.hash(&canon::to_bytes(&self.record)?);
        Ok(ticket(suite, draw_id, class, &self.salt, &self.id, &rec))
    }
}

/// Where a visit stands under the result root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Leaves under the root: winners, then visits.
    pub count: u64,
    /// The visit's leaf among them.
    pub index: u64,
    /// Its bytes, in hexadecimal.
    pub leaf: String,
    /// From the leaf to the root, lowest first.
    pub path: Vec<Digest>,
}

impl Standing {
    /// The standing of a visit by rank, from what is published.
    #[must_use]
    pub fn of(suite: Suite, published: &Published, rank: u64) -> Option<Self> {
        let at = usize::try_from(rank.checked_sub(1)?).ok()?;
        let leaves = leaves(published);
        let index = published.winners.len() + at;
        let leaf = leaves.get(index)?;
        let hashes: Vec<Digest> = leaves.iter().map(|l| suite.leaf(l)).collect();
        Some(Self {
            count: leaves.len() as u64,
            index: index as u64,
            leaf: hex::encode(leaf),
            path: suite.path(&hashes, index),
        })
    }

    /// The root it leads to.
    #[must_use]
    pub fn root(&self, suite: Suite) -> Option<Digest> {
        let leaf = suite.leaf(&hex::decode(&self.leaf).ok()?);
        let (index, count) = (usize::try_from(self.index).ok()?, usize::try_from(self.count).ok()?);
        suite.climb(&leaf, index, count, &self.path)
    }
}

/// The leaves under the result root, from what is published (SPEC.md section 7).
#[must_use]
pub fn leaves(published: &Published) -> Vec<Vec<u8>> {
    let mut out = Vec::with_capacity(published.winners.len() + published.visits.len());
    for w in &published.winners {
        let rank = w.rank.to_be_bytes();
        let fields: [&[u8]; 5] =
            [b"winner", w.department.as_bytes(), w.stratum.as_bytes(), &rank, w.ticket.bytes()];
        out.push(encode(&fields));
    }
    for visit in &published.visits {
        let mut leaf = encode(&[b"visit", &visit.rank.to_be_bytes(), visit.ticket.bytes()]);
        for s in &visit.sections {
            let mut section = encode(&[s.department.as_bytes(), s.how.word().as_bytes()]);
            for member in &s.team {
                push_field(&mut section, member.as_ref().map_or(&[][..], |t| &t.bytes()[..]));
            }
            push_field(&mut leaf, &section);
        }
        out.push(leaf);
    }
    out
}

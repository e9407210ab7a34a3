#![doc = include_str!("EXPERTS.md")]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::people::{Pairs, frame_id};
use crate::domain::campaign::Campaign;
use crate::domain::canon::{self, CanonError};
use crate::domain::inspector::{Inspector, InspectorKind};
use crate::domain::item::ItemList;
use crate::domain::visit::Visit;
use crate::draw::hash::{DIGEST_BYTES, Digest, Suite};

/// The text of a freeze statement that binds the pool.
pub const CONTEXT: &str = "experts";

/// An expert as published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Expert {
    /// Most visits; 0 for no cap.
    pub cap: u64,
    /// Professions, in byte order.
    pub professions: Vec<String>,
    /// The ticket.
    pub ticket: Digest,
}

/// The published pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experts {
    /// (unit ticket, expert ticket) that may not meet.
    pub avoid: BTreeSet<(Digest, Digest)>,
    /// The experts, by ticket.
    pub experts: Vec<Expert>,
}

impl Experts {
    /// The file's bytes.
    ///
    /// # Errors
    /// [`CanonError`] when a profession is not in normalisation form C.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonError> {
        canon::to_bytes(&serde_json::to_value(self).unwrap_or_default())
    }
}

/// A pool before the draw: what is published, and who stands behind the tickets.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The pool.
    pub pool: Experts,
    /// Id by ticket. Secret.
    pub ids: BTreeMap<String, String>,
}

/// Who may be sent of a campaign's experts: (department, person).
pub fn fit<'a>(
    campaign: &'a Campaign,
    people: &'a [(String, Inspector)],
) -> impl Iterator<Item = &'a (String, Inspector)> {
    let taking_part: BTreeSet<&str> = campaign.accepted().map(|p| p.department.as_str()).collect();
    people.iter().filter(move |(department, person)| {
        taking_part.contains(department.as_str())
            && person.kind == InspectorKind::Expert
            && person.fit(campaign.first_day, campaign.last_day).is_ok()
    })
}

/// Makes the pool of a draw. `avoid` holds (unit id, person id), `units` the ticket of each unit.
#[must_use]
pub fn pool<'a>(
    (suite, draw_id): (Suite, &str),
    root_secret: &[u8; DIGEST_BYTES],
    people: impl Iterator<Item = &'a (String, Inspector)>,
    avoid: &Pairs,
    units: &BTreeMap<String, Digest>,
) -> Made {
    let mut made = Made::default();
    let mut tickets: BTreeMap<String, Digest> = BTreeMap::new();
    for (department, person) in people {
        let id = frame_id(department, &person.id);
        let salt =
            suite.keyed(root_secret, "onevisit/expert/salt", &[draw_id.as_bytes(), id.as_bytes()]);
        let fields = [draw_id.as_bytes(), salt.bytes(), id.as_bytes()];
        let ticket = suite.tagged("onevisit/expert/ticket", &fields);
        let professions: BTreeSet<&String> = person.tags.iter().collect();
        made.pool.experts.push(Expert {
            cap: u64::try_from(person.cap).unwrap_or(0),
            professions: professions.into_iter().cloned().collect(),
            ticket,
        });
        made.ids.insert(ticket.to_string(), id.clone());
        tickets.insert(id, ticket);
    }
    made.pool.experts.sort_by_key(|e| e.ticket);
    let pair = |(unit, person): &(String, String)| Some((*units.get(unit)?, *tickets.get(person)?));
    made.pool.avoid = avoid.iter().filter_map(pair).collect();
    made
}

/// An expert that a visit needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Need {
    /// Rank of the visit.
    pub rank: i64,
    /// Ticket of its unit.
    pub unit: Digest,
    /// The profession.
    pub profession: String,
}

/// What visits need, by rank and profession.
#[must_use]
pub fn needs(visits: &[Visit], lists: &BTreeMap<String, ItemList>) -> Vec<Need> {
    let mut found = BTreeSet::new();
    for visit in visits {
        let Some(unit) = Digest::from_hex(&visit.ticket) else { continue };
        for section in &visit.sections {
            let all = lists.get(&section.department).map_or(&[][..], |l| &l.items);
            let own = |code: &str| section.items.iter().any(|i| i.code == code);
            let wanted = all.iter().filter(|i| !i.expert.is_empty() && own(&i.code));
            found.extend(wanted.map(|i| Need {
                rank: visit.rank,
                unit,
                profession: i.expert.clone(),
            }));
        }
    }
    found.into_iter().collect()
}

/// Who was picked for a need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    /// The need.
    #[serde(flatten)]
    pub need: Need,
    /// Ticket of the expert; `None` when nobody could be picked.
    pub expert: Option<Digest>,
}

/// Picks an expert for each need, which are in order.
#[must_use]
pub fn pick(suite: Suite, seed: &Digest, pool: &Experts, needs: &[Need]) -> Vec<Pick> {
    let key = suite.tagged("onevisit/expert/key", &[seed.bytes()]);
    let mut loads: BTreeMap<Digest, u64> = BTreeMap::new();
    let mut picks: Vec<Pick> = Vec::with_capacity(needs.len());
    for need in needs {
        let there: BTreeSet<Digest> =
            picks.iter().filter(|p| p.need.rank == need.rank).filter_map(|p| p.expert).collect();
        let load = |e: &Expert| loads.get(&e.ticket).copied().unwrap_or(0);
        let lot = |e: &Expert| {
            let profession = need.profession.as_bytes();
            let fields = [key.bytes(), need.unit.bytes(), profession, e.ticket.bytes()];
            suite.tagged("onevisit/expert/lot", &fields)
        };
        let expert = pool
            .experts
            .iter()
            .filter(|e| e.professions.contains(&need.profession))
            .filter(|e| !pool.avoid.contains(&(need.unit, e.ticket)))
            .filter(|e| !there.contains(&e.ticket))
            .filter(|e| e.cap == 0 || load(e) < e.cap)
            .min_by_key(|e| (load(e), lot(e)))
            .map(|e| e.ticket);
        if let Some(ticket) = expert {
            *loads.entry(ticket).or_default() += 1;
        }
        picks.push(Pick { need: need.clone(), expert });
    }
    picks
}

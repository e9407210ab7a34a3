//! The file anybody can keep: all published data of one draw, in one canonical JSON document.

use serde::{Deserialize, Serialize};

use super::DrawError;
use super::freeze::Sealed;
use super::hash::Digest;
use super::outcome::Outcome;
use super::pool::Pool;
use super::seed::{Number, Seed};
use super::visits::How;
use crate::domain::canon;

/// Name and version of the format.
pub const FORMAT: &str = "onevisit-bundle/1";

/// One slot of a team: an inspector's ticket, or nothing for a shortage.
pub type Member = Option<Digest>;

/// A drawn unit, as published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WinnerEntry {
    /// The department that drew it.
    pub department: String,
    /// Rank in the stratum.
    pub rank: u64,
    /// The stratum.
    pub stratum: String,
    /// The unit's ticket.
    pub ticket: Digest,
}

/// A department's part of a visit, as published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionEntry {
    /// The department.
    pub department: String,
    /// Drawn or joined.
    pub how: How,
    /// One entry per slot.
    pub team: Vec<Member>,
}

/// A visit, as published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitEntry {
    /// Rank by lot.
    pub rank: u64,
    /// Sections by department.
    pub sections: Vec<SectionEntry>,
    /// The unit's ticket.
    pub ticket: Digest,
}

/// The published outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Root over winners and visits.
    pub result_root: Digest,
    /// The seed.
    pub seed: Digest,
    /// Visits by rank.
    pub visits: Vec<VisitEntry>,
    /// Winners by (department, stratum, rank).
    pub winners: Vec<WinnerEntry>,
}

/// All published data of one draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The beacon's value in hexadecimal; empty without a beacon.
    pub beacon_value: String,
    /// One commitment per contributor.
    pub commitments: Vec<Digest>,
    /// Always [`FORMAT`].
    pub format: String,
    /// The stored freeze bytes, as text.
    pub freeze: String,
    /// The ticket file.
    pub pool: Pool,
    /// The outcome to be re-computed.
    pub published: Published,
    /// One revealed number per contributor.
    pub reveals: Vec<Member>,
}

impl Bundle {
    /// Gathers what is published of a draw.
    ///
    /// # Errors
    /// [`DrawError::BadFreeze`] when the stored bytes are not UTF-8.
    pub fn new(
        sealed: &Sealed,
        commitments: &[Digest],
        reveals: &[Option<Number>],
        beacon_value: &[u8],
        seed: &Seed,
        outcome: &Outcome,
    ) -> Result<Self, DrawError> {
        Ok(Self {
            beacon_value: hex::encode(beacon_value),
            commitments: commitments.to_vec(),
            format: FORMAT.to_owned(),
            freeze: String::from_utf8(sealed.freeze_bytes.clone())
                .map_err(|e| DrawError::BadFreeze(e.to_string()))?,
            pool: sealed.pool.clone(),
            published: publish(&sealed.pool, seed, outcome),
            reveals: reveals.iter().map(|r| r.map(Digest)).collect(),
        })
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`DrawError`] when a text is not NFC.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DrawError> {
        let value = serde_json::to_value(self).map_err(|e| DrawError::BadFreeze(e.to_string()))?;
        Ok(canon::to_bytes(&value)?)
    }
}

/// Turns positions into tickets.
#[must_use]
pub fn publish(pool: &Pool, seed: &Seed, outcome: &Outcome) -> Published {
    let winner = |w: &super::lot::Winner| WinnerEntry {
        department: w.department.to_string(),
        rank: w.rank,
        stratum: w.stratum.to_string(),
        ticket: pool.units.ticket(w.unit),
    };
    let section = |s: &super::visits::Section| SectionEntry {
        department: s.department.clone(),
        how: s.how,
        team: s.team.iter().map(|m| m.map(|i| pool.inspectors[i].ticket)).collect(),
    };
    let visit = |v: &super::visits::Visit| VisitEntry {
        rank: v.rank,
        sections: v.sections.iter().map(section).collect(),
        ticket: pool.units.ticket(v.unit),
    };
    Published {
        result_root: outcome.result_root,
        seed: seed.value,
        visits: outcome.visits.iter().map(visit).collect(),
        winners: outcome.winners.iter().map(winner).collect(),
    }
}

//! Changes after the draw: each asked by one and approved by another, each substitute the next of its
//! reserve, and all of them counted.

use std::collections::BTreeMap;

use crate::domain::change::{Change, ChangeKind, Choice};
use crate::domain::hash::Digest;
use crate::draw::amend::reserves;
use crate::draw::bundle::Bundle;
use crate::draw::lot;
use crate::draw::seed::Seed;
use crate::draw::{Freeze, freeze};

/// How an outcome was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Subjects that dropped out.
    pub substitutions: u64,
    /// People replaced by the next in the order of the draw.
    pub replacements: u64,
    /// People who were named.
    pub appointed: u64,
    /// People assigned because nobody suited.
    pub direct: u64,
    /// Slots left to a draw with the people next door (R94).
    pub neighbour: u64,
}

/// Checks what was asked for against what was approved, in the order of the log.
///
/// # Errors
/// What does not hold, in words.
pub fn check(bundle: &Bundle, asked: &[Change], approved: &[Change]) -> Result<Changes, String> {
    let mut out = Changes::default();
    let mut used: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for change in approved {
        let nth = change.nth;
        let request = asked.iter().find(|c| c.nth == nth);
        let same = request.is_some_and(|c| {
            c.requested_by == change.requested_by
                && c.reason == change.reason
                && c.rank == change.rank
        });
        if !same {
            return Err(format!("nobody asked for change {nth}"));
        }
        if change.decided_by.is_empty() || change.decided_by == change.requested_by {
            return Err(format!("change {nth} was not approved by somebody else"));
        }
        for taken in &change.taken {
            *used.entry((&taken.department, &taken.stratum)).or_default() += 1;
        }
        *match (change.kind, change.choice) {
            (ChangeKind::Substitution, _) => &mut out.substitutions,
            (_, Choice::Next) => &mut out.replacements,
            (_, Choice::Appointed) => &mut out.appointed,
            (_, Choice::Direct) => &mut out.direct,
            (_, Choice::Neighbour) => &mut out.neighbour,
        } += 1;
    }
    match used.values().max() {
        None => Ok(out),
        Some(most) => in_order(bundle, approved, *most).map(|()| out),
    }
}

/// Whether the reserves were used from their first on.
fn in_order(bundle: &Bundle, approved: &[Change], most: usize) -> Result<(), String> {
    let bad = |e: crate::draw::DrawError| e.to_string();
    let frozen = Freeze::from_bytes(bundle.freeze.as_bytes()).map_err(bad)?;
    let hash = freeze::freeze_hash(frozen.alg, bundle.freeze.as_bytes());
    let reveals: Vec<_> = bundle.reveals.iter().map(|r| r.map(|d| d.0)).collect();
    let beacon = hex::decode(&bundle.beacon_value).map_err(|e| e.to_string())?;
    let seed = Seed::mix(&frozen, &hash, &bundle.commitments, &reveals, &beacon).map_err(bad)?;
    let lots = lot::lots(&bundle.pool, &seed.subject_key());
    let mut left: BTreeMap<(String, String), Vec<(i64, Digest)>> = BTreeMap::new();
    for winner in reserves(&frozen, &bundle.pool, &lots, most as u64).into_iter().rev() {
        let key = (winner.department.to_string(), winner.stratum.to_string());
        let rank = i64::try_from(winner.rank).unwrap_or(i64::MAX);
        left.entry(key).or_default().push((rank, bundle.pool.units.ticket(winner.unit)));
    }
    for taken in approved.iter().flat_map(|c| &c.taken) {
        let key = (taken.department.clone(), taken.stratum.clone());
        let next = left.get_mut(&key).and_then(Vec::pop);
        let holds = match next {
            Some((rank, ticket)) => rank == taken.rank && ticket.to_string() == taken.ticket,
            None => taken.ticket.is_empty() && taken.visit == 0,
        };
        if !holds {
            return Err(format!("rank {} of {} is not the next in reserve", taken.rank, key.0));
        }
    }
    Ok(())
}

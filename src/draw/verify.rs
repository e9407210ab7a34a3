//! Checking a bundle without the server: one step after the other, the first wrong one named.

use std::fmt;

use super::beacon;
use super::bundle::{Bundle, FORMAT, publish};
use super::frame::IN;
use super::freeze::{Freeze, freeze_hash, quotas};
use super::outcome::draw;
use super::pool::{Pool, Rooted};
use super::quota::QuotaRule;
use super::seed::Seed;

/// The steps, in the order they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The file is canonical JSON of the known format.
    Format,
    /// The freeze bytes are a canonical, complete statement.
    Freeze,
    /// The units are sorted by ticket and hash to the frozen root.
    Units,
    /// The inspectors are sorted by ticket and hash to the frozen root.
    Inspectors,
    /// Avoidances and keeps are sorted and hash to the frozen roots.
    Pairs,
    /// Every quota follows from its rule and the leaves.
    Quotas,
    /// Every revealed number opens its commitment.
    Reveals,
    /// The seed follows from the freeze, the numbers and the beacon.
    Seed,
    /// Each department drew the units with the smallest lots.
    Winners,
    /// The visits and their teams follow from the winners and the seed.
    Visits,
    /// The result root binds all of it.
    Result,
    /// The beacon is the round that the deadline fixed before it existed, and its value is right.
    Beacon,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 12] = [
        Self::Format,
        Self::Freeze,
        Self::Units,
        Self::Inspectors,
        Self::Pairs,
        Self::Quotas,
        Self::Reveals,
        Self::Seed,
        Self::Winners,
        Self::Visits,
        Self::Result,
        Self::Beacon,
    ];

    /// What the step shows, in words.
    #[must_use]
    pub const fn claim(self) -> &'static str {
        match self {
            Self::Format => "the file is a canonical onevisit bundle",
            Self::Freeze => "the freeze statement is complete and canonical",
            Self::Units => "the published units are the frozen ones",
            Self::Inspectors => "the published inspectors are the frozen ones",
            Self::Pairs => "the avoidances and keeps are the frozen ones",
            Self::Quotas => "every quota follows from its rule",
            Self::Reveals => "every revealed number opens its commitment",
            Self::Seed => "the seed follows from the freeze and the numbers",
            Self::Winners => "each department drew the smallest lots",
            Self::Visits => "visits and teams follow from the draw",
            Self::Result => "the result root binds winners and visits",
            Self::Beacon => "a beacon, if any, is the round fixed before it existed",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Self::ALL.iter().position(|s| s == self).map_or(0, |i| i + 1);
        write!(f, "V{number} {}", self.claim())
    }
}

/// The first step that does not hold, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step.
    pub step: Step,
    /// What was found instead.
    pub why: String,
}

/// What a good bundle says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The draw's resource name.
    pub draw_id: String,
    /// Which attempt of the campaign.
    pub attempt: u64,
    /// Units in the frame.
    pub units: u64,
    /// Checks: sections over all visits.
    pub checks: u64,
    /// Doors: visits.
    pub doors: u64,
    /// Empty slots.
    pub shortages: u64,
}

/// Recomputes everything from the file's bytes alone.
///
/// # Errors
/// The first [`Step`] that does not hold.
pub fn verify(bytes: &[u8]) -> Result<Verified, Failure> {
    let fail = |step: Step, why: String| Failure { step, why };
    let bundle = read(bytes).map_err(|why| fail(Step::Format, why))?;
    let freeze = Freeze::from_bytes(bundle.freeze.as_bytes())
        .map_err(|e| fail(Step::Freeze, e.to_string()))?;
    check_roots(&freeze, &bundle.pool)?;
    check_quotas(&freeze, &bundle.pool).map_err(|why| fail(Step::Quotas, why))?;
    let hash = freeze_hash(freeze.alg, bundle.freeze.as_bytes());
    let reveals: Vec<_> = bundle.reveals.iter().map(|r| r.map(|d| d.0)).collect();
    let beacon = hex::decode(&bundle.beacon_value)
        .map_err(|e| fail(Step::Format, format!("beacon_value: {e}")))?;
    if freeze.beacon.is_none() && !beacon.is_empty() {
        return Err(fail(Step::Reveals, "a beacon value without a frozen beacon".to_owned()));
    }
    let seed = Seed::mix(&freeze, &hash, &bundle.commitments, &reveals, &beacon)
        .map_err(|e| fail(Step::Reveals, e.to_string()))?;
    let published = &bundle.published;
    differ(&published.seed, &seed.value).map_err(|why| fail(Step::Seed, why))?;
    let outcome = draw(&freeze, &bundle.pool, &seed);
    let redone = publish(&bundle.pool, &seed, &outcome);
    first_difference(&published.winners, &redone.winners)
        .map_err(|why| fail(Step::Winners, why))?;
    first_difference(&published.visits, &redone.visits).map_err(|why| fail(Step::Visits, why))?;
    differ(&published.result_root, &redone.result_root).map_err(|why| fail(Step::Result, why))?;
    check_beacon(&freeze, &beacon).map_err(|why| fail(Step::Beacon, why))?;
    Ok(Verified {
        draw_id: freeze.draw_id,
        attempt: freeze.attempt,
        units: freeze.pool.n,
        checks: outcome.visits.iter().map(|v| v.sections.len() as u64).sum(),
        doors: outcome.visits.len() as u64,
        shortages: outcome.dealt.short,
    })
}

fn read(bytes: &[u8]) -> Result<Bundle, String> {
    let bundle: Bundle = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if bundle.format != FORMAT {
        return Err(format!("format is {:?}, not {FORMAT:?}", bundle.format));
    }
    if bundle.to_bytes().map_err(|e| e.to_string())? != bytes {
        return Err("the file is not in canonical form".to_owned());
    }
    Ok(bundle)
}

/// Whether published lists are sorted and hash to the roots of a freeze.
///
/// # Errors
/// The first of [`Step::Units`], [`Step::Inspectors`] and [`Step::Pairs`] that does not hold.
pub fn check_roots(freeze: &Freeze, pool: &Pool) -> Result<(), Failure> {
    let suite = freeze.alg;
    let check = |step: Step, sorted: bool, given: &Rooted, found: &Rooted| {
        let why = match (sorted, given == found) {
            (false, _) => "the list is not sorted by ticket".to_owned(),
            (_, false) => format!(
                "{} leaves with root {} instead of {} with {}",
                found.n, found.root, given.n, given.root
            ),
            _ => return Ok(()),
        };
        Err(Failure { step, why })
    };
    let units = pool.units.tickets().is_sorted_by(|a, b| a < b)
        && pool.units.kinds().iter().all(|k| k.statuses.is_sorted_by(|a, b| a.0 < b.0));
    check(Step::Units, units, &freeze.pool, &pool.units.rooted(suite))?;
    let inspectors = pool.inspectors.is_sorted_by(|a, b| a.ticket < b.ticket)
        && pool.inspectors.iter().all(|i| i.tags.is_sorted_by(|a, b| a < b));
    check(Step::Inspectors, inspectors, &freeze.inspectors, &pool.rooted_inspectors(suite))?;
    for (frozen, pairs) in [(&freeze.avoid, &pool.avoid), (&freeze.keep, &pool.keep)] {
        let sorted = pairs.is_sorted_by(|a, b| a < b);
        check(Step::Pairs, sorted, frozen, &Pool::rooted_pairs(suite, pairs))?;
    }
    Ok(())
}

fn check_quotas(freeze: &Freeze, pool: &Pool) -> Result<(), String> {
    let rules = freeze.quotas.iter().map(|(d, strata)| {
        let rules = strata.iter().map(|(s, q)| (s.clone(), q.rule.clone()));
        (d.clone(), rules.collect::<std::collections::BTreeMap<String, QuotaRule>>())
    });
    let found = quotas(&rules.collect(), freeze.ratio_base, &pool.units);
    for (department, strata) in &freeze.quotas {
        for (stratum, quota) in strata {
            let counted = &found[department][stratum];
            if quota != counted {
                return Err(format!("{department} {stratum}: {quota:?}, counted {counted:?}"));
            }
        }
    }
    for kind in pool.units.kinds() {
        for (department, status) in &kind.statuses {
            let profile = status.strip_prefix(IN);
            if profile.is_some_and(|p| !freeze.profiles.contains_key(p)) {
                return Err(format!("{department}: status {status:?} names no profile"));
            }
        }
    }
    Ok(())
}

fn check_beacon(freeze: &Freeze, value: &[u8]) -> Result<(), String> {
    let Some(given) = &freeze.beacon else { return Ok(()) };
    let deadline = freeze.context.get(beacon::DEADLINE).and_then(|text| text.parse().ok());
    let deadline = deadline.ok_or("the freeze names no deadline for the reveals")?;
    differ(given, &beacon::after(deadline))?;
    match beacon::is_value(given, value) {
        true => Ok(()),
        false => Err(format!("not the value of round {}", given.round)),
    }
}

fn differ<T: PartialEq + fmt::Debug>(given: &T, redone: &T) -> Result<(), String> {
    if given == redone {
        return Ok(());
    }
    Err(format!("published {given:?}, recomputed {redone:?}"))
}

fn first_difference<T: PartialEq + fmt::Debug>(given: &[T], redone: &[T]) -> Result<(), String> {
    for (i, (a, b)) in given.iter().zip(redone).enumerate() {
        differ(a, b).map_err(|why| format!("entry {}: {why}", i + 1))?;
    }
    if given.len() == redone.len() {
        return Ok(());
    }
    Err(format!("{} published, {} recomputed", given.len(), redone.len()))
}

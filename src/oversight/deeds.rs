//! What happened to draws and visits that an office has to look at (R81, R86, R92–R94, R99).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::warning::{About, Warning, WarningKind};
use crate::domain::campaign::Campaign;
use crate::domain::change::{Change, Choice};
use crate::domain::day;
use crate::domain::policy::{self, Policy};
use crate::domain::shortage::Shortage;
use crate::domain::visit::Visit;
use crate::draw::freeze::Freeze;

/// An attempt that has no outcome that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The campaign.
    pub campaign: String,
    /// The attempt.
    pub attempt: i64,
    /// `ABORTED` or `VOID`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

fn taking_part(campaign: Option<&Campaign>) -> BTreeSet<String> {
    campaign.into_iter().flat_map(|c| c.accepted().map(|p| p.department.clone())).collect()
}

/// The campaigns of a jurisdiction by id.
pub type Campaigns = BTreeMap<String, Campaign>;

/// Attempts that were aborted or voided.
#[must_use]
pub fn ended(campaigns: &Campaigns, attempts: &[Ended]) -> Vec<Warning> {
    let of = |e: &Ended| Warning {
        kind: WarningKind::AttemptEnded,
        about: About { campaign: e.campaign.clone(), attempt: e.attempt, ..About::default() },
        since: day::of_instant(e.at_us),
        detail: format!("{}: {}", e.state, e.reason),
        seen_by: taking_part(campaigns.get(&e.campaign)),
    };
    attempts.iter().map(of).collect()
}

/// People who came otherwise than by the draw.
#[must_use]
pub fn assigned(changes: &[Change]) -> Vec<Warning> {
    let kind = |choice: Choice| match choice {
        Choice::Direct => Some(WarningKind::DirectAssignment),
        Choice::Appointed => Some(WarningKind::AppointedReplacement),
        Choice::Next | Choice::Neighbour => None,
    };
    let of = |c: &Change| {
        Some(Warning {
            kind: kind(c.choice)?,
            about: About {
                department: c.department.clone(),
                campaign: c.campaign.clone(),
                attempt: c.attempt,
                rank: c.rank,
                slot: c.slot,
                ..About::default()
            },
            since: day::of_instant(c.decided_us),
            detail: format!("change {}: {:?}, evidence {}", c.nth, c.reason, c.evidence_sha256),
            seen_by: BTreeSet::from([c.department.clone()]),
        })
    };
    changes.iter().filter_map(of).collect()
}

/// Strata from which few can be drawn: whoever knows the list can guess who is.
#[must_use]
pub fn small_strata(
    policy: &Policy,
    campaigns: &Campaigns,
    frozen: &[(String, i64, i64, Freeze)],
) -> Vec<Warning> {
    let least = u64::try_from(policy.number(policy::SMALL_STRATUM)).unwrap_or(0);
    let mut out = Vec::new();
    for (campaign, attempt, frozen_us, freeze) in frozen {
        for (department, strata) in &freeze.quotas {
            for (stratum, quota) in strata {
                if quota.draw == 0 || quota.eligible >= least {
                    continue;
                }
                out.push(Warning {
                    kind: WarningKind::SmallStratum,
                    about: About {
                        department: department.clone(),
                        campaign: campaign.clone(),
                        attempt: *attempt,
                        stratum: stratum.clone(),
                        ..About::default()
                    },
                    since: day::of_instant(*frozen_us),
                    detail: format!("{} of {} are drawn", quota.draw, quota.eligible),
                    seen_by: taking_part(campaigns.get(campaign)),
                });
            }
        }
    }
    out
}

/// Rank of a visit in a campaign.
type Place = (String, i64);

fn sections(visit: &Visit) -> BTreeSet<String> {
    visit.sections.iter().map(|s| s.department.clone()).collect()
}

fn at(visit: &Visit) -> About {
    About {
        campaign: visit.campaign.clone(),
        attempt: visit.attempt,
        rank: visit.rank,
        ticket: visit.ticket.clone(),
        ..About::default()
    }
}

/// Visits that take place, whose days are over and whose check has not ended.
#[must_use]
pub fn overdue(today: Date, visits: &[Visit], done: &BTreeSet<(String, i64, i64)>) -> Vec<Warning> {
    let late = |v: &&Visit| {
        let place = (v.campaign.clone(), v.attempt, v.rank);
        v.dropped == 0 && v.last_day < today && !done.contains(&place)
    };
    let of = |v: &Visit| Warning {
        kind: WarningKind::CheckOverdue,
        about: at(v),
        since: day::next(v.last_day),
        detail: format!("last day {}", v.last_day),
        seen_by: sections(v),
    };
    visits.iter().filter(late).map(of).collect()
}

/// Slots that are empty still.
#[must_use]
pub fn unsolved(visits: &[Visit], shortages: &[(String, Shortage)]) -> Vec<Warning> {
    let known: BTreeMap<Place, &Visit> =
        visits.iter().map(|v| ((v.campaign.clone(), v.rank), v)).collect();
    let of = |(campaign, short): &(String, Shortage)| {
        let visit = known.get(&(campaign.clone(), short.visit)).filter(|v| v.dropped == 0)?;
        let section = visit.sections.iter().find(|s| s.department == short.department)?;
        let nth = usize::try_from(short.slot).ok()?.checked_sub(1)?;
        let filled = section.team.get(nth).is_some_and(|m| !m.ticket.is_empty());
        let about = About { department: short.department.clone(), slot: short.slot, ..at(visit) };
        (!filled).then(|| Warning {
            kind: WarningKind::ShortageUnsolved,
            about,
            since: visit.first_day,
            detail: format!("{:?}, {} ways out", short.rule, short.ways_out.len()),
            seen_by: sections(visit),
        })
    };
    shortages.iter().filter_map(of).collect()
}

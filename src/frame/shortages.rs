//! Why a slot stayed empty, and the lawful ways out, cheapest first (R93, R94).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::domain::campaign::Campaign;
use crate::domain::inspector::{Inspector, InspectorKind, Unfit};
use crate::domain::profile::Slot;
use crate::domain::shortage::{Shortage, ShortageRule, WayOut};
use crate::draw::freeze::Freeze;
use crate::draw::outcome::Outcome;
use crate::draw::pool::{InspectorLeaf, Pool};
use crate::draw::visits::{Section, Visit};

/// The jurisdictions' people, for the ways out.
pub struct Neighbourhood<'a> {
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Everybody of the campaign's jurisdiction and its neighbours: (jurisdiction, department, person).
    pub people: &'a [(String, String, Inspector)],
    /// Departments of neighbouring jurisdictions that stand for one here: (department here,
    /// jurisdiction, department there).
    pub counterparts: &'a [(String, String, String)],
}

/// All empty slots of an outcome, by visit, department and slot.
#[must_use]
pub fn find(
    freeze: &Freeze,
    pool: &Pool,
    outcome: &Outcome,
    around: &Neighbourhood<'_>,
) -> Vec<Shortage> {
    let mut load = vec![0u64; pool.inspectors.len()];
    for member in outcome.visits.iter().flat_map(|v| &v.sections).flat_map(|s| &s.team).flatten() {
        load[*member] += 1;
    }
    let mut out = Vec::new();
    for visit in &outcome.visits {
        for section in &visit.sections {
            let Some(slots) = freeze.profiles.get(&section.profile) else { continue };
            for (i, slot) in slots.iter().enumerate().filter(|(i, _)| section.team[*i].is_none()) {
                out.push(Shortage {
                    visit: i64::try_from(visit.rank).unwrap_or(i64::MAX),
                    department: section.department.clone(),
                    slot: i64::try_from(i + 1).unwrap_or(i64::MAX),
                    rule: why(freeze, pool, &load, visit, section, slot),
                    requires: slot.requires.clone(),
                    ways_out: ways_out(freeze, section, slot, around),
                });
            }
        }
    }
    out
}

fn why(
    freeze: &Freeze,
    pool: &Pool,
    load: &[u64],
    visit: &Visit,
    section: &Section,
    slot: &Slot,
) -> ShortageRule {
    let leads = slot.lead && section.department == freeze.lead;
    let own = |i: &usize| pool.inspectors[*i].department == section.department;
    let pool_of: Vec<usize> = (0..pool.inspectors.len()).filter(own).collect();
    if pool_of.is_empty() {
        return ShortageRule::EmptyPool;
    }
    let qualified = |leaf: &InspectorLeaf| {
        slot.requires.iter().all(|t| leaf.tags.binary_search(t).is_ok())
            && (leaf.may_lead || !leads)
    };
    let able: Vec<usize> =
        pool_of.into_iter().filter(|i| qualified(&pool.inspectors[*i])).collect();
    if able.is_empty() {
        return ShortageRule::NobodyQualified;
    }
    let unit = pool.units.ticket(visit.unit);
    let barred = |i: &usize| pool.avoid.binary_search(&(unit, pool.inspectors[*i].ticket)).is_ok();
    let allowed: Vec<usize> = able.into_iter().filter(|i| !barred(i)).collect();
    if allowed.is_empty() {
        return ShortageRule::Recusal;
    }
    let here: BTreeSet<usize> = section.team.iter().flatten().copied().collect();
    if allowed.iter().all(|i| here.contains(i)) {
        return ShortageRule::TooFew;
    }
    let full =
        allowed.iter().filter(|i| !here.contains(i)).all(|i| load[*i] >= pool.inspectors[*i].cap);
    if full { ShortageRule::Cap } else { ShortageRule::TooFew }
}

fn ways_out(
    freeze: &Freeze,
    section: &Section,
    slot: &Slot,
    around: &Neighbourhood<'_>,
) -> Vec<WayOut> {
    let campaign = around.campaign;
    let leads = slot.lead && section.department == freeze.lead;
    let suits = |person: &Inspector| {
        person.kind == InspectorKind::Inspector
            && slot.requires.iter().all(|t| person.tags.contains(t))
            && (person.may_lead || !leads)
    };
    let (first, last) = (campaign.first_day, campaign.last_day);
    let mut out = Vec::new();
    let mut neighbours: BTreeMap<&str, i64> = BTreeMap::new();
    for (_, jurisdiction, department) in
        around.counterparts.iter().filter(|(here, ..)| *here == section.department)
    {
        let there = around.people.iter().filter(|(j, d, _)| j == jurisdiction && d == department);
        let people = there.filter(|(.., p)| suits(p) && p.fit(first, last).is_ok()).count();
        *neighbours.entry(jurisdiction).or_default() += i64::try_from(people).unwrap_or(0);
    }
    for (jurisdiction, people) in neighbours.into_iter().filter(|(_, people)| *people > 0) {
        out.push(WayOut::NeighbourPool { jurisdiction: jurisdiction.to_owned(), people });
    }
    let own: Vec<&Inspector> = around
        .people
        .iter()
        .filter(|(j, d, _)| *j == campaign.jurisdiction && *d == section.department)
        .map(|(.., p)| p)
        .collect();
    let present =
        own.iter().filter(|p| p.kind == InspectorKind::Inspector && p.fit(first, last).is_ok());
    // Whoever is at the door already cannot be assigned a second time.
    let here = section.team.iter().flatten().count();
    let assignable = i64::try_from(present.count().saturating_sub(here)).unwrap_or(0);
    if assignable > 0 {
        out.push(WayOut::DirectAssignment { people: assignable });
    }
    let back: BTreeSet<Date> = own
        .iter()
        .filter(|p| suits(p) && p.fit(first, last) == Err(Unfit::Away))
        .filter_map(|p| p.back_after(last))
        .collect();
    if let Some(day) = back.first() {
        let people = own.iter().filter(|p| suits(p) && p.back_after(last) == Some(*day)).count();
        out.push(WayOut::LaterDate { day: *day, people: i64::try_from(people).unwrap_or(0) });
    }
    out
}

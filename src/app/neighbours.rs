//! Slots that nobody of the own pool can fill, drawn for jointly with the people of the neighbouring
//! jurisdictions (R94): whom a supplementary draw may choose, and what becomes of its outcome.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::drawn::Drawn;
use super::framing::Around;
use super::replace;
use super::scene::Scene;
use super::{App, AppError, Sealer, campaigns};
use crate::domain::campaign::Campaign;
use crate::domain::change::{Change, ChangeState, Choice};
use crate::domain::supplement::Supplement;
use crate::domain::visit::Member;
use crate::draw::visits;
use crate::frame::Framed;
use crate::frame::neighbours::{self, Borrowed, Door};
use crate::frame::units::Opening;
use crate::store::Tx;

/// Lets a proposal pass whose changes are approved ones of this attempt, each with an empty slot, and
/// whose departments are theirs.
///
/// # Errors
/// [`AppError`].
pub async fn check(
    tx: &mut Tx,
    campaign: &Campaign,
    of: &Supplement,
    attempt: i64,
) -> Result<(), AppError> {
    let all = tx.changes(&of.parent, 0, i64::MAX).await?;
    let mut departments = BTreeSet::new();
    for nth in &of.changes {
        let found = all.iter().map(|c| &c.change).find(|c| c.nth == *nth);
        let good = found.filter(|c| c.attempt == attempt && waits(c));
        let wrong = || AppError::precondition("NOT_A_CHANGE_FOR_NEIGHBOURS", nth.to_string());
        let change = good.ok_or_else(wrong)?;
        departments.insert(change.department.as_str());
        let visit = tx.visit(&of.parent, change.rank).await?.filter(|v| v.visit.dropped == 0);
        let empty = visit.is_some_and(|v| {
            let section = v.visit.sections.iter().find(|s| s.department == change.department);
            let at = usize::try_from(change.slot - 1).unwrap_or(usize::MAX);
            section.and_then(|s| s.team.get(at)).is_some_and(|m| m.ticket.is_empty())
        });
        if !empty {
            return Err(AppError::precondition("SLOT_IS_NOT_EMPTY", nth.to_string()));
        }
    }
    let given: BTreeSet<&str> = campaign.participants.iter().map(|p| &*p.department).collect();
    match given == departments {
        true => Ok(()),
        false => Err(AppError::invalid("campaign.participants", "DEPARTMENTS_OF_THE_SLOTS", "")),
    }
}

fn waits(change: &Change) -> bool {
    change.state == ChangeState::Approved && change.choice == Choice::Neighbour
}

async fn scene(sealer: &Sealer, tx: &mut Tx, parent: Campaign) -> Result<Scene, AppError> {
    let changes = tx.changes(&parent.id, 0, i64::MAX).await?;
    Scene::load(sealer, tx, parent, changes.into_iter().map(|c| c.change)).await
}

/// The changes a supplement fills slots for, by visit and department, in the order of slots.
fn wanted(scene: &Scene, of: &Supplement) -> BTreeMap<(i64, String), Vec<Change>> {
    let mut out: BTreeMap<(i64, String), Vec<Change>> = BTreeMap::new();
    for change in scene.earlier.iter().filter(|c| of.changes.contains(&c.nth)) {
        let place = out.entry((change.rank, change.department.clone())).or_default();
        // A slot that was left to neighbours twice is one slot.
        if !place.iter().any(|c| c.slot == change.slot) {
            place.push(change.clone());
        }
    }
    out.values_mut().for_each(|changes| changes.sort_by_key(|c| c.slot));
    out
}

/// Leaves to a frame the visits with empty slots and those slots alone; adds the people next door.
///
/// # Errors
/// [`AppError`].
pub async fn narrow(
    sealer: &Sealer,
    tx: &mut Tx,
    parent: Campaign,
    of: &Supplement,
    framed: &mut Framed,
    around: &Around,
    loads: &BTreeMap<String, u64>,
) -> Result<(), AppError> {
    let home = parent.jurisdiction.clone();
    let scene = scene(sealer, tx, parent).await?;
    let mut doors: BTreeMap<i64, Door> = BTreeMap::new();
    for ((rank, department), changes) in wanted(&scene, of) {
        let Some(at) = scene.visits.iter().position(|v| v.rank == rank && v.dropped == 0) else {
            continue;
        };
        let visit = &scene.visits[at];
        let door = doors.entry(rank).or_insert_with(|| Door {
            opening: Opening {
                id: visit.unit.clone(),
                subject: visit.subject.clone(),
                name: visit.name.clone(),
                address: visit.address.clone(),
                district: visit.district.clone(),
            },
            stratum: visit.stratum.clone(),
            slots: BTreeMap::new(),
            away: away(&scene, rank),
        });
        let slots: Result<Vec<_>, AppError> =
            changes.iter().map(|c| Ok(replace::slot_of(&scene, at, c)?.0)).collect();
        door.slots.insert(department, slots?);
    }
    let mut recusals = Vec::new();
    let there = around.counterparts.iter().map(|(_, jurisdiction, _)| jurisdiction.clone());
    for jurisdiction in there.chain([home]).collect::<BTreeSet<String>>() {
        recusals.extend(tx.recusals(&jurisdiction).await?);
    }
    let borrowed = Borrowed {
        people: &around.people,
        counterparts: &around.counterparts,
        recusals: &recusals,
        days: (scene.campaign.first_day, scene.campaign.last_day),
    };
    scene.drawn.sealed.freeze.lead.clone_into(&mut framed.frame.lead);
    neighbours::narrow(framed, doors.into_values().collect(), &borrowed, loads);
    Ok(())
}

/// Who is at a door already, or was sent away from it.
fn away(scene: &Scene, rank: i64) -> BTreeSet<String> {
    let visit = scene.visits.iter().find(|v| v.rank == rank);
    let team = visit.into_iter().flat_map(|v| &v.sections).flat_map(|s| &s.team);
    let went = scene.earlier.iter().filter(|c| c.rank == rank);
    let went = went.filter_map(|c| scene.drawn.openings.inspectors.get(&c.went)).cloned();
    team.map(|m| m.inspector.clone()).filter(|id| !id.is_empty()).chain(went).collect()
}

/// Puts whom the draw has found into the empty slots; returns what the visits have become.
///
/// # Errors
/// [`AppError`].
pub async fn fill(
    app: &App,
    tx: &mut Tx,
    of: &Supplement,
    drawn: &Drawn,
) -> Result<Vec<Value>, AppError> {
    let parent = campaigns::find(tx, &of.parent).await?;
    if parent.attempts != of.attempt {
        return Err(AppError::precondition("SUPPLEMENTED_OUTCOME_IS_VOID", of.parent.clone()));
    }
    let mut scene = scene(&app.sealer, tx, parent).await?;
    let wanted = wanted(&scene, of);
    for visit in &drawn.outcome.visits {
        let ticket = drawn.sealed.pool.units.ticket(visit.unit).to_string();
        let behind = drawn.openings.units.get(&ticket);
        let unit = &behind.ok_or(AppError::Broken("a drawn ticket has no opening"))?.opening.id;
        // A visit that dropped out meanwhile needs nobody.
        let stands = scene.visits.iter().find(|v| v.unit == *unit && v.dropped == 0);
        let Some(rank) = stands.map(|v| v.rank) else { continue };
        let at = scene.touch(rank)?;
        for section in &visit.sections {
            let changes = wanted.get(&(rank, section.department.clone()));
            seat(&mut scene, at, section, changes.map_or(&[][..], Vec::as_slice), drawn);
        }
    }
    scene.save(app, tx).await?;
    Ok(scene.told())
}

/// Seats a dealt section's people, slot by slot; a slot that was filled meanwhile stays as it is.
fn seat(scene: &mut Scene, at: usize, dealt: &visits::Section, changes: &[Change], drawn: &Drawn) {
    let sealed = &scene.drawn.sealed.freeze;
    let leads = dealt.department == sealed.lead;
    let slots = drawn.sealed.freeze.profiles.get(&dealt.profile).map_or(&[][..], Vec::as_slice);
    let sections = &mut scene.visits[at].sections;
    let Some(section) = sections.iter_mut().find(|s| s.department == dealt.department) else {
        return;
    };
    for ((change, slot), person) in changes.iter().zip(slots).zip(&dealt.team) {
        let place = usize::try_from(change.slot - 1).ok().and_then(|i| section.team.get_mut(i));
        let (Some(place), Some(person)) = (place, person) else { continue };
        if place.ticket.is_empty() {
            let ticket = drawn.sealed.pool.inspectors[*person].ticket.to_string();
            let inspector = drawn.openings.inspectors.get(&ticket).cloned().unwrap_or_default();
            *place = Member { ticket, inspector, leader: leads && slot.lead };
        }
    }
}

//! Replacement: another person takes a slot of a team (R91–R93).

use std::collections::BTreeSet;

use super::scene::Scene;
use super::{App, AppError, openings};
use crate::domain::canon;
use crate::domain::change::{Change, Choice};
use crate::domain::inspector::{InspectorKind, Recusal};
use crate::domain::policy::Policy;
use crate::domain::profile::Slot;
use crate::domain::training::{Gate, Trained};
use crate::domain::visit::Member;
use crate::draw::Digest;
use crate::draw::amend::{Vacancy, next_suiting};
use crate::draw::freeze::{Class, master_key, salt, ticket};
use crate::frame::people::{self, PERSON_MARK};
use crate::store::{Kept, KeptRow, Tx};

/// Carries out an approved replacement; `person` is the named one's id within the frame.
///
/// # Errors
/// [`AppError::Precondition`] when the person may not come.
pub async fn replace(
    app: &App,
    tx: &mut Tx,
    scene: &mut Scene,
    change: &mut Change,
    person: &str,
) -> Result<(), AppError> {
    let at = scene.touch(change.rank)?;
    let (slot, leads) = slot_of(scene, at, change)?;
    let visit = &scene.visits[at];
    let sent_away = scene.earlier.iter().filter(|c| c.rank == change.rank).map(|c| &*c.went);
    let barred: BTreeSet<Digest> =
        visit.members().chain(sent_away).filter_map(Digest::from_hex).collect();
    let vacancy = Vacancy {
        department: &change.department,
        unit: Digest::from_hex(&visit.ticket).unwrap_or_default(),
        slot: &slot,
        leads,
        barred: &barred,
    };
    let came = match change.choice {
        Choice::Next => next(scene, &vacancy)?,
        Choice::Appointed => appointed(scene, &vacancy, person)?,
        Choice::Neighbour => vacant(scene, &vacancy)?,
        Choice::Direct => direct(app, tx, scene, &vacancy, person).await?,
    };
    change.came.clone_from(&came.ticket);
    // Whose slot it was next door stays away under the department that sent them.
    let jurisdiction = scene.campaign.jurisdiction.clone();
    let visit = &mut scene.visits[at];
    let subject_id = visit.subject.clone();
    let place = visit
        .sections
        .iter_mut()
        .find(|s| s.department == change.department)
        .and_then(|s| s.team.get_mut(usize::try_from(change.slot - 1).ok()?))
        .ok_or(AppError::Broken("a slot is gone"))?;
    let went = std::mem::replace(place, came);
    change.went = went.ticket;
    if let Some((department, person)) = went.inspector.split_once(PERSON_MARK)
        && change.reason.is_recusal()
    {
        let inspector_id = person.to_owned();
        let recusal = Recusal { inspector_id, subject_id, reason: format!("{:?}", change.reason) };
        let row = KeptRow::recusal([&jurisdiction, department], &recusal)?;
        tx.keep(Kept::Recusals, [&row]).await?;
    }
    Ok(())
}

/// What the slot asks for, and whether who stands in it leads.
///
/// # Errors
/// [`AppError::Broken`] when the slot is none of the frozen ones.
pub fn slot_of(scene: &Scene, at: usize, change: &Change) -> Result<(Slot, bool), AppError> {
    let gone = || AppError::Broken("a visit's unit is not in the pool");
    let sealed = &scene.drawn.sealed;
    let ticket = Digest::from_hex(&scene.visits[at].ticket).ok_or_else(gone)?;
    let unit = sealed.pool.units.tickets().binary_search(&ticket).map_err(|_| gone())?;
    let profile = sealed.pool.units.kind(unit).profile(&change.department).unwrap_or_default();
    let slots = sealed.freeze.profiles.get(profile).map_or(&[][..], Vec::as_slice);
    let slot = usize::try_from(change.slot - 1).ok().and_then(|at| slots.get(at));
    let slot = slot.cloned().ok_or_else(gone)?;
    let leads = slot.lead && change.department == sealed.freeze.lead;
    Ok((slot, leads))
}

fn member(scene: &Scene, ticket: &Digest, leader: bool) -> Member {
    let ticket = ticket.to_string();
    let inspector = scene.drawn.openings.inspectors.get(&ticket).cloned().unwrap_or_default();
    Member { ticket, inspector, leader }
}

fn next(scene: &Scene, vacancy: &Vacancy<'_>) -> Result<Member, AppError> {
    let pool = &scene.drawn.sealed.pool;
    let seat = next_suiting(pool, &scene.drawn.seed, &scene.loads(), vacancy)
        .ok_or_else(|| AppError::precondition("NOBODY_SUITS", vacancy.department))?;
    Ok(member(scene, &pool.inspectors[seat].ticket, vacancy.leads))
}

/// An empty slot, for a supplementary draw to fill, when nobody of the own pool suits (R94).
fn vacant(scene: &Scene, vacancy: &Vacancy<'_>) -> Result<Member, AppError> {
    let pool = &scene.drawn.sealed.pool;
    match next_suiting(pool, &scene.drawn.seed, &scene.loads(), vacancy) {
        Some(_) => Err(AppError::precondition("SOMEBODY_SUITS", vacancy.department)),
        None => Ok(Member { ticket: String::new(), inspector: String::new(), leader: false }),
    }
}

fn appointed(scene: &Scene, vacancy: &Vacancy<'_>, person: &str) -> Result<Member, AppError> {
    let unsuitable = || AppError::precondition("PERSON_DOES_NOT_SUIT", vacancy.department);
    let pool = &scene.drawn.sealed.pool;
    let loads = scene.loads();
    let load = |ticket: &Digest| loads.get(ticket).copied().unwrap_or(0);
    let known = scene.drawn.openings.inspectors.iter().find(|(_, id)| *id == person);
    let ticket = known.and_then(|(ticket, _)| Digest::from_hex(ticket));
    let leaf = pool
        .inspectors
        .iter()
        .find(|leaf| Some(leaf.ticket) == ticket)
        .filter(|leaf| vacancy.suits(pool, leaf) && load(&leaf.ticket) < leaf.cap);
    Ok(member(scene, &leaf.ok_or_else(unsuitable)?.ticket, vacancy.leads))
}

/// Anybody of the department who may be sent, when nobody suits (R93).
async fn direct(
    app: &App,
    tx: &mut Tx,
    scene: &Scene,
    vacancy: &Vacancy<'_>,
    person: &str,
) -> Result<Member, AppError> {
    let refused = |why| AppError::precondition(why, vacancy.department);
    let pool = &scene.drawn.sealed.pool;
    if next_suiting(pool, &scene.drawn.seed, &scene.loads(), vacancy).is_some() {
        return Err(refused("SOMEBODY_SUITS"));
    }
    let campaign = &scene.campaign;
    let people = tx.inspectors_in(std::slice::from_ref(&campaign.jurisdiction)).await?;
    let id = person.split_once(PERSON_MARK).map_or("", |(_, id)| id);
    let issued = tx.policies(&campaign.jurisdiction).await?;
    let policy = Policy::resolve(&campaign.jurisdiction, &issued, campaign.first_day);
    let trained = Trained::of(&tx.trainings_in(&campaign.jurisdiction).await?);
    let (first, last) = (campaign.first_day, campaign.last_day);
    if Gate::of(&policy) == Gate::Exclude && !trained.during(vacancy.department, id, first, last) {
        return Err(refused("PERSON_IS_NOT_TRAINED"));
    }
    let may_come = people.iter().any(|(_, department, who)| {
        department == vacancy.department
            && who.id == id
            && who.kind == InspectorKind::Inspector
            && who.fit(campaign.first_day, campaign.last_day).is_ok()
    });
    let ticket = ticket_of(app, tx, scene, vacancy.department, person).await?;
    let avoided = pool.avoid.binary_search(&(vacancy.unit, ticket)).is_ok();
    if !may_come || avoided || vacancy.barred.contains(&ticket) {
        return Err(refused("PERSON_MAY_NOT_BE_SENT"));
    }
    Ok(Member { ticket: ticket.to_string(), inspector: person.to_owned(), leader: vacancy.leads })
}

/// The ticket of a person, made like those of the frozen pool.
async fn ticket_of(
    app: &App,
    tx: &mut Tx,
    scene: &Scene,
    department: &str,
    person: &str,
) -> Result<Digest, AppError> {
    let draw = tx.draw(&scene.campaign.id, scene.campaign.attempts).await?;
    let draw = draw.ok_or(AppError::Broken("a visit has no draw"))?;
    let freeze = &scene.drawn.sealed.freeze;
    let secret = openings::root_secret(app, &draw)?;
    let (suite, id, class) = (freeze.alg, &freeze.draw_id, Class::Inspector);
    let salt = salt(suite, &master_key(suite, &secret, class), id, class, person);
    let record = people::record(department, person);
    Ok(ticket(suite, id, class, &salt, person, &suite.hash(&canon::to_bytes(&record)?)))
}

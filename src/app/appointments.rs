//! The day of a visit: what stands against days is told by those who know, days are proposed from it,
//! and an office or the leader fixes one.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::json;

use super::{
    App, AppError, Begun, Call, calendar, campaigns, check, departments, names, openings, release,
    reply, visits,
};
use crate::domain::appointment::{Appointment, Blackout, DAYS_MAX};
use crate::domain::caller::Role;
use crate::domain::campaign::{Campaign, State};
use crate::domain::inspector::DateRange;
use crate::domain::visit::{Names, Visit};
use crate::domain::{Violations, day, id};
use crate::frame::people::PERSON_MARK;
use crate::merge::dates::{self, Against, Slot};
use crate::store::{SealedVisit, Tx};

/// Most days proposed at once.
pub const PROPOSALS_MAX: i64 = 60;
/// Days proposed when the caller names no number.
const PROPOSALS_DEFAULT: i64 = 5;

/// Replaces the busy days of a person: by the department's system, or by the person.
///
/// # Errors
/// [`AppError`].
pub async fn put_busy_days(
    app: &App,
    call: &Call,
    inspector: &str,
    mut busy: Vec<Date>,
) -> Result<i64, AppError> {
    let own = match call.caller.role {
        Role::Department => inspector,
        Role::Inspector if inspector.is_empty() || inspector == call.caller.inspector => {
            &call.caller.inspector
        }
        _ => return Err(AppError::Forbidden("OWN_DEPARTMENT_OR_PERSON_ONLY")),
    };
    busy.sort();
    busy.dedup();
    let mut violations = Violations::default();
    id::check_foreign(&mut violations, "inspector_id", own);
    let given = busy.len().to_string();
    violations.require(busy.len() <= DAYS_MAX, "days", "TOO_MANY", &given);
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let department = &call.caller.department;
    let at = departments::own(app, department).await?.jurisdiction;
    if step.tx.stored_inspectors(&at, department, &[own]).await?.is_empty() {
        return Err(AppError::not_found("inspector", own));
    }
    step.tx.put_busy_days(department, own, &busy).await?;
    let stored = i64::try_from(busy.len()).unwrap_or(i64::MAX);
    let body = json!({ "days": stored, "department": department });
    step.finish(call, "appointment.busy", body, stored).await
}

/// Replaces what the caller has told of a subject's blackout days and hours.
///
/// # Errors
/// [`AppError`]; department systems for their jurisdiction, offices for any.
pub async fn put_blackouts(
    app: &App,
    call: &Call,
    (jurisdiction, subject): (&str, &str),
    blackouts: Vec<Blackout>,
) -> Result<i64, AppError> {
    let jurisdiction = match call.caller.role {
        Role::Office => jurisdiction.to_owned(),
        Role::Department => departments::own(app, &call.caller.department).await?.jurisdiction,
        _ => return Err(AppError::Forbidden("OFFICE_OR_DEPARTMENT_ONLY")),
    };
    let mut violations = Violations::default();
    id::check_division(&mut violations, "jurisdiction", &jurisdiction);
    let given = blackouts.len().to_string();
    violations.require(blackouts.len() <= DAYS_MAX, "blackouts", "TOO_MANY", &given);
    for (i, blackout) in blackouts.iter().enumerate() {
        blackout.check(&mut violations, &format!("blackouts[{i}]"));
    }
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let giver = call.caller.name();
    step.tx.put_blackouts([&jurisdiction, subject, giver], &blackouts).await?;
    let stored = i64::try_from(blackouts.len()).unwrap_or(i64::MAX);
    let body = json!({ "blackouts": stored, "jurisdiction": jurisdiction });
    step.finish(call, "appointment.blackout", body, stored).await
}

/// A visit whose day is looked for.
struct Sought {
    campaign: Campaign,
    visit: Visit,
    hidden: Names,
}

impl Sought {
    fn window(&self) -> DateRange {
        DateRange { first: self.visit.first_day, last: self.visit.last_day }
    }
}

async fn find(app: &App, tx: &mut Tx, id: &str, rank: i64) -> Result<Sought, AppError> {
    let campaign = campaigns::find(tx, id).await?;
    if campaign.state != State::Drawn {
        return Err(AppError::precondition("CAMPAIGN_STATE", campaign.state.word()));
    }
    let missing = || AppError::not_found("visit", &format!("{id}/{rank}"));
    let stored: SealedVisit = tx.visit(id, rank).await?.ok_or_else(missing)?;
    if stored.visit.dropped > 0 {
        return Err(AppError::precondition("VISIT_DROPPED_OUT", rank.to_string()));
    }
    let hidden = names::of(&app.sealer, &stored)?;
    Ok(Sought { campaign, visit: stored.visit, hidden })
}

/// An office at any time; the leader once the names of the visit are open.
async fn require_office_or_leader(
    tx: &mut Tx,
    call: &Call,
    sought: &Sought,
    now_us: i64,
) -> Result<String, AppError> {
    if call.caller.role == Role::Office {
        return Ok(String::new());
    }
    if call.caller.role != Role::Inspector {
        return Err(AppError::Forbidden("OFFICE_OR_LEADER_ONLY"));
    }
    let member = openings::require_member(call, &sought.visit, &sought.hidden)?;
    if sought.visit.leader() != member {
        return Err(AppError::Forbidden("LEADER_ONLY"));
    }
    release::require_released(tx, &sought.campaign, &sought.visit, now_us).await?;
    Ok(member)
}

/// What stands against days of a visit.
async fn against(tx: &mut Tx, sought: &Sought) -> Result<Against, AppError> {
    let DateRange { first, last } = sought.window();
    let mut busy = BTreeSet::new();
    for person in sought.hidden.inspectors.iter().flatten() {
        if let Some(person) = person.split_once(PERSON_MARK) {
            busy.extend(tx.busy_days(person, first, last).await?);
        }
    }
    let (campaign, visit) = (&sought.campaign, &sought.visit);
    let blackouts = tx.blackouts(&campaign.jurisdiction, &sought.hidden.subject).await?;
    let members: BTreeSet<&str> = visit.members().collect();
    let mut taken = Vec::new();
    for fixed in tx.appointments(&campaign.id, visit.attempt).await? {
        if fixed.rank == visit.rank {
            continue;
        }
        let other = tx.visit(&campaign.id, fixed.rank).await?;
        let shares = |v: &SealedVisit| {
            v.visit.dropped == 0 && v.visit.members().any(|m| members.contains(m))
        };
        if other.is_some_and(|v| shares(&v)) {
            taken.push((fixed.day, fixed.hours));
        }
    }
    Ok(Against { busy, taken, blackouts })
}

/// Proposes days from the calendars of the team and the subject's blackouts. They tell something about
/// who is visited, so each look is an event, like an opening (R86).
///
/// # Errors
/// [`AppError`]; offices, and the leader once the names are open.
pub async fn propose(
    app: &App,
    call: &Call,
    (id, rank): (&str, i64),
    most: i64,
) -> Result<Vec<Slot>, AppError> {
    let given = most.to_string();
    let mut violations = Violations::default();
    violations.require((0..=PROPOSALS_MAX).contains(&most), "max_days", "FROM_0_TO_60", &given);
    violations.finish(())?;
    let place = reply::place(call, "dates");
    let mut step = match app.begin::<String>(call).await? {
        Begun::Repeated(stored) => return reply::open(app, &place, &stored),
        Begun::New(step) => step,
    };
    let sought = find(app, &mut step.tx, id, rank).await?;
    let member = require_office_or_leader(&mut step.tx, call, &sought, step.now_us).await?;
    let against = against(&mut step.tx, &sought).await?;
    let most = if most == 0 { PROPOSALS_DEFAULT } else { most };
    let today = day::of_instant(step.now_us);
    let window = DateRange { first: sought.visit.first_day.max(today), ..sought.window() };
    let most = usize::try_from(most).unwrap_or(0);
    let calendar = calendar::load(&mut step.tx, &sought.campaign.jurisdiction).await?;
    let found = dates::propose(window, &against, &calendar, most)?;
    let body = json!({
        "attempt": sought.visit.attempt,
        "campaign": id,
        "days": found.len(),
        "member": member,
        "rank": rank,
    });
    let stored = reply::seal(app, &place, &found)?;
    step.finish(call, "appointment.propose", body, stored).await?;
    Ok(found)
}

/// Fixes the day of a visit, or moves it: `version` is the one that is moved, 0 for the first.
///
/// # Errors
/// [`AppError`]; offices, and the leader once the names are open. Refused for a day outside the window,
/// a busy member, a blackout, and for a visit whose check has begun.
pub async fn fix(
    app: &App,
    call: &Call,
    (id, rank): (&str, i64),
    slot: Slot,
    version: i64,
) -> Result<Appointment, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    // One at a time in a campaign, so that nobody is sent to two doors at once; and not while a check begins.
    step.tx.lock(check::lock_key(id, 0)).await?;
    step.tx.lock(check::lock_key(id, rank)).await?;
    let sought = find(app, &mut step.tx, id, rank).await?;
    let member = require_office_or_leader(&mut step.tx, call, &sought, step.now_us).await?;
    let attempt = sought.visit.attempt;
    if step.tx.check(id, attempt, rank).await?.is_some() {
        return Err(AppError::precondition("CHECK_STARTED", rank.to_string()));
    }
    let found = against(&mut step.tx, &sought).await?;
    if let Some(rule) = dates::against(sought.window(), slot, &found) {
        return Err(AppError::invalid("day", rule, &slot.day.to_string()));
    }
    let fixed = Appointment {
        campaign: id.to_owned(),
        attempt,
        rank,
        version: version + 1,
        day: slot.day,
        hours: slot.hours,
        fixed_by: call.caller.name().to_owned(),
        salt: hex::encode(app.entropy.bytes::<32>()),
    };
    if !step.tx.put_appointment(&fixed).await? {
        return Err(AppError::Stale(format!("day of visit {rank}")));
    }
    let digest = fixed.digest().ok_or(AppError::Broken("an appointment has no canonical form"))?;
    let body = json!({
        "attempt": attempt,
        "campaign": id,
        "digest": digest.to_string(),
        "member": member,
        "rank": rank,
        "version": fixed.version,
    });
    step.finish(call, "appointment.fix", body, fixed).await
}

/// The days that are fixed for the visits of a campaign; a department sees those of its own visits.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    call: &Call,
    id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Appointment>, AppError> {
    if call.caller.role == Role::Inspector {
        return Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY"));
    }
    let department = visits::department_for(&call.caller, "")?;
    let mut tx = app.db.read().await?;
    let campaign = campaigns::find(&mut tx, id).await?;
    let mut fixed = tx.appointments(id, campaign.attempts).await?;
    if !department.is_empty() {
        let own = tx.visits(id, department, 0, i64::MAX).await?;
        let ranks: BTreeSet<i64> = own.iter().map(|v| v.visit.rank).collect();
        fixed.retain(|f| ranks.contains(&f.rank));
    }
    fixed.retain(|f| f.rank > after);
    fixed.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(fixed)
}

//! Using the slots of templates: announced when due, frozen when due, recorded as missed when too
//! late. Any number of replicas may do rounds at once, at clocks that differ: what is done for a slot
//! is claimed by one request id, and one row per slot is all the database takes.

use jiff::civil::{Date, DateTime};
use serde_json::json;

use super::{App, AppError, Begun, Call, Step, calendar, campaigns, ceremony};
use crate::domain::calendar::{Calendar, HOLIDAY_DAYS_MAX};
use crate::domain::caller::{Caller, Role};
use crate::domain::campaign::State;
use crate::domain::day;
use crate::domain::hash::Suite;
use crate::domain::schedule::{SCAN_DAYS_MAX, Slot, SlotState, Template, TemplateState};

/// Under which name the service itself does what a template's approval lets it do.
pub const SCHEDULE: &str = "SCHEDULE";
/// One round at a time over all replicas, where the database has locks.
const LOCK: i64 = 0x6f76_6c6f_6703;

/// What a round has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Campaigns announced.
    pub announced: usize,
    /// Slots recorded as missed.
    pub missed: usize,
    /// Campaigns frozen.
    pub frozen: usize,
    /// Campaigns that were not frozen in time.
    pub unfrozen: usize,
    /// What was due and refused; it is tried again until it is too late.
    pub refused: Vec<String>,
}

/// Does what is due now; `None` when another replica is doing it.
///
/// # Errors
/// As [`work`].
pub async fn round(app: &App) -> Result<Option<Round>, AppError> {
    let mut turn = app.db.read().await?;
    if !turn.try_lock(LOCK).await? {
        return Ok(None);
    }
    // The lock only saves replicas from doing the same work; what keeps slots apart is in `work`.
    let round = work(app).await;
    drop(turn);
    round.map(Some)
}

/// Does what is due now, whoever else does.
///
/// # Errors
/// [`AppError`] when the database fails or the log is stopped; what one slot is refused for is in
/// the round.
pub async fn work(app: &App) -> Result<Round, AppError> {
    app.require_log()?;
    let now_us = app.clock.now_us();
    let mut round = Round::default();
    let mut tx = app.db.read().await?;
    let mut in_use = Vec::new();
    for (template, settled) in tx.templates_in_use().await? {
        let calendar = calendar::load(&mut tx, &template.campaign.jurisdiction).await?;
        in_use.push((template, settled, calendar));
    }
    drop(tx);
    for (template, settled, calendar) in in_use {
        use_slots(app, &template, settled, (&calendar, now_us), &mut round).await?;
    }
    let waiting = app.db.read().await?.slots_to_freeze(now_us).await?;
    for slot in waiting {
        let name = format!("{} {}", slot.template, slot.slot);
        match freeze(app, slot).await {
            Ok(SlotState::Frozen) => round.frozen += 1,
            Ok(SlotState::Unfrozen) => round.unfrozen += 1,
            Ok(_) => {}
            Err(error) => refuse(&mut round, &name, error)?,
        }
    }
    Ok(round)
}

/// A refusal by the rules is waited out; a failure ends the round.
fn refuse(round: &mut Round, name: &str, error: AppError) -> Result<(), AppError> {
    match error {
        AppError::Store(_) | AppError::Broken(_) | AppError::LogStopped(_) => Err(error),
        // Another replica was faster.
        AppError::Stale(_) => Ok(()),
        refused => {
            round.refused.push(format!("{name}: {refused}"));
            Ok(())
        }
    }
}

/// Uses the slots of a template that are due, and notes up to which day all are recorded.
async fn use_slots(
    app: &App,
    template: &Template,
    settled: Option<Date>,
    (calendar, now_us): (&Calendar, i64),
    round: &mut Round,
) -> Result<(), AppError> {
    let today = day::of_instant(now_us);
    let mut at = settled.map_or_else(|| before(template), day::next);
    let (mut gap, mut last) = (false, None);
    for _ in 0..SCAN_DAYS_MAX {
        // Today's slot may be later today.
        if at > today {
            break;
        }
        let slot = template.rule.slot(at);
        let name = format!("{} {slot}", template.id());
        let recorded = match use_day(app, template, (at, slot), (calendar, now_us)).await {
            Ok(Used::No) => at < today,
            Ok(Used::Waits) => false,
            Ok(Used::As(SlotState::Announced)) => {
                round.announced += 1;
                true
            }
            Ok(Used::As(SlotState::Missed)) => {
                round.missed += 1;
                true
            }
            Ok(Used::As(_) | Used::Before) => true,
            Err(error) => {
                refuse(round, &name, error)?;
                false
            }
        };
        gap |= !recorded;
        if !gap {
            last = Some(at);
        }
        at = day::next(at);
    }
    if let Some(on) = last {
        let mut tx = app.db.begin().await?;
        tx.settle_template(template.id(), on).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A day whose slot cannot move behind the template's approval any more.
fn before(template: &Template) -> Date {
    let span = jiff::Span::new().days(HOLIDAY_DAYS_MAX);
    let approved = day::of_instant(template.approved_us);
    approved.checked_sub(span).unwrap_or(approved)
}

/// What a day's slot came to.
enum Used {
    /// No slot comes on the day.
    No,
    /// It is due later.
    Waits,
    /// It was recorded before.
    Before,
    /// It was recorded now.
    As(SlotState),
}

async fn use_day(
    app: &App,
    template: &Template,
    (date, slot): (Date, DateTime),
    (calendar, now_us): (&Calendar, i64),
) -> Result<Used, AppError> {
    let nominal = day::instant(slot);
    let due = match template.rule.comes_on(date, calendar) {
        Ok(false) => return Ok(Used::No),
        Ok(true) => template.rule.due_us(date, calendar),
        Err(unknown) => Err(unknown),
    };
    match due {
        Ok(due) if due < template.approved_us => return Ok(Used::No),
        Err(_) if nominal < template.approved_us => return Ok(Used::No),
        Ok(due) if due > now_us => return Ok(Used::Waits),
        // No calendar says when it is due: somebody may import the year in time.
        Err(unknown) if !template.is_too_late(nominal, now_us) => return Err(unknown.into()),
        _ => {}
    }
    if app.db.read().await?.slot(template.id(), slot).await?.is_some() {
        return Ok(Used::Before);
    }
    let new = Slot {
        template: template.id().to_owned(),
        slot,
        state: SlotState::Missed,
        due_us: *due.as_ref().unwrap_or(&0),
        at_us: now_us,
        freeze_us: 0,
        campaign: String::new(),
        reason: String::new(),
    };
    let used = match due {
        Err(_) => miss(app, new, "CALENDAR_YEAR_UNKNOWN").await?,
        Ok(due) if template.is_too_late(due, now_us) => miss(app, new, "TOO_LATE").await?,
        Ok(_) => announce(app, new, calendar).await?,
    };
    Ok(used.map_or(Used::Before, Used::As))
}

/// What the service does for a slot is one request, whichever replica makes it.
fn call(slot: &Slot, deed: &'static str) -> Call {
    let name = format!("{} {}", slot.template, slot.slot);
    let payload = Suite::Sha256.hash(name.as_bytes());
    Call {
        caller: Caller {
            key_id: SCHEDULE.to_owned(),
            ..Caller::holder(Role::Office, "", SCHEDULE, "")
        },
        request_id: format!("{deed}-{}", &payload.to_string()[..40]),
        method: deed,
        payload: payload.0,
        signature: None,
    }
}

/// Claims a slot; `None` when it is recorded, or its template is in use no more.
async fn claim(app: &App, call: &Call, slot: &Slot) -> Result<Option<(Step, Template)>, AppError> {
    let mut step = match app.begin::<Slot>(call).await? {
        Begun::Repeated(_) => return Ok(None),
        Begun::New(step) => step,
    };
    let template = step.tx.template(&slot.template).await?;
    let in_use = template.filter(|t| t.state == TemplateState::Approved);
    Ok(in_use.map(|template| (step, template)))
}

/// The database takes one row per slot, whatever was claimed.
async fn record(step: &mut Step, slot: &Slot) -> Result<(), AppError> {
    match step.tx.insert_slot(slot).await {
        Err(error) if error.is_conflict() => {
            Err(AppError::Stale(format!("slot {} of {}", slot.slot, slot.template)))
        }
        done => Ok(done?),
    }
}

async fn miss(app: &App, mut slot: Slot, reason: &str) -> Result<Option<SlotState>, AppError> {
    let call = call(&slot, "slot");
    let Some((mut step, _)) = claim(app, &call, &slot).await? else { return Ok(None) };
    reason.clone_into(&mut slot.reason);
    record(&mut step, &slot).await?;
    let body = json!({
        "due_us": slot.due_us,
        "reason": reason,
        "slot": slot.slot.to_string(),
        "template": slot.template,
    });
    Ok(Some(step.finish(&call, "slot.miss", body, slot).await?.state))
}

async fn announce(
    app: &App,
    mut slot: Slot,
    calendar: &Calendar,
) -> Result<Option<SlotState>, AppError> {
    let call = call(&slot, "slot");
    let Some((mut step, template)) = claim(app, &call, &slot).await? else { return Ok(None) };
    let (campaign, freeze_us) = template.announce(slot.slot, slot.at_us, calendar)?;
    campaigns::check_known(&mut step.tx, &campaign).await?;
    let id = campaign.id.clone();
    match step.tx.insert_campaign(&campaign, step.now_us).await {
        Err(error) if error.is_conflict() => return Err(AppError::Exists { kind: "campaign", id }),
        done => done?,
    }
    slot.state = SlotState::Announced;
    slot.freeze_us = freeze_us;
    slot.campaign.clone_from(&id);
    record(&mut step, &slot).await?;
    let proposed = call.event(
        "campaign.propose",
        json!({
            "campaign": id,
            "lead": campaign.lead,
            "mode": campaign.mode,
            "participants": campaign.participants.len(),
            "slot": slot.slot.to_string(),
            "template": slot.template,
        }),
    );
    app.record(&mut step.tx, &proposed, step.now_us).await?;
    let body = json!({
        "approved_by": campaign.approved_by,
        "campaign": id,
        "due_us": slot.due_us,
        "freeze_us": freeze_us,
        "proposed_by": campaign.proposed_by,
        "slot": slot.slot.to_string(),
        "template": slot.template,
    });
    Ok(Some(step.finish(&call, "campaign.approve", body, slot).await?.state))
}

/// Freezes the campaign of a slot, and records that; one that cannot be frozen is tried again until
/// it is too late, and then left to the offices.
async fn freeze(app: &App, mut slot: Slot) -> Result<SlotState, AppError> {
    let now_us = app.clock.now_us();
    let mut tx = app.db.read().await?;
    let template = tx.template(&slot.template).await?;
    let campaign = campaigns::find(&mut tx, &slot.campaign).await?;
    drop(tx);
    let template = template.ok_or(AppError::Broken("a slot has no template"))?;
    let next = if campaign.state != State::Approved || campaign.attempts > 0 {
        // Frozen already: by an office, or by a replica that ended before it said so.
        SlotState::Frozen
    } else if template.is_too_late(slot.freeze_us, now_us) {
        "TOO_LATE".clone_into(&mut slot.reason);
        SlotState::Unfrozen
    } else {
        ceremony::freeze(app, &call(&slot, "freeze"), &slot.campaign).await?;
        SlotState::Frozen
    };
    if !slot.state.may_become(next) {
        return Err(AppError::precondition("SLOT_STATE", slot.state.word()));
    }
    slot.state = next;
    let call = call(&slot, "slot-end");
    let mut step = match app.begin::<Slot>(&call).await? {
        Begun::Repeated(earlier) => return Ok(earlier.state),
        Begun::New(step) => step,
    };
    if !step.tx.end_slot(&slot).await? {
        return Err(AppError::Stale(format!("slot {} of {}", slot.slot, slot.template)));
    }
    let body = json!({
        "campaign": slot.campaign,
        "slot": slot.slot.to_string(),
        "state": slot.state,
        "template": slot.template,
    });
    Ok(step.finish(&call, "slot.end", body, slot).await?.state)
}

//! Changes of an outcome after the draw: asked by one, approved by another, from a list of reasons,
//! in the order of the draw, each one public and counted (R83, R91–R93).

use serde_json::{Value, json};

use super::scene::Scene;
use super::seal::DataKey;
use super::{
    App, AppError, Begun, Call, Step, campaigns, framing, names, replace, require_office,
    substitute, supplements,
};
use crate::domain::Violations;
use crate::domain::caller::Role;
use crate::domain::campaign::{Campaign, State};
use crate::domain::change::{Asked, Change, ChangeKind, ChangeState, Choice};
use crate::domain::policy::{self, Policy};
use crate::domain::visit::Visit;
use crate::frame::people;
use crate::store::{SealedChange, Tx};

/// Kind of the event by which a change is asked for.
pub const REQUEST: &str = "visit.change.request";

fn place(campaign: &str, nth: i64) -> String {
    format!("changes/{campaign}/{nth}/sealed")
}

/// The data key of the campaign's attempt.
async fn key(app: &App, tx: &mut Tx, campaign: &Campaign) -> Result<DataKey, AppError> {
    let draw = tx.draw(&campaign.id, campaign.attempts).await?;
    names::draw_key(&app.sealer, &draw.ok_or(AppError::Broken("a change has no draw"))?)
}

/// Whom a change names. The key file itself sealed it before there were data keys.
async fn open_person(
    app: &App,
    tx: &mut Tx,
    campaign: &Campaign,
    nth: i64,
    sealed: &[u8],
) -> Result<Vec<u8>, AppError> {
    let place = place(&campaign.id, nth);
    match key(app, tx, campaign).await?.open(&place, sealed) {
        Ok(person) => Ok(person),
        Err(_) => app.sealer.open(&place, sealed),
    }
}

fn require_drawn(campaign: &Campaign) -> Result<(), AppError> {
    match campaign.state {
        State::Drawn => Ok(()),
        state => {
            let detail = format!("campaign {} is {}", campaign.id, state.word());
            Err(AppError::precondition("CAMPAIGN_STATE", detail))
        }
    }
}

/// Offices, and departments for their own part in the visit.
fn require_part(call: &Call, visit: &Visit, asked: &Asked) -> Result<(), AppError> {
    let own = &call.caller.department;
    let about_own = asked.kind == ChangeKind::Substitution || asked.department == *own;
    let part = visit.sections.iter().any(|s| s.department == *own);
    match call.caller.role {
        Role::Office => Ok(()),
        Role::Department if about_own && part => Ok(()),
        _ => Err(AppError::Forbidden("OWN_SECTION_OR_OFFICE_ONLY")),
    }
}

/// That the slot exists, and that a person may be named.
async fn check_replacement(
    tx: &mut Tx,
    campaign: &Campaign,
    visit: &Visit,
    asked: &Asked,
) -> Result<(), AppError> {
    let section = visit.sections.iter().find(|s| s.department == asked.department);
    let slots = section.map_or(0, |s| i64::try_from(s.team.len()).unwrap_or(0));
    if asked.slot > slots {
        return Err(AppError::invalid("slot", "SLOT_OF_THE_SECTION", &asked.slot.to_string()));
    }
    if asked.choice == Choice::Neighbour {
        let home = tx.jurisdiction(&campaign.jurisdiction).await?;
        if home.is_none_or(|j| j.neighbours.is_empty()) {
            return Err(AppError::precondition("NO_NEIGHBOUR", campaign.jurisdiction.clone()));
        }
    }
    if asked.choice == Choice::Appointed {
        let issued = tx.policies(&campaign.jurisdiction).await?;
        let policy = Policy::resolve(&campaign.jurisdiction, &issued, campaign.first_day);
        if policy.word(policy::REPLACEMENT) != "APPOINTED" {
            return Err(AppError::precondition("POLICY_TAKES_THE_NEXT", policy::REPLACEMENT));
        }
    }
    Ok(())
}

/// Asks for a change.
///
/// # Errors
/// [`AppError`]; offices, and departments for their own part.
pub async fn request(app: &App, call: &Call, asked: Asked) -> Result<Change, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let (change, body) = add(app, call, &mut step, asked).await?;
    step.finish(call, REQUEST, body, change).await
}

/// Adds a change that is asked for, inside a step; returns it with the body of its event.
///
/// # Errors
/// As [`request`].
pub async fn add(
    app: &App,
    call: &Call,
    step: &mut Step,
    asked: Asked,
) -> Result<(Change, Value), AppError> {
    let mut violations = Violations::default();
    asked.check(&mut violations);
    violations.finish(())?;
    let campaign = campaigns::find(&mut step.tx, &asked.campaign).await?;
    require_drawn(&campaign)?;
    let missing = || AppError::not_found("visit", &format!("{}/{}", asked.campaign, asked.rank));
    let stored = step.tx.visit(&asked.campaign, asked.rank).await?.ok_or_else(missing)?;
    require_part(call, &stored.visit, &asked)?;
    if stored.visit.dropped > 0 {
        return Err(AppError::precondition("VISIT_DROPPED_OUT", asked.rank.to_string()));
    }
    if asked.kind == ChangeKind::Replacement {
        check_replacement(&mut step.tx, &campaign, &stored.visit, &asked).await?;
    }
    let nth =
        step.tx.changes(&campaign.id, 0, i64::MAX).await?.last().map_or(0, |c| c.change.nth) + 1;
    let sealed = match asked.inspector.is_empty() {
        true => Vec::new(),
        false => {
            let person = people::frame_id(&asked.department, &asked.inspector);
            let key = key(app, &mut step.tx, &campaign).await?;
            key.seal(&app.entropy, &place(&campaign.id, nth), person.as_bytes())?
        }
    };
    let change = new(call, &campaign, asked, nth, step.now_us);
    match step.tx.insert_change(&SealedChange { change: change.clone(), sealed }).await {
        Err(error) if error.is_conflict() => return Err(AppError::Stale(campaign.id)),
        done => done?,
    }
    let body = json!({ "attempt": change.attempt, "campaign": campaign.id, "change": change });
    Ok((change, body))
}

fn new(call: &Call, campaign: &Campaign, asked: Asked, nth: i64, now_us: i64) -> Change {
    Change {
        campaign: asked.campaign,
        nth,
        attempt: campaign.attempts,
        kind: asked.kind,
        rank: asked.rank,
        department: asked.department,
        slot: asked.slot,
        choice: asked.choice,
        reason: asked.reason,
        evidence_sha256: asked.evidence_sha256,
        requested_by: call.caller.name().to_owned(),
        requested_us: now_us,
        state: ChangeState::Requested,
        decided_by: String::new(),
        decided_us: 0,
        went: String::new(),
        came: String::new(),
        taken: Vec::new(),
    }
}

/// Approves and carries out a change, or declines it.
///
/// # Errors
/// [`AppError`]; offices only, never the one who asked.
pub async fn decide(
    app: &App,
    call: &Call,
    id: &str,
    nth: i64,
    approve: bool,
) -> Result<Change, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let campaign = campaigns::find(&mut step.tx, id).await?;
    let all = step.tx.changes(id, 0, i64::MAX).await?;
    let missing = || AppError::not_found("change", &format!("{id}/{nth}"));
    let found = all.iter().find(|c| c.change.nth == nth).cloned().ok_or_else(missing)?;
    let SealedChange { mut change, sealed } = found;
    if change.state != ChangeState::Requested {
        return Err(AppError::precondition("ALREADY_DECIDED", change.state.word()));
    }
    if change.requested_by == call.caller.name() {
        return Err(AppError::Forbidden("APPROVER_IS_REQUESTER"));
    }
    call.caller.name().clone_into(&mut change.decided_by);
    change.decided_us = step.now_us;
    if !approve {
        change.state = ChangeState::Declined;
        return record(step, call, change, "visit.change.decline", Vec::new()).await;
    }
    require_drawn(&campaign)?;
    if change.attempt != campaign.attempts {
        return Err(AppError::precondition("ATTEMPT_IS_OVER", change.attempt.to_string()));
    }
    change.state = ChangeState::Approved;
    let person = match sealed.is_empty() {
        true => String::new(),
        false => String::from_utf8(open_person(app, &mut step.tx, &campaign, nth, &sealed).await?)
            .map_err(|_| AppError::Broken("a named person is not text"))?,
    };
    let earlier = all.into_iter().map(|c| c.change);
    let mut scene = Scene::load(&app.sealer, &mut step.tx, campaign, earlier).await?;
    match change.kind {
        ChangeKind::Substitution => {
            supplements::require_none_open(&mut step.tx, &scene.campaign).await?;
            let yearly = framing::yearly(&app.sealer, &mut step.tx, &scene.campaign).await?;
            let carry_out = || substitute::substitute(&mut scene, &mut change, &yearly);
            tokio::task::block_in_place(carry_out)?;
        }
        ChangeKind::Replacement => {
            replace::replace(app, &mut step.tx, &mut scene, &mut change, &person).await?;
        }
    }
    scene.save(app, &mut step.tx).await?;
    record(step, call, change, "visit.change", scene.told()).await
}

async fn record(
    mut step: Step,
    call: &Call,
    change: Change,
    kind: &str,
    visits: Vec<Value>,
) -> Result<Change, AppError> {
    if !step.tx.decide_change(&change).await? {
        return Err(AppError::Stale(format!(
            "change {} of campaign {}",
            change.nth, change.campaign
        )));
    }
    let body = json!({
        "attempt": change.attempt,
        "campaign": change.campaign,
        "change": change,
        "visits": visits,
    });
    step.finish(call, kind, body, change).await
}

/// A page of a campaign's changes. They hold no names: everybody may see them.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    campaign: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Change>, AppError> {
    let mut tx = app.db.read().await?;
    campaigns::find(&mut tx, campaign).await?;
    let found = tx.changes(campaign, after, limit).await?;
    Ok(found.into_iter().map(|c| c.change).collect())
}

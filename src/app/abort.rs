//! Ending an attempt without an outcome that counts, and trying again: never by one person alone,
//! never silently (T01).

use serde_json::json;

use super::attempt::{self, Attempt};
use super::{App, AppError, Begun, Call, Step, campaigns, draws, require_office, supplements};
use crate::domain::caller::Role;
use crate::domain::campaign::{Action, Campaign, State};
use crate::domain::ceremony::{ATTEMPTS_MAX, DecisionKind};
use crate::domain::plan::ProposalState;
use crate::domain::supplement::Supplement;
use crate::domain::{Violations, day, text};
use crate::store::{Decision, DrawState};

/// Who approves an abort that a passed deadline calls for.
const DEADLINE: &str = "DEADLINE";

/// A leading-group office, or an office that supervises the campaign.
fn require_side(call: &Call, campaign: &Campaign) -> Result<(), AppError> {
    let supervises = campaign.contributors.iter().any(|c| c == call.caller.name());
    match call.caller.role {
        Role::Office => Ok(()),
        Role::Supervisor if supervises => Ok(()),
        _ => Err(AppError::Forbidden("OFFICE_OR_CONTRIBUTOR_ONLY")),
    }
}

fn decision(call: &Call, attempt: &Attempt, kind: DecisionKind, why: &str, at: i64) -> Decision {
    Decision {
        campaign: attempt.draw.campaign.clone(),
        attempt: attempt.draw.attempt,
        kind: kind.word().to_owned(),
        reason: why.to_owned(),
        requested_by: call.caller.name().to_owned(),
        requested_role: call.caller.role.word().to_owned(),
        requested_us: at,
        approved_by: String::new(),
        approved_us: 0,
    }
}

/// Asks to abort the frozen attempt, or to void the drawn one before its names open. An attempt
/// whose deadline passed without an office's part is aborted at once and names that office.
///
/// # Errors
/// [`AppError`]; offices and contributors only.
pub async fn request(app: &App, call: &Call, id: &str, why: &str) -> Result<Attempt, AppError> {
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", why, text::SHORT_CHARS_MAX);
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let campaign = campaigns::find(&mut step.tx, id).await?;
    require_side(call, &campaign)?;
    let kind = kind_of(&campaign, step.now_us)?;
    let found = attempt::load(&mut step.tx, id, campaign.attempts).await?;
    let withheld = withheld(&campaign, &found, step.now_us)?;
    let mut new = decision(call, &found, kind, why, step.now_us);
    if kind == DecisionKind::Abort && !withheld.is_empty() {
        new.reason = format!("{why} (WITHHELD: {})", withheld.join("、"));
        DEADLINE.clone_into(&mut new.approved_by);
        new.approved_us = step.now_us;
    }
    match step.tx.insert_decision(&new).await {
        Err(error) if error.is_conflict() => {
            return Err(AppError::precondition("ALREADY_REQUESTED", id));
        }
        done => done?,
    }
    if new.approved_us > 0 {
        return carry_out(step, call, campaign, &new, "draw.abort").await;
    }
    let reply = attempt::load(&mut step.tx, id, campaign.attempts).await?;
    let body = json!({
        "attempt": campaign.attempts,
        "campaign": id,
        "kind": new.kind,
        "reason": why,
    });
    step.finish(call, "draw.abort.request", body, reply).await
}

fn kind_of(campaign: &Campaign, now_us: i64) -> Result<DecisionKind, AppError> {
    let fills = campaign.supplement.as_ref().is_some_and(Supplement::draws_people);
    match campaign.state {
        State::Frozen => Ok(DecisionKind::Abort),
        // Whom it has sent is replaced like everybody else.
        State::Drawn if fills => {
            Err(AppError::precondition("SLOTS_ARE_FILLED", campaign.id.clone()))
        }
        State::Drawn if day::of_instant(now_us) < campaign.first_day => Ok(DecisionKind::Void),
        State::Drawn => Err(AppError::precondition("NAMES_ARE_OPEN", campaign.id.clone())),
        state => {
            let detail = format!("campaign {} is {}", campaign.id, state.word());
            Err(AppError::precondition("CAMPAIGN_STATE", detail))
        }
    }
}

/// The offices whose part a passed deadline found missing, where no beacon lets the draw go on.
fn withheld(campaign: &Campaign, found: &Attempt, now: i64) -> Result<Vec<String>, AppError> {
    if now > found.draw.commit_by_us {
        let uncommitted = found.missing(|_| true)?;
        if !uncommitted.is_empty() {
            return Ok(uncommitted);
        }
    }
    if now > found.draw.reveal_by_us && !campaign.ceremony.beacon {
        return found.missing(|c| !c.number.is_empty());
    }
    Ok(Vec::new())
}

/// Approves what was asked for: a supervising office what the leading group asked, an office of
/// the leading group what a supervisor asked.
///
/// # Errors
/// [`AppError`]; never the one who asked, nor its side.
pub async fn approve(app: &App, call: &Call, id: &str) -> Result<Attempt, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let campaign = campaigns::find(&mut step.tx, id).await?;
    require_side(call, &campaign)?;
    let kind = kind_of(&campaign, step.now_us)?.word();
    let mut decisions = step.tx.draw_decisions(id).await?.into_iter();
    let waits = |d: &Decision| d.attempt == campaign.attempts && d.kind == kind;
    let waiting = decisions.find(|d| waits(d) && d.approved_by.is_empty());
    let mut waiting = waiting.ok_or_else(|| AppError::precondition("NOTHING_REQUESTED", id))?;
    let own_side = waiting.requested_role == call.caller.role.word();
    if own_side || waiting.requested_by == call.caller.name() {
        return Err(AppError::Forbidden("APPROVER_IS_ON_REQUESTERS_SIDE"));
    }
    call.caller.name().clone_into(&mut waiting.approved_by);
    waiting.approved_us = step.now_us;
    if !step.tx.approve_decision(&waiting).await? {
        return Err(AppError::Stale(format!("decision on campaign {id}")));
    }
    carry_out(step, call, campaign, &waiting, "draw.abort").await
}

async fn carry_out(
    mut step: Step,
    call: &Call,
    mut campaign: Campaign,
    decided: &Decision,
    event: &str,
) -> Result<Attempt, AppError> {
    let (action, ends) = match decided.kind == DecisionKind::Void.word() {
        true => (Action::Void, (DrawState::Drawn, DrawState::Void)),
        false => (Action::Abort, (DrawState::Frozen, DrawState::Aborted)),
    };
    campaigns::act(&mut step.tx, &mut campaign, action).await?;
    let id = campaign.id.clone();
    if !step.tx.end_draw((&id, decided.attempt), ends, &decided.reason).await? {
        return Err(AppError::Stale(format!("draw of campaign {id}")));
    }
    if action == Action::Void {
        step.tx.delete_visits(&id).await?;
        draws::mark_proposals(&mut step.tx, &campaign, ProposalState::Accepted).await?;
        supplements::void(&mut step, call, &campaign).await?;
    }
    let reply = attempt::load(&mut step.tx, &id, decided.attempt).await?;
    let body = json!({
        "approved_by": decided.approved_by,
        "attempt": decided.attempt,
        "campaign": id,
        "kind": decided.kind,
        "reason": decided.reason,
        "requested_by": decided.requested_by,
    });
    step.finish(call, event, body, reply).await
}

/// Approves a further attempt. Beyond [`ATTEMPTS_MAX`] it is held on site, with all offices
/// present, and `on_site` says where and who was there.
///
/// # Errors
/// [`AppError`]; offices only, not the one who asked for the abort.
pub async fn retry(
    app: &App,
    call: &Call,
    id: &str,
    why: &str,
    on_site: &str,
) -> Result<Campaign, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", why, text::SHORT_CHARS_MAX);
    text::check(&mut violations, "on_site", on_site, text::SHORT_CHARS_MAX);
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = campaigns::find(&mut step.tx, id).await?;
    campaigns::act(&mut step.tx, &mut campaign, Action::Retry).await?;
    if campaign.attempts >= ATTEMPTS_MAX && on_site.trim().is_empty() {
        return Err(AppError::precondition("ATTEMPTS_EXHAUSTED_MEET_ON_SITE", id));
    }
    let found = attempt::load(&mut step.tx, id, campaign.attempts).await?;
    let ended = found.decisions.iter().find(|d| !d.approved_by.is_empty());
    let asked = ended.map(|d| d.requested_by.clone()).unwrap_or_default();
    if asked == call.caller.name() {
        return Err(AppError::Forbidden("APPROVER_IS_REQUESTER"));
    }
    let mut new = decision(call, &found, DecisionKind::Retry, why, step.now_us);
    new.requested_by = asked;
    call.caller.name().clone_into(&mut new.approved_by);
    new.approved_us = step.now_us;
    step.tx.insert_decision(&new).await?;
    let body = json!({
        "attempt": campaign.attempts + 1,
        "campaign": id,
        "on_site": on_site,
        "reason": why,
    });
    step.finish(call, "draw.retry", body, campaign).await
}

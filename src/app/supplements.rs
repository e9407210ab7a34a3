//! Supplementary draws (R83): a campaign of its own with a new freeze and new numbers, bound to the
//! drawn attempt it supplements, whose frame holds only what that one has not drawn.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::drawn::Drawn;
use super::framing::Around;
use super::{App, AppError, Call, Sealer, Step, campaigns, draws, names, neighbours};
use crate::domain::Violations;
use crate::domain::campaign::{Campaign, State};
use crate::domain::change::ChangeState;
use crate::domain::supplement::{Supplement, SupplementReason};
use crate::domain::visit::Visit;
use crate::draw::Digest;
use crate::draw::bundle::Bundle;
use crate::frame::{Framed, supplement};
use crate::matching::Resolution;
use crate::store::{Draw, Supplemented, Tx};

/// Kind of the event that tells the supplemented campaign of an outcome.
pub const DRAWN: &str = "campaign.supplement";
/// Kind of the event that tells it that the outcome was voided.
pub const VOIDED: &str = "campaign.supplement.void";

/// Binds a proposed supplementary campaign to the drawn attempt of the one it supplements.
///
/// # Errors
/// [`AppError`] when that one is not drawn, or is another kind of campaign.
pub async fn bind(tx: &mut Tx, campaign: &mut Campaign) -> Result<(), AppError> {
    let Some(of) = &campaign.supplement else { return Ok(()) };
    let parent = campaigns::find(tx, &of.parent).await?;
    let draw = drawn(tx, &parent).await?;
    let mut violations = Violations::default();
    Supplement::check(&mut violations, "campaign", campaign, &parent);
    let first = parent.supplement.is_none();
    let field = "campaign.supplement.parent_id";
    violations.require(first, field, "SUPPLEMENTS_A_DRAW_OF_ITS_OWN", &parent.id);
    violations.finish(())?;
    if of.reason == SupplementReason::ReserveExhausted {
        let all = tx.changes(&parent.id, 0, i64::MAX).await?;
        let here = all.iter().map(|c| &c.change).filter(|c| c.attempt == parent.attempts);
        let done = here.filter(|c| c.state == ChangeState::Approved);
        if !done.flat_map(|c| &c.taken).any(|t| t.ticket.is_empty()) {
            return Err(AppError::precondition("RESERVE_IS_NOT_EXHAUSTED", parent.id));
        }
    }
    if of.draws_people() {
        neighbours::check(tx, campaign, of, parent.attempts).await?;
    }
    campaign.supplement = Some(Supplement {
        changes: of.changes.clone(),
        parent: parent.id,
        reason: of.reason,
        attempt: draw.attempt,
        freeze_hash: draw.freeze_hash,
        result_root: draw.result_root,
    });
    Ok(())
}

/// The drawn attempt of a campaign that may be supplemented.
async fn drawn(tx: &mut Tx, parent: &Campaign) -> Result<Draw, AppError> {
    if parent.state != State::Drawn {
        let detail = format!("campaign {} is {}", parent.id, parent.state.word());
        return Err(AppError::precondition("CAMPAIGN_STATE", detail));
    }
    let draw = tx.draw(&parent.id, parent.attempts).await?;
    draw.ok_or(AppError::Broken("a drawn campaign has no draw"))
}

/// Every visit of a drawn campaign and of its supplements, with names, dropped ones included.
async fn visits(sealer: &Sealer, tx: &mut Tx, parent: &str) -> Result<Vec<Visit>, AppError> {
    let mut ids = BTreeSet::from([parent.to_owned()]);
    ids.extend(tx.supplements(parent).await?.into_iter().map(|s| s.campaign));
    let mut out = Vec::new();
    for id in ids {
        for stored in tx.visits(&id, "", 0, i64::MAX).await? {
            out.push(names::open(sealer, stored)?);
        }
    }
    Ok(out)
}

/// Units that supplements of a campaign have drawn.
///
/// # Errors
/// [`AppError`].
pub async fn units(
    sealer: &Sealer,
    tx: &mut Tx,
    parent: &str,
) -> Result<BTreeSet<String>, AppError> {
    let all = visits(sealer, tx, parent).await?;
    Ok(all.into_iter().filter(|v| v.campaign != parent).map(|v| v.unit).collect())
}

/// Leaves to a supplementary frame what was not drawn before, and to people what is left of their
/// caps; binds it to what it supplements.
///
/// # Errors
/// [`AppError`]; also when the supplemented outcome does not stand any more.
pub async fn narrow(
    sealer: &Sealer,
    tx: &mut Tx,
    of: &Supplement,
    resolution: &Resolution,
    framed: &mut Framed,
    around: &Around,
) -> Result<(), AppError> {
    let parent = campaigns::find(tx, &of.parent).await?;
    let draw = drawn(tx, &parent).await?;
    if (draw.attempt, &draw.result_root) != (of.attempt, &of.result_root) {
        return Err(AppError::precondition("SUPPLEMENTED_OUTCOME_IS_VOID", of.parent.clone()));
    }
    framed.frame.context.extend(of.context().map(|(key, text)| (key.to_owned(), text)));
    let visits = visits(sealer, tx, &of.parent).await?;
    let mut loads: BTreeMap<String, u64> = BTreeMap::new();
    for visit in visits.iter().filter(|v| v.dropped == 0) {
        for member in visit.sections.iter().flat_map(|s| &s.team) {
            *loads.entry(member.inspector.clone()).or_default() += 1;
        }
    }
    if of.draws_people() {
        return neighbours::narrow(sealer, tx, parent, of, framed, around, &loads).await;
    }
    // A subject that was linked to another since then is still the one that was visited.
    let today = |v: &Visit| match v.unit.strip_prefix(&v.subject) {
        Some(premises) => format!("{}{premises}", resolution.canonical(&v.subject)),
        None => v.unit.clone(),
    };
    let drawn: BTreeSet<String> = visits.iter().flat_map(|v| [v.unit.clone(), today(v)]).collect();
    supplement::narrow(framed, &drawn, &loads);
    Ok(())
}

/// Refuses a number that the supplemented draw, or an earlier supplement, has used: it is no secret
/// any more.
///
/// # Errors
/// [`AppError::Precondition`].
pub async fn require_fresh(
    tx: &mut Tx,
    campaign: &Campaign,
    number: &Digest,
) -> Result<(), AppError> {
    let Some(of) = &campaign.supplement else { return Ok(()) };
    let number = number.to_string();
    let mut used = vec![(of.parent.clone(), of.attempt)];
    used.extend(tx.supplements(&of.parent).await?.into_iter().map(|s| (s.campaign, s.attempt)));
    for (id, attempt) in used {
        if tx.contributions(&id, attempt).await?.iter().any(|c| c.number == number) {
            return Err(AppError::precondition("NUMBER_WAS_USED_BEFORE", id));
        }
    }
    Ok(())
}

/// Records the outcome of a supplementary draw, once, in the history of what it supplements.
///
/// # Errors
/// [`AppError`].
pub async fn record(
    app: &App,
    step: &mut Step,
    call: &Call,
    campaign: &Campaign,
    (draw, drawn): (&Draw, &Drawn),
) -> Result<(), AppError> {
    let Some(of) = &campaign.supplement else { return Ok(()) };
    let new = Supplemented {
        campaign: campaign.id.clone(),
        attempt: draw.attempt,
        parent: of.parent.clone(),
        parent_attempt: of.attempt,
        freeze_hash: draw.freeze_hash.clone(),
        result_root: draw.result_root.clone(),
    };
    match step.tx.insert_supplement(&new).await {
        Err(error) if error.is_conflict() => return Err(AppError::Stale(new.campaign)),
        done => done?,
    }
    let mut body = json!({
        "approved_by": campaign.approved_by,
        "attempt": of.attempt,
        "campaign": of.parent,
        "reason": of.reason,
        "requested_by": campaign.proposed_by,
        "supplement": new,
    });
    if of.draws_people() {
        body["changes"] = json!(of.changes);
        body["visits"] = json!(neighbours::fill(app, &mut step.tx, of, drawn).await?);
    }
    step.also(call, DRAWN, body).await
}

/// Tells the supplemented campaign that an outcome was voided.
///
/// # Errors
/// [`AppError`].
pub async fn void(step: &mut Step, call: &Call, campaign: &Campaign) -> Result<(), AppError> {
    let Some(of) = &campaign.supplement else { return Ok(()) };
    let body = json!({
        "attempt": of.attempt,
        "campaign": of.parent,
        "supplement": { "attempt": campaign.attempts, "campaign": campaign.id },
    });
    step.also(call, VOIDED, body).await
}

/// Refuses to use the reserve while a supplementary draw that may draw the same units is open.
///
/// # Errors
/// [`AppError::Precondition`].
pub async fn require_none_open(tx: &mut Tx, campaign: &Campaign) -> Result<(), AppError> {
    let frozen = tx.frozen_campaign(&campaign.jurisdiction).await?;
    let own = |c: &Campaign| {
        let of = c.supplement.as_ref();
        of.is_some_and(|of| of.parent == campaign.id && !of.draws_people())
    };
    match frozen.filter(own) {
        Some(open) => Err(AppError::precondition("SUPPLEMENT_IS_OPEN", open.id)),
        None => Ok(()),
    }
}

/// The bundle of an outcome that a `campaign.supplement` event tells of.
///
/// # Errors
/// [`AppError`].
pub async fn bundle(tx: &mut Tx, told: &serde_json::Value) -> Result<Bundle, AppError> {
    let broken = || AppError::Broken("a supplement's event cannot be read");
    let told: Supplemented = serde_json::from_value(told.clone()).map_err(|_| broken())?;
    let bytes = draws::bundle_in(tx, &told.campaign, told.attempt).await?;
    serde_json::from_slice(&bytes).map_err(|_| broken())
}

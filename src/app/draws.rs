//! The draw: one outcome per attempt, or an abort that stays public.

use serde_json::json;

use super::attempt::{self, Attempt};
use super::drawn::Drawn;
use super::{
    App, AppError, Begun, Call, campaigns, ceremony, experts, framing, names, pack, require_office,
    supplements,
};
use crate::domain::campaign::{Action, Campaign};
use crate::domain::plan::ProposalState;
use crate::domain::supplement::Supplement;
use crate::frame::shortages;
use crate::merge::figures;
use crate::store::{DrawState, SealedVisit, Tx};

/// Draws, merges and deals. Drawing again returns the one outcome there is.
///
/// # Errors
/// [`AppError`]; offices only, once all offices have revealed.
pub async fn execute(app: &App, call: &Call, id: &str) -> Result<Attempt, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = campaigns::find(&mut step.tx, id).await?;
    let stored = step.tx.draw(id, 0).await?;
    let mut stored = stored.ok_or_else(|| AppError::precondition("NOT_FROZEN", id))?;
    if stored.state == DrawState::Drawn.word() {
        let body = json!({ "attempt": stored.attempt, "campaign": id });
        let reply = attempt::with(&mut step.tx, stored).await?;
        return step.finish(call, "draw.again", body, reply).await;
    }
    ceremony::require_executor(call, &campaign)?;
    campaigns::act(&mut step.tx, &mut campaign, Action::Draw).await?;
    let contributions = step.tx.contributions(id, stored.attempt).await?;
    let withheld = ceremony::closed(&campaign, &stored, &contributions, step.now_us)?;
    let drawn = tokio::task::block_in_place(|| Drawn::redo(&app.sealer, &stored, &contributions))?;
    let (_, around) = framing::load(&app.sealer, &mut step.tx, &campaign, 0).await?;
    let short = shortages::find(
        &drawn.sealed.freeze,
        &drawn.sealed.pool,
        &drawn.outcome,
        &around.of(&campaign),
    );
    let counted = figures::count(&drawn.sealed.freeze, &drawn.sealed.pool, &drawn.outcome);
    stored.seed = drawn.seed.value.to_string();
    stored.result_root = drawn.outcome.result_root.to_string();
    stored.figures =
        serde_json::to_string(&counted).map_err(|_| AppError::Broken("figures have no JSON"))?;
    if !step.tx.finish_draw(&stored, pack::deflate(&drawn.bundle)?).await? {
        return Err(AppError::Stale(format!("draw of campaign {id}")));
    }
    // A draw of people for empty slots makes no visits: it fills those of the campaign it supplements.
    let fills = campaign.supplement.as_ref().is_some_and(Supplement::draws_people);
    let visits = if fills { Vec::new() } else { drawn.visits(&campaign, stored.attempt)? };
    let place = (id, stored.attempt);
    let lists = &drawn.openings.lists;
    let picked = (&drawn.sealed, &drawn.seed.value);
    let advised = experts::draw(&mut step.tx, place, picked, &visits, lists).await?;
    let visits: Vec<SealedVisit> =
        visits.into_iter().map(|v| names::seal(app, v, &[])).collect::<Result<_, _>>()?;
    step.tx.insert_visits(&campaign.jurisdiction, &visits).await?;
    step.tx.insert_shortages(id, &short).await?;
    mark_proposals(&mut step.tx, &campaign, ProposalState::Scheduled).await?;
    supplements::record(app, &mut step, call, &campaign, (&stored, &drawn)).await?;
    stored.state = DrawState::Drawn.word().to_owned();
    let body = json!({
        "attempt": stored.attempt,
        "campaign": id,
        "experts_hash": advised.hash,
        "experts_missing": advised.missing,
        "experts_needed": advised.needed,
        "result_root": stored.result_root,
        "seed": stored.seed,
        "shortages": short.len(),
        "visits": visits.len(),
        "withheld": withheld,
    });
    let reply = attempt::with(&mut step.tx, stored).await?;
    step.finish(call, "campaign.draw", body, reply).await
}

/// Marks the proposals of a MATCHED_PLANS campaign, as part of it or as free again.
///
/// # Errors
/// [`AppError::Store`].
pub async fn mark_proposals(
    tx: &mut Tx,
    campaign: &Campaign,
    state: ProposalState,
) -> Result<(), AppError> {
    for mut proposal in tx.proposals_by_id(&campaign.jurisdiction, &campaign.proposals).await? {
        proposal.state = state;
        tx.put_proposal(&campaign.jurisdiction, &proposal).await?;
    }
    Ok(())
}

/// The bundle of a drawn attempt, or of the latest for 0. Everybody may have it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn bundle(app: &App, id: &str, attempt: i64) -> Result<Vec<u8>, AppError> {
    bundle_in(&mut app.db.read().await?, id, attempt).await
}

/// [`bundle`] inside a transaction.
///
/// # Errors
/// As [`bundle`].
pub async fn bundle_in(tx: &mut Tx, id: &str, attempt: i64) -> Result<Vec<u8>, AppError> {
    let packed = tx.bundle(id, attempt).await?;
    pack::inflate(&packed.ok_or_else(|| AppError::not_found("bundle of campaign", id))?)
}

//! The draw: one outcome per attempt, or an abort that stays public.

use serde_json::json;

use super::attempt::{self, Attempt, Inputs, freeze_of};
use super::ceremony::{self, Openings, place};
use super::{App, AppError, Begun, Call, campaigns, framing, names, pack, require_office};
use crate::domain::campaign::{Action, Campaign};
use crate::domain::plan::ProposalState;
use crate::domain::visit::{Member, Section, SectionItem, Visit};
use crate::draw::bundle::Bundle;
use crate::draw::freeze::Sealed;
use crate::draw::pool::Pool;
use crate::draw::seed::Seed;
use crate::draw::{Outcome, chacha, draw};
use crate::frame::shortages;
use crate::merge::figures;
use crate::store::{Contribution, Draw, DrawState, SealedVisit, Tx};

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
    let drawn = tokio::task::block_in_place(|| redo(app, &stored, &contributions))?;
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
    let visits = visits(&campaign, stored.attempt, &drawn)?;
    let visits: Vec<SealedVisit> =
        visits.into_iter().map(|v| names::seal(app, v)).collect::<Result<_, _>>()?;
    step.tx.insert_visits(&campaign.jurisdiction, &visits).await?;
    step.tx.insert_shortages(id, &short).await?;
    mark_proposals(&mut step.tx, &campaign, ProposalState::Scheduled).await?;
    stored.state = DrawState::Drawn.word().to_owned();
    let body = json!({
        "attempt": stored.attempt,
        "campaign": id,
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

struct Drawn {
    sealed: Sealed,
    openings: Openings,
    seed: Seed,
    outcome: Outcome,
    bundle: Vec<u8>,
}

/// Re-computes everything from the stored bytes of an attempt.
fn redo(app: &App, stored: &Draw, given: &[Contribution]) -> Result<Drawn, AppError> {
    let freeze = freeze_of(stored)?;
    let pool: Pool = pack::unpack(&stored.pool)?;
    let column = place(&stored.campaign, stored.attempt, "openings");
    let openings: Openings = pack::unpack(&app.sealer.open(&column, &stored.openings)?)?;
    let inputs = Inputs::of(&freeze, stored, given)?;
    let seed = inputs.seed(&freeze, stored)?;
    let outcome = draw(&freeze, &pool, &seed);
    let sealed = Sealed {
        freeze,
        freeze_bytes: stored.freeze_bytes.clone(),
        pool,
        unit_tickets: std::collections::BTreeMap::new(),
        inspector_tickets: std::collections::BTreeMap::new(),
    };
    let Inputs { commitments, reveals, beacon } = inputs;
    let bundle = Bundle::new(&sealed, &commitments, &reveals, &beacon, &seed, &outcome)?;
    let bundle = bundle.to_bytes()?;
    Ok(Drawn { sealed, openings, seed, outcome, bundle })
}

fn visits(campaign: &Campaign, attempt: i64, drawn: &Drawn) -> Result<Vec<Visit>, AppError> {
    let pool = &drawn.sealed.pool;
    let key = drawn.seed.subject_key();
    let ranks: std::collections::BTreeMap<(&str, usize), u64> =
        drawn.outcome.winners.iter().map(|w| ((&*w.department, w.unit), w.rank)).collect();
    let mut out = Vec::with_capacity(drawn.outcome.visits.len());
    for visit in &drawn.outcome.visits {
        let ticket = pool.units.ticket(visit.unit);
        let behind = drawn
            .openings
            .units
            .get(&ticket.to_string())
            .ok_or(AppError::Broken("a drawn ticket has no opening"))?;
        let section = |s: &crate::draw::visits::Section| Section {
            department: s.department.clone(),
            drawn: s.how == crate::draw::visits::How::Drawn,
            rank: ranks
                .get(&(s.department.as_str(), visit.unit))
                .map_or(0, |r| i64::try_from(*r).unwrap_or(0)),
            item_list_version: drawn.openings.lists.get(&s.department).map_or(0, |l| l.version),
            items: items(&drawn.openings, &s.department, behind.items.get(&s.department)),
            team: team(drawn, s),
        };
        out.push(Visit {
            campaign: campaign.id.clone(),
            attempt,
            rank: i64::try_from(visit.rank).unwrap_or(0),
            unit: behind.opening.id.clone(),
            subject: behind.opening.subject.clone(),
            name: behind.opening.name.clone(),
            address: behind.opening.address.clone(),
            district: behind.opening.district.clone(),
            ticket: ticket.to_string(),
            lot: hex::encode(chacha::lot(&key, &ticket)),
            stratum: pool.units.kind(visit.unit).stratum.clone(),
            first_day: campaign.first_day,
            last_day: campaign.last_day,
            sections: visit.sections.iter().map(section).collect(),
        });
    }
    Ok(out)
}

fn items(openings: &Openings, department: &str, codes: Option<&Vec<String>>) -> Vec<SectionItem> {
    let list = openings.lists.get(department).map_or(&[][..], |l| &l.items);
    let name = |code: &String| {
        list.iter().find(|i| i.code == *code).map(|i| i.name.clone()).unwrap_or_default()
    };
    let item = |code: &String| SectionItem { code: code.clone(), name: name(code) };
    codes.into_iter().flatten().map(item).collect()
}

fn team(drawn: &Drawn, section: &crate::draw::visits::Section) -> Vec<Member> {
    let slots = drawn.sealed.freeze.profiles.get(&section.profile).map_or(&[][..], Vec::as_slice);
    let leads = section.department == drawn.sealed.freeze.lead;
    section
        .team
        .iter()
        .zip(slots)
        .map(|(member, slot)| {
            let ticket = member.map(|i| drawn.sealed.pool.inspectors[i].ticket.to_string());
            let inspector = ticket.as_ref().and_then(|t| drawn.openings.inspectors.get(t));
            Member {
                inspector: inspector.cloned().unwrap_or_default(),
                leader: leads && slot.lead && ticket.is_some(),
                ticket: ticket.unwrap_or_default(),
            }
        })
        .collect()
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

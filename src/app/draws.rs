//! The draw: one outcome per attempt, or an abort that stays public.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ceremony::{Openings, place};
use super::{App, AppError, Begun, Call, campaigns, framing, pack, require_office};
use crate::domain::campaign::{Action, Campaign};
use crate::domain::visit::{Member, Section, SectionItem, Visit};
use crate::domain::{Violations, text};
use crate::draw::bundle::Bundle;
use crate::draw::chacha;
use crate::draw::freeze::{Freeze, Sealed};
use crate::draw::pool::Pool;
use crate::draw::seed::{Number, Seed};
use crate::draw::{Digest, Outcome, draw};
use crate::frame::shortages;
use crate::merge::figures::{self, Figures};
use crate::store::{Contribution, Draw, DrawState, Tx};

/// An attempt with what the offices have put in; without its large columns.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The attempt.
    pub draw: Draw,
    /// The contributions.
    pub contributions: Vec<Contribution>,
}

/// What a repeated request is answered from.
#[derive(Serialize, Deserialize)]
struct Stored {
    campaign: String,
    attempt: i64,
    state: String,
    freeze_bytes: String,
    freeze_hash: String,
    seed: String,
    result_root: String,
    figures: String,
    abort_reason: String,
    contributions: Vec<(String, String, String)>,
}

impl Attempt {
    /// Drops the large columns.
    #[must_use]
    pub fn new(mut draw: Draw, contributions: Vec<Contribution>) -> Self {
        draw.root_secret.clear();
        draw.pool.clear();
        draw.openings.clear();
        Self { draw, contributions }
    }
}

impl Serialize for Attempt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let d = &self.draw;
        let contribution =
            |c: &Contribution| (c.office.clone(), c.commitment.clone(), c.number.clone());
        Stored {
            campaign: d.campaign.clone(),
            attempt: d.attempt,
            state: d.state.clone(),
            freeze_bytes: String::from_utf8_lossy(&d.freeze_bytes).into_owned(),
            freeze_hash: d.freeze_hash.clone(),
            seed: d.seed.clone(),
            result_root: d.result_root.clone(),
            figures: d.figures.clone(),
            abort_reason: d.abort_reason.clone(),
            contributions: self.contributions.iter().map(contribution).collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Attempt {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let s = Stored::deserialize(deserializer)?;
        let contribution =
            |(office, commitment, number)| Contribution { office, commitment, number };
        Ok(Self {
            draw: Draw {
                campaign: s.campaign,
                attempt: s.attempt,
                state: s.state,
                freeze_bytes: s.freeze_bytes.into_bytes(),
                freeze_hash: s.freeze_hash,
                root_secret: Vec::new(),
                pool: Vec::new(),
                openings: Vec::new(),
                seed: s.seed,
                result_root: s.result_root,
                figures: s.figures,
                abort_reason: s.abort_reason,
            },
            contributions: s.contributions.into_iter().map(contribution).collect(),
        })
    }
}

/// The frozen statement of an attempt.
///
/// # Errors
/// [`AppError::Draw`] when the stored bytes are not one.
pub fn freeze_of(draw: &Draw) -> Result<Freeze, AppError> {
    Ok(Freeze::from_bytes(&draw.freeze_bytes)?)
}

/// Reads an attempt, or the latest for 0.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn load(tx: &mut Tx, id: &str, attempt: i64) -> Result<Attempt, AppError> {
    let draw =
        tx.draw(id, attempt).await?.ok_or_else(|| AppError::not_found("draw of campaign", id))?;
    let contributions = tx.contributions(id, draw.attempt).await?;
    Ok(Attempt::new(draw, contributions))
}

/// An attempt, or the latest for 0.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(app: &App, id: &str, attempt: i64) -> Result<Attempt, AppError> {
    load(&mut app.db.read().await?, id, attempt).await
}

/// Figures of a drawn attempt.
///
/// # Errors
/// [`AppError::Broken`] when the stored figures cannot be read.
pub fn figures_of(draw: &Draw) -> Result<Option<Figures>, AppError> {
    if draw.figures.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(&draw.figures)
        .map(Some)
        .map_err(|_| AppError::Broken("stored figures are of another type"))
}

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
    let contributions = step.tx.contributions(id, stored.attempt).await?;
    if stored.state == DrawState::Drawn.word() {
        let body = json!({ "attempt": stored.attempt, "campaign": id });
        let reply = Attempt::new(stored, contributions);
        return step.finish(call, "draw.again", body, reply).await;
    }
    campaigns::act(&mut step.tx, &mut campaign, Action::Draw).await?;
    let drawn = tokio::task::block_in_place(|| redo(app, &stored, &contributions))?;
    let (_, around) = framing::load(&mut step.tx, &campaign, 0).await?;
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
    step.tx.insert_visits(&campaign.jurisdiction, &visits).await?;
    step.tx.insert_shortages(id, &short).await?;
    schedule(&mut step.tx, &campaign).await?;
    stored.state = DrawState::Drawn.word().to_owned();
    let body = json!({
        "attempt": stored.attempt,
        "campaign": id,
        "result_root": stored.result_root,
        "seed": stored.seed,
        "shortages": short.len(),
        "visits": visits.len(),
    });
    step.finish(call, "campaign.draw", body, Attempt::new(stored, contributions)).await
}

/// Marks the proposals of a MATCHED_PLANS campaign as part of it.
async fn schedule(tx: &mut Tx, campaign: &Campaign) -> Result<(), AppError> {
    for mut proposal in tx.proposals_by_id(&campaign.jurisdiction, &campaign.proposals).await? {
        proposal.state = crate::domain::plan::ProposalState::Scheduled;
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
    let hash = Digest::from_hex(&stored.freeze_hash).unwrap_or_default();
    let mut commitments = Vec::new();
    let mut reveals: Vec<Option<Number>> = Vec::new();
    for office in &freeze.contributors {
        let found = given.iter().find(|c| c.office == *office);
        let missing = || AppError::precondition("NOT_ALL_HAVE_REVEALED", office.clone());
        let found = found.filter(|c| !c.number.is_empty()).ok_or_else(missing)?;
        commitments.push(Digest::from_hex(&found.commitment).ok_or_else(missing)?);
        reveals.push(Digest::from_hex(&found.number).map(|d| d.0));
    }
    let seed = Seed::mix(&freeze, &hash, &commitments, &reveals, &[])?;
    let outcome = draw(&freeze, &pool, &seed);
    let sealed = Sealed {
        freeze,
        freeze_bytes: stored.freeze_bytes.clone(),
        pool,
        unit_tickets: std::collections::BTreeMap::new(),
        inspector_tickets: std::collections::BTreeMap::new(),
    };
    let bundle = Bundle::new(&sealed, &commitments, &reveals, &[], &seed, &outcome)?.to_bytes()?;
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

/// Aborts an attempt before it is drawn.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn abort(app: &App, call: &Call, id: &str, reason: &str) -> Result<Attempt, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", reason, text::SHORT_CHARS_MAX);
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = campaigns::find(&mut step.tx, id).await?;
    campaigns::act(&mut step.tx, &mut campaign, Action::Abort).await?;
    if !step.tx.abort_draw(id, campaign.attempts, reason).await? {
        return Err(AppError::Stale(format!("draw of campaign {id}")));
    }
    let reply = load(&mut step.tx, id, campaign.attempts).await?;
    let body = json!({ "attempt": campaign.attempts, "campaign": id, "reason": reason });
    step.finish(call, "draw.abort", body, reply).await
}

/// The bundle of a drawn attempt, or of the latest for 0. Everybody may have it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn bundle(app: &App, id: &str, attempt: i64) -> Result<Vec<u8>, AppError> {
    let packed = app.db.read().await?.bundle(id, attempt).await?;
    pack::inflate(&packed.ok_or_else(|| AppError::not_found("bundle of campaign", id))?)
}

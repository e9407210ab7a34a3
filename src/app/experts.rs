//! Experts of a draw (R33, R96): their pool is frozen with the draw, they are picked from its seed, and
//! where nobody could be picked an office assigns somebody with a reason. They advise and never sign.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    App, AppError, Begun, Call, attempt, campaigns, matching, names, openings, release,
    require_office,
};
use crate::domain::caller::Role;
use crate::domain::campaign::{Campaign, State};
use crate::domain::inspector::InspectorKind;
use crate::domain::visit::Visit;
use crate::domain::{Violations, canon, id, text};
use crate::draw::Sealed;
use crate::draw::freeze::seal;
use crate::draw::hash::{DIGEST_BYTES, Digest, Suite};
use crate::frame::Framed;
use crate::frame::experts::{self, CONTEXT, Experts, Made};
use crate::frame::people::{Pairs, frame_id};
use crate::store::{ExpertDraw, SealedAssignment, Tx};

pub use crate::frame::experts::Pick;

/// Makes the pool of a draw and binds it into the frame; `None` where nobody may be sent and no item
/// asks for anybody.
///
/// # Errors
/// [`AppError`].
pub async fn freeze(
    tx: &mut Tx,
    campaign: &Campaign,
    framed: &mut Framed,
    root_secret: &[u8; DIGEST_BYTES],
) -> Result<Option<Made>, AppError> {
    let people = tx.inspectors_in(std::slice::from_ref(&campaign.jurisdiction)).await?;
    let people: Vec<_> = people.into_iter().map(|(_, d, i)| (d, i)).collect();
    let people: Vec<_> = experts::fit(campaign, &people).cloned().collect();
    let ids: Vec<String> = campaign.accepted().map(|p| p.department.clone()).collect();
    let lists = tx.item_lists_on(&ids, campaign.first_day).await?;
    let asked = lists.iter().flat_map(|l| &l.items).any(|item| !item.expert.is_empty());
    if !asked {
        return Ok(None);
    }
    let avoid = avoidances(tx, campaign, framed).await?;
    // Tickets do not depend on the context, which is what is still missing.
    let units = match avoid.is_empty() {
        true => BTreeMap::new(),
        false => tokio::task::block_in_place(|| seal(&framed.frame, root_secret))?.unit_tickets,
    };
    let frame = &mut framed.frame;
    let of = (frame.alg, frame.draw_id.as_str());
    let made = experts::pool(of, root_secret, people.iter(), &avoid, &units);
    let hash = pool_hash(frame.alg, &made.pool)?;
    frame.context.insert(CONTEXT.to_owned(), hash);
    Ok(Some(made))
}

/// Recusals as (unit id, person id).
async fn avoidances(tx: &mut Tx, campaign: &Campaign, framed: &Framed) -> Result<Pairs, AppError> {
    let recusals = tx.recusals(&campaign.jurisdiction).await?;
    let mut avoid = Pairs::new();
    if recusals.is_empty() {
        return Ok(avoid);
    }
    let entries = tx.entries_all(&campaign.jurisdiction).await?;
    let decisions = tx.decisions(&campaign.jurisdiction).await?;
    let resolution = tokio::task::block_in_place(|| matching::derive(&entries, &decisions));
    let mut units: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for (unit, behind) in &framed.behind {
        units.entry(resolution.canonical(&behind.opening.subject)).or_default().push(unit);
    }
    for (department, recusal) in recusals {
        let person = frame_id(&department, &recusal.inspector_id);
        let own = units.get(resolution.canonical(&recusal.subject_id));
        avoid.extend(own.into_iter().flatten().map(|unit| ((*unit).clone(), person.clone())));
    }
    Ok(avoid)
}

fn json_of<T: Serialize>(value: &T) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(|_| AppError::Broken("experts have no JSON"))
}

fn pool_of(stored: &ExpertDraw) -> Result<Experts, AppError> {
    let broken = |_| AppError::Broken("a stored pool of experts is of another type");
    serde_json::from_str(&stored.pool).map_err(broken)
}

fn picks_of(stored: &ExpertDraw) -> Result<Vec<Pick>, AppError> {
    if stored.picks.is_empty() {
        return Ok(Vec::new());
    }
    let broken = |_| AppError::Broken("stored picks of experts are of another type");
    serde_json::from_str(&stored.picks).map_err(broken)
}

fn place(campaign: &str, attempt: i64) -> String {
    format!("expert_draws/{campaign}/{attempt}/sealed")
}

/// The hash that the freeze statement binds.
///
/// # Errors
/// [`AppError::Canon`].
pub fn pool_hash(suite: Suite, pool: &Experts) -> Result<String, AppError> {
    Ok(suite.hash(&pool.to_bytes()?).to_string())
}

/// Stores the pool of an attempt beside its draw.
///
/// # Errors
/// [`AppError`].
pub async fn store(
    app: &App,
    tx: &mut Tx,
    (campaign, attempt): (&str, i64),
    key: &super::seal::DataKey,
    made: Made,
) -> Result<(), AppError> {
    let plain = serde_json::to_vec(&made.ids).map_err(|_| AppError::Broken("ids have no JSON"))?;
    let sealed = key.seal(&app.entropy, &place(campaign, attempt), &plain)?;
    let pool = json_of(&made.pool)?;
    let new = ExpertDraw { attempt, pool, picks: String::new(), sealed };
    Ok(tx.insert_experts(campaign, &new).await?)
}

/// What the log tells of the picks.
pub struct Drawn {
    /// Needs.
    pub needed: usize,
    /// Needs that stay open.
    pub missing: usize,
    /// Hash over the canonical JSON of the picks.
    pub hash: String,
}

/// Picks the experts of a drawn attempt. The pool is held against the frozen hash first.
///
/// # Errors
/// [`AppError`].
pub async fn draw(
    tx: &mut Tx,
    (campaign, attempt): (&str, i64),
    (sealed, seed): (&Sealed, &Digest),
    visits: &[Visit],
    lists: &BTreeMap<String, crate::domain::item::ItemList>,
) -> Result<Drawn, AppError> {
    let needs = experts::needs(visits, lists);
    let stored = tx.experts(campaign, attempt).await?;
    let suite = sealed.freeze.alg;
    let pool = stored.as_ref().map(pool_of).transpose()?;
    let bound = sealed.freeze.context.get(CONTEXT);
    let found = pool.as_ref().map(|pool| pool_hash(suite, pool)).transpose()?;
    if bound != found.as_ref() {
        return Err(AppError::precondition("NOT_AS_FROZEN", "experts"));
    }
    let picks = experts::pick(suite, seed, &pool.unwrap_or_default(), &needs);
    let open = picks.iter().filter(|p| p.expert.is_none()).count();
    if stored.is_some() {
        tx.put_picks((campaign, attempt), json_of(&picks)?).await?;
    }
    let picks = serde_json::to_value(&picks).map_err(|_| AppError::Broken("picks have no JSON"))?;
    let sha256 = suite.hash(&canon::to_bytes(&picks)?).to_string();
    Ok(Drawn { needed: needs.len(), missing: open, hash: sha256 })
}

/// What anybody may read of the experts of an attempt.
pub struct Published {
    /// The attempt.
    pub attempt: i64,
    /// The pool file.
    pub pool: Vec<u8>,
    /// Its hash, as the freeze statement binds it; empty without experts.
    pub sha256: String,
    /// The picks; empty until it is drawn.
    pub picks: Vec<Pick>,
}

/// The experts of an attempt, or of the latest for 0: tickets only.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn published(app: &App, id: &str, attempt: i64) -> Result<Published, AppError> {
    let mut tx = app.db.read().await?;
    let draw = tx.draw(id, attempt).await?;
    let draw = draw.ok_or_else(|| AppError::not_found("draw of campaign", id))?;
    let suite = attempt::freeze_of(&draw)?.alg;
    let found = tx.experts(id, draw.attempt).await?;
    let found = found.ok_or_else(|| AppError::not_found("experts of campaign", id))?;
    let pool = pool_of(&found)?;
    Ok(Published {
        attempt: draw.attempt,
        pool: pool.to_bytes()?,
        sha256: pool_hash(suite, &pool)?,
        picks: picks_of(&found)?,
    })
}

/// An expert of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisor {
    /// The profession.
    pub profession: String,
    /// The ticket; empty for one who was assigned, and for an open need.
    pub ticket: String,
    /// The person, as `department/person`; empty for an open need.
    pub person: String,
    /// Why the person was assigned; empty for a picked one.
    pub reason: String,
}

#[derive(Serialize, Deserialize)]
struct Assigned {
    person: String,
    reason: String,
}

fn assigned_place(campaign: &str, attempt: i64, rank: i64, profession: &str) -> String {
    format!("expert_assignments/{campaign}/{attempt}/{rank}/{profession}/sealed")
}

/// The experts of a visit, with who they are: to those to whom the visit is open, as the visit is.
///
/// # Errors
/// [`AppError`].
pub async fn of_visit(
    app: &App,
    call: &Call,
    id: &str,
    rank: i64,
) -> Result<Vec<Advisor>, AppError> {
    let mut tx = app.db.read().await?;
    let campaign = campaigns::find(&mut tx, id).await?;
    let missing = || AppError::not_found("visit", &format!("{id}/{rank}"));
    let stored = tx.visit(id, rank).await?.ok_or_else(missing)?;
    let hidden = names::of(&app.sealer, &stored)?;
    let visit = stored.visit;
    if call.caller.role == Role::Inspector && campaign.state == State::Drawn {
        let seen = (&campaign, &visit, &hidden);
        release::require_open_to(&mut tx, call, seen, app.clock.now_us()).await?;
    } else if call.caller.role == Role::Inspector {
        openings::require_member(call, &visit, &hidden)?;
    } else {
        require_office(&call.caller)?;
    }
    let named = call.caller.role == Role::Inspector || campaign.state == State::Closed;
    let mut out = advisors(app, &mut tx, (id, visit.attempt), rank).await?;
    if !named {
        out.iter_mut().for_each(|a| {
            a.person.clear();
            a.reason.clear();
        });
    }
    Ok(out)
}

async fn advisors(
    app: &App,
    tx: &mut Tx,
    (id, attempt): (&str, i64),
    rank: i64,
) -> Result<Vec<Advisor>, AppError> {
    let Some(found) = tx.experts(id, attempt).await? else { return Ok(Vec::new()) };
    let draw = tx.draw(id, attempt).await?;
    let draw = draw.ok_or(AppError::Broken("experts without a draw"))?;
    let key = names::draw_key(&app.sealer, &draw)?;
    let broken = |_| AppError::Broken("stored experts are of another type");
    let plain = key.open(&place(id, attempt), &found.sealed)?;
    let ids: BTreeMap<String, String> = serde_json::from_slice(&plain).map_err(broken)?;
    let mut out = Vec::new();
    for pick in picks_of(&found)?.into_iter().filter(|p| p.need.rank == rank) {
        let ticket = pick.expert.map(|t| t.to_string()).unwrap_or_default();
        let person = ids.get(&ticket).cloned().unwrap_or_default();
        let profession = pick.need.profession;
        out.push(Advisor { profession, ticket, person, reason: String::new() });
    }
    for stored in tx.assignments(id, attempt).await?.into_iter().filter(|a| a.rank == rank) {
        let at = assigned_place(id, attempt, rank, &stored.profession);
        let plain = key.open(&at, &stored.sealed)?;
        let who: Assigned = serde_json::from_slice(&plain).map_err(broken)?;
        let need = out.iter_mut().find(|a| a.profession == stored.profession);
        let need = need.ok_or(AppError::Broken("an assignment without a need"))?;
        (need.person, need.reason) = (who.person, who.reason);
    }
    Ok(out)
}

/// Whom an office assigns.
pub struct Assignment<'a> {
    /// The campaign.
    pub campaign: &'a str,
    /// Rank of the visit.
    pub rank: i64,
    /// The profession.
    pub profession: &'a str,
    /// The expert's department.
    pub department: &'a str,
    /// The expert's id in that department's pool.
    pub expert: &'a str,
    /// Why nobody could be picked, and why this one.
    pub reason: &'a str,
}

impl Assignment<'_> {
    fn check(&self) -> Result<(), Violations> {
        let mut v = Violations::default();
        id::check_foreign(&mut v, "expert_id", self.expert);
        text::require(&mut v, "reason", self.reason, text::LONG_CHARS_MAX);
        text::require(&mut v, "profession", self.profession, text::SHORT_CHARS_MAX);
        v.finish(())
    }

    /// The expert is in a pool of the jurisdiction, may be sent, and has the profession.
    async fn check_known(&self, tx: &mut Tx, campaign: &Campaign) -> Result<(), AppError> {
        let people = tx.inspectors_in(std::slice::from_ref(&campaign.jurisdiction)).await?;
        let mut own = people.iter().filter(|(_, d, i)| d == self.department && i.id == self.expert);
        let fits = own.any(|(.., i)| {
            i.kind == InspectorKind::Expert
                && i.tags.iter().any(|tag| tag == self.profession)
                && i.fit(campaign.first_day, campaign.last_day).is_ok()
        });
        match fits {
            true => Ok(()),
            false => Err(AppError::invalid("expert_id", "EXPERT_OF_THE_PROFESSION", self.expert)),
        }
    }
}

/// Assigns an expert for a need that nobody could be picked for (R33), once.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn assign(app: &App, call: &Call, of: &Assignment<'_>) -> Result<(), AppError> {
    require_office(&call.caller)?;
    of.check()?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let campaign = campaigns::find(&mut step.tx, of.campaign).await?;
    if campaign.state != State::Drawn {
        return Err(AppError::precondition("CAMPAIGN_STATE", campaign.state.word()));
    }
    let attempt = campaign.attempts;
    let stored = step.tx.experts(of.campaign, attempt).await?;
    let needs = stored.as_ref().map(picks_of).transpose()?.unwrap_or_default();
    let need = needs.iter().find(|p| p.need.rank == of.rank && p.need.profession == of.profession);
    match need {
        None => return Err(AppError::not_found("need of an expert", of.profession)),
        Some(pick) if pick.expert.is_some() => {
            return Err(AppError::precondition("AN_EXPERT_IS_PICKED", of.profession));
        }
        Some(_) => of.check_known(&mut step.tx, &campaign).await?,
    }
    let draw = step.tx.draw(of.campaign, attempt).await?;
    let draw = draw.ok_or(AppError::Broken("experts without a draw"))?;
    let key = names::draw_key(&app.sealer, &draw)?;
    let person = frame_id(of.department, of.expert);
    let who = Assigned { person, reason: of.reason.to_owned() };
    let plain = serde_json::to_vec(&who).map_err(|_| AppError::Broken("no JSON"))?;
    let at = assigned_place(of.campaign, attempt, of.rank, of.profession);
    let new = SealedAssignment {
        rank: of.rank,
        profession: of.profession.to_owned(),
        sealed: key.seal(&app.entropy, &at, &plain)?,
    };
    match step.tx.insert_assignment((of.campaign, attempt), &new).await {
        Err(error) if error.is_conflict() => {
            let id = format!("{}/{}", of.rank, of.profession);
            return Err(AppError::Exists { kind: "assignment of an expert", id });
        }
        done => done?,
    }
    let body = json!({ "attempt": attempt, "campaign": of.campaign, "department": of.department,
        "profession": of.profession, "rank": of.rank });
    step.finish(call, "expert.assign", body, ()).await
}

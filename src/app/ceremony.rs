//! Freezing, and what the supervising offices put in: commitments first, numbers after all have
//! committed.

use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

use super::{App, AppError, Begun, Call, campaigns, draws, framing, pack, require_office};
use crate::domain::caller::Role;
use crate::domain::campaign::{Action, Campaign};
use crate::draw::Digest;
use crate::draw::freeze::{freeze_hash, seal};
use crate::draw::seed::commitment;
use crate::frame::build::Behind;
use crate::store::{Draw, DrawState};

/// What is kept, encrypted, to turn the tickets of an attempt into visits.
#[derive(Serialize, Deserialize)]
pub struct Openings {
    /// Unit by ticket.
    pub units: BTreeMap<String, Behind>,
    /// Inspector id by ticket.
    pub inspectors: BTreeMap<String, String>,
    /// Versions and items of the lists, by department.
    pub lists: BTreeMap<String, crate::domain::item::ItemList>,
}

/// Where a sealed column of an attempt stands.
#[must_use]
pub fn place(campaign: &str, attempt: i64, column: &str) -> String {
    format!("draws/{campaign}/{attempt}/{column}")
}

/// Freezes everything the draw depends on.
///
/// # Errors
/// [`AppError`]; offices only, approved campaigns only.
pub async fn freeze(app: &App, call: &Call, id: &str) -> Result<draws::Attempt, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = campaigns::find(&mut step.tx, id).await?;
    campaign.attempts += 1;
    campaigns::act(&mut step.tx, &mut campaign, Action::Freeze).await?;
    let attempt = campaign.attempts;
    let number = u64::try_from(attempt).unwrap_or(0);
    let (framed, _) = framing::load(&mut step.tx, &campaign, number).await?;
    let root_secret = app.entropy.bytes();
    let sealed = tokio::task::block_in_place(|| seal(&framed.frame, &root_secret))?;
    let hash = freeze_hash(sealed.freeze.alg, &sealed.freeze_bytes);
    let ids: Vec<String> = campaign.accepted().map(|p| p.department.clone()).collect();
    let lists = step.tx.item_lists_on(&ids, campaign.first_day).await?;
    let openings = openings(&sealed, framed.behind, lists);
    let secret_place = place(id, attempt, "root_secret");
    let openings_place = place(id, attempt, "openings");
    let draw = Draw {
        campaign: id.to_owned(),
        attempt,
        state: DrawState::Frozen.word().to_owned(),
        freeze_hash: hash.to_string(),
        root_secret: app.sealer.seal(&app.entropy, &secret_place, &root_secret)?,
        pool: pack::pack(&sealed.pool)?,
        openings: app.sealer.seal(&app.entropy, &openings_place, &pack::pack(&openings)?)?,
        freeze_bytes: sealed.freeze_bytes,
        seed: String::new(),
        result_root: String::new(),
        figures: String::new(),
        abort_reason: String::new(),
    };
    step.tx.insert_draw(&draw, step.now_us).await?;
    let body = json!({
        "attempt": attempt,
        "campaign": id,
        "freeze_hash": draw.freeze_hash,
        "pool_root": sealed.freeze.pool.root,
        "units": sealed.freeze.pool.n,
    });
    let reply = draws::Attempt::new(draw, Vec::new());
    step.finish(call, "campaign.freeze", body, reply).await
}

fn openings(
    sealed: &crate::draw::Sealed,
    mut behind: BTreeMap<String, Behind>,
    lists: Vec<crate::domain::item::ItemList>,
) -> Openings {
    let units = sealed
        .unit_tickets
        .iter()
        .filter_map(|(id, ticket)| Some((ticket.to_string(), behind.remove(id)?)))
        .collect();
    let inspectors =
        sealed.inspector_tickets.iter().map(|(id, t)| (t.to_string(), id.clone())).collect();
    let lists = lists.into_iter().map(|l| (l.department.clone(), l)).collect();
    Openings { units, inspectors, lists }
}

/// The office of a supervisor that has a part in the campaign.
fn office<'a>(call: &'a Call, campaign: &Campaign) -> Result<&'a str, AppError> {
    let office = call.caller.office.as_str();
    let supervises = call.caller.role == Role::Supervisor;
    if !supervises || !campaign.contributors.iter().any(|c| c == office) {
        return Err(AppError::Forbidden("CONTRIBUTORS_ONLY"));
    }
    Ok(office)
}

/// An office commits to its number.
///
/// # Errors
/// [`AppError`]; contributors only, once, and never to another office's commitment (T14).
pub async fn commit(
    app: &App,
    call: &Call,
    id: &str,
    given: &str,
) -> Result<draws::Attempt, AppError> {
    let Some(value) = Digest::from_hex(given) else {
        return Err(AppError::invalid("commitment", "HEX_32_BYTES", given));
    };
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = campaigns::find(&mut step.tx, id).await?;
    let office = office(call, &campaign)?.to_owned();
    campaigns::act(&mut step.tx, &mut campaign, Action::Contribute).await?;
    let attempt = campaign.attempts;
    let stored = step.tx.insert_commitment(id, attempt, &office, &value.to_string()).await;
    match stored {
        Err(error) if error.is_conflict() => {
            return Err(AppError::precondition("COMMITTED_OR_COPIED", office));
        }
        done => done?,
    }
    let reply = draws::load(&mut step.tx, id, attempt).await?;
    let body = json!({ "attempt": attempt, "campaign": id, "commitment": given, "office": office });
    step.finish(call, "number.commit", body, reply).await
}

/// An office reveals its number, after all offices have committed.
///
/// # Errors
/// [`AppError`]; contributors only, once, and only the number they committed to.
pub async fn reveal(
    app: &App,
    call: &Call,
    id: &str,
    given: &str,
) -> Result<draws::Attempt, AppError> {
    // The number is not repeated in the answer: it is still a secret when it is malformed.
    let Some(number) = Digest::from_hex(given) else {
        return Err(AppError::invalid("number", "HEX_32_BYTES", ""));
    };
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = campaigns::find(&mut step.tx, id).await?;
    let office = office(call, &campaign)?.to_owned();
    campaigns::act(&mut step.tx, &mut campaign, Action::Contribute).await?;
    let attempt = campaign.attempts;
    let found = draws::load(&mut step.tx, id, attempt).await?;
    if found.contributions.len() < campaign.contributors.len() {
        return Err(AppError::precondition("NOT_ALL_HAVE_COMMITTED", id));
    }
    let committed = found.contributions.iter().find(|c| c.office == office);
    let hash = Digest::from_hex(&found.draw.freeze_hash).unwrap_or_default();
    let suite = draws::freeze_of(&found.draw)?.alg;
    let opens = commitment(suite, &hash, &office, &number.0).to_string();
    if committed.is_none_or(|c| c.commitment != opens) {
        return Err(AppError::precondition("REVEAL_DOES_NOT_OPEN_COMMITMENT", office));
    }
    if !step.tx.reveal_number(id, attempt, &office, &number.to_string()).await? {
        return Err(AppError::precondition("ALREADY_REVEALED", office));
    }
    let reply = draws::load(&mut step.tx, id, attempt).await?;
    let body = json!({ "attempt": attempt, "campaign": id, "number": given, "office": office });
    step.finish(call, "number.reveal", body, reply).await
}

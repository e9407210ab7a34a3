//! Freezing, and what the supervising offices put in: commitments first, numbers after all have
//! committed, each before its deadline; then the beacon, where one is used.

use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

use super::attempt::{self, Attempt};
use super::{
    App, AppError, Begun, Call, campaigns, cosign, experts, framing, log, names, pack,
    require_office, supplements,
};
use crate::domain::caller::Role;
use crate::domain::campaign::{Action, Campaign};
use crate::domain::day;
use crate::draw::freeze::{freeze_hash, seal};
use crate::draw::seed::commitment;
use crate::draw::{Digest, Frame, beacon};
use crate::frame::build::Behind;
use crate::store::{Contribution, Draw, DrawState, Tx};

/// Kind of the event that freezes.
const FREEZE: &str = "campaign.freeze";

/// What is kept, encrypted, to turn the tickets of an attempt into visits.
#[derive(Serialize, Deserialize)]
pub struct Openings {
    /// Unit by ticket.
    pub units: BTreeMap<String, Behind>,
    /// Inspector id by ticket.
    pub inspectors: BTreeMap<String, String>,
    /// Expert id by ticket (R33).
    #[serde(default)]
    pub experts: BTreeMap<String, String>,
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
pub async fn freeze(app: &App, call: &Call, id: &str) -> Result<Attempt, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = campaigns::find(&mut step.tx, id).await?;
    require_executor(call, &campaign)?;
    campaign.attempts += 1;
    campaigns::act(&mut step.tx, &mut campaign, Action::Freeze).await?;
    step.tx.lock(names::LOCK).await?;
    let attempt = campaign.attempts;
    let number = u64::try_from(attempt).unwrap_or(0);
    let (mut framed, _) = framing::load(&app.sealer, &mut step.tx, &campaign, number).await?;
    let (commit_by_us, reveal_by_us) = campaign.ceremony.deadlines(step.now_us);
    bind_deadlines(&mut framed.frame, &campaign, commit_by_us, reveal_by_us);
    let root_secret = app.entropy.bytes();
    let experts = experts::freeze(&mut step.tx, &campaign, &mut framed, &root_secret).await?;
    let sealed = tokio::task::block_in_place(|| seal(&framed.frame, &root_secret))?;
    let hash = freeze_hash(sealed.freeze.alg, &sealed.freeze_bytes);
    let ids: Vec<String> = campaign.accepted().map(|p| p.department.clone()).collect();
    let lists = step.tx.item_lists_on(&ids, campaign.first_day).await?;
    let ids = experts.as_ref().map(|made| made.ids.clone()).unwrap_or_default();
    let openings = openings(&sealed, framed.behind, lists, ids);
    let (key, wrapped) = app.sealer.new_key(&app.entropy, &names::draw_key_place(id, attempt))?;
    let secret_place = place(id, attempt, "root_secret");
    let openings_place = place(id, attempt, "openings");
    let draw = Draw {
        campaign: id.to_owned(),
        attempt,
        state: DrawState::Frozen.word().to_owned(),
        freeze_hash: hash.to_string(),
        wrapped,
        root_secret: key.seal(&app.entropy, &secret_place, &root_secret)?,
        pool: pack::pack(&sealed.pool)?,
        openings: key.seal(&app.entropy, &openings_place, &pack::pack(&openings)?)?,
        freeze_bytes: sealed.freeze_bytes,
        seed: String::new(),
        result_root: String::new(),
        figures: String::new(),
        abort_reason: String::new(),
        frozen_us: step.now_us,
        frozen_by: call.caller.name().to_owned(),
        commit_by_us,
        reveal_by_us,
        beacon_value: String::new(),
    };
    step.tx.insert_draw(&draw).await?;
    if let Some(made) = experts {
        experts::store(app, &mut step.tx, (id, attempt), &key, made).await?;
    }
    let body = json!({
        "attempt": attempt,
        "beacon_round": sealed.freeze.beacon.as_ref().map_or(0, |b| b.round),
        "campaign": id,
        "commit_by_us": commit_by_us,
        "freeze_hash": draw.freeze_hash,
        "pool_root": sealed.freeze.pool.root,
        "reveal_by_us": reveal_by_us,
        "units": sealed.freeze.pool.n,
    });
    let reply = Attempt::new(draw, Vec::new(), Vec::new());
    let reply = step.finish(call, FREEZE, body, reply).await?;
    // Signed at once, because offices commit to what is under a checkpoint only.
    if let Err(error) = log::round_now(app).await {
        tracing::warn!(%error, "the freeze waits for the next round of the log");
    }
    Ok(reply)
}

/// Lets only an office pass that does not also supervise the campaign: who carries a draw out and
/// who watches over it are never the same (R82).
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn require_executor(call: &Call, campaign: &Campaign) -> Result<(), AppError> {
    require_office(&call.caller)?;
    match campaign.contributors.iter().any(|office| office == call.caller.name()) {
        true => Err(AppError::Forbidden("EXECUTOR_SUPERVISES")),
        false => Ok(()),
    }
}

/// The deadlines and the beacon's round, which follows from them by rule, become part of what is
/// hashed.
fn bind_deadlines(frame: &mut Frame, campaign: &Campaign, commit_by_us: i64, reveal_by_us: i64) {
    frame.context.insert("commit_by_us".to_owned(), commit_by_us.to_string());
    frame.context.insert(beacon::DEADLINE.to_owned(), reveal_by_us.to_string());
    if campaign.ceremony.beacon {
        frame.beacon = Some(beacon::after(u64::try_from(reveal_by_us).unwrap_or(0)));
    }
}

/// Whether an attempt has all it needs to be drawn; returns the offices that withheld their number.
///
/// # Errors
/// [`AppError::Precondition`] that says what is missing.
pub fn closed(
    campaign: &Campaign,
    draw: &Draw,
    given: &[Contribution],
    now_us: i64,
) -> Result<Vec<String>, AppError> {
    let revealed =
        |office: &&String| given.iter().any(|c| c.office == **office && !c.number.is_empty());
    let withheld: Vec<String> =
        campaign.contributors.iter().filter(|o| !revealed(o)).cloned().collect();
    let missing = || withheld.join("、");
    if campaign.ceremony.beacon {
        if !withheld.is_empty() && now_us <= draw.reveal_by_us {
            return Err(AppError::precondition("REVEALS_ARE_OPEN", missing()));
        }
        let count = campaign.contributors.len() - withheld.len();
        if i64::try_from(count).unwrap_or(0) < campaign.ceremony.reveal_quorum {
            return Err(AppError::precondition("REVEAL_QUORUM", missing()));
        }
        if draw.beacon_value.is_empty() {
            return Err(AppError::precondition("BEACON_MISSING", campaign.id.clone()));
        }
    } else if !withheld.is_empty() {
        return Err(AppError::precondition("NOT_ALL_HAVE_REVEALED", missing()));
    }
    Ok(withheld)
}

/// Refuses until the freeze is in the log under a checkpoint that bears the cosignatures the policy
/// asks for: nobody commits to what could still be exchanged (SPEC.md of the draw, section 2).
async fn require_witnessed(app: &App, tx: &mut Tx, id: &str) -> Result<(), AppError> {
    let position = tx.latest_position(id, FREEZE).await?;
    let size = cosign::witnessed(app, tx).await?.map_or(0, |(checkpoint, _)| checkpoint.size);
    let covered = position.and_then(|p| u64::try_from(p).ok()).is_some_and(|p| p < size);
    match covered {
        true => Ok(()),
        false => Err(AppError::precondition("FREEZE_NOT_WITNESSED", id)),
    }
}

fn openings(
    sealed: &crate::draw::Sealed,
    mut behind: BTreeMap<String, Behind>,
    lists: Vec<crate::domain::item::ItemList>,
    experts: BTreeMap<String, String>,
) -> Openings {
    let units = sealed
        .unit_tickets
        .iter()
        .filter_map(|(id, ticket)| Some((ticket.to_string(), behind.remove(id)?)))
        .collect();
    let inspectors =
        sealed.inspector_tickets.iter().map(|(id, t)| (t.to_string(), id.clone())).collect();
    let lists = lists.into_iter().map(|l| (l.department.clone(), l)).collect();
    Openings { units, inspectors, experts, lists }
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

/// The attempt that is open.
async fn open_attempt(tx: &mut Tx, campaign: &Campaign) -> Result<Attempt, AppError> {
    attempt::load(tx, &campaign.id, campaign.attempts).await
}

fn require_before(deadline_us: i64, now_us: i64, reason: &'static str) -> Result<(), AppError> {
    match now_us <= deadline_us {
        true => Ok(()),
        false => Err(AppError::precondition(reason, day::instant_text(deadline_us))),
    }
}

/// An office commits to its number.
///
/// # Errors
/// [`AppError`]; contributors only, once, and never to another office's commitment (T14).
pub async fn commit(app: &App, call: &Call, id: &str, given: &str) -> Result<Attempt, AppError> {
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
    require_witnessed(app, &mut step.tx, id).await?;
    let found = open_attempt(&mut step.tx, &campaign).await?;
    require_before(found.draw.commit_by_us, step.now_us, "COMMITMENTS_ARE_CLOSED")?;
    if found.draw.frozen_by == office {
        return Err(AppError::Forbidden("EXECUTOR_SUPERVISES"));
    }
    let attempt = campaign.attempts;
    let stored = step.tx.insert_commitment(id, attempt, &office, &value.to_string()).await;
    match stored {
        Err(error) if error.is_conflict() => {
            return Err(AppError::precondition("COMMITTED_OR_COPIED", office));
        }
        done => done?,
    }
    let reply = open_attempt(&mut step.tx, &campaign).await?;
    let body = json!({ "attempt": attempt, "campaign": id, "commitment": given, "office": office });
    step.finish(call, "number.commit", body, reply).await
}

/// An office reveals its number, after all offices have committed.
///
/// # Errors
/// [`AppError`]; contributors only, once, and only the number they committed to.
pub async fn reveal(app: &App, call: &Call, id: &str, given: &str) -> Result<Attempt, AppError> {
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
    let found = open_attempt(&mut step.tx, &campaign).await?;
    require_before(found.draw.reveal_by_us, step.now_us, "REVEALS_ARE_CLOSED")?;
    if found.contributions.len() < campaign.contributors.len() {
        return Err(AppError::precondition("NOT_ALL_HAVE_COMMITTED", id));
    }
    let committed = found.contributions.iter().find(|c| c.office == office);
    let hash = Digest::from_hex(&found.draw.freeze_hash).unwrap_or_default();
    let suite = attempt::freeze_of(&found.draw)?.alg;
    let opens = commitment(suite, &hash, &office, &number.0).to_string();
    if committed.is_none_or(|c| c.commitment != opens) {
        return Err(AppError::precondition("REVEAL_DOES_NOT_OPEN_COMMITMENT", office));
    }
    supplements::require_fresh(&mut step.tx, &campaign, &number).await?;
    if !step.tx.reveal_number(id, attempt, &office, &number.to_string()).await? {
        return Err(AppError::precondition("ALREADY_REVEALED", office));
    }
    let reply = open_attempt(&mut step.tx, &campaign).await?;
    let body = json!({ "attempt": attempt, "campaign": id, "number": given, "office": office });
    step.finish(call, "number.reveal", body, reply).await
}

/// Brings the value of the beacon's round. Anybody with a key may: it proves itself.
///
/// # Errors
/// [`AppError`]; a violation when it is not the value of the frozen round (T02).
pub async fn bring_beacon(
    app: &App,
    call: &Call,
    id: &str,
    value: &str,
) -> Result<Attempt, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = campaigns::find(&mut step.tx, id).await?;
    campaigns::act(&mut step.tx, &mut campaign, Action::Contribute).await?;
    let found = open_attempt(&mut step.tx, &campaign).await?;
    let round = attempt::freeze_of(&found.draw)?.beacon;
    let round = round.ok_or_else(|| AppError::precondition("NO_BEACON", id))?;
    let bytes = hex::decode(value).unwrap_or_default();
    let good = tokio::task::block_in_place(|| beacon::is_value(&round, &bytes));
    if !good {
        return Err(AppError::invalid("value", "NOT_THE_ROUND", value));
    }
    let attempt = campaign.attempts;
    if !step.tx.put_beacon(id, attempt, &hex::encode(&bytes)).await? {
        return Err(AppError::precondition("BEACON_IS_THERE", id));
    }
    let reply = open_attempt(&mut step.tx, &campaign).await?;
    let body = json!({ "attempt": attempt, "campaign": id, "round": round.round, "value": value });
    step.finish(call, "beacon.bring", body, reply).await
}

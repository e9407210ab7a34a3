//! Recusals that visited subjects ask for by their visit code, and what an office decides (R91). A
//! granted one is a replacement that somebody else has to approve.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{App, AppError, Begun, Call, Step, campaigns, changes, names, require_office};
use crate::domain::campaign::State;
use crate::domain::change::{Asked, ChangeKind, ChangeReason, Choice};
use crate::domain::recusal::{Plea, RECUSALS_PER_VISIT_MAX, RecusalAsk, RecusalState, seat};
use crate::domain::visit::Visit;
use crate::domain::visit_code::VisitCode;
use crate::domain::{Violations, caller::Caller, day};
use crate::store::SealedRecusal;

/// A recusal with what the subject says, for the office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// The recusal.
    pub ask: RecusalAsk,
    /// What the subject adds.
    pub statement: String,
}

fn place(campaign: &str, nth: i64) -> String {
    format!("recusal_asks/{campaign}/{nth}/sealed")
}

/// The call of a subject: the same plea twice is one, whoever sends it.
#[must_use]
pub fn call(plea: &Plea) -> Call {
    let payload: [u8; 32] = Sha256::digest(serde_json::to_vec(plea).unwrap_or_default()).into();
    let request_id = hex::encode(payload);
    Call { caller: Caller::subject(), request_id, method: "AskRecusal", payload, signature: None }
}

/// The code, when this service has signed it.
fn read_code(app: &App, text: &str) -> Result<VisitCode, AppError> {
    // What was typed or pasted has lost or won a line end at most.
    let note = format!("{}\n", text.trim_end().replace("\r\n", "\n"));
    let code = app.log.read_visit_code(&note);
    code.ok_or_else(|| AppError::invalid("code", "NOT_SIGNED_BY_THIS_SERVICE", ""))
}

/// A subject asks that a member of the team stays away. Nobody needs a key: the code is the
/// credential, from the visit day on, when the names are open to the subject anyway.
///
/// # Errors
/// [`AppError`]; at most [`RECUSALS_PER_VISIT_MAX`] per visit, each person once.
pub async fn ask(app: &App, plea: Plea) -> Result<RecusalAsk, AppError> {
    let mut violations = Violations::default();
    plea.check(&mut violations);
    violations.finish(())?;
    // Before the database is asked for anything: what is not signed costs a hash.
    let code = read_code(app, &plea.code)?;
    let today = day::of_instant(app.clock.now_us());
    if today < code.first_day {
        return Err(AppError::precondition("BEFORE_THE_VISIT_DAY", code.first_day.to_string()));
    }
    if today > code.last_day {
        return Err(AppError::precondition("AFTER_THE_LAST_DAY", code.last_day.to_string()));
    }
    let call = call(&plea);
    let mut step = match app.begin(&call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let campaign = campaigns::find(&mut step.tx, &code.campaign).await?;
    let visit = valid(app, &mut step, &code).await?;
    if campaign.state != State::Drawn {
        return Err(AppError::precondition("CAMPAIGN_STATE", campaign.state.word()));
    }
    let found = seat(&visit, |_, inspector| inspector == plea.person);
    let gone = || AppError::invalid("person", "NOT_OF_THE_TEAM", &plea.person);
    let (department, slot) = found.ok_or_else(gone)?;
    let section = visit.sections.iter().find(|s| s.department == department);
    let member = section.and_then(|s| s.team.get(usize::try_from(slot - 1).ok()?));
    let ticket = member.ok_or_else(gone)?.ticket.clone();
    let all = step.tx.recusal_asks(&campaign.id, 0, i64::MAX).await?;
    let nth = all.last().map_or(0, |r| r.ask.nth) + 1;
    let own = |r: &&SealedRecusal| r.ask.attempt == visit.attempt && r.ask.rank == visit.rank;
    let of_visit = i64::try_from(all.iter().filter(own).count()).unwrap_or(i64::MAX) + 1;
    if all.iter().filter(own).any(|r| r.ask.ticket == ticket) {
        return Err(AppError::precondition("ASKED_BEFORE", visit.rank.to_string()));
    }
    if of_visit > RECUSALS_PER_VISIT_MAX {
        let most = RECUSALS_PER_VISIT_MAX.to_string();
        return Err(AppError::precondition("RECUSALS_PER_VISIT", most));
    }
    let ask = RecusalAsk {
        campaign: campaign.id.clone(),
        nth,
        attempt: visit.attempt,
        rank: visit.rank,
        of_visit,
        department: department.to_owned(),
        slot,
        ticket,
        reason: plea.reason,
        evidence_sha256: call.request_id.clone(),
        asked_us: step.now_us,
        state: RecusalState::Asked,
        decided_by: String::new(),
        decided_us: 0,
        change: 0,
    };
    let statement = plea.statement.as_bytes();
    let sealed = app.sealer.seal(&app.entropy, &place(&campaign.id, nth), statement)?;
    match step.tx.insert_recusal_ask(&SealedRecusal { ask: ask.clone(), sealed }).await {
        Err(error) if error.is_conflict() => return Err(AppError::Stale(campaign.id)),
        done => done?,
    }
    record(step, &call, "recusal.ask", ask).await
}

/// The visit of a code, with its names, when the code is still the one of a visit that takes place.
async fn valid(app: &App, step: &mut Step, code: &VisitCode) -> Result<Visit, AppError> {
    let stored = step.tx.visit(&code.campaign, code.rank).await?;
    let stored = stored.filter(|s| s.visit.ticket == code.ticket && s.visit.dropped == 0);
    let over = || AppError::precondition("VISIT_DOES_NOT_TAKE_PLACE", code.rank.to_string());
    names::open(&app.sealer, stored.ok_or_else(over)?)
}

async fn record(
    step: Step,
    call: &Call,
    kind: &str,
    ask: RecusalAsk,
) -> Result<RecusalAsk, AppError> {
    let body = json!({ "attempt": ask.attempt, "campaign": ask.campaign, "recusal": ask });
    step.finish(call, kind, body, ask).await
}

/// Decides on a recusal. Granting it asks for the replacement by the next suiting one, which
/// somebody else has to approve.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn decide(
    app: &App,
    call: &Call,
    id: &str,
    nth: i64,
    grant: bool,
) -> Result<RecusalAsk, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    campaigns::find(&mut step.tx, id).await?;
    let found = step.tx.recusal_asks(id, nth.saturating_sub(1), 1).await?.pop();
    let missing = || AppError::not_found("recusal", &format!("{id}/{nth}"));
    let mut ask = found.filter(|r| r.ask.nth == nth).ok_or_else(missing)?.ask;
    let decided = || AppError::precondition("ALREADY_DECIDED", ask.state.word());
    ask.state = ask.state.decided(grant).ok_or_else(decided)?;
    call.caller.name().clone_into(&mut ask.decided_by);
    ask.decided_us = step.now_us;
    if grant {
        ask.change = replacement(app, call, &mut step, &ask).await?;
    }
    if !step.tx.decide_recusal_ask(&ask).await? {
        return Err(AppError::Stale(format!("recusal {nth} of campaign {id}")));
    }
    let kind = if grant { "recusal.grant" } else { "recusal.decline" };
    record(step, call, kind, ask).await
}

/// Asks for the replacement of whoever still sits where the subject saw them; returns its number.
async fn replacement(
    app: &App,
    call: &Call,
    step: &mut Step,
    ask: &RecusalAsk,
) -> Result<i64, AppError> {
    let stored = step.tx.visit(&ask.campaign, ask.rank).await?;
    let stored = stored.filter(|s| s.visit.attempt == ask.attempt);
    let seated = stored.and_then(|s| {
        let (department, slot) = seat(&s.visit, |ticket, _| ticket == ask.ticket)?;
        Some((department.to_owned(), slot))
    });
    let gone = || AppError::precondition("PERSON_HAS_LEFT_THE_TEAM", ask.rank.to_string());
    let (department, slot) = seated.ok_or_else(gone)?;
    let asked = Asked {
        campaign: ask.campaign.clone(),
        rank: ask.rank,
        kind: ChangeKind::Replacement,
        department,
        slot,
        choice: Choice::Next,
        inspector: String::new(),
        reason: ChangeReason::RecusalAsked,
        evidence_sha256: ask.evidence_sha256.clone(),
    };
    let (change, body) = changes::add(app, call, step, asked).await?;
    step.also(call, changes::REQUEST, body).await?;
    Ok(change.nth)
}

/// A page of a campaign's recusals with what the subjects say.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn list(
    app: &App,
    call: &Call,
    campaign: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Stated>, AppError> {
    require_office(&call.caller)?;
    let mut tx = app.db.read().await?;
    campaigns::find(&mut tx, campaign).await?;
    let stated = |row: SealedRecusal| {
        let statement = statement(app, &row)?;
        Ok(Stated { ask: row.ask, statement })
    };
    tx.recusal_asks(campaign, after, limit).await?.into_iter().map(stated).collect()
}

/// What a subject adds to its recusal; nothing once it is erased.
///
/// # Errors
/// [`AppError::Broken`] when it does not open.
pub fn statement(app: &App, row: &SealedRecusal) -> Result<String, AppError> {
    if row.sealed.is_empty() {
        return Ok(String::new());
    }
    let plain = app.sealer.open(&place(&row.ask.campaign, row.ask.nth), &row.sealed)?;
    String::from_utf8(plain).map_err(|_| AppError::Broken("a statement is not text"))
}

//! An auditor opens any unit of a frame, above all the excluded ones, to judge whether the rule that kept
//! it out was true (T04). Each opening is an event.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ceremony::{Openings, place};
use super::openings::root_secret;
use super::{App, AppError, Begun, Call, attempt, names, pack};
use crate::domain::caller::Role;
use crate::domain::{Violations, text};
use crate::draw::Digest;
use crate::draw::frame::IN;
use crate::draw::freeze::{Class, master_key};
use crate::draw::opening::Opening;
use crate::draw::pool::Pool;

/// A unit with what stands behind its ticket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unit {
    /// The ticket.
    pub ticket: String,
    /// The stratum.
    pub stratum: String,
    /// (department, status): `in:PROFILE` or `x:RULE`.
    pub statuses: Vec<(String, String)>,
    /// What the ticket stands for.
    pub opening: Opening,
}

/// Opens a unit of an attempt, or of the latest for 0, to an auditor with a case number.
///
/// # Errors
/// [`AppError`]; auditors only.
pub async fn open(
    app: &App,
    call: &Call,
    (id, number): (&str, i64),
    given: &str,
    case: &str,
) -> Result<Unit, AppError> {
    if call.caller.role != Role::Auditor {
        return Err(AppError::Forbidden("AUDITOR_ONLY"));
    }
    let mut violations = Violations::default();
    text::require(&mut violations, "case_number", case, text::SHORT_CHARS_MAX);
    let ticket = Digest::from_hex(given);
    violations.require(ticket.is_some(), "ticket", "HEX_32_BYTES", given);
    violations.finish(())?;
    let mut step = match app.begin::<Reply>(call).await? {
        Begun::Repeated(reply) => return again(app, call, &reply).await,
        Begun::New(step) => step,
    };
    let draw = step.tx.draw(id, number).await?;
    let draw = draw.ok_or_else(|| AppError::not_found("draw of campaign", id))?;
    let freeze = attempt::freeze_of(&draw)?;
    let missing = || AppError::not_found("unit", given);
    let pool: Pool = pack::unpack(&draw.pool)?;
    let at = ticket.and_then(|t| pool.units.tickets().binary_search(&t).ok());
    let at = at.ok_or_else(missing)?;
    let kind = pool.units.kind(at);
    let selectable = kind.statuses.iter().any(|(_, status)| status.starts_with(IN));
    let class = if selectable { Class::Selectable } else { Class::Excluded };
    let column = place(id, draw.attempt, "openings");
    let key = names::draw_key(&app.sealer, &draw)?;
    let openings: Openings = pack::unpack(&key.open(&column, &draw.openings)?)?;
    let behind = openings.units.get(given).ok_or_else(missing)?;
    let behind = (behind.opening.id.as_str(), behind.opening.record());
    let master = master_key(freeze.alg, &root_secret(app, &draw)?, class);
    let opening = Opening::under(freeze.alg, &master, &freeze.draw_id, class, behind);
    if opening.ticket(freeze.alg, &freeze.draw_id, class)?.to_string() != given {
        return Err(AppError::Broken("an opening does not open its ticket"));
    }
    let unit = Unit {
        ticket: given.to_owned(),
        stratum: kind.stratum.clone(),
        statuses: kind.statuses.clone(),
        opening,
    };
    let body =
        json!({ "attempt": draw.attempt, "campaign": id, "case_number": case, "ticket": given });
    let plain = serde_json::to_vec(&unit).map_err(|_| AppError::Broken("a unit has no JSON"))?;
    let sealed = hex::encode(key.seal(&app.entropy, &reply_place(call), &plain)?);
    let reply = Reply { campaign: id.to_owned(), attempt: draw.attempt, sealed };
    step.finish(call, "unit.open", body, reply).await?;
    Ok(unit)
}

/// A stored reply: under the attempt's data key, so that it is erased with it.
#[derive(Serialize, Deserialize)]
struct Reply {
    campaign: String,
    attempt: i64,
    sealed: String,
}

fn reply_place(call: &Call) -> String {
    format!("requests/{}/{}/unit", call.caller.key_id, call.request_id)
}

/// What a repeated request was answered.
async fn again(app: &App, call: &Call, reply: &Reply) -> Result<Unit, AppError> {
    let broken = || AppError::Broken("a stored reply is of another type");
    let draw = app.db.read().await?.draw(&reply.campaign, reply.attempt).await?;
    let key = names::draw_key(&app.sealer, &draw.ok_or_else(broken)?)?;
    let sealed = hex::decode(&reply.sealed).map_err(|_| broken())?;
    serde_json::from_slice(&key.open(&reply_place(call), &sealed)?).map_err(|_| broken())
}

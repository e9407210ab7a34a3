//! What a business is told before a visit (R86, tension 5): the policy says whether and from which day
//! on, and a member of the team records that it was.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{App, AppError, Begun, Call, calendar, campaigns, names, openings, release};
use crate::domain::caller::Role;
use crate::domain::campaign::{Campaign, State};
use crate::domain::notice::{self, Channel, Told};
use crate::domain::policy::{self, Policy};
use crate::domain::visit::{Names, Visit};
use crate::domain::{day, release as rule};
use crate::store::Tx;

/// What may be told of a visit, and what was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The campaign.
    pub campaign: String,
    /// Rank of the visit.
    pub rank: i64,
    /// From which day on; `None` when it is not told, and while no day is fixed.
    pub from: Option<Date>,
    /// How it was told; `None` until then.
    pub told: Option<Told>,
}

struct Place {
    campaign: Campaign,
    visit: Visit,
    hidden: Names,
    policy: Policy,
    from: Option<Date>,
}

async fn place(app: &App, tx: &mut Tx, id: &str, rank: i64) -> Result<Place, AppError> {
    let campaign = campaigns::find(tx, id).await?;
    let missing = || AppError::not_found("visit", &format!("{id}/{rank}"));
    let stored = tx.visit(id, rank).await?.ok_or_else(missing)?;
    let hidden = names::of(&app.sealer, &stored)?;
    let visit = stored.visit;
    let policy = release::policy_of(tx, &campaign).await?;
    let fixed = tx.appointment(id, visit.attempt, rank).await?.map(|f| f.day);
    let opens = rule::from(&policy, campaign.first_day, fixed);
    let calendar = calendar::load(tx, &campaign.jurisdiction).await?;
    let from = notice::from(&policy, &calendar, fixed, opens)?;
    Ok(Place { campaign, visit, hidden, policy, from })
}

/// Records that the business was told.
///
/// # Errors
/// [`AppError`]; members of the team to whom the visit is open, from the policy's day on, once.
pub async fn record(
    app: &App,
    call: &Call,
    (id, rank): (&str, i64),
    channel: Channel,
) -> Result<Notice, AppError> {
    if call.caller.role != Role::Inspector {
        return Err(AppError::Forbidden("TEAM_ONLY"));
    }
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let Place { campaign, visit, hidden, policy, from } =
        place(app, &mut step.tx, id, rank).await?;
    let seen = (&campaign, &visit, &hidden);
    let by = release::require_open_to(&mut step.tx, call, seen, step.now_us).await?;
    if campaign.state != State::Drawn {
        return Err(AppError::precondition("CAMPAIGN_STATE", campaign.state.word()));
    }
    if visit.dropped > 0 {
        return Err(AppError::precondition("VISIT_DROPPED_OUT", rank.to_string()));
    }
    if !notice::is_told(&policy) {
        return Err(AppError::precondition("NO_NOTICE_BY_POLICY", rank.to_string()));
    }
    let from = from.ok_or_else(|| AppError::precondition("NO_DAY_FIXED", rank.to_string()))?;
    if day::of_instant(step.now_us) < from {
        return Err(AppError::precondition("BEFORE_THE_NOTICE_DAY", from.to_string()));
    }
    if policy.word(policy::NOTICE) == "ON_ARRIVAL" && channel != Channel::AtTheDoor {
        return Err(AppError::invalid("channel", "ON_ARRIVAL_AT_THE_DOOR", ""));
    }
    let told = Told { channel, by, at_us: step.now_us };
    match step.tx.insert_notice((id, visit.attempt, rank), &told).await {
        Err(error) if error.is_conflict() => {
            return Err(AppError::Exists { kind: "notice of visit", id: format!("{id}/{rank}") });
        }
        done => done?,
    }
    let body = json!({ "attempt": visit.attempt, "campaign": id, "channel": channel,
        "member": told.by, "rank": rank });
    let notice = Notice { campaign: id.to_owned(), rank, from: Some(from), told: Some(told) };
    step.finish(call, "appointment.notice", body, notice).await
}

/// What may be told of a visit, and what was.
///
/// # Errors
/// [`AppError`]; the team and offices.
pub async fn get(app: &App, call: &Call, id: &str, rank: i64) -> Result<Notice, AppError> {
    let mut tx = app.db.read().await?;
    let Place { visit, hidden, from, .. } = place(app, &mut tx, id, rank).await?;
    match call.caller.role {
        Role::Office => {}
        Role::Inspector => drop(openings::require_member(call, &visit, &hidden)?),
        _ => return Err(AppError::Forbidden("TEAM_OR_OFFICE_ONLY")),
    }
    let told = tx.notice((id, visit.attempt, rank)).await?;
    Ok(Notice { campaign: id.to_owned(), rank, from, told })
}

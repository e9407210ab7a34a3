//! Beginning a check at the door, and joining it: the visit code, the day, the undertaking (R104).

use super::{Begun, Summary, find, find_visit, hand, lock_key, seal, told};
use crate::app::{App, AppError, Call, schemes};
use crate::domain::campaign::State;
use crate::domain::check::{Check, undertaking_sha256};
use crate::domain::day;
use crate::domain::item::{ItemList, Method};
use crate::domain::visit::Visit;
use crate::domain::visit_code::VisitCode;
use crate::ledger::note::Note;
use crate::store::Tx;

/// Who comes, and what is acknowledged.
pub struct Coming<'a> {
    /// The visit code, as the business was shown it.
    pub code: &'a str,
    /// SHA-256 of the undertaking that the member has read.
    pub undertaking: &'a str,
}

/// The code is this service's, of this visit as it stands, and the day is inside its window.
fn require_code(app: &App, visit: &Visit, code: &str) -> Result<(), AppError> {
    let short = code.chars().take(40).collect::<String>();
    let refused = |rule| AppError::invalid("visit_code", rule, &short);
    let note = Note::parse(code).ok_or_else(|| refused("VISIT_CODE_FORM"))?;
    if app.log.visit_signer().public().verify(&note).is_none() {
        return Err(refused("VISIT_CODE_SIGNATURE"));
    }
    match note.text == VisitCode::of(visit).text() {
        true => Ok(()),
        false => Err(refused("VISIT_CODE_OF_ANOTHER_VISIT")),
    }
}

async fn lists_of(tx: &mut Tx, visit: &Visit) -> Result<Vec<ItemList>, AppError> {
    let mut lists = Vec::with_capacity(visit.sections.len());
    for s in &visit.sections {
        let list = tx.item_list(&s.department, s.item_list_version).await?;
        lists.push(list.ok_or(AppError::Broken("a visit names an item list that is gone"))?);
    }
    Ok(lists)
}

/// Begins the check of a visit, or joins the one that has begun. The visit code is shown, the day is one
/// of the visit's, and the undertaking is acknowledged.
///
/// # Errors
/// [`AppError`]; members of the visit's team only.
pub async fn start(
    app: &App,
    call: &Call,
    id: &str,
    rank: i64,
    coming: &Coming<'_>,
) -> Result<Summary, AppError> {
    if coming.undertaking != undertaking_sha256().to_string() {
        let (field, rule) = ("undertaking_sha256", "UNDERTAKING_IN_FORCE");
        return Err(AppError::invalid(field, rule, coming.undertaking));
    }
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    step.tx.lock(lock_key(id, rank)).await?;
    let place = find_visit(app, &mut step.tx, id, rank).await?;
    let hand = hand(call, &place, step.now_us)?;
    if place.campaign.state != State::Drawn {
        return Err(AppError::precondition("CAMPAIGN_STATE", place.campaign.state.word()));
    }
    let mut visit = place.visit;
    if visit.dropped > 0 {
        return Err(AppError::precondition("VISIT_DROPPED_OUT", rank.to_string()));
    }
    visit.show(place.hidden);
    require_code(app, &visit, coming.code)?;
    let today = day::of_instant(step.now_us);
    if today < visit.first_day || today > visit.last_day {
        let window = format!("{} {}", visit.first_day, visit.last_day);
        return Err(AppError::precondition("OUTSIDE_THE_WINDOW", window));
    }
    let begun = find(app, &mut step.tx, &visit).await?;
    let since = begun.as_ref().map_or(0, |c| c.version);
    let mut check = match begun {
        Some(check) => check,
        None => {
            let lists = lists_of(&mut step.tx, &visit).await?;
            let methods = |d: &str, v: i64, code: &str| methods(&lists, d, v, code);
            let salt = app.entropy.bytes::<32>();
            let mut check = Check::start(&visit, salt, today, step.now_us, methods)?;
            check.entry = schemes::entry(&mut step.tx, &place.campaign, today).await?;
            check
        }
    };
    check.join(&hand)?;
    let sealed = seal(app, &check)?;
    match since {
        0 => step.tx.insert_check(&sealed).await?,
        _ => {
            if !step.tx.update_check(&sealed, since).await? {
                return Err(AppError::Stale(format!("check of visit {rank}")));
            }
        }
    }
    let kind = if since == 0 { "check.start" } else { "check.join" };
    let (body, reply) = (told(&check, &hand.ticket)?, Summary::of(&check)?);
    step.finish(call, kind, body, reply).await
}

fn methods(lists: &[ItemList], department: &str, version: i64, code: &str) -> Vec<Method> {
    let list = lists.iter().find(|l| l.department == department && l.version == version);
    let item = list.and_then(|l| l.items.iter().find(|i| i.code == code));
    item.map_or_else(Vec::new, |i| i.methods.clone())
}

//! Making liabilities of missed deadlines (R130). Any number of replicas may do rounds at once, at clocks
//! that differ: what is done for a deadline is claimed by one request id, and one row is all the database
//! takes. A round after an outage finds everything that was missed meanwhile, each with its own day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::obligations::{Terms, of_campaign};
use super::{find, save, told};
use crate::app::{App, AppError, Begun, Call, PAGE_MAX, Page};
use crate::domain::calendar::Due;
use crate::domain::caller::{Caller, Role};
use crate::domain::day;
use crate::domain::hash::Suite;
use crate::domain::liability::{Liability, LiabilityAction};
use crate::oversight::obligation::{Obligation, Standing};
use crate::store::{LiabilityFilter, Tx};

/// Under which name the service itself tells of what was missed.
pub const NAME: &str = "LIABILITY";
/// One round at a time over all replicas, where the database has locks.
const LOCK: i64 = 0x6f76_6c6f_6704;

/// What a round has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Liabilities told.
    pub arisen: usize,
    /// Duties that were done late.
    pub fulfilled: usize,
    /// Deadlines that no calendar counts.
    pub waiting: Vec<String>,
}

/// Tells what was missed until now; `None` when another replica is doing it.
///
/// # Errors
/// As [`work`].
pub async fn round(app: &App) -> Result<Option<Round>, AppError> {
    let mut turn = app.db.read().await?;
    if !turn.try_lock(LOCK).await? {
        return Ok(None);
    }
    // The lock only saves replicas from doing the same work; what keeps records apart is in `work`.
    let round = work(app).await;
    drop(turn);
    round.map(Some)
}

/// Tells what was missed until now, whoever else does.
///
/// # Errors
/// [`AppError`] when the database fails or the log is stopped.
pub async fn work(app: &App) -> Result<Round, AppError> {
    app.require_log()?;
    let (mut round, mut after) = (Round::default(), String::new());
    loop {
        let page = Page { after: &after, limit: PAGE_MAX };
        let found = app.db.read().await?.jurisdictions(&page).await?;
        let Some(last) = found.last() else { return Ok(round) };
        let next = last.code.clone();
        for jurisdiction in &found {
            settle(app, &jurisdiction.code, &mut round).await?;
        }
        after = next;
    }
}

/// What the duties of a jurisdiction have come to.
struct Looked {
    today: Date,
    /// Missed ones without a liability.
    missed: Vec<(Obligation, Due)>,
    /// Liabilities whose duty is done by now.
    done: Vec<(String, Date)>,
}

async fn settle(app: &App, jurisdiction: &str, round: &mut Round) -> Result<(), AppError> {
    let waiting = round.waiting.len();
    let Some(looked) = look(app, jurisdiction, round).await? else { return Ok(()) };
    for (obligation, due) in &looked.missed {
        let new = obligation.missed(jurisdiction, due.clone(), app.clock.now_us());
        round.arisen += usize::from(arise(app, new).await?);
    }
    for (id, on) in &looked.done {
        round.fulfilled += usize::from(fulfil(app, id, *on).await?);
    }
    if round.waiting.len() == waiting {
        let mut tx = app.db.begin().await?;
        tx.settle_liabilities(jurisdiction, looked.today).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Once a day every campaign is looked at, and otherwise those with duties that are not done still.
async fn look(app: &App, at: &str, round: &mut Round) -> Result<Option<Looked>, AppError> {
    let today = day::of_instant(app.clock.now_us());
    let mut tx = app.db.read().await?;
    let known = known(&mut tx, at).await?;
    let open = known.values().filter(|l| l.fulfilled_on.is_none());
    let open: BTreeSet<&str> = open.map(|l| l.campaign.as_str()).collect();
    let all = tx.liabilities_settled(at).await?.is_none_or(|on| on < today);
    if !all && open.is_empty() {
        return Ok(None);
    }
    let terms = Terms::load(&mut tx, at).await?;
    let mut looked = Looked { today, missed: Vec::new(), done: Vec::new() };
    for campaign in tx.campaigns_in(at).await? {
        if !all && !open.contains(campaign.id.as_str()) {
            continue;
        }
        for obligation in of_campaign(app, &mut tx, &campaign, &terms).await? {
            let id = obligation.liability();
            match (known.get(&id), obligation.standing(&terms.calendar, today)) {
                (None, Ok(Standing::Missed(due))) => looked.missed.push((obligation, due)),
                (None, Err(unknown)) => round.waiting.push(format!("{id}: {unknown}")),
                (Some(liability), _) if liability.fulfilled_on.is_none() => {
                    looked.done.extend(obligation.done.map(|on| (id, on)));
                }
                _ => {}
            }
        }
    }
    Ok(Some(looked))
}

async fn known(tx: &mut Tx, at: &str) -> Result<BTreeMap<String, Liability>, AppError> {
    let filter = LiabilityFilter { jurisdiction: at, ..LiabilityFilter::default() };
    let page = Page { after: "", limit: i64::MAX };
    let found = tx.liabilities(&filter, &page).await?;
    Ok(found.into_iter().map(|l| (l.id.clone(), l)).collect())
}

/// What the service does for a deadline is one request, whichever replica makes it.
fn call(id: &str, deed: &'static str) -> Call {
    let caller = Caller { key_id: NAME.to_owned(), ..Caller::holder(Role::Service, "", NAME, "") };
    let payload = Suite::Sha256.hash(id.as_bytes());
    Call {
        caller,
        request_id: format!("{deed}-{id}"),
        method: deed,
        payload: payload.0,
        signature: None,
    }
}

/// Records a liability; `false` when another replica was faster.
async fn arise(app: &App, new: Liability) -> Result<bool, AppError> {
    let call = call(&new.id, "liability");
    let mut step = match app.begin::<String>(&call).await? {
        Begun::Repeated(_) => return Ok(false),
        Begun::New(step) => step,
    };
    match step.tx.insert_liability(&new).await {
        Err(error) if error.is_conflict() => return Ok(false),
        done => done?,
    }
    step.finish(&call, "liability.arise", told(&new), new.id.clone()).await?;
    Ok(true)
}

/// Records that a duty is done at last.
async fn fulfil(app: &App, id: &str, on: Date) -> Result<bool, AppError> {
    let call = call(id, "fulfilled");
    let mut step = match app.begin::<String>(&call).await? {
        Begun::Repeated(_) => return Ok(false),
        Begun::New(step) => step,
    };
    let mut liability = find(&mut step.tx, id).await?;
    let since = liability.version;
    if !liability.act(LiabilityAction::Fulfil) {
        return Ok(false);
    }
    liability.fulfilled_on = Some(on);
    match save(&mut step.tx, &liability, since).await {
        // Somebody decides it now; the next round comes again.
        Err(AppError::Stale(_)) => return Ok(false),
        done => done?,
    }
    let mut body = told(&liability);
    body["on"] = on.to_string().into();
    step.finish(&call, "liability.fulfil", body, liability.id.clone()).await?;
    Ok(true)
}

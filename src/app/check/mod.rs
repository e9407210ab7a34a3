//! Carrying out a visit: one transaction per deed, everything recorded encrypted, the log holding
//! digests and numbers (R99–R108).

pub mod deeds;
pub mod read;
pub mod start;
pub mod sync;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::disclosure::arise::arise;
use super::{App, AppError, Begun, Call, Step, campaigns, names, openings};
use crate::domain::caller::Role;
use crate::domain::campaign::{Campaign, State};
use crate::domain::canon;
use crate::domain::check::{Check, CheckState, Hand, Refused};
use crate::domain::hash::Suite;
use crate::domain::visit::{Names, Visit};
use crate::store::{SealedCheck, Tx};

impl From<Refused> for AppError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Invalid(violations) => violations.into(),
            Refused::Forbidden(reason) => Self::Forbidden(reason),
            Refused::Standing(reason, detail) => Self::Precondition { reason, detail },
            Refused::Conflict(conflict) => {
                let given = &conflict.offered.given;
                Self::Stale(format!("result of item {} of {}", given.item, given.department))
            }
        }
    }
}

/// A check in short: no text, no result; what mutations answer and lists show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The campaign.
    pub campaign: String,
    /// Rank of the visit.
    pub rank: i64,
    /// The unit's ticket.
    pub ticket: String,
    /// Where it stands.
    pub state: CheckState,
    /// Its version.
    pub version: i64,
    /// The day on which it began; empty for one that did not.
    pub day: String,
    /// Ticket of the leader.
    pub leader: String,
    /// When it began, in microseconds UTC; 0 for one that did not.
    pub started_us: i64,
    /// When it was over; 0 until then.
    pub finished_us: i64,
    /// Results that wait because two people recorded different ones.
    pub open_conflicts: i64,
    /// What both sign who end it; empty for a check that is not being ended.
    pub termination_sha256: String,
    /// The last day on which its results are entered in time (R109); empty without a scheme.
    #[serde(default)]
    pub entry_due: String,
    /// Whether they were entered after it.
    #[serde(default)]
    pub entered_late: bool,
    /// Each department's part.
    pub sections: Vec<SectionSummary>,
}

/// One department's part in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionSummary {
    /// The department: who checks, enters and publishes it (R110).
    pub department: String,
    /// Whether it drew the subject itself.
    pub drawn: bool,
    /// Its items.
    pub items: i64,
    /// Its items with a result.
    pub recorded: i64,
    /// What its members sign.
    pub sha256: String,
    /// Tickets of its members.
    pub members: Vec<String>,
    /// Tickets of those who have signed.
    pub signed: Vec<String>,
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

impl Summary {
    /// The short form of a check.
    ///
    /// # Errors
    /// [`AppError`] when it has no canonical form.
    pub fn of(check: &Check) -> Result<Self, AppError> {
        let mut sections = Vec::with_capacity(check.sections.len());
        for s in &check.sections {
            sections.push(SectionSummary {
                department: s.department.clone(),
                drawn: s.drawn,
                items: count(s.items.len()),
                recorded: count(s.findings.len()),
                sha256: check.section_digest(&s.department)?.to_string(),
                members: s.team.iter().map(|m| m.ticket.clone()).collect(),
                signed: s.signatures.iter().map(|s| s.ticket.clone()).collect(),
            });
        }
        let due = check.entry.as_ref().and_then(|deadline| deadline.due.as_ref());
        let termination_sha256 = match check.termination {
            Some(_) => check.termination_digest()?.to_string(),
            None => String::new(),
        };
        Ok(Self {
            campaign: check.campaign.clone(),
            rank: check.rank,
            ticket: check.ticket.clone(),
            state: check.state,
            version: check.version,
            day: check.day.to_string(),
            leader: check.leader().to_owned(),
            started_us: check.started_us,
            finished_us: check.finished_us,
            open_conflicts: count(check.open_conflicts().count()),
            termination_sha256,
            entry_due: due.map(|due| due.day.to_string()).unwrap_or_default(),
            entered_late: check.is_entered_late(),
            sections,
        })
    }
}

/// A visit with what hides who is visited, and the campaign it is of.
struct Place {
    campaign: Campaign,
    visit: Visit,
    hidden: Names,
}

/// Two deeds at one check, or a deed and a change of its visit: the second waits for the first.
#[must_use]
pub fn lock_key(campaign: &str, rank: i64) -> i64 {
    let digest = Suite::Sha256.hash(format!("check/{campaign}/{rank}").as_bytes());
    digest.bytes().first_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

fn place(campaign: &str, attempt: i64, rank: i64) -> String {
    format!("checks/{campaign}/{attempt}/{rank}/sealed")
}

async fn find_visit(app: &App, tx: &mut Tx, id: &str, rank: i64) -> Result<Place, AppError> {
    let campaign = campaigns::find(tx, id).await?;
    let missing = || AppError::not_found("visit", &format!("{id}/{rank}"));
    let stored = tx.visit(id, rank).await?.ok_or_else(missing)?;
    let hidden = names::of(&app.sealer, &stored)?;
    Ok(Place { campaign, visit: stored.visit, hidden })
}

/// Opens a stored check.
///
/// # Errors
/// [`AppError::Precondition`] once it is erased, [`AppError::Broken`] when the key is another or the
/// row was changed.
pub fn open(app: &App, stored: &SealedCheck) -> Result<Check, AppError> {
    if stored.sealed.is_empty() {
        return Err(names::erased(&format!("{}/{}", stored.campaign, stored.rank)));
    }
    let place = place(&stored.campaign, stored.attempt, stored.rank);
    let plain = app.sealer.open(&place, &stored.sealed)?;
    let broken = AppError::Broken("a stored check is of another type");
    serde_json::from_slice(&plain).map_err(|_| broken)
}

/// SHA-256 of a check's canonical form: stands in the log and beside the row. Its salt blinds it.
///
/// # Errors
/// [`AppError::Canon`].
pub fn digest(check: &Check) -> Result<String, AppError> {
    let value = serde_json::to_value(check).map_err(|_| AppError::Broken("a check has no JSON"))?;
    Ok(Suite::Sha256.hash(&canon::to_bytes(&value)?).to_string())
}

fn seal(app: &App, check: &Check) -> Result<SealedCheck, AppError> {
    let plain = serde_json::to_vec(check).map_err(|_| AppError::Broken("a check has no JSON"))?;
    let place = place(&check.campaign, check.attempt, check.rank);
    Ok(SealedCheck {
        campaign: check.campaign.clone(),
        attempt: check.attempt,
        rank: check.rank,
        state: check.state.word().to_owned(),
        version: check.version,
        digest: digest(check)?,
        sealed: app.sealer.seal(&app.entropy, &place, &plain)?,
    })
}

/// The check of a visit, if it has begun.
///
/// # Errors
/// [`AppError`].
pub async fn find(app: &App, tx: &mut Tx, visit: &Visit) -> Result<Option<Check>, AppError> {
    let stored = tx.check(&visit.campaign, visit.attempt, visit.rank).await?;
    stored.map(|s| open(app, &s)).transpose()
}

/// What the log tells of a deed: who did it by ticket, what stands by digest.
fn told(check: &Check, member: &str) -> Result<Value, AppError> {
    Ok(json!({
        "attempt": check.attempt,
        "campaign": check.campaign,
        "digest": digest(check)?,
        "entered_late": check.is_entered_late(),
        "member": member,
        "rank": check.rank,
        "state": check.state,
        "version": check.version,
    }))
}

/// The caller's ticket in a visit's team.
fn hand(call: &Call, place: &Place, now_us: i64) -> Result<Hand, AppError> {
    if call.caller.role != Role::Inspector {
        return Err(AppError::Forbidden("TEAM_ONLY"));
    }
    Ok(Hand { ticket: openings::require_member(call, &place.visit, &place.hidden)?, now_us })
}

/// A started check under change.
struct Under {
    step: Step,
    check: Check,
    hand: Hand,
    since: i64,
}

impl Under {
    async fn load(
        app: &App,
        mut step: Step,
        call: &Call,
        id: &str,
        rank: i64,
    ) -> Result<Self, AppError> {
        step.tx.lock(lock_key(id, rank)).await?;
        let place = find_visit(app, &mut step.tx, id, rank).await?;
        let hand = hand(call, &place, step.now_us)?;
        // Results may come after the last day; not once everything is open and counted.
        if place.campaign.state != State::Drawn {
            let word = place.campaign.state.word();
            return Err(AppError::precondition("CAMPAIGN_STATE", word));
        }
        let check = find(app, &mut step.tx, &place.visit).await?;
        let check = check.ok_or_else(|| AppError::precondition("NOT_STARTED", rank.to_string()))?;
        let since = check.version;
        Ok(Self { step, check, hand, since })
    }

    async fn save(&mut self, app: &App) -> Result<(), AppError> {
        if self.check.version == self.since {
            return Ok(());
        }
        let sealed = seal(app, &self.check)?;
        match self.step.tx.update_check(&sealed, self.since).await? {
            true => Ok(()),
            false => Err(AppError::Stale(format!("check of visit {}", self.check.rank))),
        }
    }
}

/// One deed at a started check.
async fn amend(
    app: &App,
    call: &Call,
    (id, rank): (&str, i64),
    kind: &str,
    deed: impl FnOnce(&mut Check, &Hand) -> Result<(), Refused>,
) -> Result<Summary, AppError> {
    let step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut under = Under::load(app, step, call, id, rank).await?;
    deed(&mut under.check, &under.hand)?;
    under.save(app).await?;
    if under.check.state.is_over() {
        arise(app, &mut under.step.tx, &under.check).await?;
    }
    let body = told(&under.check, &under.hand.ticket)?;
    let reply = Summary::of(&under.check)?;
    under.step.finish(call, kind, body, reply).await
}

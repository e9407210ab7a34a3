//! Carrying an erasure out: data keys are destroyed, rows deleted, stored replies forgotten. The log,
//! its tree, and what certificates show stay as they are, because no name was ever in them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::ceremony::{Openings, place};
use super::check::sync;
use super::{App, AppError, Step, campaigns, names, openings, pack};
use crate::domain::campaign::{Campaign, State};
use crate::domain::erasure::{Erasure, ErasureKind, NAMES_KEPT_MONTHS, kept_until};
use crate::domain::visit::{Names, Visit};
use crate::domain::{day, department::Department};
use crate::frame::people;
use crate::store::{SealedVisit, Tx};

/// Kind of the event of an erasure.
pub const KIND: &str = "pii.erase";

/// Methods whose stored replies hold what was filed and said of results.
const SAID: [&str; 9] = [
    "AdvanceFollowUp",
    "AnswerObjection",
    "DecideObjection",
    "FileObjection",
    "FileObjection/http",
    "PauseReview",
    "ReceiveMaterials",
    "ResumeReview",
    "WithdrawObjection",
];

/// What was destroyed.
#[derive(Debug, Default)]
pub struct Destroyed {
    /// Attempts whose data key is gone: campaign and number.
    pub attempts: BTreeSet<(String, i64)>,
    /// Visits that lost names.
    pub visits: u64,
    /// Rows of registries.
    pub rows: u64,
}

impl Destroyed {
    /// The attempts as the event names them.
    #[must_use]
    pub fn told(&self) -> Vec<Value> {
        let told = |(c, a): &(String, i64)| json!({ "attempt": a, "campaign": c });
        self.attempts.iter().map(told).collect()
    }
}

/// Refuses while a campaign still needs its names, or must keep them.
fn require_over(campaign: &Campaign, now_us: i64) -> Result<(), AppError> {
    if matches!(campaign.state, State::Frozen | State::Drawn) {
        return Err(AppError::precondition("CAMPAIGN_NEEDS_THE_NAMES", campaign.id.clone()));
    }
    match kept_until(campaign.last_day, day::of_instant(now_us)) {
        Some(until) => {
            let detail = format!("campaign {} is kept until {until}", campaign.id);
            Err(AppError::precondition("KEPT_BY_LAW", detail))
        }
        None => Ok(()),
    }
}

/// Destroys all names of a campaign.
///
/// # Errors
/// [`AppError`].
pub async fn campaign(app: &App, step: &mut Step, id: &str) -> Result<Destroyed, AppError> {
    let campaign = campaigns::find(&mut step.tx, id).await?;
    if campaign.attempts == 0 {
        return Err(AppError::precondition("NOTHING_TO_ERASE", id));
    }
    require_over(&campaign, step.now_us)?;
    let mut destroyed = Destroyed::default();
    for attempt in 1..=campaign.attempts {
        step.tx.erase_draw(id, attempt).await?;
        destroyed.attempts.insert((id.to_owned(), attempt));
    }
    let visits = step.tx.visits(id, "", 0, i64::MAX).await?;
    destroyed.visits = step.tx.erase_visits(id).await?;
    let all = visits.iter().map(|v| (v.visit.campaign.clone(), v.visit.rank)).collect();
    openings::forget(app, &mut step.tx, &all).await?;
    records(step, &all).await?;
    archives(step, &all).await?;
    Ok(destroyed)
}

/// Destroys what archives hold of the people and businesses of some visits; their digests stay.
async fn archives(step: &mut Step, visits: &BTreeSet<(String, i64)>) -> Result<(), AppError> {
    for (campaign, rank) in visits {
        step.tx.erase_archive_parts(campaign, *rank).await?;
    }
    Ok(())
}

/// Destroys what was recorded in some visits, all of them over.
async fn records(step: &mut Step, visits: &BTreeSet<(String, i64)>) -> Result<(), AppError> {
    for (campaign, rank) in visits {
        step.tx.erase_records(campaign, *rank).await?;
    }
    // So old that they can only be of campaigns that need not be kept.
    let today = day::of_instant(step.now_us);
    let before_us = day::start_us(day::months_before(today, NAMES_KEPT_MONTHS));
    step.tx.erase_replies_before(sync::METHOD, before_us).await?;
    Ok(step.tx.forget_replies_before(&SAID, before_us).await?)
}

/// Whom a person's erasure looks for.
enum Person<'p> {
    Subject(&'p str),
    Inspector(String),
}

impl Person<'_> {
    fn is_behind(&self, openings: &Openings) -> bool {
        match self {
            Self::Subject(id) => {
                openings.units.values().any(|b| b.opening.subject == *id || b.opening.id == *id)
            }
            Self::Inspector(id) => {
                let all = openings.inspectors.values().chain(openings.experts.values());
                all.into_iter().any(|known| known == id)
            }
        }
    }

    /// Takes the person out of a visit's names; `false` when it is not there.
    fn cut(&self, names: &mut Names) -> bool {
        match self {
            Self::Subject(id) => {
                let there = names.subject == *id || names.unit == *id;
                if there {
                    let inspectors = std::mem::take(&mut names.inspectors);
                    *names = Names { inspectors, ..Names::default() };
                }
                there
            }
            Self::Inspector(id) => {
                let all = names.inspectors.iter_mut().flatten();
                let found: Vec<&mut String> = all.filter(|known| *known == id).collect();
                let there = !found.is_empty();
                found.into_iter().for_each(String::clear);
                there
            }
        }
    }
}

/// Destroys what is stored of a person.
///
/// # Errors
/// [`AppError`].
pub async fn person(
    app: &App,
    step: &mut Step,
    erasure: &Erasure,
    id: &str,
) -> Result<Destroyed, AppError> {
    let department = step.tx.department(&erasure.department).await?.map(|(d, _)| d);
    let jurisdiction = match &department {
        Some(Department { jurisdiction, .. }) => jurisdiction.clone(),
        None => erasure.jurisdiction.clone(),
    };
    let person = match erasure.kind {
        ErasureKind::Inspector => Person::Inspector(people::frame_id(&erasure.department, id)),
        _ => Person::Subject(id),
    };
    if step.tx.import_holds(id).await? {
        return Err(AppError::precondition("AN_IMPORT_HOLDS_THE_PERSON", erasure.nth.to_string()));
    }
    let mut destroyed = Destroyed {
        attempts: attempts(app, step, &jurisdiction, &person).await?,
        ..Destroyed::default()
    };
    for (campaign, attempt) in &destroyed.attempts {
        step.tx.erase_draw(campaign, *attempt).await?;
    }
    destroyed.visits = visits(app, step, &jurisdiction, &person).await?;
    destroyed.rows = match person {
        Person::Subject(_) => subject(&mut step.tx, &jurisdiction, id).await?,
        Person::Inspector(_) => {
            inspector(&mut step.tx, &erasure.department, id, step.now_us).await?
        }
    };
    Ok(destroyed)
}

/// The attempts behind whose tickets the person stands; all of them must be over.
async fn attempts(
    app: &App,
    step: &mut Step,
    jurisdiction: &str,
    person: &Person<'_>,
) -> Result<BTreeSet<(String, i64)>, AppError> {
    let mut found = BTreeSet::new();
    for (id, attempt) in step.tx.all_draws().await? {
        let campaign = campaigns::find(&mut step.tx, &id).await?;
        let draw = step.tx.draw(&id, attempt).await?;
        let Some(draw) = draw.filter(|d| !d.openings.is_empty()) else { continue };
        if campaign.jurisdiction != jurisdiction {
            continue;
        }
        let key = names::draw_key(&app.sealer, &draw)?;
        let plain = key.open(&place(&id, attempt, "openings"), &draw.openings)?;
        if person.is_behind(&pack::unpack(&plain)?) {
            require_over(&campaign, step.now_us)?;
            found.insert((id, attempt));
        }
    }
    Ok(found)
}

/// Takes the person out of all visits: what remains of their names gets another data key.
async fn visits(
    app: &App,
    step: &mut Step,
    jurisdiction: &str,
    person: &Person<'_>,
) -> Result<u64, AppError> {
    let mut touched = BTreeSet::new();
    for stored in step.tx.visits_since(jurisdiction, 0).await? {
        let mut names = names::of(&app.sealer, &stored)?;
        if !person.cut(&mut names) {
            continue;
        }
        let SealedVisit { visit, .. } = stored;
        require_over(&campaigns::find(&mut step.tx, &visit.campaign).await?, step.now_us)?;
        touched.insert((visit.campaign.clone(), visit.rank));
        let mut visit: Visit = visit;
        visit.show(names);
        step.tx.update_visit(&names::seal(app, visit, &[])?).await?;
    }
    openings::forget(app, &mut step.tx, &touched).await?;
    archives(step, &touched).await?;
    // Inspectors stand in what was recorded by ticket.
    if matches!(person, Person::Subject(_)) {
        records(step, &touched).await?;
    }
    Ok(touched.len() as u64)
}

async fn subject(tx: &mut Tx, jurisdiction: &str, id: &str) -> Result<u64, AppError> {
    let mut texts = BTreeSet::from([id.to_owned()]);
    for entry in tx.entries_of(jurisdiction, id).await? {
        texts.extend([entry.name, entry.more.address].into_iter().filter(|t| !t.is_empty()));
    }
    let mut rows = tx.erase_subject(jurisdiction, id).await?;
    for text in &texts {
        rows += tx.erase_reports("", text).await?;
        let quoted = Value::from(text.as_str()).to_string();
        for stored in tx.replies_with("", &quoted).await? {
            tx.erase_reply(&stored).await?;
        }
    }
    Ok(rows)
}

async fn inspector(tx: &mut Tx, department: &str, id: &str, now: i64) -> Result<u64, AppError> {
    let mut rows = tx.erase_inspector(department, id, now).await?;
    rows += tx.erase_reports(department, id).await?;
    // Replies that made or revoked the person's keys.
    let quoted = format!("\"inspector\":{}", Value::from(id));
    let own = format!("\"department\":{}", Value::from(department));
    for stored in tx.replies_with("", &quoted).await? {
        if stored.reply.contains(&own) {
            tx.erase_reply(&stored).await?;
        }
    }
    Ok(rows)
}

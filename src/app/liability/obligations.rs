//! Reading every duty that has a day of a campaign.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::app::{App, AppError, follow_ups, objection};
use crate::domain::calendar::Calendar;
use crate::domain::campaign::Campaign;
use crate::domain::policy::{self, Policy, PolicyValue};
use crate::oversight::obligation::{self, Attempt, Obligation};
use crate::store::{DrawState, ResultFilter, Tx};

/// What obligations are counted with.
pub struct Terms {
    /// The jurisdiction's calendar.
    pub calendar: Calendar,
    /// Policy values that were issued.
    pub issued: Vec<PolicyValue>,
    /// When attempts ended without an outcome that counts, in microseconds UTC.
    pub ended: BTreeMap<(String, i64), i64>,
}

impl Terms {
    /// Reads them.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn load(tx: &mut Tx, jurisdiction: &str) -> Result<Self, AppError> {
        let ended = tx.ended_attempts(jurisdiction).await?;
        Ok(Self {
            calendar: crate::app::calendar::load(tx, jurisdiction).await?,
            issued: tx.policies(jurisdiction).await?,
            ended: ended.into_iter().map(|e| ((e.campaign, e.attempt), e.at_us)).collect(),
        })
    }
}

/// Every obligation of a campaign.
///
/// # Errors
/// [`AppError`].
pub async fn of_campaign(
    app: &App,
    tx: &mut Tx,
    campaign: &Campaign,
    terms: &Terms,
) -> Result<Vec<Obligation>, AppError> {
    let id = campaign.id.as_str();
    let mut out = obligation::of_invitations(campaign);
    let filter = ResultFilter { campaign: id, ..ResultFilter::default() };
    let (mut found, mut done) = (BTreeMap::new(), BTreeMap::new());
    for stored in tx.results(&filter, "", i64::MAX).await? {
        let record = stored.record;
        done.insert((record.attempt, record.rank), record.finished_on);
        out.push(obligation::of_result(&record));
        found.insert(record.id, (record.finished_on, record.rank));
    }
    for stored in tx.objections_of(id).await? {
        let rank = found.get(&stored.result).map_or(0, |(_, rank)| *rank);
        // What was erased has no days any more.
        if stored.sealed.is_empty() {
            continue;
        }
        let objection = objection::open(app, &stored)?;
        out.extend(obligation::of_objection(&objection, &terms.calendar, rank));
    }
    let days = |on: Date| {
        let policy = Policy::resolve(&campaign.jurisdiction, &terms.issued, on);
        policy.number(policy::HAND_OVER_DAYS)
    };
    for stored in tx.follow_ups_of(id).await? {
        if stored.sealed.is_empty() {
            continue;
        }
        let follow_up = follow_ups::open(app, &stored)?;
        let result = found.get(&follow_up.result);
        let result = *result.ok_or(AppError::Broken("a follow-up has no result"))?;
        out.extend(obligation::of_follow_up(&follow_up, result, days));
    }
    for stored in tx.visits(id, "", 0, i64::MAX).await? {
        let visit = stored.visit;
        let over = done.get(&(visit.attempt, visit.rank)).copied();
        out.extend(obligation::of_visit(&visit, over));
    }
    out.extend(of_attempts(tx, campaign, terms).await?);
    Ok(out)
}

async fn of_attempts(
    tx: &mut Tx,
    campaign: &Campaign,
    terms: &Terms,
) -> Result<Vec<Obligation>, AppError> {
    let mut out = Vec::new();
    for timed in tx.timed_attempts(&campaign.id).await? {
        let place = (campaign.id.clone(), timed.attempt);
        let offices = tx.contributions(&campaign.id, timed.attempt).await?;
        let revealed = offices.iter().filter(|c| !c.number.is_empty());
        let attempt = Attempt {
            campaign: campaign.id.clone(),
            attempt: timed.attempt,
            commit_by_us: timed.commit_by_us,
            reveal_by_us: timed.reveal_by_us,
            ended_us: terms.ended.get(&place).copied(),
            drawn: timed.state == DrawState::Drawn.word(),
            revealed: revealed.map(|c| c.office.clone()).collect(),
            committed: offices.iter().map(|c| c.office.clone()).collect(),
        };
        out.extend(obligation::of_attempt(&attempt, &campaign.contributors));
    }
    Ok(out)
}

//! A check that is over becomes a result of each of its departments (R109, R110).

use super::seal;
use crate::app::{App, AppError, calendar, campaigns, follow_ups, names};
use crate::domain::check::Check;
use crate::domain::day;
use crate::domain::deadline::Deadline;
use crate::domain::policy::{self, Policy};
use crate::domain::publication::{
    Content, ResultRecord, ResultState, is_reviewed, publisher, result_id,
};
use crate::store::Tx;

/// Adds the results of a check that is over, in the transaction that ended it. A year without a
/// calendar does not keep anybody on site: the deadline is counted when it is known.
///
/// # Errors
/// [`AppError`].
pub async fn arise(app: &App, tx: &mut Tx, check: &Check) -> Result<(), AppError> {
    let campaign = campaigns::find(tx, &check.campaign).await?;
    let stored = tx.visit(&check.campaign, check.rank).await?;
    let stored = stored.ok_or(AppError::Broken("a check has no visit"))?;
    let names = names::of(&app.sealer, &stored)?;
    let on = day::of_instant(check.finished_us);
    let issued = tx.policies(&campaign.jurisdiction).await?;
    let policy = Policy::resolve(&campaign.jurisdiction, &issued, on);
    let calendar = calendar::load(tx, &campaign.jurisdiction).await?;
    let deadline = Deadline::set(&calendar, on, policy.number(policy::PUBLICATION_DAYS));
    let word = |key| policy.word(key);
    for section in &check.sections {
        let department = &section.department;
        let content = Content::of(check, department, &names.subject, &names.name);
        let content = content.ok_or(AppError::Broken("a section is not in its check"))?;
        let record = ResultRecord {
            id: result_id(&check.campaign, check.attempt, check.rank, department),
            campaign: check.campaign.clone(),
            attempt: check.attempt,
            rank: check.rank,
            ticket: check.ticket.clone(),
            department: department.clone(),
            publisher: publisher(word(policy::PUBLISHER), &campaign.lead, check, department),
            drawn: section.drawn,
            finished_on: on,
            deadline: deadline.clone(),
            reviewed: is_reviewed(word(policy::PUBLICATION_REVIEW), &content),
            state: ResultState::Pending,
            version: 1,
            asked: None,
            withheld: None,
            note: String::new(),
            hands: Vec::new(),
            settled_us: 0,
            publications: 0,
        };
        follow_ups::arise(app, tx, &record, content.wants_follow_up()).await?;
        tx.insert_result(&seal(app, record, &content)?).await?;
    }
    Ok(())
}

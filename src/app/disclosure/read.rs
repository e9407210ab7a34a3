//! Reading results: a department its own, an office all; what is overdue is computed, never stored.

use super::{find, open};
use crate::app::{App, AppError, Call, calendar, campaigns, visits};
use crate::domain::calendar::Calendar;
use crate::domain::caller::Role;
use crate::domain::correction::Correction;
use crate::domain::day;
use crate::domain::publication::{Content, ResultRecord, ResultState};
use crate::store::{ResultFilter, Tx};

/// A result as its department and offices see it.
pub struct Shown {
    /// Where it stands.
    pub record: ResultRecord,
    /// What was found, of whom.
    pub content: Content,
    /// The last day for publication; empty while its year is in no calendar.
    pub due_on: String,
    /// Whether it was not published, or not withheld, in time (R111).
    pub overdue: bool,
}

/// Which results are listed.
pub struct Wanted<'a> {
    /// The campaign; empty for all.
    pub campaign: &'a str,
    /// Only those of this department; empty for all.
    pub department: &'a str,
    /// Only those that stand here.
    pub state: Option<ResultState>,
    /// Only those that are overdue.
    pub overdue: bool,
}

/// When a result was due and whether that was missed. While the year of its last day is in no calendar,
/// the day is empty and it is not overdue.
#[must_use]
pub fn due(record: &ResultRecord, calendar: &Calendar, now_us: i64) -> (String, bool) {
    let done = (record.settled_us > 0).then(|| day::of_instant(record.settled_us));
    let missed = record.deadline.is_missed(calendar, day::of_instant(now_us), done);
    let day = record.deadline.day(calendar).map(|day| day.to_string()).unwrap_or_default();
    (day, missed.unwrap_or(false))
}

async fn calendar_of(tx: &mut Tx, campaign: &str) -> Result<Calendar, AppError> {
    let campaign = campaigns::find(tx, campaign).await?;
    calendar::load(tx, &campaign.jurisdiction).await
}

/// A page of results by id.
///
/// # Errors
/// [`AppError`]; a department sees its own.
pub async fn list(
    app: &App,
    call: &Call,
    wanted: &Wanted<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<Shown>, AppError> {
    if call.caller.role == Role::Inspector {
        return Err(AppError::Forbidden("OWN_DEPARTMENT_OR_OFFICE_ONLY"));
    }
    let department = visits::department_for(&call.caller, wanted.department)?;
    let state = wanted.state.map_or("", ResultState::word);
    let filter = ResultFilter { campaign: wanted.campaign, department, state };
    let mut tx = app.db.read().await?;
    let mut out: Vec<Shown> = Vec::new();
    let mut calendar: Option<(String, Calendar)> = None;
    let mut after = after.to_owned();
    // A filter that is computed may skip whole pages.
    loop {
        let page = tx.results(&filter, &after, limit).await?;
        let full = i64::try_from(page.len()).is_ok_and(|n| n >= limit);
        for stored in page {
            after.clone_from(&stored.record.id);
            // An erased one is counted in the bulletin and not listed.
            if stored.sealed.is_empty() {
                continue;
            }
            let campaign = &stored.record.campaign;
            if calendar.as_ref().is_none_or(|(of, _)| of != campaign) {
                calendar = Some((campaign.clone(), calendar_of(&mut tx, campaign).await?));
            }
            let Some((_, calendar)) = &calendar else { continue };
            let (due_on, overdue) = due(&stored.record, calendar, app.clock.now_us());
            if wanted.overdue && !overdue {
                continue;
            }
            let content = open(app, &stored)?;
            out.push(Shown { record: stored.record, content, due_on, overdue });
            if i64::try_from(out.len()).is_ok_and(|n| n >= limit) {
                return Ok(out);
            }
        }
        if !full {
            return Ok(out);
        }
    }
}

/// A result with its corrections.
///
/// # Errors
/// [`AppError`]; the department whose result it is, and offices.
pub async fn get(app: &App, call: &Call, id: &str) -> Result<(Shown, Vec<Correction>), AppError> {
    let mut tx = app.db.read().await?;
    let stored = find(&mut tx, id).await?;
    if call.caller.role != Role::Office {
        super::require_own(&call.caller, &stored.record)?;
    }
    let calendar = calendar_of(&mut tx, &stored.record.campaign).await?;
    let (due_on, overdue) = due(&stored.record, &calendar, app.clock.now_us());
    let content = open(app, &stored)?;
    let corrections = tx.corrections(id).await?;
    Ok((Shown { record: stored.record, content, due_on, overdue }, corrections))
}

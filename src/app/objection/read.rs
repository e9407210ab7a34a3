//! Reading objections: a department those to its results, an office all; whoever has an id its status.

use super::{find, open, require_reader};
use crate::app::{App, AppError, Call, calendar, campaigns, visits};
use crate::domain::calendar::Calendar;
use crate::domain::caller::Role;
use crate::domain::day;
use crate::domain::objection::{Objection, ObjectionState};
use crate::store::Tx;

/// An objection with what is computed of it.
pub struct Shown {
    /// The objection.
    pub objection: Objection,
    /// The last day of what has to be done next; empty while nothing counts, or its year is in no calendar.
    pub due_on: String,
    /// Whether the review was, or the telling of its outcome is, too late.
    pub overdue: bool,
}

async fn calendar_of(tx: &mut Tx, objection: &Objection) -> Result<Calendar, AppError> {
    let campaign = campaigns::find(tx, &objection.campaign).await?;
    calendar::load(tx, &campaign.jurisdiction).await
}

async fn shown(app: &App, tx: &mut Tx, objection: Objection) -> Result<Shown, AppError> {
    let calendar = calendar_of(tx, &objection).await?;
    let today = day::of_instant(app.clock.now_us());
    let due = objection.due(&calendar).unwrap_or(None).filter(|_| objection.state.is_open());
    let overdue = objection.is_overdue(&calendar, today).unwrap_or(false);
    let due_on = due.map(|day| day.to_string()).unwrap_or_default();
    Ok(Shown { objection, due_on, overdue })
}

/// An objection as it stands after a deed, or as it was read.
///
/// # Errors
/// [`AppError`].
pub async fn with_days(app: &App, objection: Objection) -> Result<Shown, AppError> {
    let mut tx = app.db.read().await?;
    shown(app, &mut tx, objection).await
}

/// An objection.
///
/// # Errors
/// [`AppError`]; the department whose result it is, and offices.
pub async fn get(app: &App, call: &Call, id: &str) -> Result<Shown, AppError> {
    let mut tx = app.db.read().await?;
    let objection = find(app, &mut tx, id).await?;
    require_reader(call, &objection)?;
    shown(app, &mut tx, objection).await
}

/// What whoever filed an objection may read with its id: where it stands, nothing of what was filed.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn status(app: &App, id: &str) -> Result<Shown, AppError> {
    let mut tx = app.db.read().await?;
    let objection = find(app, &mut tx, id).await?;
    shown(app, &mut tx, objection).await
}

/// Which objections are listed.
pub struct Wanted<'a> {
    /// Only those to this department's results; empty for all.
    pub department: &'a str,
    /// Only those that stand here.
    pub state: Option<ObjectionState>,
    /// Only those that are overdue.
    pub overdue: bool,
}

/// A page of objections by id.
///
/// # Errors
/// [`AppError`]; a department sees those to its own results.
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
    let filter = [department, wanted.state.map_or("", ObjectionState::word)];
    let mut tx = app.db.read().await?;
    let mut out: Vec<Shown> = Vec::new();
    let mut after = after.to_owned();
    // A filter that is computed may skip whole pages.
    loop {
        let page = tx.objections(filter, &after, limit).await?;
        let full = i64::try_from(page.len()).is_ok_and(|n| n >= limit);
        for stored in page {
            after.clone_from(&stored.id);
            // What was said went with whom it was said of.
            if stored.sealed.is_empty() {
                continue;
            }
            let shown = shown(app, &mut tx, open(app, &stored)?).await?;
            if !wanted.overdue || shown.overdue {
                out.push(shown);
            }
            if i64::try_from(out.len()).is_ok_and(|n| n >= limit) {
                return Ok(out);
            }
        }
        if !full {
            return Ok(out);
        }
    }
}

//! The calendar of working days: years imported by offices, over those that come with the program.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::json;

use super::fsck::{Kind, Report, Told};
use super::fsck_draws::readable;
use super::{App, AppError, Begun, Call, require_office};
use crate::domain::calendar::{COUNT_MAX, Calendar, Due, YearTable};
use crate::domain::canon;
use crate::domain::hash::Suite;
use crate::domain::{Violations, day};
use crate::store::Tx;

/// Kind of the event of an import.
pub const KIND: &str = "calendar.import";
/// Most steps from a jurisdiction up to the country.
const PARENTS_MAX: usize = 8;

/// What applies to a jurisdiction: itself, those above it, the whole country.
async fn scopes(tx: &mut Tx, jurisdiction: &str) -> Result<Vec<String>, AppError> {
    let mut scopes = Vec::new();
    let mut at = jurisdiction.to_owned();
    while !at.is_empty() && !scopes.contains(&at) && scopes.len() < PARENTS_MAX {
        let above = tx.jurisdiction(&at).await?.map(|j| j.parent).unwrap_or_default();
        scopes.push(std::mem::replace(&mut at, above));
    }
    scopes.push(String::new());
    Ok(scopes)
}

/// Every table that applies to a jurisdiction, superseded ones included.
async fn all(tx: &mut Tx, scopes: &[String]) -> Result<Vec<YearTable>, AppError> {
    let mut tables = Calendar::built_in();
    tables.extend(tx.years(scopes).await?);
    Ok(tables)
}

/// The calendar in force in a jurisdiction; empty for the whole country's. Whoever sets a deadline
/// counts with it inside the transaction that stores the deadline, and stores the [`Due`] whole.
///
/// # Errors
/// [`AppError::Store`].
pub async fn load(tx: &mut Tx, jurisdiction: &str) -> Result<Calendar, AppError> {
    let scopes = scopes(tx, jurisdiction).await?;
    Ok(Calendar::of(all(tx, &scopes).await?, &scopes))
}

/// The day on which `days` working days after `from` end in a jurisdiction.
///
/// # Errors
/// [`AppError::UnknownYear`] when a year that has to be counted in is in no table.
pub async fn due(tx: &mut Tx, jurisdiction: &str, from: Date, days: i64) -> Result<Due, AppError> {
    Ok(load(tx, jurisdiction).await?.due(from, days)?)
}

/// Stores a year as a new version of its scope. `etag` names the version it supersedes; 0 takes
/// whatever is the latest.
///
/// # Errors
/// [`AppError`]; offices only, for a jurisdiction that is known or for the whole country.
pub async fn import(
    app: &App,
    call: &Call,
    mut table: YearTable,
    etag: i64,
) -> Result<YearTable, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    table.check(&mut violations, "calendar_year");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    if !table.scope.is_empty() && step.tx.jurisdiction(&table.scope).await?.is_none() {
        return Err(AppError::not_found("jurisdiction", &table.scope));
    }
    let name = format!("calendar of {}", table.year);
    let scope = [table.scope.clone()];
    let known = all(&mut step.tx, &scope).await?;
    let known = known.iter().filter(|t| t.scope == table.scope && t.year == table.year);
    let latest = known.map(|t| t.version).max().unwrap_or(0);
    if etag != 0 && etag != latest {
        return Err(AppError::Stale(name));
    }
    table.version = latest + 1;
    match step.tx.insert_year(&table).await {
        Err(error) if error.is_conflict() => return Err(AppError::Stale(name)),
        done => done?,
    }
    let body = json!({
        "digest": digest(&table)?,
        "jurisdiction": table.scope,
        "source": table.source,
        "version": table.version,
        "year": table.year,
    });
    step.finish(call, KIND, body, table).await
}

/// Binds what an event says of a table to what is stored: SHA-256 of its canonical JSON.
fn digest(table: &YearTable) -> Result<String, AppError> {
    let value = serde_json::to_value(table).map_err(|_| AppError::Broken("a year has no JSON"))?;
    Ok(Suite::Sha256.hash(&canon::to_bytes(&value)?).to_string())
}

/// Compares every stored year with the event of its import.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn check(tx: &mut Tx, report: &mut Report, told: &[Told]) -> Result<(), AppError> {
    let key = |t: &Told| {
        let number = |field: &str| t.body[field].as_i64().unwrap_or(0);
        (t.text("jurisdiction").to_owned(), number("year"), number("version"))
    };
    let mut logged: BTreeMap<_, &Told> = told.iter().map(|t| (key(t), t)).collect();
    for place in tx.year_places().await? {
        let (scope, year, version) = &place;
        let event = logged.remove(&place);
        let table = readable(tx.year(scope, *year, *version).await)?.flatten();
        let holds = event.zip(table).is_some_and(|(event, table)| {
            (&table.scope, i64::from(table.year), table.version) == (scope, *year, *version)
                && digest(&table).is_ok_and(|digest| digest == event.text("digest"))
        });
        report.require(holds, Kind::CalendarYear, format!("{year} of {scope:?}, {version}"));
    }
    for (scope, year, version) in logged.into_keys() {
        report.add(Kind::CalendarYear, format!("{year} of {scope:?}, {version}, is gone"));
    }
    Ok(())
}

/// The years in force in a jurisdiction, or every version that applies to it.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    jurisdiction: &str,
    superseded: bool,
) -> Result<Vec<YearTable>, AppError> {
    let mut tx = app.db.read().await?;
    let scopes = scopes(&mut tx, jurisdiction).await?;
    let mut tables = all(&mut tx, &scopes).await?;
    if superseded {
        tables.sort_by(|a, b| (a.year, &a.scope, a.version).cmp(&(b.year, &b.scope, b.version)));
        return Ok(tables);
    }
    Ok(Calendar::of(tables, &scopes).tables().cloned().collect())
}

/// Counts working days from a day, or from today.
///
/// # Errors
/// [`AppError::UnknownYear`]; a violation for a count beyond [`COUNT_MAX`].
pub async fn count(
    app: &App,
    jurisdiction: &str,
    from: Option<Date>,
    days: i64,
) -> Result<Due, AppError> {
    if !(0..=COUNT_MAX).contains(&days) {
        return Err(AppError::invalid("working_days", "COUNT_RANGE", &days.to_string()));
    }
    let from = from.unwrap_or_else(|| day::of_instant(app.clock.now_us()));
    due(&mut app.db.read().await?, jurisdiction, from, days).await
}

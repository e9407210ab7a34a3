//! Closing the years of the log: each calendar year ends with an event that states its tree.
//!
//! One tree goes on over New Year; a `log.year` event is the first entry behind the year it closes. The
//! round of the log that first sees a new year makes it, behind what was stated in the old one.

use super::fsck::{Kind, Report};
use super::log::{self, ROUND_EVENTS_MAX};
use super::{App, AppError, Event};
use crate::domain::caller::{Caller, Role};
use crate::domain::day;
use crate::domain::hash::Digest;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::tree::Tiles;
use crate::ledger::year::{Entries, KIND, YearClose};
use crate::store::{ClosedYear, Entry, Tx};

/// Entries read at once.
const PAGE: i64 = 4_096;
/// Who closes a year.
const SERVICE: &str = "onevisit";

/// A year that has ended and is not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    year: i64,
    first: i64,
}

/// A close that is ready: its entries were hashed.
pub(super) struct Ready {
    close: YearClose,
    at_us: i64,
}

fn year_of(us: i64) -> i64 {
    i64::from(day::of_instant(us).year())
}

/// When a year ends, in microseconds UTC.
fn end_us(year: i64) -> i64 {
    let next = i16::try_from(year + 1).unwrap_or(i16::MAX);
    day::start_us(jiff::civil::Date::new(next, 1, 1).unwrap_or(jiff::civil::Date::MAX))
}

/// The oldest year that has ended and is not closed. A log begins in the year of its first entry.
///
/// # Errors
/// [`AppError`].
pub(super) async fn due(tx: &mut Tx, now_us: i64) -> Result<Option<Due>, AppError> {
    let due = match tx.last_year().await? {
        Some(last) => Due { year: last.year + 1, first: last.size },
        None => match tx.entry_time(0).await? {
            Some(at_us) => Due { year: year_of(at_us), first: 0 },
            None => return Ok(None),
        },
    };
    Ok((due.year < year_of(now_us)).then_some(due))
}

/// Hashes what a year that is due holds so far, before the round takes its lock: a year may be large.
///
/// # Errors
/// [`AppError`].
pub(super) async fn prepare(app: &App) -> Result<Option<Ready>, AppError> {
    let mut tx = app.db.read().await?;
    let at_us = app.clock.now_us();
    let Some(Due { year, first }) = due(&mut tx, at_us).await? else { return Ok(None) };
    let Some(latest) = tx.latest_checkpoint().await? else { return Ok(None) };
    if latest.size <= first {
        return Ok(None);
    }
    // One that is not the log's stops the round, which says so.
    let Ok(Checkpoint { size, root, .. }) = log::read(app, &latest) else { return Ok(None) };
    let entries_sha256 = digest(&mut tx, first, latest.size).await?;
    let first = u64::try_from(first).unwrap_or(0);
    let entries = size.saturating_sub(first);
    let checkpoint = latest.note;
    let close = YearClose { checkpoint, entries, entries_sha256, first, root, size, year };
    Ok(Some(Ready { close, at_us }))
}

/// The digest over the entries from one position to before another.
async fn digest(tx: &mut Tx, first: i64, size: i64) -> Result<Digest, AppError> {
    let mut entries = Entries::default();
    let mut at = first;
    while at < size {
        let page = tx.log_entries(at, PAGE.min(size - at)).await?;
        if page.is_empty() {
            return Err(AppError::Broken("an entry of the log is missing"));
        }
        for entry in &page {
            if !entries.take(&entry.body) {
                return Err(AppError::Broken("an event is too long"));
            }
        }
        at += i64::try_from(page.len()).unwrap_or(PAGE);
    }
    Ok(entries.digest())
}

/// What enters the log of `found` entries while a year is due: first what was stated in that year, and
/// when nothing of it waits, its close. `None` when the close has to be prepared again.
///
/// # Errors
/// [`AppError`].
pub(super) async fn entries(
    app: &App,
    tx: &mut Tx,
    found: i64,
    due: Due,
    ready: Option<Ready>,
) -> Result<Option<Vec<Entry>>, AppError> {
    let old = tx.sequence_before(found, ROUND_EVENTS_MAX, end_us(due.year)).await?;
    if !old.is_empty() {
        return Ok(Some(old));
    }
    let place = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let is_it = |ready: &Ready| {
        let YearClose { year, first, size, .. } = &ready.close;
        (*year, place(*first), place(*size)) == (due.year, due.first, found)
    };
    let Some(Ready { close, at_us }) = ready.filter(is_it) else { return Ok(None) };
    let caller =
        Caller { key_id: SERVICE.into(), ..Caller::holder(Role::Service, "", SERVICE, "") };
    let event =
        Event { kind: KIND, caller: &caller, request_id: "", body: close.body()?, signature: None };
    let event = app.sealed_event(&event, at_us)?;
    let id = event.id.clone();
    tx.append_events(&[event]).await?;
    tx.place_event(&id, found).await?;
    tx.close_year(ClosedYear { year: due.year, first: due.first, size: found }).await?;
    Ok(Some(tx.log_entries(found, 1).await?))
}

/// Checks every close against the tree, the entries it counts, and the year before.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn check(
    app: &App,
    tx: &mut Tx,
    report: &mut Report,
    tiles: &Tiles,
) -> Result<(), AppError> {
    let mut stored = tx.closed_years().await?.into_iter();
    let began = tx.entry_time(0).await?.map_or(0, year_of);
    let mut due = Due { year: began, first: 0 };
    for entry in tx.entries_of_kind(KIND, i64::MAX).await? {
        let close = YearClose::read(&entry.body);
        let row = ClosedYear { year: due.year, first: due.first, size: entry.position };
        let what = format!("the close of {} at {}", due.year, entry.position);
        report.require(stored.next() == Some(row), Kind::Year, format!("the row of {what}"));
        let holds = match &close {
            Some(close) => is_true(app, tx, tiles, close, row).await?,
            None => false,
        };
        report.require(holds, Kind::Year, what);
        due = Due { year: due.year + 1, first: entry.position };
    }
    for row in stored {
        report.add(Kind::Year, format!("{} is closed without an event", row.year));
    }
    Ok(())
}

async fn is_true(
    app: &App,
    tx: &mut Tx,
    tiles: &Tiles,
    close: &YearClose,
    row: ClosedYear,
) -> Result<bool, AppError> {
    let place = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let placed = (close.year, place(close.first), place(close.size));
    let signed =
        app.log.key_of(&close.checkpoint).and_then(|k| Checkpoint::open(&close.checkpoint, k));
    let signed = signed.is_some_and(|c| (c.size, c.root) == (close.size, close.root));
    if placed != (row.year, row.first, row.size)
        || tiles.root(close.size) != Some(close.root)
        || !signed
    {
        return Ok(false);
    }
    // A missing entry is a finding of its own.
    let digest = match digest(tx, row.first, row.size).await {
        Err(AppError::Broken(_)) => return Ok(false),
        other => other?,
    };
    Ok(digest == close.entries_sha256)
}

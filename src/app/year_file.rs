//! A closed year of the log as one file, the same whoever writes it and whenever.

use std::io::Write;

use super::{App, AppError, log, proofs, succession};
use crate::domain::hash::Digest;
use crate::ledger::tree;
use crate::ledger::year_file::{FORMAT, Header, Proven};
use crate::store::{Entry, Tx};

/// Entries read at once.
const PAGE: i64 = 4_096;

/// Writes the file of a closed year; returns how many entries it has.
///
/// # Errors
/// [`AppError::NotFound`] for a year that is not closed; [`AppError::Precondition`] until its close
/// stands under a checkpoint.
pub async fn write(app: &App, year: i64, out: &mut impl Write) -> Result<i64, AppError> {
    let unwritten = |_| AppError::Broken("the file cannot be written");
    let mut tx = app.db.read().await?;
    let closed = tx.closed_year(year).await?;
    let closed = closed.ok_or_else(|| AppError::not_found("closed year", &year.to_string()))?;
    let header = header(app, &mut tx, closed.first, closed.size).await?;
    out.write_all(&header.to_line()?).map_err(unwritten)?;
    let mut at = closed.first;
    while at < closed.size {
        let page = tx.log_entries(at, PAGE.min(closed.size - at)).await?;
        if page.is_empty() {
            return Err(AppError::Broken("an entry of the log is missing"));
        }
        for entry in &page {
            out.write_all(&entry.body).and_then(|()| out.write_all(b"\n")).map_err(unwritten)?;
        }
        at += i64::try_from(page.len()).unwrap_or(PAGE);
    }
    out.flush().map_err(unwritten)?;
    Ok(closed.size - closed.first)
}

async fn header(app: &App, tx: &mut Tx, first: i64, size: i64) -> Result<Header, AppError> {
    let early = || AppError::precondition("NOT_SIGNED_YET", size.to_string());
    // Always the first one that covers the close, so that the file does not depend on the day.
    let under = tx.checkpoint_over(size, false).await?.ok_or_else(early)?;
    let late = log::read(app, &under)?;
    let close = tx.log_entries(size, 1).await?.pop().ok_or_else(early)?;
    let at = |number: i64| u64::try_from(number).unwrap_or(0);
    let proof = proofs::hashes(tx, tree::inclusion(at(size), late.size)).await?;
    let mut key_changes = Vec::new();
    for (event, proof) in succession::proven(tx, late.size).await? {
        key_changes.push(proven(event, proof)?);
    }
    Ok(Header {
        close: proven(close, proof)?,
        consistency: proofs::hashes(tx, tree::consistency(at(size), late.size)).await?,
        format: FORMAT.to_owned(),
        frontier: proofs::hashes(tx, tree::frontier(at(first))).await?,
        key: app.log.key_of(&under.note).map(ToString::to_string).unwrap_or_default(),
        key_changes,
        checkpoint: under.note,
    })
}

fn proven(event: Entry, proof: Vec<Digest>) -> Result<Proven, AppError> {
    let position = u64::try_from(event.position).unwrap_or(0);
    let event =
        String::from_utf8(event.body).map_err(|_| AppError::Broken("an event is not text"))?;
    Ok(Proven { event, position, proof })
}

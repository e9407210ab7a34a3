//! What was exported, back into an empty database: all of it, checked against its log, or nothing.

use std::io::{BufRead, BufReader, Read};

use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::export::{ExportError, FORMAT, Header, TableLine, Trailer};
use super::fsck::{self, Kind, Report};
use super::{App, AppError};
use crate::store::{Table, Tx};

/// Most bytes of rows that are put by one statement, about.
const BATCH_BYTES: usize = 1 << 20;
/// Longest line, in bytes: a draw's bundle in hexadecimal is the longest thing that is stored.
const LINE_BYTES_MAX: u64 = 1 << 31;

/// Lines on their way out of a file, with the hash of those that were read.
struct Lines<R: Read> {
    from: BufReader<GzDecoder<R>>,
    hash: Sha256,
    nth: u64,
}

impl<R: Read> Lines<R> {
    /// The next line with its line feed; empty at the end.
    fn next(&mut self) -> Result<String, ExportError> {
        let mut line = String::new();
        self.nth += 1;
        (&mut self.from).take(LINE_BYTES_MAX).read_line(&mut line)?;
        Ok(line)
    }

    fn wrong(&self, rule: impl Into<String>) -> ExportError {
        ExportError::Line { line: self.nth, rule: rule.into() }
    }

    fn parse<T: DeserializeOwned>(&self, line: &str, what: &str) -> Result<T, ExportError> {
        serde_json::from_str(line).map_err(|error| self.wrong(format!("{what} expected: {error}")))
    }
}

/// Puts what a file holds into a database that has the same schema and no row, and checks
/// everything against the log. What stands in the report is worth knowing and keeps nothing from
/// being restored: that the checkpoint kept outside the database is a later one.
///
/// # Errors
/// [`ExportError::Line`] for what is not as written by an export, [`AppError::Precondition`] `NOT_EMPTY`,
/// `OTHER_SCHEMA`, or `NOT_SOUND` with what the check found; nothing is stored then.
pub async fn restore(app: &App, from: impl Read) -> Result<(Trailer, Report), ExportError> {
    let from = BufReader::new(GzDecoder::new(from));
    let mut lines = Lines { from, hash: Sha256::new(), nth: 0 };
    let mut tx = app.db.begin().await?;
    let tables = tx.tables().await?;
    for table in &tables {
        if !tx.is_empty(table).await? {
            return Err(refused("NOT_EMPTY", format!("{} has rows already", table.name)));
        }
    }
    header(&mut tx, &mut lines).await?;
    let trailer = rows(&mut tx, &mut lines, tables).await?;
    tx.settle_numbers().await?;
    let mut report = fsck::check_in(app, &mut tx).await?;
    let (known, wrong): (Vec<_>, Vec<_>) =
        report.findings.drain(..).partition(|finding| finding.kind == Kind::Pin);
    if let Some(first) = wrong.first() {
        let found = format!("{} findings, first {:?}: {}", wrong.len(), first.kind, first.what);
        return Err(refused("NOT_SOUND", found));
    }
    report.findings = known;
    tx.commit().await?;
    Ok((trailer, report))
}

fn refused(reason: &'static str, detail: String) -> ExportError {
    AppError::Precondition { reason, detail }.into()
}

async fn header<R: Read>(tx: &mut Tx, lines: &mut Lines<R>) -> Result<(), ExportError> {
    let line = lines.next()?;
    let header: Header = lines.parse(&line, "the header")?;
    if header.format != FORMAT {
        return Err(lines.wrong(format!("the format is {:?} and not {FORMAT:?}", header.format)));
    }
    let here = tx.schema_version().await?;
    if header.schema != here {
        let detail = format!("the file is of schema {} and this program of {here}", header.schema);
        return Err(refused("OTHER_SCHEMA", detail));
    }
    lines.hash.update(line.as_bytes());
    Ok(())
}

/// Reads tables with their rows up to the last line.
async fn rows<R: Read>(
    tx: &mut Tx,
    lines: &mut Lines<R>,
    tables: Vec<Table>,
) -> Result<Trailer, ExportError> {
    let mut wanted = tables.into_iter();
    let mut batch: Option<Batch> = None;
    let mut rows = 0;
    loop {
        let line = lines.next()?;
        if line.starts_with('[') {
            let batch = batch.as_mut().ok_or_else(|| lines.wrong("a row before any table"))?;
            rows += 1;
            batch.add(tx, line.trim_end()).await.map_err(|error| of_line(lines, error))?;
        } else {
            if let Some(mut last) = batch.take() {
                last.put(tx).await.map_err(|error| of_line(lines, error))?;
            }
            let Some(table) = wanted.next() else {
                let trailer: Trailer = lines.parse(&line, "the last line")?;
                let sha256 = hex::encode(lines.hash.clone().finalize());
                if trailer != (Trailer { rows, sha256 }) {
                    return Err(lines.wrong("the rows are not those that were exported"));
                }
                let last = lines.next()?.is_empty();
                return last.then_some(trailer).ok_or_else(|| lines.wrong("the end expected"));
            };
            let found: TableLine = lines.parse(&line, &format!("table {}", table.name))?;
            if found != TableLine::of(&table) {
                return Err(lines.wrong(format!("table {} of this schema expected", table.name)));
            }
            batch = Some(Batch { table, rows: String::new() });
        }
        lines.hash.update(line.as_bytes());
    }
}

fn of_line<R: Read>(lines: &Lines<R>, error: AppError) -> ExportError {
    lines.wrong(format!("these rows are refused: {error}"))
}

/// Rows of one table that wait to be put together.
struct Batch {
    table: Table,
    rows: String,
}

impl Batch {
    async fn add(&mut self, tx: &mut Tx, row: &str) -> Result<(), AppError> {
        self.rows.push(if self.rows.is_empty() { '[' } else { ',' });
        self.rows.push_str(row);
        if self.rows.len() < BATCH_BYTES { Ok(()) } else { self.put(tx).await }
    }

    async fn put(&mut self, tx: &mut Tx) -> Result<(), AppError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.rows.push(']');
        tx.put_rows(&self.table, &self.rows).await?;
        self.rows.clear();
        Ok(())
    }
}

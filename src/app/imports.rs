//! Streams of rows into a registry: checked one by one, committed in chunks, resumable, idempotent.
//!
//! A chunk is one transaction: its rows, its reports and the import's progress. So a killed
//! server or a cut connection loses at most the chunk under way, and the client that begins
//! again with the same id goes on behind the last committed row. An all-or-nothing import keeps
//! its checked chunks aside and moves them into the registry in one transaction at its end.

use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use super::import_apply::apply;
use super::{App, AppError, Event, require_department};
use crate::domain::caller::Caller;
use crate::domain::row::RowReport;
use crate::domain::subject::Entry;
use crate::domain::{Violations, id};
use crate::store::{Import, ImportState};

pub use super::import_apply::{Importable, Rows};

/// Rows of one transaction.
pub const CHUNK_ROWS: usize = 8_192;
/// Reports in a summary.
pub const SUMMARY_REPORTS_MAX: i64 = 100;

/// One row as its edge has read it: good, or with what is wrong.
pub struct Read<T> {
    /// The row's bytes as sent, for the chain.
    pub bytes: Vec<u8>,
    /// The row, unless it breaks a rule.
    pub row: Option<T>,
    /// Violations of a bad row, mends of a good one: (field, rule, value).
    pub notes: Vec<(String, String, String)>,
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub struct Header {
    /// Identifies the import.
    pub id: String,
    /// One bad row refuses all.
    pub all_or_nothing: bool,
    /// Rows the client means to send; 0 when it does not know.
    pub expected_rows: i64,
}

/// An import under way.
pub struct Importer<T> {
    app: App,
    caller: Caller,
    department: String,
    jurisdiction: String,
    expected_rows: i64,
    import: Import,
    /// Rows seen on this stream and their chain.
    seen: i64,
    chain: Sha256Chain,
    pending: Vec<(i64, Read<T>)>,
    /// The chunk being committed while the next one is read.
    under_way: Option<JoinHandle<Result<Import, AppError>>>,
}

/// Progress, with the first reports.
pub type Summary = (Import, Vec<RowReport>);

#[derive(Clone)]
struct Sha256Chain([u8; 32]);

impl Sha256Chain {
    fn add(&mut self, bytes: &[u8]) {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(bytes);
        self.0 = hasher.finalize().into();
    }

    fn from_hex(text: &str) -> Self {
        let mut out = [0; 32];
        let _ = hex::decode_to_slice(text, &mut out);
        Self(out)
    }
}

impl<T: Importable> Importer<T> {
    /// Begins an import, or takes up the one with this id.
    ///
    /// # Errors
    /// [`AppError`]; department systems only.
    pub async fn open(app: &App, caller: &Caller, header: Header) -> Result<Self, AppError> {
        app.require_log()?;
        let department = require_department(caller)?.to_owned();
        let mut violations = Violations::default();
        id::check_foreign(&mut violations, "header.request_id", &header.id);
        let expected = header.expected_rows;
        violations.require(
            expected >= 0,
            "header.expected_rows",
            "NOT_NEGATIVE",
            &expected.to_string(),
        );
        violations.finish(())?;
        let jurisdiction = super::departments::own(app, &department).await?.jurisdiction;
        let fresh = Import {
            id: header.id.clone(),
            kind: T::KIND.to_owned(),
            all_or_nothing: header.all_or_nothing,
            state: ImportState::Running,
            rows: 0,
            inserted: 0,
            updated: 0,
            unchanged: 0,
            rejected: 0,
            mended: 0,
            chain: hex::encode([0; 32]),
        };
        let mut tx = app.db.begin().await?;
        let begun = tx.begin_import(&department, &fresh, app.clock.now_us()).await?;
        let import = match begun {
            true => fresh,
            false => tx.import(&department, &header.id).await?.unwrap_or(fresh),
        };
        tx.commit().await?;
        if import.kind != T::KIND || import.all_or_nothing != header.all_or_nothing {
            return Err(AppError::Exists { kind: "import of another kind or mode", id: header.id });
        }
        Ok(Self {
            app: app.clone(),
            caller: caller.clone(),
            department,
            jurisdiction,
            expected_rows: expected,
            import,
            seen: 0,
            chain: Sha256Chain([0; 32]),
            pending: Vec::with_capacity(CHUNK_ROWS),
            under_way: None,
        })
    }

    /// Takes the next rows. A stream may begin at row 1 again, or behind the last committed row.
    ///
    /// # Errors
    /// [`AppError`]: a gap in the numbering, or other rows than the first time.
    pub async fn push(&mut self, first_row: i64, rows: Vec<Read<T>>) -> Result<(), AppError> {
        if self.seen == 0 && first_row == self.import.rows + 1 {
            self.seen = self.import.rows;
            self.chain = Sha256Chain::from_hex(&self.import.chain);
        }
        if first_row != self.seen + 1 {
            return Err(AppError::invalid("batch.first_row", "NEXT_ROW", &first_row.to_string()));
        }
        for row in rows {
            self.seen += 1;
            self.chain.add(&row.bytes);
            if self.seen > self.import.rows {
                if self.import.state != ImportState::Running {
                    return Err(self.other_rows());
                }
                self.pending.push((self.seen, row));
            } else if self.seen == self.import.rows
                && hex::encode(self.chain.0) != self.import.chain
            {
                return Err(self.other_rows());
            }
            if self.pending.len() >= CHUNK_ROWS {
                self.flush().await?;
            }
        }
        Ok(())
    }

    fn other_rows(&self) -> AppError {
        AppError::Exists { kind: "import with other rows", id: self.import.id.clone() }
    }

    /// Waits for the chunk under way to be committed.
    async fn settle(&mut self) -> Result<(), AppError> {
        if let Some(chunk) = self.under_way.take() {
            let broken = |_| AppError::Broken("a chunk was not committed");
            self.import = chunk.await.map_err(broken)??;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), AppError> {
        self.settle().await?;
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::replace(&mut self.pending, Vec::with_capacity(CHUNK_ROWS));
        let mut after = self.import.clone();
        after.rows = self.seen;
        after.chain = hex::encode(self.chain.0);
        let mut good = Vec::with_capacity(pending.len());
        let mut reports = Vec::new();
        for (number, read) in pending {
            let rejected = read.row.is_none();
            after.rejected += i64::from(rejected);
            after.mended += i64::from(!rejected && !read.notes.is_empty());
            reports.extend(read.notes.into_iter().map(|(field, rule, value)| RowReport {
                row: number,
                field,
                rule,
                value,
                rejected,
            }));
            good.extend(read.row);
        }
        let chunk = Chunk {
            app: self.app.clone(),
            department: self.department.clone(),
            jurisdiction: self.jurisdiction.clone(),
            before: self.import.clone(),
            after,
            rows: T::rows(good),
            reports,
        };
        self.under_way = Some(tokio::spawn(chunk.commit()));
        Ok(())
    }

    /// Ends the import: what can be kept is in the registry, with its event.
    ///
    /// # Errors
    /// [`AppError`]; an import that has fewer rows than expected stays open.
    pub async fn finish(mut self) -> Result<Summary, AppError> {
        self.flush().await?;
        self.settle().await?;
        if self.import.state == ImportState::Running {
            let short = self.expected_rows > 0 && self.import.rows != self.expected_rows;
            if short {
                let rows = format!("{} of {} rows", self.import.rows, self.expected_rows);
                return Err(AppError::precondition("IMPORT_INCOMPLETE", rows));
            }
            self.close().await?;
        }
        let mut tx = self.app.db.read().await?;
        let id = &self.import.id;
        let reports = tx.first_reports(&self.department, id, SUMMARY_REPORTS_MAX).await?;
        Ok((self.import, reports))
    }

    async fn close(&mut self) -> Result<(), AppError> {
        let mut after = self.import.clone();
        let mut tx = self.app.db.begin().await?;
        let now_us = self.app.clock.now_us();
        if after.all_or_nothing && after.rejected == 0 {
            let mut at = 0;
            while let Some((first, rows)) =
                tx.next_chunk::<Rows>(&self.department, &after.id, at).await?
            {
                at = first;
                apply(&mut tx, &self.jurisdiction, &self.department, rows, &mut after, now_us)
                    .await?;
            }
        }
        if after.all_or_nothing {
            tx.delete_chunks(&self.department, &after.id).await?;
        }
        after.state = match after.all_or_nothing && after.rejected > 0 {
            true => ImportState::Refused,
            false => ImportState::Finished,
        };
        if !tx.advance_import(&self.department, &self.import, &after).await? {
            return Err(AppError::Stale(format!("import {}", after.id)));
        }
        let kind = format!("{}.import", after.kind);
        let body = json!({
            "department": self.department,
            "inserted": after.inserted,
            "rejected": after.rejected,
            "rows": after.rows,
            "rows_sha256": after.chain,
            "state": after.state,
            "unchanged": after.unchanged,
            "updated": after.updated,
        });
        let event = Event {
            kind: &kind,
            caller: &self.caller,
            request_id: &after.id,
            body,
            signature: None,
        };
        self.app.record(&mut tx, &event, now_us).await?;
        tx.commit().await?;
        self.import = after;
        Ok(())
    }
}

/// A chunk on its way into the database.
struct Chunk {
    app: App,
    department: String,
    jurisdiction: String,
    before: Import,
    after: Import,
    rows: Rows,
    reports: Vec<RowReport>,
}

impl Chunk {
    /// One transaction: rows, reports and the import's progress.
    async fn commit(self) -> Result<Import, AppError> {
        let Self { app, department, jurisdiction, before, mut after, rows, reports } = self;
        let mut tx = app.db.begin().await?;
        if after.all_or_nothing {
            tx.insert_chunk(&department, &after.id, before.rows + 1, &rows).await?;
        } else {
            let now_us = app.clock.now_us();
            apply(&mut tx, &jurisdiction, &department, rows, &mut after, now_us).await?;
        }
        tx.insert_reports(&department, &after.id, &reports).await?;
        if !tx.advance_import(&department, &before, &after).await? {
            return Err(AppError::Stale(format!("import {}", after.id)));
        }
        tx.commit().await?;
        Ok(after)
    }
}

/// Where an import of the caller's department stands.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(app: &App, caller: &Caller, id: &str) -> Result<Summary, AppError> {
    let department = require_department(caller)?;
    let mut tx = app.db.read().await?;
    let import = tx.import(department, id).await?;
    let import = import.ok_or_else(|| AppError::not_found("import", id))?;
    let reports = tx.first_reports(department, id, SUMMARY_REPORTS_MAX).await?;
    Ok((import, reports))
}

/// A page of the reports of an import.
///
/// # Errors
/// [`AppError`].
pub async fn reports(
    app: &App,
    caller: &Caller,
    id: &str,
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<(i64, i64, RowReport)>, AppError> {
    let department = require_department(caller)?;
    Ok(app.db.read().await?.reports(department, id, after, limit).await?)
}

/// A page of a department's subject entries. Its own system and offices may read it.
///
/// # Errors
/// [`AppError`].
pub async fn entries(
    app: &App,
    caller: &Caller,
    department: &str,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<Entry>, AppError> {
    super::visits::require_own_or_office(caller, department)?;
    let jurisdiction = super::departments::own(app, department).await?.jurisdiction;
    Ok(app.db.read().await?.entries_page(&jurisdiction, department, after, limit).await?)
}

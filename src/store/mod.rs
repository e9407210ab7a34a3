//! Rows. The only module that names sqlx; only `db.rs`, `migrations.rs`, `bulk.rs`,
//! `appends.rs` and `portable.rs` name an engine.
//!
//! To add a noun: a table in both migrations, a file here with an `impl Tx` block of plain
//! statements, and a test per method in `tests/it/store`, run on both engines.

mod access;
mod accounts;
mod appends;
mod appointments;
mod archives;
mod breaches;
mod bulk;
mod calendar;
mod campaigns;
mod cell;
mod chains;
mod changes;
mod checks;
mod copy;
mod cosignatures;
pub mod db;
mod decisions;
mod departments;
mod draws;
mod entries;
mod erasures;
mod events;
mod exceptions;
mod experts;
mod follow_ups;
mod fsck;
mod history;
mod imports;
mod inspectors;
mod items;
mod kept;
mod liabilities;
mod local_modes;
mod log;
mod matching;
mod migrations;
mod notices;
mod objections;
mod outbox;
mod oversight;
mod overview;
mod papers;
mod plans;
mod policies;
mod portable;
mod recusal_asks;
mod requests;
mod results;
mod schedule;
mod settings;
mod signing_keys;
mod supplements;
mod trainings;
mod visits;
mod years;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

pub use access::ApiKey;
pub use accounts::{StoredAccount, StoredSession};
pub use appends::Write;
pub use archives::{SealedPart, StoredArchive};
pub use cell::Cell;
pub use changes::SealedChange;
pub use checks::{CheckFilter, SealedCheck};
pub use cosignatures::Cosignature;
pub use db::{Db, Tx};
pub use decisions::Decision;
pub use draws::{Contribution, Draw, DrawState};
pub use entries::{EntryKey, EntryRow, Stored};
pub use erasures::{ERASED_REPLY, SealedErasure, StoredReply};
pub use events::{NewEvent, StoredEvent};
pub use experts::{ExpertDraw, SealedAssignment};
pub use follow_ups::SealedFollowUp;
pub use fsck::EventRow;
pub use imports::{Import, ImportState};
pub use kept::{Kept, KeptKey, KeptRow};
pub use liabilities::{LiabilityFilter, Timed};
pub use log::{Entry, StoredCheckpoint, StoredTile};
pub use matching::{LinkRow, ReviewRow};
pub use objections::SealedObjection;
pub use outbox::Push;
pub use oversight::{EndedAttempt, FrozenStatement};
pub use papers::PaperFilter;
pub use portable::{ColumnKind, Table};
pub use recusal_asks::SealedRecusal;
pub use requests::Request;
pub use results::{ResultFilter, SealedResult};
pub use settings::PaperVersion;
pub use signing_keys::SigningKey;
pub use supplements::Supplemented;
pub use visits::SealedVisit;
pub use years::ClosedYear;

/// Why the database could not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The engine or the connection failed.
    #[error("database")]
    Engine(#[from] sqlx::Error),
    /// A migration failed.
    #[error("migration")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored document is not of its type.
    #[error("stored document of {table}")]
    Document {
        /// The table.
        table: &'static str,
        /// Why it cannot be read.
        #[source]
        source: serde_json::Error,
    },
    /// A statement touched another number of rows than one.
    #[error("{found} rows instead of one")]
    RowCount {
        /// Rows touched.
        found: u64,
    },
    /// A stored word is not one of its column's.
    #[error("stored word {word:?} in {table}")]
    Word {
        /// The table.
        table: &'static str,
        /// The word.
        word: String,
    },
}

impl StoreError {
    /// True when a unique key refused the row.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        let Self::Engine(sqlx::Error::Database(error)) = self else { return false };
        error.is_unique_violation()
    }
}

/// A page of a list: entries after a key, in key order.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// Key of the last entry of the page before; empty for the first page.
    pub after: &'a str,
    /// Most entries.
    pub limit: i64,
}

fn to_doc<T: Serialize>(table: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Document { table, source })
}

fn from_doc<T: DeserializeOwned>(table: &'static str, doc: &str) -> Result<T, StoreError> {
    serde_json::from_str(doc).map_err(|source| StoreError::Document { table, source })
}

fn from_docs<T: DeserializeOwned>(
    table: &'static str,
    rows: Vec<(String,)>,
) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|(doc,)| from_doc(table, doc)).collect()
}

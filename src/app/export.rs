//! Everything that is stored, as one file that either engine takes back.
//!
//! Lines of JSON, compressed with gzip: a header, then for each table by name a line that names it
//! and its columns, and a line per row; at the end how many rows there were and the SHA-256 of all
//! lines before. The same content gives the same bytes, whichever engine it stood in. What is
//! sealed in the database is sealed in the file, and what is plain there, registries above all, is
//! plain in it.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::AppError;
use crate::store::{Db, StoreError, Table};

/// Name and version of the format.
pub const FORMAT: &str = "onevisit-export/1";

/// Why nothing was exported or restored.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The file cannot be read or written.
    #[error("file")]
    File(#[from] io::Error),
    /// The database or its content.
    #[error(transparent)]
    App(#[from] AppError),
    /// A line of the file is not what the format says.
    #[error("line {line}: {rule}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What it should be.
        rule: String,
    },
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// The last migration of the schema.
    pub schema: i64,
}

/// The line before a table's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableLine {
    /// Its name.
    pub table: String,
    /// Its columns, each with its kind: `text`, `int`, `bytes`.
    pub columns: Vec<(String, String)>,
}

impl TableLine {
    /// The line of a table of the schema.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        let columns = table.columns.iter().map(|(name, kind)| (name.clone(), kind.word().into()));
        Self { table: table.name.clone(), columns: columns.collect() }
    }
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trailer {
    /// Rows of all tables.
    pub rows: u64,
    /// SHA-256 of all lines before, with their line feeds, in hexadecimal.
    pub sha256: String,
}

/// Lines on their way into a file, with their hash.
struct Lines<W: Write> {
    out: GzEncoder<W>,
    hash: Sha256,
}

impl<W: Write> Lines<W> {
    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line).map_err(io::Error::other)?;
        bytes.push(b'\n');
        self.hash.update(&bytes);
        self.out.write_all(&bytes)
    }
}

/// Writes everything that is stored, as of one moment, and says how it ends.
///
/// # Errors
/// [`ExportError`].
pub async fn export(db: &Db, out: impl Write) -> Result<Trailer, ExportError> {
    let mut tx = db.read().await?;
    let out = GzEncoder::new(out, Compression::fast());
    let mut lines = Lines { out, hash: Sha256::new() };
    let schema = tx.schema_version().await?;
    lines.write(&Header { format: FORMAT.to_owned(), schema })?;
    let mut rows = 0;
    for table in tx.tables().await? {
        lines.write(&TableLine::of(&table))?;
        tx.each_row(&table, |row| {
            rows += 1;
            // Read and written again: the engines space and escape JSON each in their own way.
            let cells: Vec<serde_json::Value> = serde_json::from_str(&row)
                .map_err(|source| StoreError::Document { table: "export", source })?;
            Ok::<(), ExportError>(lines.write(&cells)?)
        })
        .await?;
    }
    let trailer = Trailer { rows, sha256: hex::encode(lines.hash.clone().finalize()) };
    lines.write(&trailer)?;
    lines.out.finish()?.flush()?;
    Ok(trailer)
}

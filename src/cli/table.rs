//! A CSV file with named columns, plain or gzip.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use csv::StringRecord;
use flate2::read::GzDecoder;

/// Most fields of one row.
const FIELDS_MAX: usize = 200;

/// An open table.
pub struct Table {
    columns: Vec<String>,
    reader: csv::Reader<Box<dyn Read + Send>>,
}

impl Table {
    /// Opens a file and reads its header.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
        let plain = path.extension().is_none_or(|e| e != "gz");
        let bytes: Box<dyn Read + Send> =
            if plain { Box::new(file) } else { Box::new(GzDecoder::new(file)) };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.headers().with_context(|| format!("reading {}", path.display()))?;
        let columns: Vec<String> =
            header.iter().map(|c| c.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        if columns.len() > FIELDS_MAX {
            bail!("{} has more than {FIELDS_MAX} columns", path.display());
        }
        Ok(Self { columns, reader })
    }

    /// The position of the first of these columns that is there.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.columns.iter().position(|c| c == name))
    }

    /// Reads the next row into `row`; `false` at the end.
    pub fn next(&mut self, row: &mut StringRecord) -> anyhow::Result<bool> {
        Ok(self.reader.read_record(row)?)
    }

    /// Names of all columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

/// A field, or empty text.
pub fn field(row: &StringRecord, at: Option<usize>) -> &str {
    at.and_then(|i| row.get(i)).unwrap_or_default()
}

/// Counts the rows of a file without keeping them.
pub fn count(path: &Path) -> anyhow::Result<u64> {
    let mut table = Table::open(path)?;
    let mut row = StringRecord::new();
    let mut rows = 0;
    while table.next(&mut row)? {
        rows += 1;
    }
    Ok(rows)
}

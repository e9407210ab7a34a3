//! Lists as departments keep them, CSV or XLSX, to rows of the registries: the same rules and the same
//! reports as rows that come over the contract.

pub mod item_text;
pub mod items;
pub mod people;
pub mod subjects;

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::imports::{Header, Importable, Importer, Read, Summary};
use super::{App, AppError};
use crate::domain::Violations;
use crate::domain::caller::Caller;

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Most rows below the header.
pub const ROWS_MAX: usize = 200_000;
/// Most columns.
pub const COLUMNS_MAX: usize = 200;
/// Separates values inside one cell.
pub const LIST_MARK: char = '|';
/// What every XLSX file begins with: it is a ZIP archive.
const ZIP_MARK: &[u8] = b"PK\x03\x04";
/// Digits that a number in a spreadsheet keeps: a longer code that is no text is damaged already.
const FLOAT_EXACT: f64 = 9_007_199_254_740_992.0;

/// A table with named columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// One row of a table, its cells by column.
#[derive(Clone, Copy)]
pub struct Row<'s> {
    sheet: &'s Sheet,
    cells: &'s [String],
}

impl<'s> Row<'s> {
    /// The first of the named columns that is there; empty without one.
    #[must_use]
    pub fn get(&self, names: &[&str]) -> &'s str {
        let at = |name: &&str| self.sheet.columns.iter().position(|c| c == name);
        let at = names.iter().find_map(at);
        at.and_then(|at| self.cells.get(at)).map_or("", |cell| cell.trim())
    }

    /// The values of a cell that holds several.
    #[must_use]
    pub fn list(&self, names: &[&str]) -> Vec<String> {
        let marks = [LIST_MARK, '；', '、', ';'];
        let parts = self.get(names).split(marks).map(str::trim);
        parts.filter(|t| !t.is_empty()).map(str::to_owned).collect()
    }

    /// The cells as they came, for the chain over the rows.
    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self.cells).unwrap_or_default()
    }
}

fn refuse(rule: &str, value: &str) -> AppError {
    AppError::invalid("file", rule, value)
}

impl Sheet {
    /// Reads a file by what it is, not by its name.
    ///
    /// # Errors
    /// A violation of `file`: too large, no table, neither XLSX nor UTF-8 text.
    pub fn read(bytes: &[u8]) -> Result<Self, AppError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(refuse("FILE_TOO_LARGE", &bytes.len().to_string()));
        }
        let mut rows = match bytes.starts_with(ZIP_MARK) {
            true => xlsx(bytes)?,
            false => csv(bytes)?,
        };
        let Some(header) = rows.first_mut() else { return Err(refuse("NO_ROWS", "")) };
        let columns: Vec<String> = std::mem::take(header);
        let columns = columns.iter().map(|c| c.trim_start_matches('\u{feff}').trim().to_owned());
        let columns: Vec<String> = columns.collect();
        rows.remove(0);
        // What a spreadsheet keeps below its last row.
        rows.retain(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        match rows.len() {
            0 => Err(refuse("NO_ROWS", "")),
            n if n > ROWS_MAX => Err(refuse("TOO_MANY_ROWS", &n.to_string())),
            _ => Ok(Self { columns, rows }),
        }
    }

    /// Its rows.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { sheet: self, cells })
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Refuses a table without any of the named columns.
    ///
    /// # Errors
    /// A violation of `file`.
    pub fn require(&self, names: &[&str]) -> Result<(), AppError> {
        match names.iter().any(|name| self.columns.iter().any(|c| c == name)) {
            true => Ok(()),
            false => Err(refuse("COLUMN_MISSING", &names.join("/"))),
        }
    }
}

fn csv(bytes: &[u8]) -> Result<Vec<Vec<String>>, AppError> {
    let text = std::str::from_utf8(bytes).map_err(|_| refuse("NOT_UTF8_NOR_XLSX", ""))?;
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| refuse("CSV_FORM", &error.to_string()))?;
        if record.len() > COLUMNS_MAX {
            return Err(refuse("TOO_MANY_COLUMNS", &record.len().to_string()));
        }
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

/// The first table of a workbook, cell by cell: a lone cell far away makes no large table.
fn xlsx(bytes: &[u8]) -> Result<Vec<Vec<String>>, AppError> {
    let broken = |error: calamine::XlsxError| refuse("XLSX_FORM", &error.to_string());
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let name = book.sheet_names().first().cloned().ok_or_else(|| refuse("NO_ROWS", ""))?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= COLUMNS_MAX {
            return Err(refuse("TOO_MANY_COLUMNS", &column.to_string()));
        }
        let cells = rows.entry(row).or_default();
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
        if rows.len() > ROWS_MAX + 1 {
            return Err(refuse("TOO_MANY_ROWS", &rows.len().to_string()));
        }
    }
    Ok(rows.into_values().collect())
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) if n.fract() == 0.0 && n.abs() < FLOAT_EXACT => format!("{n:.0}"),
        DataRef::Float(n) => n.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(b) => if *b { "1" } else { "0" }.to_owned(),
        DataRef::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.chars().take(10).collect(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// A word of an enumeration as the stored documents write it.
fn word<T: DeserializeOwned>(v: &mut Violations, field: &str, given: &str) -> Option<T> {
    let found = serde_json::from_value(serde_json::Value::String(given.to_owned())).ok();
    v.require(found.is_some(), field, "UNKNOWN_WORD", given);
    found
}

/// A row that was read, or what is wrong with it.
fn read<T: Serialize>(
    row: Row<'_>,
    v: Violations,
    value: T,
    mends: Vec<(String, String, String)>,
) -> Read<T> {
    let bytes = row.bytes();
    match v.finish(value) {
        Ok(value) => Read { bytes, row: Some(value), notes: mends },
        Err(violations) => {
            let notes = violations.into_vec().into_iter().map(|x| (x.field, x.rule, x.value));
            Read { bytes, row: None, notes: notes.collect() }
        }
    }
}

/// Brings a table into a registry as one import.
async fn import<T: Importable>(
    app: &App,
    caller: &Caller,
    (id, all_or_nothing): (&str, bool),
    rows: Vec<Read<T>>,
) -> Result<Summary, AppError> {
    let expected_rows = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let header = Header { id: id.to_owned(), all_or_nothing, expected_rows };
    let mut importer = Importer::open(app, caller, header).await?;
    importer.push(1, rows).await?;
    importer.finish().await
}

/// Imports subjects from a file; `import_as` is its id and whether one bad row refuses all.
///
/// # Errors
/// [`AppError`]; department accounts only.
pub async fn import_subjects(
    app: &App,
    caller: &Caller,
    import_as: (&str, bool),
    bytes: &[u8],
) -> Result<Summary, AppError> {
    let district = &caller.jurisdiction;
    let rows = tokio::task::block_in_place(|| subjects::rows(&Sheet::read(bytes)?, district))?;
    import(app, caller, import_as, rows).await
}

/// Imports inspectors from a file.
///
/// # Errors
/// [`AppError`]; department accounts only.
pub async fn import_people(
    app: &App,
    caller: &Caller,
    import_as: (&str, bool),
    bytes: &[u8],
) -> Result<Summary, AppError> {
    let rows = tokio::task::block_in_place(|| people::rows(&Sheet::read(bytes)?))?;
    import(app, caller, import_as, rows).await
}

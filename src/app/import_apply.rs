//! Checked rows into a registry: what is new is added, what differs replaced, the rest left alone.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::AppError;
use crate::domain::inspector::Inspector;
use crate::domain::subject::Entry;
use crate::store::{EntryRow, Import, Tx};

/// What kinds of rows there are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Rows {
    /// Subject entries.
    Subjects(Vec<Entry>),
    /// Inspectors.
    Inspectors(Vec<Inspector>),
}

/// A kind of row that can be imported.
pub trait Importable: Clone + Send + Sync {
    /// Word of the kind.
    const KIND: &'static str;
    /// Makes a chunk of the kind.
    fn rows(rows: Vec<Self>) -> Rows;
}

impl Importable for Entry {
    const KIND: &'static str = "subjects";
    fn rows(rows: Vec<Self>) -> Rows {
        Rows::Subjects(rows)
    }
}

impl Importable for Inspector {
    const KIND: &'static str = "inspectors";
    fn rows(rows: Vec<Self>) -> Rows {
        Rows::Inspectors(rows)
    }
}

/// Applies a chunk and counts what it did.
pub(super) async fn apply(
    tx: &mut Tx,
    jurisdiction: &str,
    department: &str,
    rows: Rows,
    import: &mut Import,
    now_us: i64,
) -> Result<(), AppError> {
    match rows {
        Rows::Subjects(rows) => {
            apply_entries(tx, jurisdiction, department, rows, import, now_us).await
        }
        Rows::Inspectors(rows) => {
            apply_inspectors(tx, jurisdiction, department, rows, import, now_us).await
        }
    }
}

async fn apply_entries(
    tx: &mut Tx,
    jurisdiction: &str,
    department: &str,
    rows: Vec<Entry>,
    import: &mut Import,
    now_us: i64,
) -> Result<(), AppError> {
    let mut rows: Vec<EntryRow> = rows.into_iter().map(entry_row).collect::<Result<_, _>>()?;
    // Key order keeps the index's pages warm, and of two rows with one key the later one holds.
    let total = rows.len();
    rows.sort_by(|a, b| key(&a.entry).cmp(&key(&b.entry)));
    rows.dedup_by(|later, kept| {
        let same = key(&later.entry) == key(&kept.entry);
        if same {
            std::mem::swap(later, kept);
        }
        same
    });
    import.unchanged += count(total - rows.len());
    let every: Vec<&EntryRow> = rows.iter().collect();
    // A first load finds next to nothing stored, so as long as that holds the look-up is left out.
    let first_load = import.updated + import.unchanged <= import.inserted;
    if first_load && tx.insert_entries(jurisdiction, department, &every, now_us).await? {
        import.inserted += count(every.len());
        return Ok(());
    }
    let mut ids: Vec<&str> = rows.iter().map(|r| r.entry.subject_id.as_str()).collect();
    ids.dedup();
    let stored = tx.stored_entries(jurisdiction, department, &ids).await?;
    let stored: HashMap<(&str, &str), i64> =
        stored.iter().map(|s| ((s.id.as_str(), s.premises.as_str()), s.digest)).collect();
    let mut new = Vec::with_capacity(rows.len());
    for row in &rows {
        match stored.get(&key(&row.entry)) {
            None => new.push(row),
            Some(digest) if *digest == row.digest => import.unchanged += 1,
            Some(_) => {
                tx.update_entry(jurisdiction, department, row, now_us).await?;
                import.updated += 1;
            }
        }
    }
    import.inserted += count(new.len());
    match tx.insert_entries(jurisdiction, department, &new, now_us).await? {
        true => Ok(()),
        false => Err(AppError::Stale(format!("registry of {department}"))),
    }
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn key(entry: &Entry) -> (&str, &str) {
    (&entry.subject_id, &entry.premises)
}

fn entry_row(entry: Entry) -> Result<EntryRow, AppError> {
    let more = serde_json::to_string(&entry.more)
        .map_err(|_| AppError::Broken("a row's detail has no JSON"))?;
    let mut hasher = Sha256::new();
    let words = [entry.kind.word(), entry.state.word(), entry.risk_word()];
    for part in [entry.name.as_str(), &entry.district, &more].into_iter().chain(words) {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    Ok(EntryRow { digest: first_number(&hasher.finalize()), entry, more })
}

fn first_number(digest: &[u8]) -> i64 {
    digest.first_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

async fn apply_inspectors(
    tx: &mut Tx,
    jurisdiction: &str,
    department: &str,
    rows: Vec<Inspector>,
    import: &mut Import,
    now_us: i64,
) -> Result<(), AppError> {
    let ids: Vec<&str> = rows.iter().map(|r| r.id.as_str()).collect();
    let stored = tx.stored_inspectors(jurisdiction, department, &ids).await?;
    let mut stored: HashMap<String, i64> = stored.into_iter().map(|s| (s.id, s.digest)).collect();
    for row in rows {
        let json =
            serde_json::to_vec(&row).map_err(|_| AppError::Broken("an inspector has no JSON"))?;
        let digest = first_number(&Sha256::digest(&json));
        match stored.insert(row.id.clone(), digest) {
            Some(before) if before == digest => {
                import.unchanged += 1;
                continue;
            }
            Some(_) => import.updated += 1,
            None => import.inserted += 1,
        }
        tx.put_inspector(jurisdiction, department, &row, digest, now_us).await?;
    }
    Ok(())
}

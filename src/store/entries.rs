//! [Tx] methods on the subject registries.

use super::{Cell, StoreError, Tx, from_doc};
use crate::domain::subject::{Entry, RiskClass, SubjectKind, SubjectState};

const COLUMNS: [&str; 12] = [
    "jurisdiction",
    "department",
    "id",
    "premises",
    "name",
    "kind",
    "state",
    "risk",
    "district",
    "more",
    "digest",
    "changed_us",
];

/// Key of a row within a department.
pub type EntryKey = (String, String);

/// A row ready to be stored.
#[derive(Clone, Debug)]
pub struct EntryRow {
    /// The row.
    pub entry: Entry,
    /// Its detail as stored.
    pub more: String,
    /// 64-bit hash of everything in it.
    pub digest: i64,
}

/// Key and digest of a stored row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    /// The id.
    pub id: String,
    /// The premises.
    pub premises: String,
    /// The digest.
    pub digest: i64,
}

#[derive(sqlx::FromRow)]
struct Columns {
    department: String,
    id: String,
    premises: String,
    name: String,
    kind: String,
    state: String,
    risk: String,
    district: String,
    more: String,
}

fn entry(row: Columns) -> Result<(String, Entry), StoreError> {
    let bad = |word: &str| StoreError::Word { table: "entries", word: word.to_owned() };
    let entry = Entry {
        kind: SubjectKind::from_word(&row.kind).ok_or_else(|| bad(&row.kind))?,
        state: SubjectState::from_word(&row.state).ok_or_else(|| bad(&row.state))?,
        risk: RiskClass::from_word(&row.risk),
        more: from_doc("entries", &row.more)?,
        subject_id: row.id,
        premises: row.premises,
        name: row.name,
        district: row.district,
    };
    Ok((row.department, entry))
}

fn cells<'a>(
    jurisdiction: &'a str,
    department: &'a str,
    row: &'a EntryRow,
    now_us: i64,
) -> [Cell<'a>; COLUMNS.len()] {
    let entry = &row.entry;
    [
        jurisdiction.into(),
        department.into(),
        entry.subject_id.as_str().into(),
        entry.premises.as_str().into(),
        entry.name.as_str().into(),
        entry.kind.word().into(),
        entry.state.word().into(),
        entry.risk_word().into(),
        entry.district.as_str().into(),
        row.more.as_str().into(),
        row.digest.into(),
        now_us.into(),
    ]
}

impl Tx {
    /// Which of these ids are stored, with their digests.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stored_entries(
        &mut self,
        jurisdiction: &str,
        department: &str,
        ids: &[&str],
    ) -> Result<Vec<Stored>, StoreError> {
        let lookup = [
            "e.id, e.premises, e.digest",
            "entries",
            "e.jurisdiction = $1 AND e.department = $2 AND e.id = k.id",
        ];
        self.query_keys(lookup, 3)
            .await?
            .bind(jurisdiction.to_owned())
            .bind(department.to_owned())
            .bind_list(ids)?
            .fetch_all()
            .await
    }

    /// Adds rows whose keys are new; `false` and nothing when one is not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_entries(
        &mut self,
        jurisdiction: &str,
        department: &str,
        rows: &[&EntryRow],
        now_us: i64,
    ) -> Result<bool, StoreError> {
        let cells: Vec<_> =
            rows.iter().map(|row| cells(jurisdiction, department, row, now_us)).collect();
        self.query("SAVEPOINT load").execute().await?;
        let new = match self.load("entries", &COLUMNS, &cells).await {
            Err(error) if error.is_conflict() => {
                self.query("ROLLBACK TO SAVEPOINT load").execute().await?;
                false
            }
            loaded => loaded.map(|()| true)?,
        };
        self.query("RELEASE SAVEPOINT load").execute().await?;
        Ok(new)
    }

    /// Replaces a stored row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_entry(
        &mut self,
        jurisdiction: &str,
        department: &str,
        row: &EntryRow,
        now_us: i64,
    ) -> Result<(), StoreError> {
        let entry = &row.entry;
        self.query(
            "UPDATE entries SET name = $5, kind = $6, state = $7, risk = $8, district = $9,
               more = $10, digest = $11, changed_us = $12
             WHERE jurisdiction = $1 AND department = $2 AND id = $3 AND premises = $4",
        )
        .bind(jurisdiction.to_owned())
        .bind(department.to_owned())
        .bind(entry.subject_id.clone())
        .bind(entry.premises.clone())
        .bind(entry.name.clone())
        .bind(entry.kind.word())
        .bind(entry.state.word())
        .bind(entry.risk_word())
        .bind(entry.district.clone())
        .bind(row.more.clone())
        .bind(row.digest)
        .bind(now_us)
        .execute_one()
        .await
    }

    /// A page of a department's rows by (id, premises).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entries_page(
        &mut self,
        jurisdiction: &str,
        department: &str,
        after: (&str, &str),
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT department, id, premises, name, kind, state, risk, district, more
                 FROM entries
                 WHERE jurisdiction = $1 AND department = $2 AND (id, premises) > ($3, $4)
                 ORDER BY id, premises LIMIT $5",
            )
            .bind(jurisdiction.to_owned())
            .bind(department.to_owned())
            .bind(after.0.to_owned())
            .bind(after.1.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        rows.into_iter().map(|row| entry(row).map(|(_, e)| e)).collect()
    }

    /// A subject's rows of a jurisdiction, in all departments' lists.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entries_of(
        &mut self,
        jurisdiction: &str,
        id: &str,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT department, id, premises, name, kind, state, risk, district, more
                 FROM entries WHERE jurisdiction = $1 AND id = $2 ORDER BY department, premises",
            )
            .bind(jurisdiction.to_owned())
            .bind(id.to_owned())
            .fetch_all()
            .await?;
        rows.into_iter().map(|row| entry(row).map(|(_, e)| e)).collect()
    }

    /// All rows of a jurisdiction, in key order: read once for a frame.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entries_all(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<(String, Entry)>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT department, id, premises, name, kind, state, risk, district, more
                 FROM entries WHERE jurisdiction = $1 ORDER BY department, id, premises",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        rows.into_iter().map(entry).collect()
    }
}

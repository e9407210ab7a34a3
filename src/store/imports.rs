//! [Tx] methods on imports: progress, reports, chunks waiting for the rest to be good.

use serde::{Deserialize, Serialize};

use super::{StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::row::RowReport;

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportState {
    /// Rows may still come.
    Running,
    /// Ended; what could be kept is kept.
    Finished,
    /// Ended; nothing was kept.
    Refused,
}

impl ImportState {
    const fn word(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Finished => "FINISHED",
            Self::Refused => "REFUSED",
        }
    }
}

/// Progress and outcome of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The id its client chose.
    pub id: String,
    /// `subjects` or `inspectors`.
    pub kind: String,
    /// True when one bad row refuses all.
    pub all_or_nothing: bool,
    /// Where it stands.
    pub state: ImportState,
    /// Rows committed.
    pub rows: i64,
    /// New rows.
    pub inserted: i64,
    /// Changed rows.
    pub updated: i64,
    /// Rows as stored.
    pub unchanged: i64,
    /// Bad rows.
    pub rejected: i64,
    /// Mended rows.
    pub mended: i64,
    /// Chained SHA-256 over the rows, so that a repetition with other rows is noticed.
    pub chain: String,
}

impl Tx {
    /// The import with this id, if it was begun.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn import(
        &mut self,
        department: &str,
        id: &str,
    ) -> Result<Option<Import>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM imports WHERE department = $1 AND id = $2")
            .bind(department.to_owned())
            .bind(id.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("imports", &doc)).transpose()
    }

    /// Begins an import; `false` when it was begun before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_import(
        &mut self,
        department: &str,
        import: &Import,
        now_us: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "INSERT INTO imports (department, id, state, doc, started_us)
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            )
            .bind(department.to_owned())
            .bind(import.id.clone())
            .bind(import.state.word())
            .bind(to_doc("imports", import)?)
            .bind(now_us)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// Moves an import from `before` rows on; `false` when another stream has moved it meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn advance_import(
        &mut self,
        department: &str,
        before: &Import,
        after: &Import,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query("UPDATE imports SET state = $3, doc = $4 WHERE department = $1 AND id = $2 AND doc = $5")
            .bind(department.to_owned())
            .bind(after.id.clone())
            .bind(after.state.word())
            .bind(to_doc("imports", after)?)
            .bind(to_doc("imports", before)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// Stores reports; `nth` tells several of one row apart.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_reports(
        &mut self,
        department: &str,
        import: &str,
        reports: &[RowReport],
    ) -> Result<(), StoreError> {
        let mut nth = 0;
        let mut rows = Vec::with_capacity(reports.len());
        for (i, report) in reports.iter().enumerate() {
            nth = if i > 0 && reports[i - 1].row == report.row { nth + 1 } else { 0 };
            rows.push([
                department.into(),
                import.into(),
                report.row.into(),
                nth.into(),
                to_doc("import_reports", report)?.into(),
            ]);
        }
        let columns = ["department", "import", "row_number", "nth", "doc"];
        self.load("import_reports", &columns, &rows).await
    }

    /// Reports of an import after a row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reports(
        &mut self,
        department: &str,
        import: &str,
        after: (i64, i64),
        limit: i64,
    ) -> Result<Vec<(i64, i64, RowReport)>, StoreError> {
        let rows: Vec<(i64, i64, String)> = self
            .query(
                "SELECT row_number, nth, doc FROM import_reports
                 WHERE department = $1 AND import = $2 AND (row_number, nth) > ($3, $4)
                 ORDER BY row_number, nth LIMIT $5",
            )
            .bind(department.to_owned())
            .bind(import.to_owned())
            .bind(after.0)
            .bind(after.1)
            .bind(limit)
            .fetch_all()
            .await?;
        rows.into_iter().map(|(r, n, doc)| Ok((r, n, from_doc("import_reports", &doc)?))).collect()
    }

    /// Keeps a chunk of checked rows until the whole import is good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_chunk<T: Serialize + Sync>(
        &mut self,
        department: &str,
        import: &str,
        first_row: i64,
        rows: &T,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO import_chunks (department, import, first_row, doc) VALUES ($1, $2, $3, $4)",
        )
        .bind(department.to_owned())
        .bind(import.to_owned())
        .bind(first_row)
        .bind(to_doc("import_chunks", rows)?)
        .execute_one()
        .await
    }

    /// The first kept chunk after a row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_chunk<T: serde::de::DeserializeOwned>(
        &mut self,
        department: &str,
        import: &str,
        after: i64,
    ) -> Result<Option<(i64, T)>, StoreError> {
        let row: Option<(i64, String)> = self
            .query(
                "SELECT first_row, doc FROM import_chunks
                 WHERE department = $1 AND import = $2 AND first_row > $3
                 ORDER BY first_row LIMIT 1",
            )
            .bind(department.to_owned())
            .bind(import.to_owned())
            .bind(after)
            .fetch_optional()
            .await?;
        row.map(|(first, doc)| Ok((first, from_doc("import_chunks", &doc)?))).transpose()
    }

    /// Drops the kept chunks of an import.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_chunks(
        &mut self,
        department: &str,
        import: &str,
    ) -> Result<(), StoreError> {
        self.query("DELETE FROM import_chunks WHERE department = $1 AND import = $2")
            .bind(department.to_owned())
            .bind(import.to_owned())
            .execute()
            .await?;
        Ok(())
    }

    /// The first reports of an import.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn first_reports(
        &mut self,
        department: &str,
        import: &str,
        limit: i64,
    ) -> Result<Vec<RowReport>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM import_reports WHERE department = $1 AND import = $2
                 ORDER BY row_number, nth LIMIT $3",
            )
            .bind(department.to_owned())
            .bind(import.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        from_docs("import_reports", rows)
    }
}

//! [Tx] methods on annual plans and schemes: versions that are never taken away.

use super::{Page, StoreError, Tx, from_doc, to_doc};
use crate::domain::annual_plan::AnnualPlan;
use crate::domain::approval::{Content, Paper, PaperState};

/// (id, jurisdiction, unit, year, parent, content, flow).
type PaperRow = (String, String, String, i64, String, String, String);

const SELECTS: [&str; 3] = [
    "SELECT id, jurisdiction, unit, year, parent, content, flow FROM papers
     WHERE kind = $1 AND id = $2 AND (version = $3 OR $3 = 0) ORDER BY version DESC LIMIT 1",
    "SELECT id, jurisdiction, unit, year, parent, content, flow FROM papers p
     WHERE kind = $1 AND jurisdiction = $2 AND year = $3 AND ($4 = '' OR parent = $4) AND id > $5
       AND ($6 = '' OR state = $6)
       AND version = (SELECT MAX(version) FROM papers q
         WHERE q.kind = p.kind AND q.id = p.id AND ($6 = '' OR q.state = $6))
     ORDER BY id LIMIT $7",
    "SELECT id, jurisdiction, unit, year, parent, content, flow FROM papers
     WHERE kind = $1 AND id = $2 AND version > $3 ORDER BY version LIMIT $4",
];

/// Which papers of a jurisdiction and year.
#[derive(Clone, Debug)]
pub struct PaperFilter<'a> {
    /// The jurisdiction.
    pub jurisdiction: &'a str,
    /// The year.
    pub year: i16,
    /// Of schemes: the plan; empty for all.
    pub parent: &'a str,
    /// Only versions that stand here; each paper's latest of any state otherwise.
    pub state: Option<PaperState>,
}

fn read<T: Content>(row: PaperRow) -> Result<Paper<T>, StoreError> {
    let (id, jurisdiction, unit, year, parent, content, flow) = row;
    Ok(Paper {
        id,
        jurisdiction,
        unit,
        year: i16::try_from(year).unwrap_or(i16::MAX),
        parent,
        content: from_doc("papers", &content)?,
        flow: from_doc("papers", &flow)?,
    })
}

impl Tx {
    /// Adds a version.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when it exists, or another one of the paper is open.
    pub async fn insert_paper<T: Content>(
        &mut self,
        paper: &Paper<T>,
        now_us: i64,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO papers (kind, id, version, jurisdiction, unit, year, parent, state, etag,
               content, flow, created_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(T::KIND.word())
        .bind(paper.id.clone())
        .bind(paper.flow.version)
        .bind(paper.jurisdiction.clone())
        .bind(paper.unit.clone())
        .bind(i64::from(paper.year))
        .bind(paper.parent.clone())
        .bind(paper.flow.state.word())
        .bind(paper.flow.etag)
        .bind(to_doc("papers", &paper.content)?)
        .bind(to_doc("papers", &paper.flow)?)
        .bind(now_us)
        .execute_one()
        .await
    }

    /// Stores a changed version, whose etag has grown from `before`; `false` when another change
    /// came between.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when another version is published.
    pub async fn update_paper<T: Content>(
        &mut self,
        paper: &Paper<T>,
        before: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE papers SET state = $5, etag = $6, content = $7, flow = $8
                 WHERE kind = $1 AND id = $2 AND version = $3 AND etag = $4",
            )
            .bind(T::KIND.word())
            .bind(paper.id.clone())
            .bind(paper.flow.version)
            .bind(before)
            .bind(paper.flow.state.word())
            .bind(paper.flow.etag)
            .bind(to_doc("papers", &paper.content)?)
            .bind(to_doc("papers", &paper.flow)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// One version, or the latest for 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn paper<T: Content>(
        &mut self,
        id: &str,
        version: i64,
    ) -> Result<Option<Paper<T>>, StoreError> {
        let row: Option<PaperRow> = self
            .query(SELECTS[0])
            .bind(T::KIND.word())
            .bind(id.to_owned())
            .bind(version)
            .fetch_optional()
            .await?;
        row.map(read).transpose()
    }

    /// A page of papers of a jurisdiction and year by id, each in its latest version that fits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn papers<T: Content>(
        &mut self,
        filter: &PaperFilter<'_>,
        page: &Page<'_>,
    ) -> Result<Vec<Paper<T>>, StoreError> {
        let rows: Vec<PaperRow> = self
            .query(SELECTS[1])
            .bind(T::KIND.word())
            .bind(filter.jurisdiction.to_owned())
            .bind(i64::from(filter.year))
            .bind(filter.parent.to_owned())
            .bind(page.after.to_owned())
            .bind(filter.state.map_or("", PaperState::word))
            .bind(page.limit)
            .fetch_all()
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The published annual plans of a jurisdiction and year, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn published_plans(
        &mut self,
        jurisdiction: &str,
        year: i16,
    ) -> Result<Vec<(String, AnnualPlan)>, StoreError> {
        let state = Some(PaperState::Published);
        let filter = PaperFilter { jurisdiction, year, parent: "", state };
        let all = Page { after: "", limit: i64::MAX };
        let found: Vec<Paper<AnnualPlan>> = self.papers(&filter, &all).await?;
        Ok(found.into_iter().map(|p| (p.id, p.content)).collect())
    }

    /// A page of a paper's versions, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn paper_versions<T: Content>(
        &mut self,
        id: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Paper<T>>, StoreError> {
        let rows: Vec<PaperRow> = self
            .query(SELECTS[2])
            .bind(T::KIND.word())
            .bind(id.to_owned())
            .bind(after)
            .bind(limit)
            .fetch_all()
            .await?;
        rows.into_iter().map(read).collect()
    }
}

//! [Tx] methods on results of visits and what is published of them.

use super::{StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::bulletin::Bulletin;
use crate::domain::correction::{Correction, CorrectionState};
use crate::domain::publication::{Publication, ResultRecord};

/// A result, and what was found, encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedResult {
    /// Where it stands.
    pub record: ResultRecord,
    /// What was found and of whom, as the app seals it.
    pub sealed: Vec<u8>,
}

/// Which results are wanted.
#[derive(Clone, Debug, Default)]
pub struct ResultFilter<'a> {
    /// The campaign; empty for all.
    pub campaign: &'a str,
    /// Only those that this department found or has to publish; empty for all.
    pub department: &'a str,
    /// Only those in this state; empty for all.
    pub state: &'a str,
}

type Columns = (String, Vec<u8>);

fn read((doc, sealed): Columns) -> Result<SealedResult, StoreError> {
    Ok(SealedResult { record: from_doc("results", &doc)?, sealed })
}

impl Tx {
    /// Adds a result; a conflict when the department has one of the visit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_result(&mut self, new: &SealedResult) -> Result<(), StoreError> {
        let record = &new.record;
        self.query(
            "INSERT INTO results
               (id, campaign, attempt, rank, department, publisher, state, version, doc, sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(record.id.clone())
        .bind(record.campaign.clone())
        .bind(record.attempt)
        .bind(record.rank)
        .bind(record.department.clone())
        .bind(record.publisher.clone())
        .bind(record.state.word())
        .bind(record.version)
        .bind(to_doc("results", record)?)
        .bind(new.sealed.clone())
        .execute_one()
        .await
    }

    /// Stores what became of a result since a version; `false` when somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError`]; also for a move that a result may not make.
    pub async fn update_result(
        &mut self,
        record: &ResultRecord,
        since: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query("UPDATE results SET state = $2, version = $3, doc = $4 WHERE id = $1 AND version = $5")
            .bind(record.id.clone())
            .bind(record.state.word())
            .bind(record.version)
            .bind(to_doc("results", record)?)
            .bind(since)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A result.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn result(&mut self, id: &str) -> Result<Option<SealedResult>, StoreError> {
        let row: Option<Columns> = self
            .query("SELECT doc, sealed FROM results WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional()
            .await?;
        row.map(read).transpose()
    }

    /// A page of results by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn results(
        &mut self,
        wanted: &ResultFilter<'_>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<SealedResult>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT doc, sealed FROM results
                 WHERE ($1 = '' OR campaign = $1) AND ($2 = '' OR department = $2 OR publisher = $2)
                   AND ($3 = '' OR state = $3) AND id > $4
                 ORDER BY id LIMIT $5",
            )
            .bind(wanted.campaign.to_owned())
            .bind(wanted.department.to_owned())
            .bind(wanted.state.to_owned())
            .bind(after.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Publishes a version.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when there is one.
    pub async fn insert_publication(&mut self, new: &Publication) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO publications (result, version, campaign, subject, published_us, doc)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.result.clone())
        .bind(new.version)
        .bind(new.campaign.clone())
        .bind(new.subject.clone())
        .bind(new.published_us)
        .bind(to_doc("publications", new)?)
        .execute_one()
        .await
    }

    /// Every published version of a result, the first one first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn publications(&mut self, result: &str) -> Result<Vec<Publication>, StoreError> {
        let rows = self
            .query("SELECT doc FROM publications WHERE result = $1 ORDER BY version")
            .bind(result.to_owned())
            .fetch_all()
            .await?;
        from_docs("publications", rows)
    }

    /// A page of what stands published of a campaign, of a subject, or of both: latest versions, by
    /// result.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn published(
        &mut self,
        [campaign, subject]: [&str; 2],
        after: &str,
        limit: i64,
    ) -> Result<Vec<Publication>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM publications p
                 WHERE ($1 = '' OR campaign = $1) AND ($2 = '' OR subject = $2) AND result > $3
                   AND version = (SELECT MAX(version) FROM publications l WHERE l.result = p.result)
                 ORDER BY result LIMIT $4",
            )
            .bind(campaign.to_owned())
            .bind(subject.to_owned())
            .bind(after.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        from_docs("publications", rows)
    }

    /// Adds a correction; a conflict when another one is open.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_correction(&mut self, new: &Correction) -> Result<(), StoreError> {
        self.query("INSERT INTO corrections (result, nth, state, doc) VALUES ($1, $2, $3, $4)")
            .bind(new.result.clone())
            .bind(new.nth)
            .bind(new.state.word())
            .bind(to_doc("corrections", new)?)
            .execute_one()
            .await
    }

    /// Stores what was decided on a correction, once; `false` when it was decided before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide_correction(&mut self, decided: &Correction) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE corrections SET state = $3, doc = $4
                 WHERE result = $1 AND nth = $2 AND state = $5",
            )
            .bind(decided.result.clone())
            .bind(decided.nth)
            .bind(decided.state.word())
            .bind(to_doc("corrections", decided)?)
            .bind(CorrectionState::Requested.word())
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// The corrections of a result.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn corrections(&mut self, result: &str) -> Result<Vec<Correction>, StoreError> {
        let rows = self
            .query("SELECT doc FROM corrections WHERE result = $1 ORDER BY nth")
            .bind(result.to_owned())
            .fetch_all()
            .await?;
        from_docs("corrections", rows)
    }

    /// Publishes a bulletin.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the campaign has one.
    pub async fn insert_bulletin(&mut self, new: &Bulletin) -> Result<(), StoreError> {
        self.query("INSERT INTO bulletins (campaign, doc) VALUES ($1, $2)")
            .bind(new.campaign.clone())
            .bind(to_doc("bulletins", new)?)
            .execute_one()
            .await
    }

    /// The bulletin of a campaign.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bulletin(&mut self, campaign: &str) -> Result<Option<Bulletin>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM bulletins WHERE campaign = $1")
            .bind(campaign.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("bulletins", &doc)).transpose()
    }
}

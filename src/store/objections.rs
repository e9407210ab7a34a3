//! [Tx] methods on objections to published results.

use super::{StoreError, Tx};

/// An objection as it is stored: what was filed and said is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedObjection {
    /// Its id.
    pub id: String,
    /// The result.
    pub result: String,
    /// The campaign.
    pub campaign: String,
    /// The department whose result it is.
    pub department: String,
    /// The word of how it came.
    pub filing: String,
    /// The word of its state.
    pub state: String,
    /// Its version.
    pub version: i64,
    /// When it was filed, in microseconds UTC.
    pub filed_us: i64,
    /// The objection, as the app seals it.
    pub sealed: Vec<u8>,
}

type Columns = (String, String, String, String, String, String, i64, i64, Vec<u8>);

impl SealedObjection {
    fn read(row: Columns) -> Self {
        let (id, result, campaign, department, filing, state, version, filed_us, sealed) = row;
        Self { id, result, campaign, department, filing, state, version, filed_us, sealed }
    }
}

impl Tx {
    /// Adds an objection.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_objection(&mut self, new: &SealedObjection) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO objections
               (id, result, campaign, department, filing, state, version, filed_us, sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(new.id.clone())
        .bind(new.result.clone())
        .bind(new.campaign.clone())
        .bind(new.department.clone())
        .bind(new.filing.clone())
        .bind(new.state.clone())
        .bind(new.version)
        .bind(new.filed_us)
        .bind(new.sealed.clone())
        .execute_one()
        .await
    }

    /// Stores what became of an objection since a version; `false` when somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError`]; also for a move that an objection may not make.
    pub async fn update_objection(
        &mut self,
        new: &SealedObjection,
        since: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE objections SET state = $2, version = $3, sealed = $4
                 WHERE id = $1 AND version = $5",
            )
            .bind(new.id.clone())
            .bind(new.state.clone())
            .bind(new.version)
            .bind(new.sealed.clone())
            .bind(since)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// An objection.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn objection(&mut self, id: &str) -> Result<Option<SealedObjection>, StoreError> {
        let row: Option<Columns> = self
            .query(
                "SELECT id, result, campaign, department, filing, state, version, filed_us, sealed
                 FROM objections WHERE id = $1",
            )
            .bind(id.to_owned())
            .fetch_optional()
            .await?;
        Ok(row.map(SealedObjection::read))
    }

    /// A page of objections by id: of a department and in a state when they are given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn objections(
        &mut self,
        [department, state]: [&str; 2],
        after: &str,
        limit: i64,
    ) -> Result<Vec<SealedObjection>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT id, result, campaign, department, filing, state, version, filed_us, sealed
                 FROM objections
                 WHERE ($1 = '' OR department = $1) AND ($2 = '' OR state = $2) AND id > $3
                 ORDER BY id LIMIT $4",
            )
            .bind(department.to_owned())
            .bind(state.to_owned())
            .bind(after.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(SealedObjection::read).collect())
    }

    /// How many objections to a result that came one way are open.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_objections(&mut self, result: &str, filing: &str) -> Result<i64, StoreError> {
        let row: Option<(i64,)> = self
            .query(
                "SELECT COUNT(*) FROM objections WHERE result = $1 AND filing = $2
                   AND state NOT IN ('ANSWERED', 'WITHDRAWN')",
            )
            .bind(result.to_owned())
            .bind(filing.to_owned())
            .fetch_optional()
            .await?;
        Ok(row.map_or(0, |(count,)| count))
    }

    /// How many objections have come one way since an instant.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn objections_since(
        &mut self,
        filing: &str,
        since_us: i64,
    ) -> Result<i64, StoreError> {
        let row: Option<(i64,)> = self
            .query("SELECT COUNT(*) FROM objections WHERE filing = $1 AND filed_us > $2")
            .bind(filing.to_owned())
            .bind(since_us)
            .fetch_optional()
            .await?;
        Ok(row.map_or(0, |(count,)| count))
    }
}

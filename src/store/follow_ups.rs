//! [Tx] methods on what follows from results.

use super::{StoreError, Tx};

/// A follow-up as it is stored: what was said of it is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFollowUp {
    /// The result.
    pub result: String,
    /// The campaign.
    pub campaign: String,
    /// The department whose result it is.
    pub department: String,
    /// The competent unit; empty until one is named.
    pub unit: String,
    /// The word of its state.
    pub state: String,
    /// Its version.
    pub version: i64,
    /// The follow-up, as the app seals it.
    pub sealed: Vec<u8>,
}

type Columns = (String, String, String, String, String, i64, Vec<u8>);

impl SealedFollowUp {
    fn read((result, campaign, department, unit, state, version, sealed): Columns) -> Self {
        Self { result, campaign, department, unit, state, version, sealed }
    }
}

impl Tx {
    /// Adds what follows from a result, unless it is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_follow_up(&mut self, new: &SealedFollowUp) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO follow_ups (result, campaign, department, unit, state, version, sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(new.result.clone())
        .bind(new.campaign.clone())
        .bind(new.department.clone())
        .bind(new.unit.clone())
        .bind(new.state.clone())
        .bind(new.version)
        .bind(new.sealed.clone())
        .execute()
        .await?;
        Ok(())
    }

    /// Stores what became of a follow-up since a version; `false` when somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError`]; also for a move that it may not make.
    pub async fn update_follow_up(
        &mut self,
        new: &SealedFollowUp,
        since: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE follow_ups SET unit = $2, state = $3, version = $4, sealed = $5
                 WHERE result = $1 AND version = $6",
            )
            .bind(new.result.clone())
            .bind(new.unit.clone())
            .bind(new.state.clone())
            .bind(new.version)
            .bind(new.sealed.clone())
            .bind(since)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// What follows from a result.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn follow_up(&mut self, result: &str) -> Result<Option<SealedFollowUp>, StoreError> {
        let row: Option<Columns> = self
            .query(
                "SELECT result, campaign, department, unit, state, version, sealed
                 FROM follow_ups WHERE result = $1",
            )
            .bind(result.to_owned())
            .fetch_optional()
            .await?;
        Ok(row.map(SealedFollowUp::read))
    }

    /// A page of follow-ups by result: those that a department found or has to see to, and in a state, when
    /// they are given; none that is erased.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn follow_ups(
        &mut self,
        [department, state]: [&str; 2],
        after: &str,
        limit: i64,
    ) -> Result<Vec<SealedFollowUp>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT result, campaign, department, unit, state, version, sealed FROM follow_ups
                 WHERE ($1 = '' OR department = $1 OR unit = $1) AND ($2 = '' OR state = $2)
                   AND result > $3 AND length(sealed) > 0
                 ORDER BY result LIMIT $4",
            )
            .bind(department.to_owned())
            .bind(state.to_owned())
            .bind(after.to_owned())
            .bind(limit)
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(SealedFollowUp::read).collect())
    }
}

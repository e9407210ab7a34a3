//! [Tx] methods on the experts of draws: pools, picks, and who was assigned.

use super::{StoreError, Tx};

/// The experts of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpertDraw {
    /// The attempt.
    pub attempt: i64,
    /// The published pool, as JSON.
    pub pool: String,
    /// The picks, as JSON; empty until it is drawn.
    pub picks: String,
    /// Who stands behind the tickets, under the attempt's data key.
    pub sealed: Vec<u8>,
}

/// Somebody who was assigned without a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedAssignment {
    /// Rank of the visit.
    pub rank: i64,
    /// The profession.
    pub profession: String,
    /// Who and why, under the attempt's data key.
    pub sealed: Vec<u8>,
}

impl Tx {
    /// Stores the pool of an attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_experts(
        &mut self,
        campaign: &str,
        new: &ExpertDraw,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO expert_draws (campaign, attempt, pool, picks, sealed)
             VALUES ($1, $2, $3, '', $4)",
        )
        .bind(campaign.to_owned())
        .bind(new.attempt)
        .bind(new.pool.clone())
        .bind(new.sealed.clone())
        .execute_one()
        .await
    }

    /// Stores the picks of an attempt, once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_picks(
        &mut self,
        (campaign, attempt): (&str, i64),
        picks: String,
    ) -> Result<(), StoreError> {
        self.query("UPDATE expert_draws SET picks = $3 WHERE campaign = $1 AND attempt = $2")
            .bind(campaign.to_owned())
            .bind(attempt)
            .bind(picks)
            .execute_one()
            .await
    }

    /// The experts of an attempt, if it has any.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn experts(
        &mut self,
        campaign: &str,
        attempt: i64,
    ) -> Result<Option<ExpertDraw>, StoreError> {
        let row: Option<(String, String, Vec<u8>)> = self
            .query(
                "SELECT pool, picks, sealed FROM expert_draws WHERE campaign = $1 AND attempt = $2",
            )
            .bind(campaign.to_owned())
            .bind(attempt)
            .fetch_optional()
            .await?;
        Ok(row.map(|(pool, picks, sealed)| ExpertDraw { attempt, pool, picks, sealed }))
    }

    /// Stores who was assigned for a need.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when somebody was before.
    pub async fn insert_assignment(
        &mut self,
        (campaign, attempt): (&str, i64),
        new: &SealedAssignment,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO expert_assignments (campaign, attempt, rank, profession, sealed)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(campaign.to_owned())
        .bind(attempt)
        .bind(new.rank)
        .bind(new.profession.clone())
        .bind(new.sealed.clone())
        .execute_one()
        .await
    }

    /// Who was assigned in an attempt, by rank and profession.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn assignments(
        &mut self,
        campaign: &str,
        attempt: i64,
    ) -> Result<Vec<SealedAssignment>, StoreError> {
        let rows: Vec<(i64, String, Vec<u8>)> = self
            .query(
                "SELECT rank, profession, sealed FROM expert_assignments
                 WHERE campaign = $1 AND attempt = $2 ORDER BY rank, profession",
            )
            .bind(campaign.to_owned())
            .bind(attempt)
            .fetch_all()
            .await?;
        let read = |(rank, profession, sealed)| SealedAssignment { rank, profession, sealed };
        Ok(rows.into_iter().map(read).collect())
    }
}

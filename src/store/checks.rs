//! [Tx] methods on checks: the execution of visits.

use super::{StoreError, Tx};

/// A check as it is stored: what was recorded is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCheck {
    /// The campaign.
    pub campaign: String,
    /// The attempt that drew the visit.
    pub attempt: i64,
    /// Rank of the visit.
    pub rank: i64,
    /// The word of its state.
    pub state: String,
    /// Its version.
    pub version: i64,
    /// SHA-256 of what is sealed, in hexadecimal.
    pub digest: String,
    /// The check, as the app seals it.
    pub sealed: Vec<u8>,
}

type Columns = (String, i64, i64, String, i64, String, Vec<u8>);

impl SealedCheck {
    fn read(row: Columns) -> Self {
        let (campaign, attempt, rank, state, version, digest, sealed) = row;
        Self { campaign, attempt, rank, state, version, digest, sealed }
    }
}

/// Which checks are wanted.
#[derive(Clone, Debug)]
pub struct CheckFilter<'a> {
    /// The campaign.
    pub campaign: &'a str,
    /// The attempt.
    pub attempt: i64,
    /// Only those with a section of this department; empty for all.
    pub department: &'a str,
    /// Only those in this state; empty for all.
    pub state: &'a str,
}

impl Tx {
    /// Adds a started check; a conflict when the visit has one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_check(&mut self, check: &SealedCheck) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO checks (campaign, attempt, rank, state, version, digest, sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(check.campaign.clone())
        .bind(check.attempt)
        .bind(check.rank)
        .bind(check.state.clone())
        .bind(check.version)
        .bind(check.digest.clone())
        .bind(check.sealed.clone())
        .execute_one()
        .await
    }

    /// Stores what became of a check since a version; `false` when somebody else was faster.
    ///
    /// # Errors
    /// [`StoreError`]; also for a move that a check may not make.
    pub async fn update_check(
        &mut self,
        check: &SealedCheck,
        since: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE checks SET state = $4, version = $5, digest = $6, sealed = $7
                 WHERE campaign = $1 AND attempt = $2 AND rank = $3 AND version = $8",
            )
            .bind(check.campaign.clone())
            .bind(check.attempt)
            .bind(check.rank)
            .bind(check.state.clone())
            .bind(check.version)
            .bind(check.digest.clone())
            .bind(check.sealed.clone())
            .bind(since)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// The check of a visit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check(
        &mut self,
        campaign: &str,
        attempt: i64,
        rank: i64,
    ) -> Result<Option<SealedCheck>, StoreError> {
        let row: Option<Columns> = self
            .query(
                "SELECT campaign, attempt, rank, state, version, digest, sealed FROM checks
                 WHERE campaign = $1 AND attempt = $2 AND rank = $3",
            )
            .bind(campaign.to_owned())
            .bind(attempt)
            .bind(rank)
            .fetch_optional()
            .await?;
        Ok(row.map(SealedCheck::read))
    }

    /// A page of the checks of an attempt, by rank.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn checks(
        &mut self,
        wanted: &CheckFilter<'_>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<SealedCheck>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT campaign, attempt, rank, state, version, digest, sealed FROM checks c
                 WHERE campaign = $1 AND attempt = $2 AND ($4 = '' OR state = $4) AND rank > $5
                   AND ($3 = '' OR EXISTS (SELECT 1 FROM visit_sections s
                     WHERE s.campaign = c.campaign AND s.department = $3 AND s.rank = c.rank))
                 ORDER BY rank LIMIT $6",
            )
            .bind(wanted.campaign.to_owned())
            .bind(wanted.attempt)
            .bind(wanted.department.to_owned())
            .bind(wanted.state.to_owned())
            .bind(after)
            .bind(limit)
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(SealedCheck::read).collect())
    }

    /// Every check of a campaign, over all attempts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_checks(&mut self, campaign: &str) -> Result<Vec<SealedCheck>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT campaign, attempt, rank, state, version, digest, sealed FROM checks
                 WHERE campaign = $1 ORDER BY attempt, rank",
            )
            .bind(campaign.to_owned())
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(SealedCheck::read).collect())
    }
}

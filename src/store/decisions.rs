//! [Tx] methods on what two persons decide.

use serde::{Deserialize, Serialize};

use super::{StoreError, Tx};

/// A decision on an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Decision {
    /// The campaign.
    pub campaign: String,
    /// The attempt.
    pub attempt: i64,
    /// `ABORT`, `VOID` or `RETRY`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub requested_by: String,
    /// In which role.
    pub requested_role: String,
    /// When, in microseconds UTC.
    pub requested_us: i64,
    /// Who approved it; empty until then.
    pub approved_by: String,
    /// When; 0 until then.
    pub approved_us: i64,
}

impl Tx {
    /// Adds a decision; a conflict when the attempt has one of the kind already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_decision(&mut self, new: &Decision) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO decisions (campaign, attempt, kind, reason, requested_by,
               requested_role, requested_us, approved_by, approved_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(new.campaign.clone())
        .bind(new.attempt)
        .bind(new.kind.clone())
        .bind(new.reason.clone())
        .bind(new.requested_by.clone())
        .bind(new.requested_role.clone())
        .bind(new.requested_us)
        .bind(new.approved_by.clone())
        .bind(new.approved_us)
        .execute_one()
        .await
    }

    /// Approves a decision, once; `false` when there is none waiting.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn approve_decision(&mut self, decision: &Decision) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE decisions SET approved_by = $4, approved_us = $5
                 WHERE campaign = $1 AND attempt = $2 AND kind = $3 AND approved_by = ''",
            )
            .bind(decision.campaign.clone())
            .bind(decision.attempt)
            .bind(decision.kind.clone())
            .bind(decision.approved_by.clone())
            .bind(decision.approved_us)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// All decisions on a campaign's attempts, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn draw_decisions(&mut self, campaign: &str) -> Result<Vec<Decision>, StoreError> {
        self.query(
            "SELECT campaign, attempt, kind, reason, requested_by, requested_role, requested_us,
               approved_by, approved_us
             FROM decisions WHERE campaign = $1 ORDER BY attempt, requested_us, kind",
        )
        .bind(campaign.to_owned())
        .fetch_all()
        .await
    }
}

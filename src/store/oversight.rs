//! [Tx] methods on what oversight reads over all campaigns of a jurisdiction.

use super::{StoreError, Tx, from_doc, from_docs};
use crate::domain::change::{Change, ChangeState};
use crate::domain::shortage::Shortage;

/// An attempt that ended without an outcome that counts.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct EndedAttempt {
    /// The campaign.
    pub campaign: String,
    /// The attempt.
    pub attempt: i64,
    /// The word of its state.
    pub state: String,
    /// Why.
    pub abort_reason: String,
    /// When it was approved, or frozen where a deadline ended it, in microseconds UTC.
    pub at_us: i64,
}

/// A frozen statement: campaign, attempt, when it was frozen, its bytes.
pub type FrozenStatement = (String, i64, i64, Vec<u8>);

impl Tx {
    /// Attempts of a jurisdiction that were aborted or voided.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ended_attempts(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<EndedAttempt>, StoreError> {
        self.query(
            "SELECT d.campaign, d.attempt, d.state, d.abort_reason,
               COALESCE(MAX(e.approved_us), d.frozen_us) AS at_us
             FROM draws d JOIN campaigns c ON c.id = d.campaign
             LEFT JOIN decisions e ON e.campaign = d.campaign AND e.attempt = d.attempt
               AND e.kind IN ('ABORT', 'VOID') AND e.approved_by <> ''
             WHERE c.jurisdiction = $1 AND d.state IN ('ABORTED', 'VOID')
             GROUP BY d.campaign, d.attempt, d.state, d.abort_reason, d.frozen_us
             ORDER BY d.campaign, d.attempt",
        )
        .bind(jurisdiction.to_owned())
        .fetch_all()
        .await
    }

    /// Statements of attempts of a jurisdiction that are frozen or drawn.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn frozen_statements(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<FrozenStatement>, StoreError> {
        self.query(
            "SELECT d.campaign, d.attempt, d.frozen_us, d.freeze_bytes
             FROM draws d JOIN campaigns c ON c.id = d.campaign
             WHERE c.jurisdiction = $1 AND d.state IN ('FROZEN', 'DRAWN')
             ORDER BY d.campaign, d.attempt",
        )
        .bind(jurisdiction.to_owned())
        .fetch_all()
        .await
    }

    /// Changes of outcomes of a jurisdiction that were approved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn approved_changes(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<Change>, StoreError> {
        let rows = self
            .query(
                "SELECT h.doc FROM changes h JOIN campaigns c ON c.id = h.campaign
                 WHERE c.jurisdiction = $1 AND h.state = $2 ORDER BY h.campaign, h.nth",
            )
            .bind(jurisdiction.to_owned())
            .bind(ChangeState::Approved.word())
            .fetch_all()
            .await?;
        from_docs("changes", rows)
    }

    /// Shortages of a jurisdiction, with their campaigns.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn shortages_in(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<(String, Shortage)>, StoreError> {
        let rows: Vec<(String, String)> = self
            .query(
                "SELECT s.campaign, s.doc FROM shortages s JOIN campaigns c ON c.id = s.campaign
                 WHERE c.jurisdiction = $1 ORDER BY s.campaign, s.nth",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        rows.into_iter().map(|(c, doc)| Ok((c, from_doc("shortages", &doc)?))).collect()
    }

    /// Checks of a jurisdiction that were completed or terminated: campaign, attempt, rank.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ended_checks(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<(String, i64, i64)>, StoreError> {
        self.query(
            "SELECT k.campaign, k.attempt, k.rank FROM checks k
             JOIN campaigns c ON c.id = k.campaign
             WHERE c.jurisdiction = $1 AND k.state IN ('COMPLETED', 'TERMINATED')",
        )
        .bind(jurisdiction.to_owned())
        .fetch_all()
        .await
    }

    /// Checks of a jurisdiction that are over: campaign, attempt, rank and the word of the state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn checks_over(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<(String, i64, i64, String)>, StoreError> {
        self.query(
            "SELECT k.campaign, k.attempt, k.rank, k.state FROM checks k
             JOIN campaigns c ON c.id = k.campaign
             WHERE c.jurisdiction = $1 AND k.state IN ('COMPLETED', 'TERMINATED')",
        )
        .bind(jurisdiction.to_owned())
        .fetch_all()
        .await
    }

    /// When a department last finished an import of a kind, in microseconds UTC.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_import(
        &mut self,
        department: &str,
        kind: &str,
    ) -> Result<Option<i64>, StoreError> {
        let row: Option<(i64,)> = self
            .query(
                "SELECT started_us FROM imports
                 WHERE department = $1 AND state = 'FINISHED' AND doc LIKE $2
                 ORDER BY started_us DESC LIMIT 1",
            )
            .bind(department.to_owned())
            .bind(format!("%\"kind\":\"{kind}\"%"))
            .fetch_optional()
            .await?;
        Ok(row.map(|(at_us,)| at_us))
    }
}

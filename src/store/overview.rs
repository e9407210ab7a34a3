//! [Tx] methods on the figures of a year over all campaigns of a jurisdiction: counted by the database,
//! so that the overview stays quick.

use super::{StoreError, Tx, from_docs};
use crate::domain::publication::{Publication, ResultRecord};

impl Tx {
    /// How many checks of some campaigns of a jurisdiction stand where: their state and number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_states(
        &mut self,
        jurisdiction: &str,
        campaigns: &[String],
    ) -> Result<Vec<(String, i64)>, StoreError> {
        self.query_in(
            "SELECT k.state, COUNT(*) FROM checks k JOIN campaigns c ON c.id = k.campaign
             WHERE c.jurisdiction = $1 AND c.id = ANY {list}
             GROUP BY k.state",
            2,
        )
        .bind(jurisdiction.to_owned())
        .bind_list(campaigns)?
        .fetch_all()
        .await
    }

    /// Results of a jurisdiction that are neither published nor withheld.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unsettled_results(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<ResultRecord>, StoreError> {
        let rows = self
            .query(
                "SELECT r.doc FROM results r JOIN campaigns c ON c.id = r.campaign
                 WHERE c.jurisdiction = $1 AND r.state IN ('PENDING', 'IN_REVIEW') ORDER BY r.id",
            )
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        from_docs("results", rows)
    }

    /// The standing publications of a jurisdiction, published from an instant on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn standing_publications(
        &mut self,
        jurisdiction: &str,
        since_us: i64,
    ) -> Result<Vec<Publication>, StoreError> {
        let rows = self
            .query(
                "SELECT p.doc FROM publications p JOIN campaigns c ON c.id = p.campaign
                 WHERE c.jurisdiction = $1 AND p.published_us >= $2 AND NOT EXISTS
                   (SELECT 1 FROM publications q WHERE q.result = p.result AND q.version > p.version)
                 ORDER BY p.result",
            )
            .bind(jurisdiction.to_owned())
            .bind(since_us)
            .fetch_all()
            .await?;
        from_docs("publications", rows)
    }

    /// How many units each department's registry of a jurisdiction holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn registered(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        self.query(
            "SELECT department, COUNT(*) FROM entries WHERE jurisdiction = $1
             GROUP BY department ORDER BY department",
        )
        .bind(jurisdiction.to_owned())
        .fetch_all()
        .await
    }
}

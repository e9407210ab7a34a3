//! [Tx] methods on notices to businesses: each visit's once.

use super::{StoreError, Tx, from_docs, to_doc};
use crate::domain::notice::Told;

impl Tx {
    /// Stores that the business of a visit was told.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when it was told before.
    pub async fn insert_notice(
        &mut self,
        (campaign, attempt, rank): (&str, i64, i64),
        told: &Told,
    ) -> Result<(), StoreError> {
        self.query("INSERT INTO notices (campaign, attempt, rank, doc) VALUES ($1, $2, $3, $4)")
            .bind(campaign.to_owned())
            .bind(attempt)
            .bind(rank)
            .bind(to_doc("notices", told)?)
            .execute_one()
            .await
    }

    /// How the business of a visit was told, if it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notice(
        &mut self,
        (campaign, attempt, rank): (&str, i64, i64),
    ) -> Result<Option<Told>, StoreError> {
        let rows = self
            .query("SELECT doc FROM notices WHERE campaign = $1 AND attempt = $2 AND rank = $3")
            .bind(campaign.to_owned())
            .bind(attempt)
            .bind(rank)
            .fetch_all()
            .await?;
        Ok(from_docs("notices", rows)?.pop())
    }
}

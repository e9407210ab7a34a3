//! [Tx] methods on campaigns.

use super::{Page, StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::campaign::Campaign;

impl Tx {
    /// Adds a campaign.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the id exists already.
    pub async fn insert_campaign(
        &mut self,
        campaign: &Campaign,
        now_us: i64,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO campaigns (id, jurisdiction, state, version, doc, created_us)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(campaign.id.clone())
        .bind(campaign.jurisdiction.clone())
        .bind(campaign.state.word())
        .bind(campaign.version)
        .bind(to_doc("campaigns", campaign)?)
        .bind(now_us)
        .execute_one()
        .await
    }

    /// A campaign by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn campaign(&mut self, id: &str) -> Result<Option<Campaign>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM campaigns WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("campaigns", &doc)).transpose()
    }

    /// Stores a changed campaign, whose version has grown from `before`; `false` when another
    /// change came between.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when another campaign of the jurisdiction is frozen.
    pub async fn update_campaign(
        &mut self,
        campaign: &Campaign,
        before: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE campaigns SET state = $3, version = $4, doc = $5
                 WHERE id = $1 AND version = $2",
            )
            .bind(campaign.id.clone())
            .bind(before)
            .bind(campaign.state.word())
            .bind(campaign.version)
            .bind(to_doc("campaigns", campaign)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// The campaign of a jurisdiction that is frozen; there is one at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn frozen_campaign(
        &mut self,
        jurisdiction: &str,
    ) -> Result<Option<Campaign>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM campaigns WHERE jurisdiction = $1 AND state = 'FROZEN'")
            .bind(jurisdiction.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc("campaigns", &doc)).transpose()
    }

    /// All campaigns of a jurisdiction by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn campaigns_in(&mut self, jurisdiction: &str) -> Result<Vec<Campaign>, StoreError> {
        let rows = self
            .query("SELECT doc FROM campaigns WHERE jurisdiction = $1 ORDER BY id")
            .bind(jurisdiction.to_owned())
            .fetch_all()
            .await?;
        from_docs("campaigns", rows)
    }

    /// A page of campaigns by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn campaigns(&mut self, page: &Page<'_>) -> Result<Vec<Campaign>, StoreError> {
        let rows = self
            .query("SELECT doc FROM campaigns WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        from_docs("campaigns", rows)
    }
}

//! [Tx] methods on changes of an outcome.

use super::{StoreError, Tx, from_doc, to_doc};
use crate::domain::change::{Change, ChangeState};

/// A change, and whom it names, encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedChange {
    /// The change; no names in it.
    pub change: Change,
    /// The named person's id, as the app seals it; empty when nobody is named.
    pub sealed: Vec<u8>,
}

impl Tx {
    /// Adds a change; a conflict when the number is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_change(&mut self, new: &SealedChange) -> Result<(), StoreError> {
        let change = &new.change;
        self.query(
            "INSERT INTO changes (campaign, nth, state, doc, sealed) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(change.campaign.clone())
        .bind(change.nth)
        .bind(change.state.word())
        .bind(to_doc("changes", change)?)
        .bind(new.sealed.clone())
        .execute_one()
        .await
    }

    /// Stores what was decided on a change, once; `false` when it was decided before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide_change(&mut self, change: &Change) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE changes SET state = $3, doc = $4
                 WHERE campaign = $1 AND nth = $2 AND state = $5",
            )
            .bind(change.campaign.clone())
            .bind(change.nth)
            .bind(change.state.word())
            .bind(to_doc("changes", change)?)
            .bind(ChangeState::Requested.word())
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A page of a campaign's changes by number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn changes(
        &mut self,
        campaign: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<SealedChange>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> = self
            .query(
                "SELECT doc, sealed FROM changes WHERE campaign = $1 AND nth > $2
                 ORDER BY nth LIMIT $3",
            )
            .bind(campaign.to_owned())
            .bind(after)
            .bind(limit)
            .fetch_all()
            .await?;
        let read = |(doc, sealed): (String, Vec<u8>)| -> Result<SealedChange, StoreError> {
            Ok(SealedChange { change: from_doc("changes", &doc)?, sealed })
        };
        rows.into_iter().map(read).collect()
    }
}

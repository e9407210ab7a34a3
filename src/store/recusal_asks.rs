//! [Tx] methods on recusals that visited subjects ask for.

use super::{StoreError, Tx, from_doc, to_doc};
use crate::domain::recusal::{RecusalAsk, RecusalState};

/// A recusal, and what the subject says, encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRecusal {
    /// The recusal; no names in it.
    pub ask: RecusalAsk,
    /// The statement, as the app seals it.
    pub sealed: Vec<u8>,
}

impl Tx {
    /// Adds a recusal; a conflict when its number is taken, or the person was named before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_recusal_ask(&mut self, new: &SealedRecusal) -> Result<(), StoreError> {
        let ask = &new.ask;
        self.query(
            "INSERT INTO recusal_asks
               (campaign, nth, attempt, visit, of_visit, ticket, state, doc, sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(ask.campaign.clone())
        .bind(ask.nth)
        .bind(ask.attempt)
        .bind(ask.rank)
        .bind(ask.of_visit)
        .bind(ask.ticket.clone())
        .bind(ask.state.word())
        .bind(to_doc("recusal_asks", ask)?)
        .bind(new.sealed.clone())
        .execute_one()
        .await
    }

    /// Stores what was decided on a recusal, once; `false` when it was decided before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide_recusal_ask(&mut self, ask: &RecusalAsk) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE recusal_asks SET state = $3, doc = $4
                 WHERE campaign = $1 AND nth = $2 AND state = $5",
            )
            .bind(ask.campaign.clone())
            .bind(ask.nth)
            .bind(ask.state.word())
            .bind(to_doc("recusal_asks", ask)?)
            .bind(RecusalState::Asked.word())
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A page of a campaign's recusals by number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recusal_asks(
        &mut self,
        campaign: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<SealedRecusal>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> = self
            .query(
                "SELECT doc, sealed FROM recusal_asks WHERE campaign = $1 AND nth > $2
                 ORDER BY nth LIMIT $3",
            )
            .bind(campaign.to_owned())
            .bind(after)
            .bind(limit)
            .fetch_all()
            .await?;
        let read = |(doc, sealed): (String, Vec<u8>)| -> Result<SealedRecusal, StoreError> {
            Ok(SealedRecusal { ask: from_doc("recusal_asks", &doc)?, sealed })
        };
        rows.into_iter().map(read).collect()
    }
}

//! [Tx] methods on outcomes of supplementary draws.

use serde::{Deserialize, Serialize};

use super::{StoreError, Tx};

/// The outcome of a supplementary draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Supplemented {
    /// The supplementary campaign.
    pub campaign: String,
    /// Its drawn attempt.
    pub attempt: i64,
    /// The campaign it supplements.
    pub parent: String,
    /// The attempt it supplements.
    pub parent_attempt: i64,
    /// Its own freeze, in hexadecimal.
    pub freeze_hash: String,
    /// Its own outcome, in hexadecimal.
    pub result_root: String,
}

impl Tx {
    /// Records an outcome; a conflict when the attempt has one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_supplement(&mut self, new: &Supplemented) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO supplements
               (campaign, attempt, parent, parent_attempt, freeze_hash, result_root)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.campaign.clone())
        .bind(new.attempt)
        .bind(new.parent.clone())
        .bind(new.parent_attempt)
        .bind(new.freeze_hash.clone())
        .bind(new.result_root.clone())
        .execute_one()
        .await
    }

    /// All outcomes that supplement a campaign.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn supplements(&mut self, parent: &str) -> Result<Vec<Supplemented>, StoreError> {
        self.query(
            "SELECT campaign, attempt, parent, parent_attempt, freeze_hash, result_root
             FROM supplements WHERE parent = $1 ORDER BY campaign, attempt",
        )
        .bind(parent.to_owned())
        .fetch_all()
        .await
    }
}

//! [Tx] methods on what witnesses have signed.

use super::{StoreError, StoredCheckpoint, Tx};

/// A witness's line on a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Cosignature {
    /// Leaves of the checkpoint.
    pub size: i64,
    /// The witness's name in the policy.
    pub witness: String,
    /// Its signature line.
    pub line: String,
}

impl Tx {
    /// A checkpoint of a size.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn checkpoint(&mut self, size: i64) -> Result<Option<StoredCheckpoint>, StoreError> {
        self.query("SELECT size, note, at_us FROM log_checkpoints WHERE size = $1")
            .bind(size)
            .fetch_optional()
            .await
    }

    /// Stores a witness's line, once per checkpoint.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_cosignature(
        &mut self,
        new: &Cosignature,
        now_us: i64,
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO log_cosignatures (size, witness, line, at_us) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
        )
        .bind(new.size)
        .bind(new.witness.clone())
        .bind(new.line.clone())
        .bind(now_us)
        .execute()
        .await?;
        Ok(())
    }

    /// The lines on a checkpoint by witness.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cosignatures(&mut self, size: i64) -> Result<Vec<Cosignature>, StoreError> {
        self.query(
            "SELECT size, witness, line FROM log_cosignatures WHERE size = $1 ORDER BY witness",
        )
        .bind(size)
        .fetch_all()
        .await
    }

    /// Leaves of the largest checkpoint that a witness has signed; 0 before the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cosigned_size(&mut self, witness: &str) -> Result<i64, StoreError> {
        let row: Option<(i64,)> = self
            .query(
                "SELECT size FROM log_cosignatures WHERE witness = $1 ORDER BY size DESC LIMIT 1",
            )
            .bind(witness.to_owned())
            .fetch_optional()
            .await?;
        Ok(row.map_or(0, |(size,)| size))
    }

    /// Notes that a checkpoint bears the cosignatures it needs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_witnessed(&mut self, size: i64, now_us: i64) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO log_witnessed (size, at_us) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(size)
        .bind(now_us)
        .execute()
        .await?;
        Ok(())
    }

    /// The largest checkpoint that bears the cosignatures it needs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn witnessed_checkpoint(&mut self) -> Result<Option<StoredCheckpoint>, StoreError> {
        self.query(
            "SELECT c.size, c.note, c.at_us FROM log_witnessed w
             JOIN log_checkpoints c ON c.size = w.size ORDER BY w.size DESC LIMIT 1",
        )
        .fetch_optional()
        .await
    }

    /// The smallest checkpoint that covers a position, among the witnessed ones or among all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn checkpoint_over(
        &mut self,
        position: i64,
        witnessed: bool,
    ) -> Result<Option<StoredCheckpoint>, StoreError> {
        let sql = match witnessed {
            true => {
                "SELECT c.size, c.note, c.at_us FROM log_witnessed w
                 JOIN log_checkpoints c ON c.size = w.size
                 WHERE w.size > $1 ORDER BY w.size LIMIT 1"
            }
            false => {
                "SELECT size, note, at_us FROM log_checkpoints
                 WHERE size > $1 ORDER BY size LIMIT 1"
            }
        };
        self.query(sql).bind(position).fetch_optional().await
    }
}

//! [Tx] methods that read whole tables, for checking them.

use super::{StoreError, StoredCheckpoint, StoredTile, Tx};

/// An event with all its columns.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct EventRow {
    /// Order of insertion.
    pub nth: i64,
    /// Its id.
    pub id: Vec<u8>,
    /// When, in microseconds UTC.
    pub at_us: i64,
    /// What kind.
    pub kind: String,
    /// The campaign it is of.
    pub campaign: String,
    /// The stored bytes.
    pub body: Vec<u8>,
    /// The service's mark.
    pub mac: Vec<u8>,
    /// Its position in the log; `None` while it waits.
    pub position: Option<i64>,
}

impl Tx {
    /// Events in order of insertion, after one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn event_rows(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<EventRow>, StoreError> {
        self.query(
            "SELECT nth, id, at_us, kind, campaign, body, mac, position FROM events
             WHERE nth > $1 ORDER BY nth LIMIT $2",
        )
        .bind(after)
        .bind(limit)
        .fetch_all()
        .await
    }

    /// All tiles of the log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_tiles(&mut self) -> Result<Vec<StoredTile>, StoreError> {
        self.query("SELECT level, nth, hashes FROM log_tiles ORDER BY level, nth").fetch_all().await
    }

    /// All checkpoints, smallest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_checkpoints(&mut self) -> Result<Vec<StoredCheckpoint>, StoreError> {
        self.query("SELECT size, note, at_us FROM log_checkpoints ORDER BY size").fetch_all().await
    }

    /// State and attempts of all draws: campaign and attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_draws(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        self.query("SELECT campaign, attempt FROM draws ORDER BY campaign, attempt")
            .fetch_all()
            .await
    }

    /// The stored state of all campaigns: id, state column.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_campaigns(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        self.query("SELECT id, state FROM campaigns ORDER BY id").fetch_all().await
    }
}

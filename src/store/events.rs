//! [Tx] methods on the ledger's events.

use super::{StoreError, Tx};

/// A stored event.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredEvent {
    /// When, in microseconds UTC.
    pub at_us: i64,
    /// What kind.
    pub kind: String,
    /// The stored bytes.
    pub body: Vec<u8>,
}

impl Tx {
    /// Adds an event without a position, with the service's mark on it; a round of the log gives
    /// it one later.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn append_event(
        &mut self,
        id: &[u8],
        kind: &str,
        body: &[u8],
        mac: &[u8],
        now_us: i64,
    ) -> Result<(), StoreError> {
        self.query("INSERT INTO events (id, at_us, kind, body, mac) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.to_vec())
            .bind(now_us)
            .bind(kind.to_owned())
            .bind(body.to_vec())
            .bind(mac.to_vec())
            .execute_one()
            .await
    }

    /// Events of a kind, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_of(
        &mut self,
        kind: &str,
        limit: i64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.query("SELECT at_us, kind, body FROM events WHERE kind = $1 ORDER BY nth LIMIT $2")
            .bind(kind.to_owned())
            .bind(limit)
            .fetch_all()
            .await
    }
}

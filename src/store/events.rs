//! [Tx] methods on the ledger's events.

use super::{Cell, Entry, StoreError, Tx};

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

/// An event to be added.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// A random id.
    pub id: Vec<u8>,
    /// When, in microseconds UTC.
    pub at_us: i64,
    /// What kind.
    pub kind: String,
    /// The campaign it is of; empty for none.
    pub campaign: String,
    /// The bytes to store.
    pub body: Vec<u8>,
    /// The service's mark on them.
    pub mac: Vec<u8>,
}

impl Tx {
    /// Adds events without positions, in order; a round of the log gives them one later.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn append_events(&mut self, new: &[NewEvent]) -> Result<(), StoreError> {
        let rows: Vec<[Cell<'_>; 6]> = new
            .iter()
            .map(|NewEvent { id, at_us, kind, campaign, body, mac }| {
                [id.into(), (*at_us).into(), kind.into(), campaign.into(), body.into(), mac.into()]
            })
            .collect();
        let columns = ["id", "at_us", "kind", "campaign", "body", "mac"];
        self.insert("events", &columns, &rows).await
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

    /// Events of changed lists from a position of the log on, in order: position, time, kind, bytes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn registry_events(
        &mut self,
        from: i64,
        limit: i64,
    ) -> Result<Vec<(i64, i64, String, Vec<u8>)>, StoreError> {
        self.query(
            "SELECT position, at_us, kind, body FROM events
             WHERE kind IN ('subjects.import', 'inspectors.import', 'item_list.put')
               AND position >= $1 ORDER BY position LIMIT $2",
        )
        .bind(from)
        .bind(limit)
        .fetch_all()
        .await
    }

    /// Where the latest event of a kind and campaign stands in the log; `None` before it has a
    /// position, or without one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest_position(
        &mut self,
        campaign: &str,
        kind: &str,
    ) -> Result<Option<i64>, StoreError> {
        let row: Option<(Option<i64>,)> = self
            .query(
                "SELECT position FROM events WHERE campaign = $1 AND kind = $2
                 AND campaign <> '' ORDER BY nth DESC LIMIT 1",
            )
            .bind(campaign.to_owned())
            .bind(kind.to_owned())
            .fetch_optional()
            .await?;
        Ok(row.and_then(|(position,)| position))
    }

    /// Events of a kind below a position of the log, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entries_of_kind(
        &mut self,
        kind: &str,
        below: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        self.query(
            "SELECT nth, id, at_us, body, mac, position FROM events
             WHERE kind = $1 AND position < $2 ORDER BY position",
        )
        .bind(kind.to_owned())
        .bind(below)
        .fetch_all()
        .await
    }

    /// Events of a campaign below a position of the log, in order; without the deeds of its checks, which
    /// say nothing of the draw and are many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn campaign_entries(
        &mut self,
        campaign: &str,
        below: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        self.query(
            "SELECT nth, id, at_us, body, mac, position FROM events
             WHERE campaign = $1 AND campaign <> '' AND position < $2
               AND kind NOT LIKE 'check.%' AND kind NOT LIKE 'appointment.%'
             ORDER BY position",
        )
        .bind(campaign.to_owned())
        .bind(below)
        .fetch_all()
        .await
    }
}

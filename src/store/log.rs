//! [Tx] methods on the log: events in order, tiles, checkpoints, acknowledgements.

use super::{StoreError, Tx};

/// An event that has its position.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    /// Order of insertion.
    pub nth: i64,
    /// Its id.
    pub id: Vec<u8>,
    /// When it says it happened, in microseconds UTC.
    pub at_us: i64,
    /// The stored bytes: the leaf.
    pub body: Vec<u8>,
    /// The service's mark on them.
    pub mac: Vec<u8>,
    /// Its position in the log, from 0.
    pub position: i64,
}

/// A stored checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredCheckpoint {
    /// Leaves in the tree.
    pub size: i64,
    /// The signed note.
    pub note: String,
    /// When it was signed, in microseconds UTC.
    pub at_us: i64,
}

/// A stored tile.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredTile {
    /// Level of the tile.
    pub level: i64,
    /// Index within the level.
    pub nth: i64,
    /// Its hashes, 32 bytes each.
    pub hashes: Vec<u8>,
}

impl Tx {
    /// How many events have a position.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_size(&mut self) -> Result<i64, StoreError> {
        let row: Option<(i64,)> = self
            .query(
                "SELECT position + 1 FROM events WHERE position IS NOT NULL
                 ORDER BY position DESC LIMIT 1",
            )
            .fetch_optional()
            .await?;
        Ok(row.map_or(0, |(size,)| size))
    }

    /// Gives positions from `size` on to waiting events, in order of insertion, and returns them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sequence(&mut self, size: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
        self.query(
            "UPDATE events SET position = waiting.position
             FROM (SELECT nth, $1 - 1 + row_number() OVER (ORDER BY nth) AS position
                   FROM events WHERE position IS NULL ORDER BY nth LIMIT $2) AS waiting
             WHERE events.nth = waiting.nth",
        )
        .bind(size)
        .bind(limit)
        .execute()
        .await?;
        self.log_entries(size, limit).await
    }

    /// [`Tx::sequence`] for events that say they happened before a time, up to the first one in the order
    /// of insertion that does not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sequence_before(
        &mut self,
        size: i64,
        limit: i64,
        before_us: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        self.query(
            "UPDATE events SET position = waiting.position
             FROM (SELECT nth, $1 - 1 + row_number() OVER (ORDER BY nth) AS position
                   FROM events WHERE position IS NULL AND NOT EXISTS (
                     SELECT 1 FROM events later
                     WHERE later.position IS NULL AND later.at_us >= $3 AND later.nth <= events.nth)
                   ORDER BY nth LIMIT $2) AS waiting
             WHERE events.nth = waiting.nth",
        )
        .bind(size)
        .bind(limit)
        .bind(before_us)
        .execute()
        .await?;
        self.log_entries(size, limit).await
    }

    /// Gives one waiting event its position.
    ///
    /// # Errors
    /// [`StoreError`], also when no such event waits.
    pub async fn place_event(&mut self, id: &[u8], position: i64) -> Result<(), StoreError> {
        self.query("UPDATE events SET position = $2 WHERE id = $1 AND position IS NULL")
            .bind(id.to_vec())
            .bind(position)
            .execute_one()
            .await
    }

    /// Entries from a position on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_entries(&mut self, first: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
        self.query(
            "SELECT nth, id, at_us, body, mac, position FROM events WHERE position >= $1
             ORDER BY position LIMIT $2",
        )
        .bind(first)
        .bind(limit)
        .fetch_all()
        .await
    }

    /// When the entry at a position says it happened; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entry_time(&mut self, position: i64) -> Result<Option<i64>, StoreError> {
        let row: Option<(i64,)> = self
            .query("SELECT at_us FROM events WHERE position = $1")
            .bind(position)
            .fetch_optional()
            .await?;
        Ok(row.map(|(at_us,)| at_us))
    }

    /// One tile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tile(&mut self, level: i64, nth: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = self
            .query("SELECT hashes FROM log_tiles WHERE level = $1 AND nth = $2")
            .bind(level)
            .bind(nth)
            .fetch_optional()
            .await?;
        Ok(row.map(|(hashes,)| hashes))
    }

    /// Stores a tile or its longer version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_tile(&mut self, tile: StoredTile) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO log_tiles (level, nth, hashes) VALUES ($1, $2, $3)
             ON CONFLICT (level, nth) DO UPDATE SET hashes = excluded.hashes",
        )
        .bind(tile.level)
        .bind(tile.nth)
        .bind(tile.hashes)
        .execute_one()
        .await
    }

    /// The latest checkpoint.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest_checkpoint(&mut self) -> Result<Option<StoredCheckpoint>, StoreError> {
        self.query("SELECT size, note, at_us FROM log_checkpoints ORDER BY size DESC LIMIT 1")
            .fetch_optional()
            .await
    }

    /// Stores a checkpoint, once per size.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_checkpoint(&mut self, new: StoredCheckpoint) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO log_checkpoints (size, note, at_us) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING",
        )
        .bind(new.size)
        .bind(new.note)
        .bind(new.at_us)
        .execute()
        .await?;
        Ok(())
    }

    /// Adds an office's acknowledgement of a fault; `false` when it has one already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_acknowledgement(
        &mut self,
        fault: &str,
        office: &str,
        reason: &str,
        now_us: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "INSERT INTO log_acknowledgements (fault, office, reason, at_us)
                 VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(fault.to_owned())
            .bind(office.to_owned())
            .bind(reason.to_owned())
            .bind(now_us)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// Offices that have acknowledged a fault.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn acknowledgements(&mut self, fault: &str) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self
            .query("SELECT office FROM log_acknowledgements WHERE fault = $1 ORDER BY office")
            .bind(fault.to_owned())
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(|(office,)| office).collect())
    }
}

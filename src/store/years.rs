//! [Tx] methods on the log's closed years.

use super::{StoreError, Tx};

/// A closed year of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct ClosedYear {
    /// Which.
    pub year: i64,
    /// Where its entries begin.
    pub first: i64,
    /// Entries of the tree at its close; the position of its event.
    pub size: i64,
}

impl Tx {
    /// Closes a year; a conflict when it is closed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_year(&mut self, new: ClosedYear) -> Result<(), StoreError> {
        self.query("INSERT INTO log_years (year, first, size) VALUES ($1, $2, $3)")
            .bind(new.year)
            .bind(new.first)
            .bind(new.size)
            .execute_one()
            .await
    }

    /// The year that was closed last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_year(&mut self) -> Result<Option<ClosedYear>, StoreError> {
        self.query("SELECT year, first, size FROM log_years ORDER BY year DESC LIMIT 1")
            .fetch_optional()
            .await
    }

    /// One closed year.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn closed_year(&mut self, year: i64) -> Result<Option<ClosedYear>, StoreError> {
        self.query("SELECT year, first, size FROM log_years WHERE year = $1")
            .bind(year)
            .fetch_optional()
            .await
    }

    /// All closed years, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn closed_years(&mut self) -> Result<Vec<ClosedYear>, StoreError> {
        self.query("SELECT year, first, size FROM log_years ORDER BY year").fetch_all().await
    }
}

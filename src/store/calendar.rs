//! [Tx] methods on years of the calendar.

use super::{StoreError, Tx, from_docs, to_doc};
use crate::domain::calendar::YearTable;

impl Tx {
    /// Adds a version of a year.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the version exists already.
    pub async fn insert_year(&mut self, table: &YearTable) -> Result<(), StoreError> {
        self.query("INSERT INTO calendar_years (scope, year, version, doc) VALUES ($1, $2, $3, $4)")
            .bind(table.scope.clone())
            .bind(i64::from(table.year))
            .bind(table.version)
            .bind(to_doc("calendar_years", table)?)
            .execute_one()
            .await
    }

    /// All versions of all years of some scopes, by scope, year and version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn years(&mut self, scopes: &[String]) -> Result<Vec<YearTable>, StoreError> {
        let rows = self
            .query_in(
                "SELECT doc FROM calendar_years WHERE scope = ANY {list}
                 ORDER BY scope, year, version",
                1,
            )
            .bind_list(scopes)?
            .fetch_all()
            .await?;
        from_docs("calendar_years", rows)
    }

    /// Scope, year and version of everything stored, as the columns say.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn year_places(&mut self) -> Result<Vec<(String, i64, i64)>, StoreError> {
        self.query("SELECT scope, year, version FROM calendar_years ORDER BY 1, 2, 3")
            .fetch_all()
            .await
    }

    /// One version of a year of a scope that is stored.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn year(
        &mut self,
        scope: &str,
        year: i64,
        version: i64,
    ) -> Result<Option<YearTable>, StoreError> {
        let rows = self
            .query("SELECT doc FROM calendar_years WHERE scope = $1 AND year = $2 AND version = $3")
            .bind(scope.to_owned())
            .bind(year)
            .bind(version)
            .fetch_all()
            .await?;
        Ok(from_docs("calendar_years", rows)?.pop())
    }
}

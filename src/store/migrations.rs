//! [Db] methods that bring the schema up to date, or say what it lacks.

use super::{Db, StoreError};

/// A row when the database keeps a list of migrations.
const SQLITE_MIGRATED: &str = "SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'";
const POSTGRES_MIGRATED: &str =
    "SELECT 1::bigint WHERE to_regclass('_sqlx_migrations') IS NOT NULL";

impl Db {
    /// Brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when a migration fails or a shipped one was changed.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(pool) => sqlx::migrate!("migrations/sqlite").run(pool).await?,
            Self::Postgres(pool) => sqlx::migrate!("migrations/postgres").run(pool).await?,
        }
        Ok(())
    }

    /// Versions of migrations that this program has and the database has not seen. It may have seen
    /// later ones: a newer replica brings them, and what is added keeps what was there.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn missing_migrations(&self) -> Result<Vec<i64>, StoreError> {
        let (mine, there) = match self {
            Self::Sqlite(_) => (sqlx::migrate!("migrations/sqlite"), SQLITE_MIGRATED),
            Self::Postgres(_) => (sqlx::migrate!("migrations/postgres"), POSTGRES_MIGRATED),
        };
        let mut tx = self.read().await?;
        let kept: Option<(i64,)> = tx.query(there).fetch_optional().await?;
        let mut seen: Vec<(i64,)> = Vec::new();
        if kept.is_some() {
            let sql = "SELECT version FROM _sqlx_migrations WHERE success";
            seen = tx.query(sql).fetch_all().await?;
        }
        let versions = mine.iter().map(|migration| migration.version);
        Ok(versions.filter(|version| !seen.contains(&(*version,))).collect())
    }
}

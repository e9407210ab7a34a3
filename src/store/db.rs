//! The engine seam: one set of SQL, two engines, an enum at the statement level.
//!
//! Statements use `$1..` placeholders, TEXT, BIGINT and BYTEA/BLOB only. What truly differs
//! (opening, lists as arguments, who begins a write; in `bulk.rs` many rows at once) is nowhere else.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Connection as _, Encode, FromRow, Postgres, Sqlite, Type};

use super::StoreError;

/// Connections per process.
pub const CONNECTIONS_MAX: u32 = 16;
/// Longest wait for a connection or for SQLite's one writer.
pub const WAIT_MAX: Duration = Duration::from_secs(30);

/// A value both engines can store.
pub trait Bind<'q>:
    Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}
impl<'q, T> Bind<'q> for T where
    T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}

/// A row both engines can produce.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// An open database.
#[derive(Clone, Debug)]
pub enum Db {
    /// The embedded default.
    Sqlite(sqlx::SqlitePool),
    /// A server, for several replicas.
    Postgres(sqlx::PgPool),
}

impl Db {
    /// Opens `postgres://..`, or a SQLite file by `sqlite:PATH`; the file is made when missing.
    ///
    /// # Errors
    /// [`StoreError::Engine`] when it cannot be reached.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)?;
            let pool = PgPoolOptions::new()
                .max_connections(CONNECTIONS_MAX)
                .acquire_timeout(WAIT_MAX)
                // A broken connection shows at the statement; a ping before each one costs a round trip.
                .test_before_acquire(false)
                .connect_with(options)
                .await?;
            return Ok(Self::Postgres(pool));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(WAIT_MAX)
            // What is erased is overwritten, not only unlinked.
            .pragma("secure_delete", "ON")
            .foreign_keys(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(WAIT_MAX)
            // A failing disk ends a transaction before its ROLLBACK, which fails too; sqlx then takes
            // the connection for one inside a transaction for ever: no write, and stale reads.
            .before_acquire(|connection, _| {
                let clean = !connection.is_in_transaction();
                Box::pin(std::future::ready(Ok(clean)))
            })
            .connect_with(options)
            .await?;
        Ok(Self::Sqlite(pool))
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// Begins a transaction that will write. On SQLite it is the one writer from here on.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Begins a transaction that only reads, on one snapshot.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn read(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
            ),
        })
    }

    /// Overwrites what deleted and replaced rows have left in the engine's files.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn scrub(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(pool) => {
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await?;
            }
            Self::Postgres(pool) => {
                sqlx::query("VACUUM").execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction. Dropping it rolls it back.
pub enum Tx {
    /// On SQLite.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// A statement with its arguments.
pub enum Query<'t, 'q> {
    /// On SQLite.
    Sqlite(
        &'t mut sqlx::Transaction<'static, Sqlite>,
        sqlx::query::Query<'q, Sqlite, SqliteArguments>,
    ),
    /// On PostgreSQL.
    Postgres(
        &'t mut sqlx::Transaction<'static, Postgres>,
        sqlx::query::Query<'q, Postgres, PgArguments>,
    ),
}

impl Tx {
    /// A statement in both engines' words.
    pub fn query<'t, 'q>(&'t mut self, sql: &'static str) -> Query<'t, 'q> {
        match self {
            Self::Sqlite(tx) => Query::Sqlite(tx, sqlx::query(sql)),
            Self::Postgres(tx) => Query::Postgres(tx, sqlx::query(sql)),
        }
    }

    /// A statement whose last argument `$n` is a list of texts, used as `= ANY {list}`; bind the
    /// arguments before it first, then call [`Query::bind_list`].
    pub fn query_in<'t, 'q>(&'t mut self, sql: &str, n: usize) -> Query<'t, 'q> {
        match self {
            Self::Sqlite(tx) => {
                let list = format!("IN (SELECT value FROM json_each(${n}))");
                Query::Sqlite(tx, sqlx::query(AssertSqlSafe(sql.replace("= ANY {list}", &list))))
            }
            Self::Postgres(tx) => {
                let list = format!("= ANY (${n}::text[])");
                Query::Postgres(tx, sqlx::query(AssertSqlSafe(sql.replace("= ANY {list}", &list))))
            }
        }
    }

    /// A statement over a list of rows, each a JSON array of texts, bound as one JSON text at `$1` and
    /// read as `FROM {rows}`, whose `value ->> N` is a row's N-th text.
    pub fn query_rows<'t, 'q>(&'t mut self, sql: &str) -> Query<'t, 'q> {
        match self {
            Self::Sqlite(tx) => {
                let sql = sql.replace("{rows}", "json_each($1)");
                Query::Sqlite(tx, sqlx::query(AssertSqlSafe(sql)))
            }
            Self::Postgres(tx) => {
                let rows = "json_array_elements($1::json) AS r (value)";
                Query::Postgres(tx, sqlx::query(AssertSqlSafe(sql.replace("{rows}", rows))))
            }
        }
    }

    /// Looks many keys up one by one: `columns` of the rows of `table` (called `e`) that meet
    /// `condition`, which compares with `k.id` for each of the texts bound at `$n`.
    ///
    /// A registry that is just being filled has no statistics, and PostgreSQL's planner would scan
    /// it once per key; so it is made to walk the index, in this transaction only.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn query_keys<'t, 'q>(
        &'t mut self,
        [columns, table, condition]: [&'static str; 3],
        n: usize,
    ) -> Result<Query<'t, 'q>, StoreError> {
        match self {
            Self::Sqlite(tx) => {
                let keys = format!("(SELECT value AS id FROM json_each(${n})) k");
                let sql =
                    format!("SELECT {columns} FROM {keys} CROSS JOIN {table} e WHERE {condition}");
                Ok(Query::Sqlite(tx, sqlx::query(AssertSqlSafe(sql))))
            }
            Self::Postgres(tx) => {
                let walk = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off";
                sqlx::raw_sql(walk).execute(&mut **tx).await?;
                let keys = format!("unnest(${n}::text[]) AS k (id)");
                // OFFSET 0 keeps the look-up inside the loop over the keys.
                let inner = format!("SELECT * FROM {table} e WHERE {condition} OFFSET 0");
                let sql = format!("SELECT {columns} FROM {keys} CROSS JOIN LATERAL ({inner}) e");
                Ok(Query::Postgres(tx, sqlx::query(AssertSqlSafe(sql))))
            }
        }
    }

    /// Takes the write lock named by `key` until the transaction ends, so that two replicas do not
    /// do the same long work. SQLite has one writer anyway.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn lock(&mut self, key: i64) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(key).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// [`Tx::lock`] without waiting: `false` when another transaction holds it.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn try_lock(&mut self, key: i64) -> Result<bool, StoreError> {
        let Self::Postgres(tx) = self else { return Ok(true) };
        let sql = "SELECT pg_try_advisory_xact_lock($1)";
        Ok(sqlx::query_scalar(sql).bind(key).fetch_one(&mut **tx).await?)
    }

    /// The database's own clock, in microseconds UTC.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn clock_us(&mut self) -> Result<i64, StoreError> {
        let sqlite = "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)";
        let postgres = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
        Ok(match self {
            Self::Sqlite(tx) => sqlx::query_scalar(sqlite).fetch_one(&mut **tx).await?,
            Self::Postgres(tx) => sqlx::query_scalar(postgres).fetch_one(&mut **tx).await?,
        })
    }

    /// Makes everything in the transaction durable.
    ///
    /// # Errors
    /// [`StoreError::Engine`]; whether it was made durable is then unknown, and `request_id` tells.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

impl<'q> Query<'_, 'q> {
    /// Binds the next argument.
    #[must_use]
    pub fn bind<T: Bind<'q>>(self, value: T) -> Self {
        match self {
            Self::Sqlite(tx, query) => Self::Sqlite(tx, query.bind(value)),
            Self::Postgres(tx, query) => Self::Postgres(tx, query.bind(value)),
        }
    }

    /// Binds the list of a [`Tx::query_in`].
    ///
    /// # Errors
    /// [`StoreError::Document`]; texts always have JSON.
    pub fn bind_list<T: AsRef<str> + serde::Serialize>(
        self,
        list: &[T],
    ) -> Result<Self, StoreError> {
        Ok(match self {
            Self::Sqlite(..) => self.bind(super::to_doc("list", &list)?),
            Self::Postgres(tx, query) => {
                let list: Vec<String> = list.iter().map(|t| t.as_ref().to_owned()).collect();
                Self::Postgres(tx, query.bind(list))
            }
        })
    }

    /// Runs it and returns how many rows it touched.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn execute(self) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite(tx, query) => query.execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx, query) => query.execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// [`Query::execute`] for a statement that must touch exactly one row.
    ///
    /// # Errors
    /// [`StoreError::RowCount`] when it touched another number.
    pub async fn execute_one(self) -> Result<(), StoreError> {
        match self.execute().await? {
            1 => Ok(()),
            found => Err(StoreError::RowCount { found }),
        }
    }

    /// All rows.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn fetch_all<T: Row>(self) -> Result<Vec<T>, StoreError> {
        let mut out = Vec::new();
        match self {
            Self::Sqlite(tx, query) => {
                for row in query.fetch_all(&mut **tx).await? {
                    out.push(T::from_row(&row)?);
                }
            }
            Self::Postgres(tx, query) => {
                for row in query.fetch_all(&mut **tx).await? {
                    out.push(T::from_row(&row)?);
                }
            }
        }
        Ok(out)
    }

    /// The row, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn fetch_optional<T: Row>(self) -> Result<Option<T>, StoreError> {
        Ok(match self {
            Self::Sqlite(tx, query) => {
                query.fetch_optional(&mut **tx).await?.map(|row| T::from_row(&row)).transpose()?
            }
            Self::Postgres(tx, query) => {
                query.fetch_optional(&mut **tx).await?.map(|row| T::from_row(&row)).transpose()?
            }
        })
    }
}

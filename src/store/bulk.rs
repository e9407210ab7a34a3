//! [Tx] methods that write many rows of one table at once, each engine in its own way.

use sqlx::AssertSqlSafe;

use super::cell::Cell;
use super::{StoreError, Tx, copy};

/// Rows of one multi-row insert on SQLite: one statement shape in the cache, below its variables' limit.
const SQLITE_INSERT_ROWS: usize = 200;

impl Tx {
    /// Inserts some rows by one statement and in one round trip; for many, [`Tx::load`] is faster.
    ///
    /// # Errors
    /// [`StoreError::Engine`], for instance when a key exists already.
    pub async fn insert<const N: usize>(
        &mut self,
        table: &'static str,
        columns: &[&'static str; N],
        rows: &[[Cell<'_>; N]],
    ) -> Result<(), StoreError> {
        let Some(first) = rows.first() else { return Ok(()) };
        let Self::Postgres(tx) = self else { return self.load(table, columns, rows).await };
        let typed = |(n, cell): (usize, &Cell<'_>)| format!("${}::{}[]", n + 1, cell.type_name());
        let arrays = first.iter().enumerate().map(typed).collect::<Vec<_>>().join(", ");
        let names = columns.join(", ");
        let sql = format!("INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})");
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (n, cell) in first.iter().enumerate() {
            let column = rows.iter().map(|row| &row[n]);
            query = match cell {
                Cell::Int(_) => query.bind(column.filter_map(Cell::int).collect::<Vec<_>>()),
                Cell::Text(_) => query.bind(column.filter_map(Cell::text).collect::<Vec<_>>()),
                Cell::Bytes(_) => query.bind(column.filter_map(Cell::bytes).collect::<Vec<_>>()),
            };
        }
        query.execute(&mut **tx).await?;
        Ok(())
    }

    /// Loads many rows: COPY on PostgreSQL, multi-row inserts on SQLite.
    ///
    /// # Errors
    /// [`StoreError::Engine`], for instance when a key exists already.
    pub async fn load<const N: usize>(
        &mut self,
        table: &'static str,
        columns: &[&'static str; N],
        rows: &[[Cell<'_>; N]],
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let names = columns.join(", ");
        match self {
            Self::Postgres(tx) => {
                let bytes = copy::encode(rows);
                let sql = format!("COPY {table} ({names}) FROM STDIN (FORMAT BINARY)");
                let mut sink = tx.copy_in_raw(&sql).await?;
                sink.send(bytes).await?;
                sink.finish().await?;
            }
            Self::Sqlite(tx) => {
                for chunk in rows.chunks(SQLITE_INSERT_ROWS) {
                    let values = vec![format!("({})", ["?"; N].join(",")); chunk.len()].join(",");
                    let sql = format!("INSERT INTO {table} ({names}) VALUES {values}");
                    let mut query = sqlx::query(AssertSqlSafe(sql));
                    for cell in chunk.iter().flatten() {
                        query = match cell {
                            Cell::Int(number) => query.bind(*number),
                            Cell::Text(text) => query.bind(text.as_ref()),
                            Cell::Bytes(bytes) => query.bind(*bytes),
                        };
                    }
                    query.execute(&mut **tx).await?;
                }
            }
        }
        Ok(())
    }
}

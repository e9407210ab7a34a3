//! [Tx] methods that read and write whole tables in a form that both engines share: a row is a JSON
//! array of its columns, in the order of the schema, with bytes in hexadecimal. It knows no noun,
//! so that no table can be forgotten.

use sqlx::AssertSqlSafe;
use tokio_stream::StreamExt as _;

use super::{StoreError, Tx};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A text.
    Text,
    /// A number of 64 bits.
    Int,
    /// Bytes.
    Bytes,
}

impl ColumnKind {
    /// The word for it, the same for both engines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "int",
            Self::Bytes => "bytes",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        match word {
            "TEXT" | "text" => Some(Self::Text),
            "INTEGER" | "bigint" => Some(Self::Int),
            "BLOB" | "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }
}

/// A table of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<(String, ColumnKind)>,
    /// Its primary key, which gives the rows an order that is the same on both engines.
    pub key: Vec<String>,
}

const SQLITE_COLUMNS: &str = "
SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> '_sqlx_migrations'
ORDER BY m.name, c.cid";
const POSTGRES_COLUMNS: &str = "
SELECT c.table_name::text, c.column_name::text, c.data_type::text,
  COALESCE((SELECT k.ordinal_position FROM information_schema.table_constraints t
    JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)
    WHERE t.constraint_type = 'PRIMARY KEY' AND k.table_schema = c.table_schema
      AND k.table_name = c.table_name AND k.column_name = c.column_name), 0)::bigint
FROM information_schema.columns c
WHERE c.table_schema = current_schema() AND c.table_name <> '_sqlx_migrations'
ORDER BY c.table_name COLLATE \"C\", c.ordinal_position";

impl Tx {
    /// Every table of the schema, by name.
    ///
    /// # Errors
    /// [`StoreError::Word`] for a column of a type that no migration uses.
    pub async fn tables(&mut self) -> Result<Vec<Table>, StoreError> {
        let sql = match self {
            Self::Sqlite(_) => SQLITE_COLUMNS,
            Self::Postgres(_) => POSTGRES_COLUMNS,
        };
        let rows: Vec<(String, String, String, i64)> = self.query(sql).fetch_all().await?;
        let mut tables: Vec<(Table, Vec<(i64, String)>)> = Vec::new();
        for (table, column, word, place) in rows {
            let kind =
                ColumnKind::parse(&word).ok_or(StoreError::Word { table: "schema", word })?;
            if tables.last().is_none_or(|(last, _)| last.name != table) {
                let empty = Table { name: table, columns: Vec::new(), key: Vec::new() };
                tables.push((empty, Vec::new()));
            }
            let Some((table, key)) = tables.last_mut() else { continue };
            if place > 0 {
                key.push((place, column.clone()));
            }
            table.columns.push((column, kind));
        }
        let finish = |(mut table, mut key): (Table, Vec<(i64, String)>)| {
            key.sort();
            table.key = key.into_iter().map(|(_, column)| column).collect();
            table
        };
        Ok(tables.into_iter().map(finish).collect())
    }

    /// The last migration the schema has seen.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn schema_version(&mut self) -> Result<i64, StoreError> {
        let sql = "SELECT MAX(version) FROM _sqlx_migrations";
        let row: Option<(i64,)> = self.query(sql).fetch_optional().await?;
        Ok(row.map_or(0, |(version,)| version))
    }

    /// Gives each row of a table to `take`, in the order of its key, one at a time.
    ///
    /// # Errors
    /// [`StoreError::Engine`], or what `take` refuses.
    pub async fn each_row<E: From<StoreError>>(
        &mut self,
        table: &Table,
        mut take: impl FnMut(String) -> Result<(), E>,
    ) -> Result<(), E> {
        let engine = |error| E::from(StoreError::Engine(error));
        let order = quoted(&table.key).join(", ");
        let cell = |column: &(String, ColumnKind), hex: &str| match column.1 {
            ColumnKind::Bytes => hex.replace('?', &quote(&column.0)),
            _ => quote(&column.0),
        };
        let array = |make: &str, hex: &str| {
            let cells: Vec<String> = table.columns.iter().map(|c| cell(c, hex)).collect();
            format!("SELECT {make}({}) FROM {} ORDER BY {order}", cells.join(", "), table.name)
        };
        match self {
            Self::Sqlite(tx) => {
                // hex() makes an empty text of what is missing.
                let sql =
                    array("json_array", "CASE WHEN ? IS NULL THEN NULL ELSE lower(hex(?)) END");
                let mut rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch(&mut **tx);
                while let Some(row) = rows.next().await {
                    take(row.map_err(engine)?)?;
                }
            }
            Self::Postgres(tx) => {
                let sql = array("json_build_array", "encode(?, 'hex')").replacen(
                    ") FROM",
                    ")::text FROM",
                    1,
                );
                let mut rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch(&mut **tx);
                while let Some(row) = rows.next().await {
                    take(row.map_err(engine)?)?;
                }
            }
        }
        Ok(())
    }

    /// Whether a table has no row.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn is_empty(&mut self, table: &Table) -> Result<bool, StoreError> {
        let sql = format!("SELECT 1 FROM {} LIMIT 1", table.name);
        Ok(match self {
            Self::Sqlite(tx) => {
                sqlx::query(AssertSqlSafe(sql)).fetch_optional(&mut **tx).await?.is_none()
            }
            Self::Postgres(tx) => {
                sqlx::query(AssertSqlSafe(sql)).fetch_optional(&mut **tx).await?.is_none()
            }
        })
    }

    /// Writes rows into a table: a JSON array of rows as [`Tx::each_row`] gives them.
    ///
    /// # Errors
    /// [`StoreError::Engine`], for instance when a row breaks a rule of the schema.
    pub async fn put_rows(&mut self, table: &Table, rows: &str) -> Result<(), StoreError> {
        let names: Vec<String> = table.columns.iter().map(|(name, _)| quote(name)).collect();
        let (name, names) = (&table.name, names.join(", "));
        let cells = |int: &str, bytes: &str| {
            let cell = |(n, (_, kind)): (usize, &(String, ColumnKind))| {
                let value = format!("value ->> {n}");
                match kind {
                    ColumnKind::Text => value,
                    ColumnKind::Int => int.replace('?', &value),
                    ColumnKind::Bytes => bytes.replace('?', &value),
                }
            };
            table.columns.iter().enumerate().map(cell).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Sqlite(tx) => {
                let cells = cells("CAST(? AS INTEGER)", "unhex(?)");
                let sql = format!("INSERT INTO {name} ({names}) SELECT {cells} FROM json_each($1)");
                sqlx::query(AssertSqlSafe(sql)).bind(rows).execute(&mut **tx).await?;
            }
            Self::Postgres(tx) => {
                let cells = cells("(?)::bigint", "decode(?, 'hex')");
                let sql = format!(
                    "INSERT INTO {name} ({names}) OVERRIDING SYSTEM VALUE
                     SELECT {cells} FROM json_array_elements($1::json) AS r (value)"
                );
                sqlx::query(AssertSqlSafe(sql)).bind(rows).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }

    /// Lets what the engine numbers by itself go on behind the rows that were put.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub async fn settle_numbers(&mut self) -> Result<(), StoreError> {
        let Self::Postgres(tx) = self else { return Ok(()) };
        let sql = "SELECT setval(pg_get_serial_sequence('events', 'nth'), MAX(nth)) FROM events";
        sqlx::query(sql).execute(&mut **tx).await?;
        Ok(())
    }
}

fn quote(name: &str) -> String {
    format!("\"{name}\"")
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| quote(name)).collect()
}

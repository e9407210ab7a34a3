//! The two schemas are one: same tables, same columns, same keys.

use std::collections::BTreeMap;

use onevisit::store::Db;

use crate::harness::{Engine, TestDb};

/// Table to (column, type, not null) in order.
type Schema = BTreeMap<String, Vec<(String, String, bool)>>;

async fn sqlite() -> Schema {
    let test_db = TestDb::new(Engine::Sqlite).await;
    let Db::Sqlite(pool) = test_db.open().await else { panic!("sqlite") };
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "SELECT m.name, c.name, c.type, c.\"notnull\" FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'
         ORDER BY m.name, c.cid",
    )
    .fetch_all(&pool)
    .await
    .expect("columns");
    let mut schema = Schema::new();
    for (table, column, kind, not_null) in rows {
        let kind = match kind.as_str() {
            "INTEGER" => "bigint",
            "TEXT" => "text",
            "BLOB" => "bytea",
            other => other,
        };
        schema.entry(table).or_default().push((column, kind.to_owned(), not_null == 1));
    }
    schema
}

async fn postgres() -> (Schema, Vec<String>) {
    let test_db = TestDb::new(Engine::Postgres).await;
    let Db::Postgres(pool) = test_db.open().await else { panic!("postgres") };
    let rows: Vec<(String, String, String, bool, Option<String>)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'NO',
                collation_name::text
         FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%'
         ORDER BY table_name, ordinal_position",
    )
    .fetch_all(&pool)
    .await
    .expect("columns");
    let keys: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.key_column_usage
         WHERE table_schema = 'public'",
    )
    .fetch_all(&pool)
    .await
    .expect("keys");
    let mut schema = Schema::new();
    let mut loose = Vec::new();
    for (table, column, kind, not_null, collation) in rows {
        let key = keys.iter().any(|(t, c)| *t == table && *c == column);
        if key && kind == "text" && collation.as_deref() != Some("C") {
            loose.push(format!("{table}.{column}"));
        }
        schema.entry(table).or_default().push((column, kind, not_null));
    }
    (schema, loose)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_one_schema() {
    let (postgres, loose) = postgres().await;
    let sqlite = sqlite().await;
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (table, columns) in &sqlite {
        assert_eq!(columns, &postgres[table], "{table}");
    }
    assert!(sqlite.len() > 20);
    assert!(loose.is_empty(), "text keys that do not compare as bytes: {loose:?}");
}

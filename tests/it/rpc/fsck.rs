//! Whatever a person with the database's own rights changes is found, and named by its kind.

use onevisit::app::fsck::{self, Kind};
use onevisit::app::log::{self, Round};
use onevisit::demo::Random;
use onevisit::store::Tx;

use super::calendar::{import, year};
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine, scaled};

on_every_engine! { threat_t06_every_raw_change_is_found_and_named }

/// How often each change is made: 1,000 changes per engine in the long suite.
const ROUNDS: [usize; 2] = [2, 25];

/// A statement by somebody who first took the second wall away, and what it must be found as.
struct Change {
    table: &'static str,
    sql: &'static str,
    found_as: Kind,
}

const fn change(table: &'static str, sql: &'static str, found_as: Kind) -> Change {
    Change { table, sql, found_as }
}

/// `$1` is a random number; `%` of it picks the row.
const CHANGES: [Change; 43] = [
    change(
        "events",
        "UPDATE events SET body = CAST('{}' AS BYTES) WHERE position = $1 % SIZE",
        Kind::EventBytes,
    ),
    change(
        "events",
        "UPDATE events SET body = substr(body, 2) WHERE position = $1 % SIZE",
        Kind::EventBytes,
    ),
    change(
        "events",
        "UPDATE events SET body = CAST(body || CAST(' ' AS BYTES) AS BYTES) WHERE position = $1 % SIZE",
        Kind::EventMark,
    ),
    change("events", "UPDATE events SET mac = id WHERE position = $1 % SIZE", Kind::EventMark),
    change(
        "events",
        "UPDATE events SET mac = substr(mac, 2) WHERE position = $1 % SIZE",
        Kind::EventMark,
    ),
    change(
        "events",
        "UPDATE events SET id = substr(mac, 1, 16) WHERE position = $1 % SIZE",
        Kind::EventMark,
    ),
    change(
        "events",
        "UPDATE events SET kind = 'campaign.other' WHERE position = $1 % SIZE",
        Kind::EventColumns,
    ),
    change(
        "events",
        "UPDATE events SET campaign = 'c9' WHERE position = $1 % SIZE",
        Kind::EventColumns,
    ),
    change(
        "events",
        "UPDATE events SET at_us = at_us - 1 - $1 WHERE position = $1 % SIZE",
        Kind::EventColumns,
    ),
    change("events", "DELETE FROM events WHERE position = $1 % SIZE", Kind::EventOrder),
    change(
        "events",
        "UPDATE events SET position = NULL WHERE position = $1 % SIZE",
        Kind::EventOrder,
    ),
    change(
        "events",
        "UPDATE events SET position = SIZE + 5 + $1 WHERE position = $1 % SIZE",
        Kind::EventOrder,
    ),
    change("events", "DELETE FROM events WHERE position = SIZE - 1", Kind::Checkpoint),
    change("events", "DELETE FROM events", Kind::Checkpoint),
    change(
        "log_tiles",
        "UPDATE log_tiles SET hashes = substr(hashes, 1, 32) WHERE $1 >= 0",
        Kind::Tile,
    ),
    change(
        "log_tiles",
        "UPDATE log_tiles SET hashes = CAST(substr(hashes, 33) || substr(hashes, 1, 32) AS BYTES)",
        Kind::Tile,
    ),
    change("log_tiles", "DELETE FROM log_tiles", Kind::Tile),
    change(
        "log_tiles",
        "INSERT INTO log_tiles (level, nth, hashes) VALUES (0, 7 + $1, CAST('x' AS BYTES))",
        Kind::Tile,
    ),
    change(
        "log_checkpoints",
        "UPDATE log_checkpoints SET note = replace(note, 'A', 'B')",
        Kind::Checkpoint,
    ),
    change("log_checkpoints", "UPDATE log_checkpoints SET size = size + 1000", Kind::Checkpoint),
    change("log_checkpoints", "DELETE FROM log_checkpoints WHERE size = SIZE", Kind::Checkpoint),
    change(
        "log_checkpoints",
        "INSERT INTO log_checkpoints (size, note, at_us) VALUES (SIZE + 1 + $1, 'x', 1)",
        Kind::Checkpoint,
    ),
    change("campaigns", "UPDATE campaigns SET state = 'APPROVED'", Kind::Campaign),
    change(
        "campaigns",
        "UPDATE campaigns SET doc = replace(doc, 'DRAWN', 'PROPOSED')",
        Kind::Campaign,
    ),
    change("campaigns", "DELETE FROM campaigns", Kind::Campaign),
    change("draws", "UPDATE draws SET seed = result_root WHERE attempt = 2", Kind::Draw),
    change("draws", "UPDATE draws SET result_root = seed WHERE attempt = 2", Kind::Draw),
    change("draws", "UPDATE draws SET freeze_hash = seed", Kind::Draw),
    change("draws", "UPDATE draws SET freeze_bytes = substr(freeze_bytes, 2)", Kind::Draw),
    change(
        "draws",
        "UPDATE draws SET pool = substr(pool, 2) WHERE attempt = 1 + $1 % 2",
        Kind::Draw,
    ),
    change("draws", "UPDATE draws SET bundle = pool WHERE attempt = 2", Kind::Draw),
    change("draws", "UPDATE draws SET figures = '{}' WHERE attempt = 2", Kind::Draw),
    change("draws", "UPDATE draws SET state = 'VOID' WHERE attempt = 2", Kind::Draw),
    change("draws", "UPDATE draws SET abort_reason = 'x' WHERE attempt = 1", Kind::Draw),
    change("draws", "DELETE FROM draws WHERE attempt = 1 + $1 % 2", Kind::Draw),
    change(
        "contributions",
        "UPDATE contributions SET number = commitment WHERE office = '监察室'",
        Kind::Contribution,
    ),
    change(
        "contributions",
        "DELETE FROM contributions WHERE office = '法规科'",
        Kind::Contribution,
    ),
    change("decisions", "UPDATE decisions SET reason = 'x' WHERE kind = 'ABORT'", Kind::Decision),
    change("decisions", "DELETE FROM decisions WHERE kind = 'ABORT'", Kind::Decision),
    change(
        "visits",
        "UPDATE visits SET sealed = substr(sealed, 2) WHERE rank = 1 + $1 % 8",
        Kind::Visit,
    ),
    change(
        "calendar_years",
        "UPDATE calendar_years SET doc = replace(doc, '2027-01-03', '2027-01-02')",
        Kind::CalendarYear,
    ),
    change("calendar_years", "UPDATE calendar_years SET version = 2 + $1", Kind::CalendarYear),
    change("calendar_years", "DELETE FROM calendar_years", Kind::CalendarYear),
];

/// Takes the triggers of a table away, inside the transaction that is rolled back afterwards.
pub async fn unguard(tx: &mut Tx, table: &str) {
    match tx {
        Tx::Sqlite(tx) => {
            let sql = format!(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
            );
            let names: Vec<(String,)> =
                sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&mut **tx).await.expect("names");
            for (name,) in names {
                let sql = format!("DROP TRIGGER {name}");
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut **tx).await.expect("drop");
            }
        }
        Tx::Postgres(tx) => {
            let sql = format!("ALTER TABLE {table} DISABLE TRIGGER USER");
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut **tx).await.expect("disable");
        }
    }
}

pub async fn run(tx: &mut Tx, sql: &str, number: i64, size: i64) -> u64 {
    let bytes = if matches!(tx, Tx::Sqlite(_)) { "BLOB" } else { "BYTEA" };
    let sql = sql.replace("BYTES", bytes).replace("SIZE", &size.to_string());
    let sql = sql.replace("$1", &number.to_string());
    let sql = sqlx::AssertSqlSafe(sql);
    match tx {
        Tx::Sqlite(tx) => sqlx::query(sql).execute(&mut **tx).await.expect("sql").rows_affected(),
        Tx::Postgres(tx) => sqlx::query(sql).execute(&mut **tx).await.expect("sql").rows_affected(),
    }
}

async fn threat_t06_every_raw_change_is_found_and_named(engine: Engine) {
    let (joint, _) = Joint::frozen(engine).await;
    let app = &joint.service.app;
    joint.abort(&joint.service.office, "停电", "a1").await.expect("asked");
    joint.approve_abort(&joint.supervisors[0].1, "b1").await.expect("aborted");
    joint.retry(&joint.approver, "", "r1").await.expect("approved");
    let frozen = joint.freeze("c1", "f2").await.expect("freeze");
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    let calendar_year = year(2027, "", ["2027-01-01", "2027-01-03"], &[]);
    import(&joint.service, "y1", calendar_year).await.expect("import");
    while log::round_now(app).await.expect("round") != Round::Idle {}
    let sound = fsck::check(app).await.expect("check");
    assert_eq!(sound.findings, []);
    assert_eq!(sound.draws, 2);
    let size = app.db.read().await.expect("read").log_size().await.expect("size");
    let mut random = Random::new(20_261_124);
    for _ in 0..scaled(ROUNDS[0], ROUNDS[1]) {
        for Change { table, sql, found_as } in &CHANGES {
            let number = i64::try_from(random.below(1_000)).expect("small");
            let mut tx = app.db.begin().await.expect("begin");
            unguard(&mut tx, table).await;
            let rows = run(&mut tx, sql, number, size).await;
            assert!(rows > 0, "{sql} with {number} changes nothing");
            let report = fsck::check_in(app, &mut tx).await.expect("check");
            let kinds: Vec<Kind> = report.findings.iter().map(|f| f.kind).collect();
            assert!(kinds.contains(found_as), "{sql} with {number}: {kinds:?}");
        }
    }
}

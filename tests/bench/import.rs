//! Import over gRPC against what the engines can do with the same rows in the same table.

use std::time::Duration;

use onevisit::domain::uscc;
use onevisit::rpc::pb;
use onevisit::store::Db;
use tokio::runtime::Runtime;

use super::server::Postgres;
use super::service::Running;
use super::{Measured, RUNS};

const COLUMNS: &str = "jurisdiction, department, id, premises, name, kind, state, risk, district, \
                       more, digest, changed_us";

pub fn code(n: usize) -> String {
    // Spread over the key space, as real lists are.
    let body = format!("{:08}", (n * 7_919_317) % 100_000_000);
    let org = uscc::org_check_character(body.as_bytes()).expect("digits");
    let head = format!("91990001{body}{org}");
    let last = uscc::check_character(head.as_bytes()).expect("alphabet");
    format!("{head}{last}")
}

fn entries(rows: usize) -> Vec<pb::SubjectEntry> {
    let entry = |n| pb::SubjectEntry {
        subject_id: code(n),
        name: format!("测试区第{n}号商店有限公司"),
        kind: pb::SubjectKind::Enterprise.into(),
        district: "990001".into(),
        address: format!("测试区测试街道测试路{n}号"),
        ..Default::default()
    };
    (0..rows).map(entry).collect()
}

fn messages(entries: &[pb::SubjectEntry]) -> Vec<pb::ImportSubjectsRequest> {
    use pb::import_subjects_request::Part;
    let part = |part| pb::ImportSubjectsRequest { part: Some(part) };
    let mut out = vec![part(Part::Header(pb::ImportHeader {
        request_id: "bench".into(),
        mode: pb::ImportMode::KeepGoodRows.into(),
        expected_rows: i64::try_from(entries.len()).expect("few"),
    }))];
    let mut first_row = 1;
    for chunk in entries.chunks(500) {
        out.push(part(Part::Batch(pb::SubjectBatch { first_row, entries: chunk.to_vec() })));
        first_row += i64::try_from(chunk.len()).expect("few");
    }
    out
}

/// The time of one import over gRPC into an empty registry.
async fn over_grpc(db: Db, entries: &[pb::SubjectEntry]) -> Duration {
    db.migrate().await.expect("migrate");
    let service = Running::start(db).await;
    let messages = messages(entries);
    let mut market = service.registry().await;
    #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
    let start = std::time::Instant::now();
    let reply = market.import_subjects(tokio_stream::iter(messages)).await.expect("import");
    let took = start.elapsed();
    let inserted = reply.into_inner().summary.expect("summary").inserted;
    assert_eq!(usize::try_from(inserted).expect("few"), entries.len());
    service.stop().await;
    took
}

/// The same rows as the service stores them.
fn cells(entry: &pb::SubjectEntry) -> ([String; 10], [i64; 2]) {
    let more = format!("{{\"address\":\"{}\"}}", entry.address);
    let texts = [
        "990001",
        "market",
        &entry.subject_id,
        "",
        &entry.name,
        "ENTERPRISE",
        "OPERATING",
        "U",
        &entry.district,
        &more,
    ];
    (texts.map(str::to_owned), [7, 7])
}

fn copy_bytes(entries: &[pb::SubjectEntry]) -> Vec<u8> {
    let mut out = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for entry in entries {
        let (texts, numbers) = cells(entry);
        out.extend(12i16.to_be_bytes());
        for text in texts {
            out.extend(i32::try_from(text.len()).expect("short").to_be_bytes());
            out.extend(text.as_bytes());
        }
        for number in numbers {
            out.extend(8i32.to_be_bytes());
            out.extend(number.to_be_bytes());
        }
    }
    out.extend((-1i16).to_be_bytes());
    out
}

pub fn postgres(postgres: &Postgres, rows: usize) -> Measured {
    let runtime = Runtime::new().expect("runtime");
    let entries = entries(rows);
    let bytes = copy_bytes(&entries);
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        runtime.block_on(async {
            let db = postgres.database("ours").await;
            ours.push(over_grpc(db, &entries).await);
            let db = postgres.database("raw").await;
            db.migrate().await.expect("migrate");
            let Db::Postgres(pool) = &db else { panic!("postgres") };
            let mut connection = pool.acquire().await.expect("connection");
            #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
            let start = std::time::Instant::now();
            let sql = format!("COPY entries ({COLUMNS}) FROM STDIN (FORMAT BINARY)");
            let mut sink = connection.copy_in_raw(&sql).await.expect("copy");
            sink.send(&bytes[..]).await.expect("send");
            sink.finish().await.expect("finish");
            reference.push(start.elapsed());
            drop(connection);
            db.close().await;
        });
    }
    let what = "import over gRPC into PostgreSQL, against raw COPY BINARY".to_owned();
    let note = format!("{:.0} rows/s", rows as f64 / super::median(&ours).as_secs_f64());
    Measured { what, ours, reference, aim: "0.7 x", note }
}

pub fn sqlite(rows: usize) -> Measured {
    let runtime = Runtime::new().expect("runtime");
    let entries = entries(rows);
    let cells: Vec<_> = entries.iter().map(cells).collect();
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let folder = tempfile::TempDir::new().expect("folder");
        let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        runtime.block_on(async {
            let db = Db::open(&url("ours.db")).await.expect("open");
            ours.push(over_grpc(db, &entries).await);
            let db = Db::open(&url("raw.db")).await.expect("open");
            db.migrate().await.expect("migrate");
            let Db::Sqlite(pool) = &db else { panic!("sqlite") };
            let row = format!("({})", ["?"; 12].join(","));
            let sql =
                format!("INSERT INTO entries ({COLUMNS}) VALUES {}", vec![row; 200].join(","));
            #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
            let start = std::time::Instant::now();
            let mut tx = pool.begin().await.expect("begin");
            for chunk in cells.chunks_exact(200) {
                let mut query = sqlx::query(sqlx::AssertSqlSafe(sql.as_str()));
                for (texts, numbers) in chunk {
                    query = texts.iter().fold(query, |q, t| q.bind(t.as_str()));
                    query = numbers.iter().fold(query, |q, n| q.bind(*n));
                }
                query.execute(&mut *tx).await.expect("insert");
            }
            tx.commit().await.expect("commit");
            reference.push(start.elapsed());
            db.close().await;
        });
    }
    let what =
        "import over gRPC into SQLite, against prepared bulk inserts in one transaction".to_owned();
    let note = format!("{:.0} rows/s", rows as f64 / super::median(&ours).as_secs_f64());
    Measured { what, ours, reference, aim: "-", note }
}

//! Audited writes over gRPC against what PostgreSQL itself commits in one-row transactions.

use std::time::Duration;

use onevisit::rpc::pb;
use onevisit::store::Db;
use sqlx::{Connection, PgConnection};
use tokio::runtime::Runtime;

use super::import::code;
use super::server::Postgres;
use super::service::Running;
use super::{Measured, RUNS};

/// Writes of one run, over all clients.
const WRITES: usize = 12_000;

/// Each write: a claimed request, a row, an event in the log, a stored reply; one transaction.
async fn ours(db: Db, clients: usize) -> Duration {
    db.migrate().await.expect("migrate");
    let service = Running::start(db).await;
    let mut connected = Vec::new();
    for _ in 0..clients {
        connected.push(service.registry().await);
    }
    #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
    let start = std::time::Instant::now();
    let mut tasks = Vec::new();
    for (client, mut registry) in connected.into_iter().enumerate() {
        tasks.push(tokio::spawn(async move {
            for nth in 0..WRITES / clients {
                let fact = pb::RiskFact {
                    subject_id: code(client * WRITES + nth),
                    kind: pb::RiskFactKind::Complaint.into(),
                    on: "2026-06-01".into(),
                    source: "12345".into(),
                };
                let request = pb::RecordRiskFactsRequest {
                    request_id: format!("w-{client}-{nth}"),
                    facts: vec![fact],
                };
                registry.record_risk_facts(request).await.expect("write");
            }
        }));
    }
    for task in tasks {
        task.await.expect("client");
    }
    let took = start.elapsed();
    service.stop().await;
    took
}

async fn reference(db: Db, clients: usize) -> Duration {
    let Db::Postgres(pool) = &db else { panic!("postgres") };
    let create = "CREATE TABLE probe (id TEXT PRIMARY KEY, body BYTEA NOT NULL)";
    sqlx::query(create).execute(pool).await.expect("table");
    let mut connections = Vec::new();
    for _ in 0..clients {
        let options = pool.connect_options();
        connections.push(PgConnection::connect_with(&options).await.expect("connection"));
    }
    #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
    let start = std::time::Instant::now();
    let mut tasks = Vec::new();
    for (client, mut connection) in connections.into_iter().enumerate() {
        tasks.push(tokio::spawn(async move {
            for nth in 0..WRITES / clients {
                sqlx::query("INSERT INTO probe (id, body) VALUES ($1, $2)")
                    .bind(format!("w-{client}-{nth}"))
                    .bind(vec![7_u8; 300])
                    .execute(&mut connection)
                    .await
                    .expect("insert");
            }
        }));
    }
    for task in tasks {
        task.await.expect("client");
    }
    let took = start.elapsed();
    db.close().await;
    took
}

/// With so many clients at once.
pub fn postgres(postgres: &Postgres, clients: usize) -> Measured {
    let runtime = Runtime::new().expect("runtime");
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        runtime.block_on(async {
            own.push(ours(postgres.database("ours").await, clients).await);
            theirs.push(reference(postgres.database("raw").await, clients).await);
        });
    }
    let what = format!("{WRITES} audited writes by {clients} clients, against one-row commits");
    let note = format!("{:.0} writes/s", WRITES as f64 / super::median(&own).as_secs_f64());
    Measured { what, ours: own, reference: theirs, aim: "0.5 x", note }
}

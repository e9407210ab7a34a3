//! A killed service, or a killed database, loses nothing that was acknowledged and does nothing twice.

use onevisit::app::clock::Entropy;
use tempfile::TempDir;

use super::writers::Writers;
use crate::harness::postgres::Server;
use crate::harness::process::Served;
use crate::harness::{Engine, TestDb, bounded, on_every_engine, scaled};

on_every_engine! { killed_at_any_moment_nothing_acknowledged_is_lost }

/// Times the service is killed: 1,000 over both engines in the long suite.
const KILLS: [usize; 2] = [5, 500];
/// Times PostgreSQL is killed.
const POSTGRES_KILLS: [usize; 2] = [2, 100];
/// Most writes that are acknowledged before a kill.
const ACKED_MAX: u64 = 40;
/// Writes that are acknowledged after PostgreSQL has come back.
const ACKED_AFTER: usize = 8;

fn any_moment() -> usize {
    let random = u64::from_le_bytes(Entropy::system().bytes());
    usize::try_from(random % ACKED_MAX).expect("few")
}

async fn killed_at_any_moment_nothing_acknowledged_is_lost(engine: Engine) {
    let db = TestDb::new(engine).await;
    let mut writers = Writers::new(&db).await;
    for _ in 0..scaled(KILLS[0], KILLS[1]) {
        let served = Served::start(&db, &writers.key_file);
        let mut writing = writers.begin(&served.address).await;
        assert!(writing.acknowledged(any_moment()).await, "it serves until it is killed");
        served.kill();
        writers.end(writing).await;
    }
    writers.nothing_is_lost().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postgresql_loses_nothing_acknowledged() {
    bounded(async {
        let start = tokio::task::spawn_blocking(Server::durable);
        let mut server = start.await.expect("server");
        let db = TestDb { url: server.create().await, folder: TempDir::new().expect("folder") };
        let mut writers = Writers::new(&db).await;
        for _ in 0..scaled(POSTGRES_KILLS[0], POSTGRES_KILLS[1]) {
            let served = Served::start(&db, &writers.key_file);
            let mut writing = writers.begin(&served.address).await;
            assert!(writing.acknowledged(any_moment()).await, "it serves");
            // The clients go on meanwhile.
            let crash = tokio::task::spawn_blocking(move || {
                server.crash();
                server
            });
            server = crash.await.expect("it came back");
            assert!(writing.acknowledged(ACKED_AFTER).await, "the service outlives it");
            writers.end(writing).await;
            drop(served);
            writers.nothing_is_lost().await;
        }
    })
    .await;
}

//! A service that is asked to stop stops, whoever is still watching it.

use onevisit::rpc::client::connect;
use onevisit::server::WRITING;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::harness::process::Served;
use crate::harness::{Engine, TestDb, on_every_engine};

on_every_engine! { a_watcher_does_not_hold_the_service }

async fn a_watcher_does_not_hold_the_service(engine: Engine) {
    let db = TestDb::new(engine).await;
    let served = Served::start(&db, &db.folder.path().join("key"));
    let mut client = HealthClient::new(connect(&served.address).await.expect("connect"));
    let request = HealthCheckRequest { service: WRITING.into() };
    let mut states = client.watch(request).await.expect("watch").into_inner();
    states.message().await.expect("a state").expect("a state");
    let stopped = tokio::task::spawn_blocking(|| served.terminate()).await.expect("stopped");
    assert!(stopped.success(), "{stopped:?}");
    while let Ok(Some(_)) = states.message().await {}
}

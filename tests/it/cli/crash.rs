//! A killed service loses nothing that it acknowledged and does nothing twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use onevisit::app::clock::Entropy;
use onevisit::rpc::pb;
use tonic::Code;

use super::{client, department};
use crate::harness::data::code;
use crate::harness::process::{Served, storage, succeed};
use crate::harness::{Engine, TestDb, on_every_engine, scaled};

on_every_engine! { killed_at_any_moment_nothing_acknowledged_is_lost }

/// Times the service is killed: 1,000 over both engines in the long suite.
const KILLS: [usize; 2] = [5, 500];
const CLIENTS: u64 = 4;
/// Most writes that are acknowledged between two kills.
const ACKED_MAX: u64 = 40;

fn fact(id: u64) -> pb::RecordRiskFactsRequest {
    let fact = pb::RiskFact {
        subject_id: code(usize::try_from(id).expect("few")),
        kind: pb::RiskFactKind::Complaint.into(),
        on: "2026-06-01".into(),
        source: "12345".into(),
    };
    pb::RecordRiskFactsRequest { request_id: format!("w{id}"), facts: vec![fact] }
}

/// Several clients write until the service dies; returns the next id of each.
async fn write_until_killed(served: Served, secret: &str, next: [u64; 4]) -> [u64; 4] {
    let after = u64::from_le_bytes(Entropy::system().bytes()) % ACKED_MAX;
    let acked = Arc::new(AtomicU64::new(0));
    let begun = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for first in next {
        let mut registry = client(&served, secret).await;
        let (acked, begun) = (acked.clone(), begun.clone());
        tasks.push(tokio::spawn(async move {
            let mut id = first;
            begun.fetch_add(1, Ordering::SeqCst);
            // The write that was cut off is repeated under the same id by the next service.
            loop {
                match registry.record_risk_facts(fact(id)).await {
                    Ok(_) => acked.fetch_add(1, Ordering::SeqCst),
                    Err(status) if status.code() == Code::InvalidArgument => panic!("{status:?}"),
                    Err(_) => return id,
                };
                id += CLIENTS;
            }
        }));
    }
    let enough = || acked.load(Ordering::SeqCst) >= after && begun.load(Ordering::SeqCst) == 4;
    while !enough() && !tasks.iter().any(tokio::task::JoinHandle::is_finished) {
        tokio::task::yield_now().await;
    }
    served.kill();
    let mut out = Vec::new();
    for task in tasks {
        out.push(task.await.expect("client"));
    }
    out.try_into().expect("as many as began")
}

async fn killed_at_any_moment_nothing_acknowledged_is_lost(engine: Engine) {
    let db = TestDb::new(engine).await;
    let key_file = db.folder.path().join("key");
    let served = Served::start(&db, &key_file);
    let secret = department(&served, &db, &key_file).await;
    served.kill();
    let mut next = [0, 1, 2, 3];
    for _ in 0..scaled(KILLS[0], KILLS[1]) {
        next = write_until_killed(Served::start(&db, &key_file), &secret, next).await;
    }
    let served = Served::start(&db, &key_file);
    for id in next {
        let mut registry = client(&served, &secret).await;
        registry.record_risk_facts(fact(id)).await.expect("once more, to its end");
    }
    drop(served);
    let app = db.open().await;
    let mut tx = app.read().await.expect("read");
    let events = tx.events_of("risk_fact.record", i64::MAX).await.expect("events");
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for event in &events {
        let body: serde_json::Value = serde_json::from_slice(&event.body).expect("json");
        *found.entry(body["request_id"].as_str().expect("id").to_owned()).or_default() += 1;
    }
    for (client, last) in (0..).zip(next) {
        for id in (client..=last).step_by(usize::try_from(CLIENTS).expect("few")) {
            assert_eq!(found.remove(&format!("w{id}")), Some(1), "write {id}");
        }
    }
    assert_eq!(found, BTreeMap::new(), "nothing was written that nobody asked for");
    assert_eq!(tx.marked_subjects("990001").await.expect("rows").len(), events.len());
    drop(tx);
    app.close().await;
    // The log signs what is left before it stops, and is sound.
    let served = Served::start(&db, &key_file);
    let stopped = tokio::task::spawn_blocking(|| served.terminate()).await.expect("stopped");
    assert!(stopped.success(), "{stopped:?}");
    let text = succeed(&[&["fsck"][..], &storage(&db, &key_file)].concat());
    assert!(text.starts_with("sound: "), "{text} with {} writes", events.len());
}

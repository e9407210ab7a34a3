//! The log through a real socket: what is acknowledged stands in it, and what is wrong stops it.

use std::collections::BTreeSet;

use onevisit::app::App;
use onevisit::app::log::{self, Fault, Round};
use onevisit::domain::caller::Role;
use onevisit::domain::hash::{Digest, Suite};
use onevisit::ledger::checkpoint::Checkpoint;
use onevisit::ledger::note::{NoteKey, NoteSigner, Purpose};
use onevisit::ledger::tree;
use onevisit::rpc::pb;
use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;
use onevisit::server::WRITING;
use onevisit::store::NewEvent;
use tonic::Code;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::reason;
use crate::harness::client::Service;
use crate::harness::{Engine, NOW_US, TestDb, app_at, on_every_engine};

on_every_engine! {
    what_is_acknowledged_is_proved,
    threat_t07_an_event_without_the_services_mark_stops_the_log,
    threat_t08_an_older_database_is_not_signed,
    a_checkpoint_of_another_key_stops_the_log,
    a_changed_tree_is_not_signed,
    replicas_give_each_event_one_position,
}

/// What a round finds when no other one is under way.
async fn round(app: &App) -> Round {
    loop {
        match log::round(app).await.expect("round") {
            Round::Busy => tokio::task::yield_now().await,
            found => return found,
        }
    }
}

async fn settle(service: &Service) {
    while round(&service.app).await != Round::Idle {}
}

/// Anybody: without a key.
fn anybody(service: &Service) -> LedgerServiceClient<Channel> {
    LedgerServiceClient::new(service.channel.clone())
}

async fn head(service: &Service) -> (Checkpoint, String) {
    let reply = anybody(service).get_checkpoint(pb::GetCheckpointRequest {}).await.expect("head");
    let reply = reply.into_inner();
    let key = NoteKey::parse(&reply.key).expect("a key");
    (Checkpoint::open(&reply.note, &key).expect("a checkpoint"), reply.fault)
}

fn digests(hashes: Vec<Vec<u8>>) -> Vec<Digest> {
    hashes.into_iter().map(|h| Digest(h.try_into().expect("32 bytes"))).collect()
}

async fn what_is_acknowledged_is_proved(engine: Engine) {
    let service = Service::start(engine).await;
    service.district(&["market", "fire"]).await;
    settle(&service).await;
    let (first, fault) = head(&service).await;
    assert_eq!(fault, "");
    let mut ledger = anybody(&service);
    let request = pb::ListEntriesRequest { first: 0, page_size: 1_000 };
    let entries = ledger.list_entries(request).await.expect("entries").into_inner().entries;
    assert_eq!(entries.len() as u64, first.size);
    let kinds: Vec<String> = entries
        .iter()
        .map(|e| {
            serde_json::from_slice::<serde_json::Value>(&e.body).expect("json")["type"].to_string()
        })
        .collect();
    let expected = ["key.create", "jurisdiction.put", "department.put", "key.create"];
    assert_eq!(kinds[..4], expected.map(|k| format!("{k:?}")));
    for entry in &entries {
        let request = pb::GetInclusionProofRequest { position: entry.position, size: 0 };
        let proof = ledger.get_inclusion_proof(request).await.expect("proof").into_inner();
        let index = u64::try_from(entry.position).expect("position");
        let hashes = digests(proof.hashes);
        assert!(tree::includes(&entry.body, index, first.size, &hashes, &first.root));
    }
    service.key(Role::Supervisor, "", "监察室").await;
    settle(&service).await;
    let (second, _) = head(&service).await;
    assert_eq!(second.size, first.size + 1);
    let from_size = i64::try_from(first.size).expect("size");
    let request = pb::GetConsistencyProofRequest { from_size, size: 0 };
    let proof = ledger.get_consistency_proof(request).await.expect("proof").into_inner();
    let hashes = digests(proof.hashes);
    assert!(tree::continues(first.size, &first.root, second.size, &second.root, &hashes));
    let beyond = pb::GetInclusionProofRequest { position: 1_000, size: 0 };
    let refused = ledger.get_inclusion_proof(beyond).await.expect_err("beyond the end");
    assert_eq!(refused.code(), Code::InvalidArgument);
}

async fn refused_writing(service: &Service, id: &str) -> bool {
    let request = pb::PutJurisdictionRequest {
        request_id: id.into(),
        jurisdiction: Some(pb::Jurisdiction {
            code: "990001".into(),
            name: "测试区".into(),
            level: pb::Level::County.into(),
            ..Default::default()
        }),
    };
    match service.office().registry().put_jurisdiction(request).await {
        Ok(_) => false,
        Err(status) => {
            assert_eq!(
                (status.code(), reason(&status).as_str()),
                (Code::Unavailable, "LOG_STOPPED")
            );
            true
        }
    }
}

/// Waits until the health of writing is this one.
async fn health_becomes(service: &Service, wanted: ServingStatus) {
    let request = HealthCheckRequest { service: WRITING.into() };
    let mut client = HealthClient::new(service.channel.clone());
    let mut states = client.watch(request).await.expect("health").into_inner();
    while states.message().await.expect("health").expect("health").status != wanted as i32 {}
}

async fn threat_t07_an_event_without_the_services_mark_stops_the_log(engine: Engine) {
    let service = Service::start(engine).await;
    settle(&service).await;
    health_becomes(&service, ServingStatus::Serving).await;
    let body = br#"{"actor":{"role":"OFFICE"},"type":"campaign.approve","v":1}"#;
    let mut tx = service.app.db.begin().await.expect("begin");
    let forged = NewEvent {
        id: vec![1; 16],
        at_us: NOW_US,
        kind: "campaign.approve".into(),
        campaign: "c1".into(),
        body: body.to_vec(),
        mac: vec![0; 32],
    };
    tx.append_events(&[forged]).await.expect("forged");
    tx.commit().await.expect("commit");
    let found = round(&service.app).await;
    assert!(matches!(found, Round::Stopped(Fault::Unmarked(_))), "{found:?}");
    assert!(refused_writing(&service, "w").await);
    health_becomes(&service, ServingStatus::NotServing).await;
    let (checkpoint, fault) = head(&service).await;
    assert!(fault.contains("mark") && checkpoint.size == 1, "reads go on: {fault}");
}

async fn threat_t08_an_older_database_is_not_signed(engine: Engine) {
    let service = Service::start(engine).await;
    settle(&service).await;
    // What the service pinned before somebody put an older database in its place.
    let (now, _) = head(&service).await;
    let later = Checkpoint { size: now.size + 5, root: Suite::Sha256.hash(b"x"), ..now.clone() };
    let pin = service.db.folder.path().join("pin");
    std::fs::write(&pin, later.sign(service.app.log.signer())).expect("pin");
    let found = round(&service.app).await;
    let fault = Fault::Behind { found: now.size, pinned: later.size, root: later.root };
    assert_eq!(found, Round::Stopped(fault.clone()));
    assert!(refused_writing(&service, "w").await);
    let again = service.key(Role::Office, "", "区纪委监委").await;
    let acknowledge = |id: &str| pb::AcknowledgeFaultRequest {
        request_id: id.into(),
        fault: fault.to_string(),
        reason: "the backup of Monday was restored after a disk failed".into(),
    };
    let mut first = service.office().ledger();
    let one = first.acknowledge_fault(acknowledge("a")).await.expect("one").into_inner();
    assert_eq!(one.acknowledgements, 1);
    let twice = first.acknowledge_fault(acknowledge("b")).await.expect_err("the same office");
    assert_eq!(reason(&twice), "ALREADY_ACKNOWLEDGED");
    assert_eq!(round(&service.app).await, Round::Stopped(fault.clone()));
    let mut second = service.with(&again).ledger();
    second.acknowledge_fault(acknowledge("a")).await.expect("two");
    settle(&service).await;
    assert!(!refused_writing(&service, "w").await);
    let (after, fault) = head(&service).await;
    assert_eq!(fault, "");
    assert!(after.size >= now.size + 3, "the acknowledgements are in the log");
}

async fn a_checkpoint_of_another_key_stops_the_log(engine: Engine) {
    let service = Service::start(engine).await;
    settle(&service).await;
    let (now, _) = head(&service).await;
    let other = NoteSigner::new("onevisit.test/log", Purpose::Log, &[1; 32]);
    std::fs::write(service.db.folder.path().join("pin"), now.sign(&other)).expect("pin");
    let found = round(&service.app).await;
    assert_eq!(found, Round::Stopped(Fault::Foreign("the pinned checkpoint")));
    assert!(refused_writing(&service, "w").await);
}

async fn a_changed_tree_is_not_signed(engine: Engine) {
    let service = Service::start(engine).await;
    settle(&service).await;
    let mut tx = service.app.db.begin().await.expect("begin");
    let forged = Suite::Sha256.leaf(b"another history").0.to_vec();
    tx.query("UPDATE log_tiles SET hashes = $1").bind(forged).execute_one().await.expect("edit");
    tx.commit().await.expect("commit");
    let found = round(&service.app).await;
    assert!(matches!(found, Round::Stopped(Fault::Behind { .. })), "{found:?}");
    std::fs::remove_file(service.db.folder.path().join("pin")).expect("unpin");
    let found = round(&service.app).await;
    assert_eq!(found, Round::Stopped(Fault::Tree(1)));
}

const REPLICAS: usize = 8;
const EVENTS_EACH: usize = 20;

async fn replicas_give_each_event_one_position(engine: Engine) {
    let db = TestDb::new(engine).await;
    let first = app_at(&db, NOW_US).await;
    let mut replicas = Vec::new();
    for replica in 0..REPLICAS {
        let app = first.clone();
        replicas.push(tokio::spawn(async move {
            for nth in 0..EVENTS_EACH {
                let office = format!("办公室 {replica} {nth}");
                onevisit::app::access::create_local(&app, Role::Office, "", &office)
                    .await
                    .expect("key");
                log::round(&app).await.expect("round");
            }
        }));
    }
    for replica in replicas {
        replica.await.expect("replica");
    }
    while round(&first).await != Round::Idle {}
    let mut tx = first.db.read().await.expect("read");
    let entries = tx.log_entries(0, i64::MAX).await.expect("entries");
    let positions: Vec<i64> = entries.iter().map(|e| e.position).collect();
    let count = i64::try_from(REPLICAS * EVENTS_EACH).expect("few");
    assert_eq!(positions, (0..count).collect::<Vec<_>>());
    let ids: BTreeSet<&[u8]> = entries.iter().map(|e| e.id.as_slice()).collect();
    assert_eq!(ids.len(), entries.len());
    let latest = log::latest(&first, &mut tx).await.expect("latest").expect("signed");
    let whole = Suite::Sha256.tree(entries.iter().map(|e| e.body.as_slice()));
    assert_eq!((latest.size, latest.root), (entries.len() as u64, whole));
}

//! Clients that write while something happens to the service, and what has to be left of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use onevisit::rpc::pb;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tonic_types::StatusExt as _;

use super::{client, department};
use crate::harness::data::code;
use crate::harness::process::{Served, storage, succeed};
use crate::harness::{TestDb, soon};

const CLIENTS: usize = 4;

/// Who writes, and the next write of each.
pub struct Writers<'d> {
    db: &'d TestDb,
    pub key_file: PathBuf,
    secret: String,
    next: [usize; CLIENTS],
}

/// Writing under way.
pub struct Writing {
    stop: Arc<AtomicBool>,
    failed: Arc<AtomicUsize>,
    acknowledged: mpsc::UnboundedReceiver<()>,
    clients: Vec<JoinHandle<usize>>,
}

fn fact(id: usize) -> pb::RecordRiskFactsRequest {
    let fact = pb::RiskFact {
        subject_id: code(id),
        kind: pb::RiskFactKind::Complaint.into(),
        on: "2026-06-01".into(),
        source: "12345".into(),
    };
    pb::RecordRiskFactsRequest { request_id: format!("w{id}"), facts: vec![fact] }
}

impl<'d> Writers<'d> {
    pub async fn new(db: &'d TestDb) -> Self {
        let key_file = db.folder.path().join("key");
        let served = Served::start(db, &key_file);
        let secret = department(&served, db, &key_file).await;
        Self { db, key_file, secret, next: std::array::from_fn(|nth| nth) }
    }

    /// Each client writes one after the other, and repeats what failed under the same id, until it
    /// is told to stop or the service is gone.
    pub async fn begin(&self, address: &str) -> Writing {
        let stop = Arc::new(AtomicBool::new(false));
        let failed = Arc::new(AtomicUsize::new(0));
        let (told, acknowledged) = mpsc::unbounded_channel();
        let mut clients = Vec::new();
        for mut id in self.next {
            // A service may be gone before anybody has come.
            let Ok(mut registry) = client(address, &self.secret).await else { continue };
            let (stop, failed, told) = (stop.clone(), failed.clone(), told.clone());
            clients.push(tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    match soon("an answer", registry.record_risk_facts(fact(id))).await {
                        Ok(_) => {
                            id += CLIENTS;
                            // Nobody listens at the end.
                            let _ = told.send(());
                        }
                        Err(status) => match status.get_error_details().error_info() {
                            Some(info) => {
                                assert_eq!(info.reason, "INTERNAL_FAILURE", "{status:?}");
                                failed.fetch_add(1, Ordering::SeqCst);
                            }
                            None => break,
                        },
                    }
                }
                id
            }));
        }
        Writing { stop, failed, acknowledged, clients }
    }

    /// Waits for what every client has under way; returns how many answers were failures.
    pub async fn end(&mut self, writing: Writing) -> usize {
        writing.stop.store(true, Ordering::SeqCst);
        for client in writing.clients {
            let id = soon("the end of a client", client).await.expect("a client");
            self.next[id % CLIENTS] = id;
        }
        writing.failed.load(Ordering::SeqCst)
    }

    /// A new service takes what was cut off once more and stops; everything acknowledged is there
    /// once then, nothing else is, and the log has signed it and is sound.
    pub async fn nothing_is_lost(&mut self) {
        let served = Served::start(self.db, &self.key_file);
        let mut registry = client(&served.address, &self.secret).await.expect("connect");
        for id in &mut self.next {
            registry.record_risk_facts(fact(*id)).await.expect("once more, to its end");
            *id += CLIENTS;
        }
        assert!(served.terminate().success(), "it stops when it is asked");
        let app = self.db.open().await;
        let mut tx = app.read().await.expect("read");
        let events = tx.events_of("risk_fact.record", i64::MAX).await.expect("events");
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for event in &events {
            let body: serde_json::Value = serde_json::from_slice(&event.body).expect("json");
            *found.entry(body["request_id"].as_str().expect("id").to_owned()).or_default() += 1;
        }
        for (first, end) in self.next.into_iter().enumerate() {
            for id in (first..end).step_by(CLIENTS) {
                assert_eq!(found.remove(&format!("w{id}")), Some(1), "write {id}");
            }
        }
        assert_eq!(found, BTreeMap::new(), "nothing was written that nobody asked for");
        assert_eq!(tx.signals("990001").await.expect("rows").len(), events.len());
        drop(tx);
        app.close().await;
        let text = succeed(&[&["fsck"][..], &storage(self.db, &self.key_file)].concat());
        assert!(text.starts_with("sound: "), "{text} with {} writes", events.len());
    }
}

impl Writing {
    /// Waits for so many acknowledgements more; `false` when the service is gone before.
    pub async fn acknowledged(&mut self, count: usize) -> bool {
        for _ in 0..count {
            if soon("an acknowledgement", self.acknowledged.recv()).await.is_none() {
                return false;
            }
        }
        true
    }
}

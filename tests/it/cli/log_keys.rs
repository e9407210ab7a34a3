//! The log's key file, as an operator rotates it, and a witness that follows.

use onevisit::ledger::note::{Note, NoteKey};
use onevisit::rpc::client::connect;
use onevisit::rpc::pb;
use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;

use super::department;
use crate::harness::process::{Served, run, said, storage, succeed};
use crate::harness::{Engine, TestDb, on_every_engine};

on_every_engine! { a_new_log_key_is_announced_by_the_old_one }

/// What the service says of its log; everything acknowledged before it stopped is under it.
async fn head(served: &Served) -> pb::GetCheckpointResponse {
    let mut ledger = LedgerServiceClient::new(connect(&served.address).await.expect("connect"));
    ledger.get_checkpoint(pb::GetCheckpointRequest {}).await.expect("head").into_inner()
}

async fn stop(served: Served) {
    tokio::task::spawn_blocking(|| served.terminate()).await.expect("stopped");
}

async fn a_new_log_key_is_announced_by_the_old_one(engine: Engine) {
    let db = TestDb::new(engine).await;
    let key_file = db.folder.path().join("key");
    let log_file = db.folder.path().join("key.log.key");
    let at = storage(&db, &key_file);
    let rotate = || run(&[&["rotate-log-key", "--office", "网信办"][..], &at].concat());
    let served = Served::start(&db, &key_file);
    department(&served, &db, &key_file).await;
    let old = head(&served).await.key;
    stop(served).await;
    // A file that somebody has only put a key into is refused, and the command ends the work.
    let before = std::fs::read_to_string(&log_file).expect("the log's key");
    std::fs::write(&log_file, format!("{}\n{before}", "0b".repeat(32))).expect("written");
    assert!(Served::start_as(&db, &key_file, |_| ()).is_none(), "not announced");
    assert!(rotate().status.success());
    let lines = |text: &str| text.lines().count();
    let after = std::fs::read_to_string(&log_file).expect("keys");
    assert_eq!(lines(&after), 2, "no third key");
    let output = rotate();
    assert!(output.status.success(), "{}", said(&output));
    let after = std::fs::read_to_string(&log_file).expect("keys");
    assert!(after.ends_with(&before) && lines(&after) == 3, "the old ones stay behind");
    let text = said(&output);
    let new = text.lines().find_map(|l| l.strip_prefix("new ")).expect("the new key").to_owned();

    let served = Served::start(&db, &key_file);
    let told = head(&served).await;
    assert_eq!(told.key, new);
    let note = Note::parse(&told.note).expect("a note");
    for key in [&old, &new] {
        assert!(NoteKey::parse(key).expect("a key").verify(&note).is_some(), "{key}");
    }
    let follow =
        |key: &str| run(&["follow-log-key", "--server", &served.address, "--log-key", key]);
    assert_eq!(said(&follow(&old)).trim(), new, "over two changes");
    assert_eq!(said(&follow(&new)).trim(), new);
    let stranger = follow("onevisit.local/log+00000000+AQ==");
    assert!(!stranger.status.success());
    stop(served).await;
    // The first key is put away: what it signed is still checked.
    let lines: Vec<&str> = after.lines().collect();
    std::fs::write(&log_file, [lines[0], lines[1], &old].join("\n")).expect("written");
    let text = succeed(&[&["fsck"][..], &at].concat());
    assert!(text.starts_with("sound: "), "{text}");
    stop(Served::start(&db, &key_file)).await;
    // Without it, what it signed is nobody's.
    std::fs::write(&log_file, lines[0]).expect("written");
    let alone = run(&[&["fsck"][..], &at].concat());
    assert!(!alone.status.success() && said(&alone).contains("Checkpoint"));
}

//! The key file, as an operator rotates it.

use super::department;
use crate::harness::process::{Served, run, storage, succeed};
use crate::harness::{Engine, TestDb, on_every_engine};

on_every_engine! { a_new_key_is_put_in_front_of_the_old_one }

async fn a_new_key_is_put_in_front_of_the_old_one(engine: Engine) {
    let db = TestDb::new(engine).await;
    let key_file = db.folder.path().join("key");
    let path = key_file.to_str().expect("path");
    let rotate = ["rotate-key", "--key-file", path];
    assert!(!run(&rotate).status.success(), "there is none yet");
    let served = Served::start(&db, &key_file);
    department(&served, &db, &key_file).await;
    let stop = |served: Served| async {
        tokio::task::spawn_blocking(|| served.terminate()).await.expect("stopped");
    };
    stop(served).await;
    let old = std::fs::read_to_string(&key_file).expect("key");
    succeed(&rotate);
    let new = std::fs::read_to_string(&key_file).expect("keys");
    assert!(new.ends_with(&old) && new.lines().count() == 2, "the old one stays behind the new");
    stop(Served::start(&db, &key_file)).await;
    succeed(&[&["key", "auditor", "审计科"][..], &storage(&db, &key_file)].concat());
    stop(Served::start(&db, &key_file)).await;
    let text = succeed(&[&["fsck"][..], &storage(&db, &key_file)].concat());
    assert!(text.starts_with("sound: "), "{text}");
    // Without the old key, what it marked is not known any more.
    std::fs::write(&key_file, new.lines().next().expect("the new key")).expect("written");
    let alone = run(&[&["fsck"][..], &storage(&db, &key_file)].concat());
    assert!(!alone.status.success());
}

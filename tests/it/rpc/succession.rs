//! The log's key is changed while a campaign goes on: who kept the old one is led to the new one.

use onevisit::app::clock::Clock;
use onevisit::app::log::{self, Older, Round};
use onevisit::app::{Log, cosign, fsck, succession};
use onevisit::certificate::verify::verify;
use onevisit::certificate::{Certificate, Step, Trust, Wrong};
use onevisit::domain::caller::Role;
use onevisit::domain::day;
use onevisit::ledger::note::{Note, NoteSigner, Purpose};
use onevisit::ledger::quorum::Policy;
use onevisit::ledger::succession::{KIND, KeyChange, OVERLAP_DAYS, follow};
use onevisit::ledger::witness::Refusal;
use onevisit::witness::state::{NotCosigned, Witness};

use super::reason_of;
use crate::harness::browser::Browser;
use crate::harness::client::Service;
use crate::harness::joint::Joint;
use crate::harness::python::Python;
use crate::harness::{Engine, LOG_NAME, LOG_SEED, on_every_engine};
use crate::web::verify::verdicts;

on_every_engine! { the_log_goes_on_under_another_key }

const DAY_US: i64 = 24 * 3_600 * 1_000_000;

fn signer(seed: [u8; 32]) -> NoteSigner {
    NoteSigner::new(LOG_NAME, Purpose::Log, &seed)
}

async fn settle(joint: &Joint) {
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
}

/// The latest checkpoint, and which of two keys has signed it.
async fn signed_by(joint: &Joint, keys: [&NoteSigner; 2]) -> [bool; 2] {
    settle(joint).await;
    let tx = joint.service.app.db.read().await;
    let latest = tx.expect("read").latest_checkpoint().await.expect("read").expect("one");
    let note = Note::parse(&latest.note).expect("a note");
    keys.map(|key| key.public().verify(&note).is_some())
}

async fn cosigned(joint: &Joint, witness: &Witness) -> Result<String, NotCosigned> {
    let kept = witness.latest(signer(LOG_SEED).public()).expect("its state");
    let old = kept.map_or(0, |c| i64::try_from(c.size).expect("small"));
    let asked = cosign::request(&joint.service.app, old).await.expect("request");
    witness.cosign(&asked.expect("a checkpoint").1.text())
}

/// A campaign that is frozen under the old key by the real binary.
async fn frozen(engine: Engine, now_us: i64, log_file: &std::path::Path) -> (Joint, String) {
    let service = Service::real(engine, log_file).await;
    let (joint, frozen) = Joint::frozen_as(service, |campaign| {
        campaign.first_day = day::of_instant(now_us + 2 * DAY_US).to_string();
        campaign.last_day = day::of_instant(now_us + 9 * DAY_US).to_string();
    })
    .await;
    joint.contribute(&frozen).await;
    settle(&joint).await;
    (joint, frozen.campaign_id)
}

async fn the_log_goes_on_under_another_key(engine: Engine) {
    let (old, new) = (signer(LOG_SEED), signer([10; 32]));
    let folder = tempfile::TempDir::new().expect("folder");
    let now_us = Clock::system().now_us();
    let (mut joint, id) = frozen(engine, now_us, &folder.path().join("log")).await;
    assert_eq!(signed_by(&joint, [&old, &new]).await, [true, false]);
    let witness_of = |logs: &[&NoteSigner]| {
        let logs = logs.iter().map(|l| l.public().clone()).collect();
        let own = NoteSigner::new("witness.test/1", Purpose::Witness, &[1; 32]);
        Witness::new(own, logs, folder.path().to_owned(), Clock::new(move || now_us))
    };
    let kept = witness_of(&[&old]);
    cosigned(&joint, &kept).await.expect("under the old key");

    let older = Older::signing(old.clone());
    let pin = joint.service.db.folder.path().join("pin");
    let log = Log::new(new.clone(), pin, Policy::default()).with_older(vec![older]);
    joint.service.app.log = log;
    let refused = succession::require_announced(&joint.service.app).await;
    assert_eq!(reason_of(&refused.expect_err("nobody knows it")), "LOG_KEY_IS_NOT_ANNOUNCED");
    joint.service.go_on_at(now_us + DAY_US).await;
    let app = &joint.service.app;
    let change = succession::announce(app, "网信办").await.expect("announced").expect("new");
    assert_eq!((&change.old, &change.new), (old.public(), new.public()));
    assert_eq!(succession::announce(app, "网信办").await.expect("once"), None);
    joint.execute(&id, "d1").await.expect("draw");
    assert_eq!(signed_by(&joint, [&old, &new]).await, [true, true], "both sign");
    cosigned(&joint, &kept).await.expect("the old key still signs");
    certified(&joint, [&old, &new]).await;

    joint.service.go_on_at(change.until_us() - 1).await;
    joint.service.key(Role::Auditor, "", "审计科").await;
    assert_eq!(signed_by(&joint, [&old, &new]).await, [true, true], "to the last moment");
    joint.service.go_on_at(now_us + (OVERLAP_DAYS + 1) * DAY_US).await;
    joint.service.key(Role::Auditor, "", "审计科").await;
    assert_eq!(signed_by(&joint, [&old, &new]).await, [false, true], "the new one alone");
    let refused = cosigned(&joint, &kept).await.expect_err("it knows the old key only");
    assert!(matches!(refused, NotCosigned::Refused(Refusal::Unsigned)), "{refused:?}");
    cosigned(&joint, &witness_of(&[&old, &new])).await.expect("it goes on where it stood");
    certified(&joint, [&old, &new]).await;
    assert_eq!(fsck::check(&joint.service.app).await.expect("check").findings, []);
}

/// Every verifier takes the certificate, from the old key and from the new one, and from no other.
async fn certified(joint: &Joint, [old, new]: [&NoteSigner; 2]) {
    let (status, bytes) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    assert_eq!(status, 200);
    let trust = |key: &NoteSigner| Trust { key: Some(key.public().to_string()), policy: None };
    for key in [old, new] {
        verify(&bytes, &trust(key)).expect("every step");
    }
    let wrong = verify(&bytes, &trust(&signer([11; 32]))).expect_err("another log");
    assert!(matches!(wrong, Wrong::Log(Step::Checkpoint, _)), "{wrong:?}");
    let file: Certificate = serde_json::from_slice(&bytes).expect("json");
    assert_eq!(file.log.key, new.public().to_string());
    let event = file.log.key_changes[0].event.clone();
    let change = KeyChange::read(event.as_bytes()).expect("signed by both");
    assert_eq!(follow(old.public(), std::slice::from_ref(&change)), *new.public());
    // Neither signature may be missing.
    let value: serde_json::Value = serde_json::from_str(&event).expect("json");
    assert_eq!(value["type"], KIND);
    let note = value["body"]["note"].as_str().expect("a note");
    let (text, lines) = note.split_once("\n\n").expect("a note");
    for line in lines.lines() {
        let mut less = value.clone();
        less["body"]["note"] = format!("{text}\n\n{line}\n").into();
        assert_eq!(KeyChange::read(less.to_string().as_bytes()), None);
    }
    let mut files = vec![bytes];
    let changes: [fn(&mut Certificate); 3] = [
        |c| c.log.key_changes.clear(),
        |c| c.log.key_changes[0].event = c.log.key_changes[0].event.replace("网信办", "网信"),
        |c| c.log.key_changes[0].position += 1,
    ];
    for change in changes {
        let mut changed = file.clone();
        change(&mut changed);
        files.push(changed.to_bytes().expect("canonical"));
    }
    let mut python = Python::start();
    let address = joint.service.address.clone();
    let mut said: Vec<Vec<String>> = vec![files.iter().map(|f| python.verdict(f)).collect()];
    said.push(tokio::task::block_in_place(|| {
        let browser = Browser::start();
        browser.open(&format!("{address}/verify"));
        verdicts(&browser, &files)
    }));
    said.push(
        files
            .iter()
            .map(|f| match verify(f, &Trust::default()) {
                Ok(_) => "ok".to_owned(),
                Err(Wrong::Log(step, _)) => step.to_string()[..2].to_owned(),
                Err(wrong) => format!("{wrong:?}"),
            })
            .collect(),
    );
    assert!(said.iter().all(|s| *s == ["ok", "L2", "L2", "L2"]), "{said:?}");
}

//! The file a citizen keeps: checked by two programs, and by nobody's word.

use onevisit::app::log::{self, Round};
use onevisit::certificate::verify::{Ended, verify};
use onevisit::certificate::{Certificate, Step, Trust, Wrong};
use onevisit::ledger::note::{NoteSigner, Purpose};
use onevisit::rpc::pb;
use onevisit::rpc::pb::campaign_service_client::CampaignServiceClient;
use tonic::Code;

use crate::harness::joint::Joint;
use crate::harness::python::Python;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_certificate_tells_the_whole_story, threat_t10_t17_t24_a_changed_certificate_is_found,
}

async fn settle(joint: &Joint) {
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
}

/// The certificate of a draw at its second attempt.
async fn second_attempt(engine: Engine) -> (Joint, Vec<u8>) {
    let (joint, _) = Joint::frozen(engine).await;
    let mut anybody = CampaignServiceClient::new(joint.service.channel.clone());
    let ask = || pb::DownloadCertificateRequest { campaign_id: "c1".into(), attempt: 0 };
    let early = anybody.download_certificate(ask()).await.expect_err("not drawn yet");
    assert_eq!(early.code(), Code::NotFound);
    joint.abort(&joint.service.office, "停电", "a1").await.expect("asked");
    joint.approve_abort(&joint.supervisors[0].1, "b1").await.expect("aborted");
    joint.retry(&joint.approver, "", "r1").await.expect("approved");
    let frozen = joint.freeze("c1", "f2").await.expect("freeze");
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    settle(&joint).await;
    let mut stream = anybody.download_certificate(ask()).await.expect("certificate").into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = stream.message().await.expect("piece") {
        bytes.extend(piece.chunk);
    }
    let (status, page) = joint.service.get("/campaigns/c1/draws/2/certificate.json").await;
    assert_eq!((status, page == bytes), (200, true));
    assert_eq!(joint.service.get("/campaigns/c1/draws/1/certificate.json").await.0, 404);
    assert_eq!(joint.service.get("/campaigns/c1/draws/2/bundle.json").await.0, 200);
    (joint, bytes)
}

async fn a_certificate_tells_the_whole_story(engine: Engine) {
    let (joint, bytes) = second_attempt(engine).await;
    let key = joint.service.app.log.signer().public().to_string();
    let trust = Trust { key: Some(key), policy: None };
    let found = verify(&bytes, &trust).expect("every step");
    let ended = Ended {
        attempt: 1,
        kind: "ABORT".into(),
        reason: "停电".into(),
        requested_by: "领导小组办公室".into(),
        approved_by: "法规科".into(),
    };
    assert_eq!((found.attempts, found.ended), (2, vec![ended]));
    let other = NoteSigner::new("onevisit.test/log", Purpose::Log, &[1; 32]);
    let trust = Trust { key: Some(other.public().to_string()), policy: None };
    let wrong = verify(&bytes, &trust).expect_err("another log");
    assert!(matches!(wrong, Wrong::Log(Step::Checkpoint, _)), "{wrong:?}");
    assert_eq!(Python::start().verdict(&bytes), "ok");
}

type Change = fn(&mut Certificate);

async fn threat_t10_t17_t24_a_changed_certificate_is_found(engine: Engine) {
    let (_joint, bytes) = second_attempt(engine).await;
    let changes: [(&str, Change); 10] = [
        ("L1", |c| c.guarantees[0].push('!')),
        ("L2", |c| c.log.checkpoint = c.log.checkpoint.replacen('A', "B", 1)),
        ("L2", |c| c.log.consistency.clear()),
        ("L2", |c| c.log.frozen_under = c.log.checkpoint.clone() + "x"),
        ("L3", |c| c.entries[0].event = c.entries[0].event.replacen("campaign", "campaigm", 1)),
        ("L3", |c| c.entries.swap(0, 1)),
        ("L4", |c| {
            // The latest checkpoint may not pass for the one the freeze was signed under.
            c.log.frozen_under.clone_from(&c.log.checkpoint);
            c.log.consistency.clear();
        }),
        ("L5", |c| c.entries.retain(|e| !e.event.contains("number.reveal"))),
        ("L6", |c| c.entries.retain(|e| !e.event.contains("campaign.draw"))),
        ("L7", |c| c.entries.retain(|e| !e.event.contains("\"type\":\"draw.abort\""))),
    ];
    let mut python = Python::start();
    for (nth, (step, change)) in changes.into_iter().enumerate() {
        let mut certificate: Certificate = serde_json::from_slice(&bytes).expect("json");
        change(&mut certificate);
        let changed = certificate.to_bytes().expect("canonical");
        let found = match verify(&changed, &Trust::default()) {
            Err(Wrong::Log(found, _)) => found.to_string()[..2].to_owned(),
            other => format!("{other:?}"),
        };
        let theirs = python.verdict(&changed);
        assert_eq!((found.as_str(), theirs.as_str()), (step, step), "change {nth}");
    }
}

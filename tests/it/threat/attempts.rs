//! Whoever carries the draw out, and the offices that supervise it: nobody draws again, nobody copies,
//! and what is not prevented is said.

use std::collections::BTreeSet;

use onevisit::certificate::verify::verify;
use onevisit::certificate::{Certificate, Step, Trust, Wrong};
use onevisit::draw::hash::{Digest, Suite};
use onevisit::draw::seed::commitment;
use onevisit::rpc::client::Bearer;
use onevisit::rpc::pb;
use onevisit::rpc::pb::campaign_service_client::CampaignServiceClient;
use prost::Message;
use tonic::Code;

use super::{drawn, events, settle};
use crate::harness::joint::{Joint, OFFICES};
use crate::harness::process::succeed;
use crate::harness::{Engine, on_every_engine, scaled};
use crate::rpc::reason;

on_every_engine! {
    t01_eight_replicas_draw_once,
    t01_the_verifier_says_how_many_attempts,
    t14_a_copied_commitment_is_of_no_use,
    t15_the_certificate_says_what_all_offices_together_could_do,
}

const REPLICAS: usize = 8;
/// Calls over all replicas, and as many again one after the other: 1,000 in the long suite.
const CALLS: [usize; 2] = [32, 1_000];

async fn t01_eight_replicas_draw_once(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    let each = scaled(CALLS[0], CALLS[1]) / REPLICAS;
    let (mut clients, mut stops) = (Vec::new(), Vec::new());
    for _ in 0..REPLICAS {
        let (channel, stop) = joint.service.replica().await;
        let bearer = Bearer::new(&joint.service.office).expect("secret");
        clients.push(CampaignServiceClient::with_interceptor(channel, bearer));
        stops.push(stop);
    }
    let ask = |request_id: String| pb::DrawCampaignRequest { request_id, campaign_id: "c1".into() };
    let mut racing = Vec::new();
    for (nth, client) in clients.iter().enumerate() {
        let mut client = client.clone();
        racing.push(tokio::spawn(async move {
            let mut replies = Vec::new();
            for call in 0..each {
                match client.draw_campaign(ask(format!("race-{nth}-{call}"))).await {
                    Ok(reply) => replies.push(reply.into_inner().encode_to_vec()),
                    // Who lost the race for the one outcome is told to look again, once.
                    Err(status) => {
                        assert_eq!((status.code(), call), (Code::Aborted, 0), "{status:?}");
                    }
                }
            }
            replies
        }));
    }
    let mut replies = Vec::new();
    for race in racing {
        replies.extend(race.await.expect("a replica"));
    }
    assert!(replies.len() > REPLICAS * (each - 1), "{} replies", replies.len());
    for call in 0..each * REPLICAS {
        let client = &mut clients[call % REPLICAS];
        let reply = client.draw_campaign(ask(format!("again-{call}"))).await.expect("the outcome");
        replies.push(reply.into_inner().encode_to_vec());
    }
    let different: BTreeSet<Vec<u8>> = replies.into_iter().collect();
    assert_eq!(different.len(), 1, "every reply is the same, byte for byte");
    assert_eq!(events(&joint, "campaign.draw").await, 1);
    drop(stops);
}

async fn t01_the_verifier_says_how_many_attempts(engine: Engine) {
    let (joint, _) = Joint::frozen(engine).await;
    joint.abort(&joint.service.office, "停电", "a1").await.expect("asked");
    joint.approve_abort(&joint.supervisors[0].1, "b1").await.expect("aborted");
    joint.retry(&joint.approver, "", "r1").await.expect("approved");
    let frozen = joint.freeze("c1", "f2").await.expect("freeze");
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    settle(&joint).await;
    let (_, bytes) = joint.service.get("/campaigns/c1/draws/2/certificate.json").await;
    let file = joint.service.db.folder.path().join("certificate.json");
    std::fs::write(&file, bytes).expect("written");
    let said = succeed(&["verify", file.to_str().expect("path")]);
    assert!(said.contains("ATTEMPTS=2\n"), "{said}");
    let ended = "attempt 1 ended: ABORT \"停电\", asked by 领导小组办公室, approved by 法规科";
    assert!(said.contains(ended), "{said}");
}

async fn t14_a_copied_commitment_is_of_no_use(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    // The second office overheard what the first was about to hand in, and is quicker.
    let overheard = joint.commitment(&frozen, 0);
    joint.commit("c1", 1, &overheard).await.expect("nothing to see in it yet");
    let late = joint.commit("c1", 0, &overheard).await.expect_err("it is there already");
    assert_eq!(reason(&late), "COMMITTED_OR_COPIED");
    let number = [0x33; 32];
    let hash = Digest::from_hex(&frozen.freeze_hash).expect("hash");
    let own = commitment(Suite::Sha256, &hash, OFFICES[0], &number).to_string();
    joint.commit("c1", 0, &own).await.expect("another number");
    joint.reveal("c1", 0, &number).await.expect("its own");
    // Even the right number does not open it under another name.
    let copied = joint.reveal("c1", 1, &joint.number(0)).await.expect_err("not under its name");
    assert_eq!(reason(&copied), "REVEAL_DOES_NOT_OPEN_COMMITMENT");
    let stuck = joint.execute("c1", "d1").await.expect_err("one number is missing");
    assert_eq!(reason(&stuck), "NOT_ALL_HAVE_REVEALED");
}

async fn t15_the_certificate_says_what_all_offices_together_could_do(engine: Engine) {
    let joint = drawn(engine).await;
    settle(&joint).await;
    let (_, bytes) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    let mut file: Certificate = serde_json::from_slice(&bytes).expect("json");
    let said = "All offices together with the operator could choose their numbers: this is not \
                prevented without a beacon.";
    let at = file.guarantees.iter().position(|g| g.contains(said)).expect("it is said");
    file.guarantees[at] = file.guarantees[at].replace(said, "");
    let silent = file.to_bytes().expect("canonical");
    let wrong = verify(&silent, &Trust::default()).expect_err("it has to be said");
    assert!(matches!(wrong, Wrong::Log(Step::Format, _)), "{wrong:?}");
    let page = include_str!("../../../src/THREATS.md");
    let row = page.lines().find(|l| l.starts_with("| T15 ")).expect("the row");
    assert!(row.contains("not prevented without a beacon"), "{row}");
}

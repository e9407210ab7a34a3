//! The log as others see it: cosigned, and as files over HTTP.

use base64::Engine as _;
use onevisit::app::{access, cosign, log};
use onevisit::domain::caller::Role;
use onevisit::domain::hash::{Digest, Suite};
use onevisit::ledger::checkpoint::Checkpoint;
use onevisit::ledger::note::{Note, NoteKey, NoteSigner, Purpose};
use onevisit::ledger::quorum::Policy;
use onevisit::rpc::pb;
use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;
use tonic::Code;

use super::{reason, violations};
use crate::harness::client::Service;
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    nobody_commits_to_what_is_not_witnessed,
    witnesses_that_answer_at_once_are_both_counted,
    the_log_is_read_as_files,
}

fn witness(nth: u8) -> NoteSigner {
    NoteSigner::new(&format!("witness.test/{nth}"), Purpose::Witness, &[nth; 32])
}

async fn nobody_commits_to_what_is_not_witnessed(engine: Engine) {
    let text = format!("witness 监察室 {}\nquorum 监察室\n", witness(1).public());
    let policy = Policy::parse(&text).expect("policy");
    let (joint, frozen) = Joint::frozen_of(Service::start_under(engine, policy).await).await;
    let commitment = joint.commitment(&frozen, 0);
    let early = joint.commit("c1", 0, &commitment).await.expect_err("nobody has cosigned");
    assert_eq!(reason(&early), "FREEZE_NOT_WITNESSED");
    let app = &joint.service.app;
    let mut ledger = LedgerServiceClient::new(joint.service.channel.clone());
    let (size, request) = cosign::request(app, 0).await.expect("request").expect("a checkpoint");
    let said = Note::parse(&request.note).expect("note").text;
    for wrong in [witness(2).line(said, 5), witness(1).line("another\n", 5), String::new()] {
        let request = pb::AddCosignaturesRequest { size, lines: wrong };
        let refused = ledger.add_cosignatures(request).await.expect_err("not a witness's");
        let rule = "NOT_A_WITNESS_OF_THE_POLICY".to_owned();
        assert_eq!(violations(&refused), [("lines".into(), rule)]);
    }
    let missing = pb::AddCosignaturesRequest { size: size + 1_000, lines: String::new() };
    let missing = ledger.add_cosignatures(missing).await.expect_err("no such checkpoint");
    assert_eq!(missing.code(), Code::NotFound);
    let still = joint.commit("c1", 0, &commitment).await.expect_err("nobody has cosigned");
    assert_eq!(reason(&still), "FREEZE_NOT_WITNESSED");
    let lines = witness(2).line(said, 5) + &witness(1).line(said, 5);
    let request = pb::AddCosignaturesRequest { size, lines };
    let kept = ledger.add_cosignatures(request).await.expect("kept").into_inner();
    assert_eq!(kept.witnesses, ["监察室"]);
    let head = ledger.get_checkpoint(pb::GetCheckpointRequest {}).await.expect("head");
    let head = head.into_inner();
    assert_eq!(head.policy, text);
    let note = Note::parse(&head.witnessed).expect("witnessed");
    assert_eq!((note.text, witness(1).public().verify(&note)), (said, Some(5)));
    joint.commit("c1", 0, &commitment).await.expect("commit");
}

/// Checkpoints that two witnesses sign at the same moment.
const AT_ONCE: usize = 40;

async fn witnesses_that_answer_at_once_are_both_counted(engine: Engine) {
    let keys = [1, 2].map(|nth| format!("witness {nth} {}\n", witness(nth).public()));
    let text = keys.concat() + "group both all 1 2\nquorum both\n";
    let policy = Policy::parse(&text).expect("policy");
    let service = Service::start_under(engine, policy).await;
    let app = &service.app;
    for nth in 0..AT_ONCE {
        access::create_local(app, Role::Office, "", &format!("办公室 {nth}")).await.expect("key");
        while log::round_now(app).await.expect("round") != log::Round::Idle {}
        let (size, request) = cosign::request(app, 0).await.expect("request").expect("signed");
        let said = Note::parse(&request.note).expect("note").text;
        let add = |nth| {
            let (app, line) = (app.clone(), witness(nth).line(said, 5));
            tokio::spawn(async move { cosign::add(&app, size, &line).await })
        };
        let (first, second) = (add(1), add(2));
        first.await.expect("task").expect("kept");
        second.await.expect("task").expect("kept");
        // Neither is asked again: what is not noted now stays unwitnessed for ever.
        let mut tx = app.db.read().await.expect("read");
        let (found, _) = cosign::witnessed(app, &mut tx).await.expect("read").expect("witnessed");
        assert_eq!(i64::try_from(found.size), Ok(size));
    }
}

/// More than one tile.
const EVENTS: usize = 300;

fn entries(mut bundle: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at(usize::from(u16::from_be_bytes(*length)));
        out.push(entry.to_vec());
        bundle = rest;
    }
    out
}

async fn the_log_is_read_as_files(engine: Engine) {
    let service = Service::start(engine).await;
    for nth in 1..EVENTS {
        let office = format!("办公室 {nth}");
        access::create_local(&service.app, Role::Office, "", &office).await.expect("key");
    }
    while log::round_now(&service.app).await.expect("round") != log::Round::Idle {}
    let (status, note) = service.get("/log/checkpoint").await;
    let note = String::from_utf8(note).expect("text");
    let key = service.app.log.signer().public().to_string();
    let key = NoteKey::parse(&key).expect("key");
    let checkpoint = Checkpoint::open(&note, &key).expect("signed");
    assert_eq!((status, checkpoint.size), (200, EVENTS as u64));
    let partial = EVENTS - 256;
    let mut found = Vec::new();
    for (nth, width) in [("000", 256), (&*format!("001.p/{partial}"), partial)] {
        let (status, hashes) = service.get(&format!("/log/tile/0/{nth}")).await;
        assert_eq!((status, hashes.len()), (200, width * 32), "{nth}");
        let (status, bundle) = service.get(&format!("/log/tile/entries/{nth}")).await;
        let bundle = entries(&bundle);
        assert_eq!((status, bundle.len()), (200, width), "{nth}");
        for (entry, hash) in bundle.iter().zip(hashes.as_chunks::<32>().0) {
            assert_eq!(Suite::Sha256.leaf(entry), Digest(*hash));
        }
        found.extend(bundle);
    }
    assert_eq!(Suite::Sha256.tree(found.iter().map(Vec::as_slice)), checkpoint.root);
    let (status, above) = service.get("/log/tile/1/000.p/1").await;
    let below = Suite::Sha256.tree(found[..256].iter().map(Vec::as_slice));
    assert_eq!((status, above), (200, below.0.to_vec()));
    for absent in
        ["tile/0/001", "tile/0/002.p/1", "tile/1/000.p/2", "tile/entries/001", "tile/0/1", "x"]
    {
        assert_eq!(service.get(&format!("/log/{absent}")).await.0, 404, "{absent}");
    }
    assert_eq!(service.get("/nothing").await.0, 404);
    let text = base64::engine::general_purpose::STANDARD.encode(checkpoint.root.0);
    assert!(note.contains(&text));
}

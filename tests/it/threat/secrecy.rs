//! A company that knows every company: it cannot tell from what is public, nor from what it is told of
//! itself, whether it is drawn.

use std::collections::BTreeSet;

use onevisit::domain::caller::Role;
use onevisit::domain::canon;
use onevisit::draw::bundle::Bundle;
use onevisit::draw::freeze::{Class, Freeze, salt, ticket};
use onevisit::draw::hash::{Digest, Suite};
use onevisit::rpc::pb;
use prost::Message;
use serde_json::json;

use super::drawn;
use crate::harness::client::DISTRICT;
use crate::harness::data::code;
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine, scaled};

on_every_engine! {
    t16_whoever_knows_every_subject_matches_no_ticket,
    t16_what_is_told_of_a_subject_is_the_same_drawn_or_not,
}

/// Guesses over all tickets: a million in the long suite.
const GUESSES: [usize; 2] = [20_000, 1_000_000];
/// Subjects of the whole registry.
const SUBJECTS: usize = 80;
const SUITE: Suite = Suite::Sha256;

fn record(n: usize) -> Digest {
    let record = json!({
        "address": format!("测试路{n}号"), "district": "990001", "id": code(n),
        "name": format!("测试区第{n}商店"), "subject": code(n),
    });
    SUITE.hash(&canon::to_bytes(&record).expect("canonical"))
}

/// Everything public that might pass for a key or a salt.
fn public(bundle: &Bundle, freeze: &Freeze) -> Vec<Digest> {
    let mut out = vec![Digest::default(), Digest([0xff; 32])];
    out.push(onevisit::draw::freeze::freeze_hash(SUITE, bundle.freeze.as_bytes()));
    out.extend([freeze.mc.selectable, freeze.mc.excluded, freeze.mc.inspectors]);
    out.extend([freeze.pool.root, freeze.inspectors.root, freeze.avoid.root, freeze.keep.root]);
    out.extend([bundle.published.seed, bundle.published.result_root]);
    out.extend(&bundle.commitments);
    out.extend(bundle.reveals.iter().flatten());
    out.extend(bundle.pool.units.tickets());
    out.extend(bundle.pool.inspectors.iter().map(|i| i.ticket));
    out.extend((0..=u8::MAX).map(|byte| SUITE.hash(&[byte])));
    out
}

async fn t16_whoever_knows_every_subject_matches_no_ticket(engine: Engine) {
    let joint = drawn(engine).await;
    let bundle: Bundle = serde_json::from_slice(&joint.bundle("c1").await).expect("bundle");
    let freeze = Freeze::from_bytes(bundle.freeze.as_bytes()).expect("freeze");
    let tickets: BTreeSet<Digest> = bundle.pool.units.tickets().iter().copied().collect();
    assert_eq!(tickets.len(), SUBJECTS);
    let records: Vec<(String, Digest)> = (1..=SUBJECTS).map(|n| (code(n), record(n))).collect();
    let guess = |salt: &Digest, class: Class, (id, rec): &(String, Digest)| {
        tickets.contains(&ticket(SUITE, &freeze.draw_id, class, salt, id, rec))
    };
    let per_subject = scaled(GUESSES[0], GUESSES[1]) / SUBJECTS;
    let known = public(&bundle, &freeze);
    // First what is public, then numbers that a program might have counted up.
    let counted = (0_u64..).map(|n| SUITE.hash(&n.to_be_bytes()));
    let keys: Vec<Digest> = known.into_iter().chain(counted).take(per_subject / 2).collect();
    let mut guesses = 0;
    for (nth, subject) in records.iter().enumerate() {
        for (at, key) in keys.iter().enumerate() {
            let class = if (nth + at) % 2 == 0 { Class::Selectable } else { Class::Excluded };
            let derived = salt(SUITE, key, &freeze.draw_id, class, &subject.0);
            assert!(!guess(key, class, subject) && !guess(&derived, class, subject), "{subject:?}");
            guesses += 2;
        }
    }
    assert!(guesses >= GUESSES[0] / 2, "{guesses}");
    // It is the salt that was missing: with it, each ticket is matched at once.
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let first = bundle.pool.units.ticket(0).to_string();
    let request = pb::OpenUnitRequest {
        request_id: "o".into(),
        campaign_id: "c1".into(),
        attempt: 0,
        ticket: first,
        case_number: "审".into(),
    };
    let opened = joint.service.with(&auditor).visits().open_unit(request).await.expect("opened");
    let opening = opened.into_inner().unit.expect("unit").opening.expect("opening");
    let salt = Digest::from_hex(&opening.salt).expect("salt");
    let subject = records.iter().find(|(id, _)| *id == opening.id).expect("known");
    assert!(guess(&salt, Class::Selectable, subject));
}

/// Everything that is told of subjects by name, as bytes.
async fn told(joint: &Joint) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for (department, secret) in &joint.keys {
        let caller = joint.service.with(secret);
        let request = pb::ListSubjectEntriesRequest {
            department: department.clone(),
            page_size: 1_000,
            ..Default::default()
        };
        let reply = caller.registry().list_subject_entries(request).await.expect("entries");
        out.extend(reply.into_inner().entries.iter().map(Message::encode_to_vec));
        let at = pb::GetImportRequest { request_id: "s".into() };
        let reply = caller.registry().get_import(at).await.expect("import");
        out.push(reply.into_inner().encode_to_vec());
    }
    let request = pb::ListSubjectLinksRequest {
        jurisdiction: DISTRICT.into(),
        page_size: 1_000,
        ..Default::default()
    };
    let links = joint.service.office().matching().list_subject_links(request).await.expect("links");
    out.extend(links.into_inner().links.iter().map(Message::encode_to_vec));
    out
}

async fn t16_what_is_told_of_a_subject_is_the_same_drawn_or_not(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    let before = told(&joint).await;
    assert!(before.len() > 120, "{}", before.len());
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    assert_eq!(
        told(&joint).await,
        before,
        "not a byte has changed, of the drawn and of the others"
    );
    // What shows of the draw shows tickets only.
    for visit in joint.visits(&joint.service.office, "c1").await.expect("visits") {
        let named = [&visit.subject_id, &visit.subject_name, &visit.address];
        assert_eq!((visit.ticket.len(), named.map(String::len)), (64, [0; 3]), "{visit:?}");
    }
}

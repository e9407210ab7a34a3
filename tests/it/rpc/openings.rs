//! Names: sealed, opened to those who may, each time on record.

use std::collections::BTreeSet;

use onevisit::app::fsck::{self, Kind};
use onevisit::app::log::{self, Round};
use onevisit::app::{AppError, Call, Sealer, openings};
use onevisit::domain::caller::{Caller, Role};
use onevisit::domain::visit_code::VisitCode;
use onevisit::draw::freeze::{Class, Freeze, salt, ticket};
use onevisit::draw::hash::{Digest, Suite};
use onevisit::draw::opening::{Opening, Standing};
use onevisit::ledger::note::{Note, NoteKey};
use onevisit::rpc::pb;
use tonic::{Code, Status};

use super::{quota, reason, violations};
use crate::harness::client::Service;
use crate::harness::dump::{self, Haystack};
use crate::harness::joint::Joint;
use crate::harness::{Engine, Hands, NOW_US, SEAL_KEY, on_every_engine};

on_every_engine! {
    threat_t16_t20_a_team_opens_its_visit_on_the_day,
    threat_t25_every_opening_is_on_record,
    threat_t17_an_opening_proves_itself,
    a_closed_campaign_is_open_to_everybody,
    a_new_key_leaves_what_the_old_one_sealed,
    threat_t09_no_name_is_at_rest_beside_the_registries,
}

/// A drawn campaign whose first day is tomorrow.
async fn drawn(engine: Engine) -> (Joint, Hands) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    let lists = [("fire", (1..=40).collect()), ("market", (1..=80).collect())];
    let joint = Joint::of(service, &lists).await;
    let mut campaign = joint.campaign(|_| vec![quota("*", 1_000)]);
    campaign.first_day = "2026-06-16".into();
    joint.carry_out(campaign).await;
    (joint, hands)
}

async fn inspector(joint: &Joint, department: &str, id: &str) -> String {
    let request = pb::CreateApiKeyRequest {
        request_id: format!("key-{department}-{id}"),
        role: pb::Role::Inspector.into(),
        department: department.into(),
        office: String::new(),
        inspector_id: id.into(),
    };
    let reply = joint.service.office().access().create_api_key(request).await.expect("key");
    reply.into_inner().secret
}

async fn open(
    joint: &Joint,
    secret: &str,
    rank: i64,
    case: &str,
    request_id: &str,
) -> Result<pb::OpenVisitResponse, Status> {
    let request = pb::OpenVisitRequest {
        request_id: request_id.into(),
        campaign_id: "c1".into(),
        rank,
        case_number: case.into(),
    };
    let reply = joint.service.with(secret).visits().open_visit(request).await?;
    Ok(reply.into_inner())
}

async fn auditor(joint: &Joint) -> String {
    joint.service.key(Role::Auditor, "", "审计科").await
}

async fn threat_t16_t20_a_team_opens_its_visit_on_the_day(engine: Engine) {
    let (joint, hands) = drawn(engine).await;
    for secret in [&joint.service.office, &joint.keys["fire"]] {
        for visit in joint.visits(secret, "c1").await.expect("visits") {
            let hidden = [&visit.subject_id, &visit.subject_name, &visit.address];
            assert!(hidden.iter().all(|text| text.is_empty()), "{visit:?}");
            assert!(visit.sections.iter().flat_map(|s| &s.team).all(|m| m.inspector_id.is_empty()));
        }
        let refused = open(&joint, secret, 1, "", "o0").await.expect_err("no inspector");
        assert_eq!(reason(&refused), "TEAM_OR_AUDITOR_ONLY");
    }
    let truth = joint.opened("c1").await;
    let visit = &truth[0];
    for section in &visit.sections {
        for n in 1..=4 {
            let secret = inspector(&joint, &section.department, &format!("p{n}")).await;
            let person = format!("{}/p{n}", section.department);
            let own = section.team.iter().any(|m| m.inspector_id == person);
            let early = open(&joint, &secret, 1, "", "early").await.expect_err("before the day");
            let why = if own { "BEFORE_THE_VISIT_DAY" } else { "NOT_OF_THE_TEAM" };
            assert_eq!(reason(&early), why, "{person}");
        }
    }
    hands.forward(24 * 60);
    for section in &visit.sections {
        for n in 1..=4 {
            let secret = inspector(&joint, &section.department, &format!("p{n}")).await;
            let person = format!("{}/p{n}", section.department);
            let own = section.team.iter().any(|m| m.inspector_id == person);
            match open(&joint, &secret, 1, "", "day").await {
                Ok(opened) => assert!(own && opened.visit.as_ref() == Some(visit)),
                Err(status) => assert!(!own && reason(&status) == "NOT_OF_THE_TEAM"),
            }
        }
    }
    let mut tx = joint.service.app.db.read().await.expect("read");
    let events = tx.events_of("visit.open", 1_000).await.expect("events");
    let member = |body: &[u8]| {
        let body: serde_json::Value = serde_json::from_slice(body).expect("json");
        body["body"]["member"].as_str().expect("member").to_owned()
    };
    let said: BTreeSet<String> = events.iter().map(|e| member(&e.body)).collect();
    let auditors = String::new();
    let team = visit.sections.iter().flat_map(|s| s.team.iter().map(|m| m.ticket.clone()));
    assert_eq!(said, team.chain([auditors]).collect(), "who came stands there by ticket");
    drop(tx);
    let refused = inspector_of(&joint, "nobody").await;
    assert_eq!(refused.code(), Code::NotFound);
}

async fn inspector_of(joint: &Joint, id: &str) -> Status {
    let request = pb::CreateApiKeyRequest {
        request_id: "k".into(),
        role: pb::Role::Inspector.into(),
        department: "fire".into(),
        office: String::new(),
        inspector_id: id.into(),
    };
    joint.service.office().access().create_api_key(request).await.expect_err("unknown")
}

async fn threat_t25_every_opening_is_on_record(engine: Engine) {
    let (joint, _) = drawn(engine).await;
    let auditor = auditor(&joint).await;
    let silent = open(&joint, &auditor, 1, "", "o1").await.expect_err("without a case");
    assert_eq!(violations(&silent), [("case_number".into(), "REQUIRED".into())]);
    let first = open(&joint, &auditor, 1, "审2026-7", "o2").await.expect("opened");
    let again = open(&joint, &auditor, 1, "审2026-7", "o2").await.expect("the same");
    assert_eq!(first, again);
    open(&joint, &auditor, 2, "审2026-7", "o3").await.expect("another");
    let missing = open(&joint, &auditor, 999, "审2026-7", "o4").await.expect_err("no such visit");
    assert_eq!(missing.code(), Code::NotFound);
    let mut tx = joint.service.app.db.read().await.expect("read");
    let events = tx.events_of("visit.open", 100).await.expect("events");
    let bodies: Vec<serde_json::Value> =
        events.iter().map(|e| serde_json::from_slice(&e.body).expect("json")).collect();
    let said: Vec<(i64, &str)> = bodies
        .iter()
        .map(|b| {
            (
                b["body"]["rank"].as_i64().expect("rank"),
                b["body"]["case_number"].as_str().expect("case"),
            )
        })
        .collect();
    assert_eq!(said, [(1, "审2026-7"), (2, "审2026-7")]);
}

async fn threat_t17_an_opening_proves_itself(engine: Engine) {
    let (joint, _) = drawn(engine).await;
    let auditor = auditor(&joint).await;
    let request = pb::GetDrawRequest { campaign_id: "c1".into(), attempt: 0 };
    let reply = joint.service.office().campaigns().get_draw(request).await.expect("draw");
    let draw = reply.into_inner().draw.expect("draw");
    let freeze = Freeze::from_bytes(&draw.freeze_bytes).expect("freeze");
    let visits = joint.visits(&joint.service.office, "c1").await.expect("visits");
    let head = joint.service.office().ledger().get_checkpoint(pb::GetCheckpointRequest {}).await;
    let key = NoteKey::parse(&head.expect("head").into_inner().visit_key).expect("a key");
    for visit in visits {
        let id = format!("o{}", visit.rank);
        let opened = open(&joint, &auditor, visit.rank, "审", &id).await.expect("opened");
        let proof = opened.opening.expect("opening");
        let opening = Opening {
            id: proof.id,
            record: serde_json::from_str(&proof.record).expect("json"),
            salt: Digest::from_hex(&proof.salt).expect("salt"),
        };
        let ticket =
            opening.ticket(Suite::Sha256, &freeze.draw_id, Class::Selectable).expect("canonical");
        assert_eq!(ticket.to_string(), visit.ticket);
        let hash = |h: Vec<u8>| Digest(h.try_into().expect("32 bytes"));
        let leaf = hex::encode(&proof.leaf);
        assert!(leaf.contains(&visit.ticket), "the leaf is of this visit");
        let mut standing = Standing {
            count: u64::try_from(proof.count).expect("count"),
            index: u64::try_from(proof.index).expect("index"),
            leaf,
            path: proof.path.into_iter().map(hash).collect(),
        };
        assert_eq!(standing.root(Suite::Sha256).expect("a root").to_string(), draw.result_root);
        standing.index -= 1;
        assert_ne!(
            standing.root(Suite::Sha256).map(|r| r.to_string()),
            Some(draw.result_root.clone())
        );
        let note = Note::parse(&opened.visit_code).expect("a note");
        assert!(key.verify(&note).is_some());
        let code = VisitCode::parse(note.text).expect("a visit code");
        assert_eq!((code.rank, &code.ticket), (visit.rank, &visit.ticket));
        assert_eq!(code.text(), note.text);
        let teams = opened.visit.expect("visit").sections;
        for (said, section) in code.sections.iter().zip(&teams) {
            let team: Vec<&String> = section.team.iter().map(|m| &m.inspector_id).collect();
            assert_eq!(said.people.iter().collect::<Vec<_>>(), team);
        }
        let forged = opened.visit_code.replace("2026-06-16", "2026-06-17");
        assert_eq!(key.verify(&Note::parse(&forged).expect("a note")), None);
        assert!(opened.visit_code_svg.contains("<svg"));
    }
}

async fn a_closed_campaign_is_open_to_everybody(engine: Engine) {
    let (joint, hands) = drawn(engine).await;
    let close =
        |id: &str| pb::CloseCampaignRequest { request_id: id.into(), campaign_id: "c1".into() };
    let mut office = joint.service.office().campaigns();
    let early = office.close_campaign(close("e")).await.expect_err("visits are under way");
    assert_eq!(reason(&early), "BEFORE_THE_LAST_DAY_IS_OVER");
    let truth = joint.opened("c1").await;
    hands.forward(40 * 24 * 60);
    let closed = office.close_campaign(close("c")).await.expect("closed").into_inner();
    let master = Digest::from_hex(&closed.campaign.expect("campaign").master_s).expect("a key");
    let fire = joint.visits(&joint.keys["fire"], "c1").await.expect("visits");
    assert!(!fire.is_empty() && fire.iter().all(|v| truth.contains(v)), "names show");
    let draw_id = "campaigns/c1/draws/1";
    for visit in &truth {
        let id = &visit.subject_id;
        let salt = salt(Suite::Sha256, &master, draw_id, Class::Selectable, id);
        let record = serde_json::json!({
            "address": visit.address, "district": "990001", "id": id,
            "name": visit.subject_name, "subject": id,
        });
        let rec = Suite::Sha256.hash(&onevisit::domain::canon::to_bytes(&record).expect("canon"));
        let opened = ticket(Suite::Sha256, draw_id, Class::Selectable, &salt, id, &rec);
        assert_eq!(opened.to_string(), visit.ticket, "everybody opens every ticket");
    }
}

async fn threat_t09_no_name_is_at_rest_beside_the_registries(engine: Engine) {
    let (joint, _) = drawn(engine).await;
    let truth = joint.opened("c1").await;
    let mut canaries: Vec<String> = Vec::new();
    for visit in &truth {
        canaries.extend([visit.subject_id.clone(), visit.subject_name.clone()]);
        canaries.push(visit.address.clone());
    }
    canaries.retain(|c| !c.is_empty());
    assert!(canaries.len() >= 16);
    let kept = dump::tables(&joint.service.app.db, |t| !dump::REGISTRIES.contains(&t)).await;
    assert!(kept.contains("campaign.draw"), "the dump has the events");
    let mut answers = joint.bundle("c1").await;
    for path in ["draws/1/certificate.json", "draws/1/bundle.json"] {
        answers.extend(joint.service.get(&format!("/campaigns/c1/{path}")).await.1);
    }
    let (kept, answers) = (Haystack::new(kept.as_bytes()), Haystack::new(&answers));
    for canary in &canaries {
        assert_eq!(kept.find(canary), None, "{canary} is at rest");
        assert_eq!(answers.find(canary), None, "{canary} is in a public answer");
    }
}

async fn a_new_key_leaves_what_the_old_one_sealed(engine: Engine) {
    let (joint, _) = drawn(engine).await;
    let mut app = joint.service.app.clone();
    let new = [8; 32];
    app.sealer = Sealer::new(&new, &[SEAL_KEY]);
    while log::round_now(&app).await.expect("round") != Round::Idle {}
    let caller = Caller::holder(Role::Auditor, "", "审计科", "");
    let call = |request_id: &str| Call {
        caller: caller.clone(),
        request_id: request_id.into(),
        method: "OpenVisit",
        payload: [0; 32],
        signature: None,
    };
    let opened = openings::open(&app, &call("k1"), "c1", 1, "审").await.expect("sealed before");
    assert!(!opened.visit.name.is_empty());
    while log::round_now(&app).await.expect("the new mark") != Round::Idle {}
    assert_eq!(fsck::check(&app).await.expect("check").findings, []);
    // Neither key alone is enough: the old one does not know the new mark, nor the new one the old.
    for alone in [SEAL_KEY, new] {
        app.sealer = Sealer::new(&alone, &[]);
        let report = fsck::check(&app).await.expect("check");
        assert!(report.findings.iter().any(|f| f.kind == Kind::EventMark), "{report:?}");
    }
    let refused = openings::open(&app, &call("k2"), "c1", 2, "审").await;
    assert!(matches!(refused, Err(AppError::Broken(_))), "{refused:?}");
}

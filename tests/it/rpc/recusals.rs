//! A visited subject asks that a person stays away: by its visit code, over HTTP, without a key.

use onevisit::app::fsck::{self, Kind};
use onevisit::app::log::{self, Round};
use onevisit::domain::caller::Role;
use onevisit::domain::recusal::RECUSALS_PER_VISIT_MAX;
use onevisit::rpc::pb;
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::{quota, reason};
use crate::harness::client::Service;
use crate::harness::data::{entry, inspector, item_list};
use crate::harness::dump::{self, Haystack};
use crate::harness::joint::{Joint, Rows};
use crate::harness::{Engine, Hands, NOW_US, on_every_engine};

on_every_engine! {
    a_subject_asks_and_the_next_suiting_person_comes,
    a_code_is_good_on_its_days_for_its_visit_and_not_without_end,
    a_form_is_taken_like_json,
}

const JSON: &str = "application/json";

/// A drawn campaign whose first day is tomorrow, with twelve people in each department.
async fn drawn(engine: Engine) -> (Joint, Hands) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    let rows = |department: &str| Rows {
        department: department.to_owned(),
        entries: (1..=10).map(entry).collect(),
        people: (1..=12).map(|n| inspector(&format!("p{n}"))).collect(),
        items: item_list(&["A1"]),
    };
    let joint = Joint::of_rows(service, vec![rows("fire"), rows("market")]).await;
    let mut campaign = joint.campaign(|_| vec![quota("*", 5_000)]);
    campaign.first_day = "2026-06-16".into();
    // Ten people at a door: more than one visit may name.
    let slot = |lead| pb::Slot { lead, requires: vec![] };
    let slots = (0..10).map(|i| slot(i == 0)).collect();
    campaign.profiles = vec![pb::Profile { name: "p".into(), slots }];
    campaign.participants.iter_mut().for_each(|p| p.profile = "p".into());
    joint.carry_out(campaign).await;
    (joint, hands)
}

async fn opened(joint: &Joint, rank: i64) -> (pb::Visit, String) {
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let request = pb::OpenVisitRequest {
        request_id: format!("o{rank}"),
        campaign_id: "c1".into(),
        rank,
        case_number: "审2026-1".into(),
    };
    let reply = joint.service.with(&auditor).visits().open_visit(request).await.expect("opened");
    let reply = reply.into_inner();
    (reply.visit.expect("visit"), reply.visit_code)
}

async fn ask(joint: &Joint, plea: &Value) -> (u16, Value) {
    let (status, body) = joint.service.post("/recusals", JSON, plea.to_string().into_bytes()).await;
    (status, serde_json::from_slice(&body).expect("json"))
}

async fn refused(joint: &Joint, plea: &Value) -> String {
    let (status, body) = ask(joint, plea).await;
    assert!((400..500).contains(&status), "{status} {body}");
    match body["violations"].as_array().and_then(|v| v.first()) {
        Some(violation) => violation["rule"].as_str().expect("rule").to_owned(),
        None => body["reason"].as_str().expect("reason").to_owned(),
    }
}

async fn listed(joint: &Joint, secret: &str) -> Result<Vec<pb::AskedRecusal>, Status> {
    let request = pb::ListRecusalsRequest { campaign_id: "c1".into(), ..Default::default() };
    let reply = joint.service.with(secret).recusals().list_recusals(request).await?;
    Ok(reply.into_inner().recusals)
}

async fn decide(
    joint: &Joint,
    secret: &str,
    nth: i64,
    grant: bool,
) -> Result<pb::AskedRecusal, Status> {
    let request = pb::DecideRecusalRequest {
        request_id: format!("recusal-{nth}-{grant}"),
        campaign_id: "c1".into(),
        nth,
        grant,
    };
    let reply = joint.service.with(secret).recusals().decide_recusal(request).await?;
    Ok(reply.into_inner().recusal.expect("recusal"))
}

async fn approve(joint: &Joint, secret: &str, nth: i64) -> Result<pb::Change, Status> {
    let request = pb::DecideChangeRequest {
        request_id: format!("change-{nth}"),
        campaign_id: "c1".into(),
        nth,
        approve: true,
    };
    let reply = joint.service.with(secret).visits().decide_change(request).await?;
    Ok(reply.into_inner().change.expect("change"))
}

async fn sound(joint: &Joint) {
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
    assert_eq!(fsck::check(&joint.service.app).await.expect("check").findings, []);
}

async fn a_subject_asks_and_the_next_suiting_person_comes(engine: Engine) {
    let (joint, hands) = drawn(engine).await;
    hands.forward(24 * 60);
    let (visit, code) = opened(&joint, 1).await;
    let member = &visit.sections[0].team[1];
    let statement = "三年前与我单位有合同纠纷";
    let person = &member.inspector_id;
    let plea =
        json!({ "code": code, "person": person, "reason": "DISPUTE", "statement": statement });
    let (status, first) = ask(&joint, &plea).await;
    assert_eq!((status, &first), (200, &json!({ "campaign_id": "c1", "nth": 1 })));
    assert_eq!(ask(&joint, &plea).await, (200, first), "sent twice, it is one");
    let other = joint.service.key(Role::Supervisor, "", "办公室").await;
    for secret in [&joint.keys["fire"], &other] {
        assert_eq!(reason(&listed(&joint, secret).await.expect_err("offices")), "OFFICE_ONLY");
        let refused = decide(&joint, secret, 1, true).await.expect_err("offices decide");
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
    let found = listed(&joint, &joint.service.office).await.expect("listed");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].statement, statement);
    assert_eq!(
        (&found[0].inspector_ticket, &found[0].department, found[0].slot, found[0].reason()),
        (&member.ticket, &visit.sections[0].department, 2, pb::RecusalReason::Dispute)
    );
    let granted = decide(&joint, &joint.approver, 1, true).await.expect("granted");
    assert_eq!((granted.state(), granted.change), (pb::asked_recusal::State::Granted, 1));
    let again = decide(&joint, &joint.approver, 1, false).await.expect_err("decided");
    assert_eq!(reason(&again), "ALREADY_DECIDED");
    let own = approve(&joint, &joint.approver, 1).await.expect_err("the office that granted");
    assert_eq!(reason(&own), "APPROVER_IS_REQUESTER");
    let change = approve(&joint, &joint.service.office, 1).await.expect("approved");
    assert_eq!(change.reason(), pb::ChangeReason::RecusalAsked);
    assert_eq!(change.went_ticket, member.ticket);
    assert_ne!(change.came_ticket, member.ticket);
    let mut tx = joint.service.app.db.read().await.expect("read");
    let kept = tx.recusals("990001").await.expect("recusals");
    assert_eq!(kept[0].1.subject_id, visit.subject_id, "stays away in later draws, too");
    drop(tx);
    sound(&joint).await;
    // Neither the log nor the database says what the subject wrote, or that it is the subject.
    let rows = dump::tables(&joint.service.app.db, |t| t == "recusal_asks" || t == "events").await;
    let rows = Haystack::new(rows.as_bytes());
    for hidden in [statement, &visit.subject_id, &visit.subject_name] {
        assert_eq!(rows.find(hidden), None, "{hidden}");
    }
    let mut tx = joint.service.app.db.begin().await.expect("begin");
    super::fsck::unguard(&mut tx, "recusal_asks").await;
    let sql = "UPDATE recusal_asks SET doc = replace(doc, 'DISPUTE', 'KIN')";
    assert!(super::fsck::run(&mut tx, sql, 0, 0).await > 0);
    let report = fsck::check_in(&joint.service.app, &mut tx).await.expect("check");
    assert!(report.findings.iter().any(|f| f.kind == Kind::Recusal), "{report:?}");
}

async fn a_code_is_good_on_its_days_for_its_visit_and_not_without_end(engine: Engine) {
    let (joint, hands) = drawn(engine).await;
    let (visit, code) = opened(&joint, 1).await;
    let people: Vec<String> =
        visit.sections[0].team.iter().map(|m| m.inspector_id.clone()).collect();
    let plea =
        |code: &str, person: &str| json!({ "code": code, "person": person, "reason": "KIN" });
    let early = refused(&joint, &plea(&code, &people[0])).await;
    assert_eq!(early, "BEFORE_THE_VISIT_DAY", "an auditor's early code is of no use");
    hands.forward(24 * 60);
    let forged = code.replacen("c1 1", "c1 2", 1);
    let forged = refused(&joint, &plea(&forged, &people[0])).await;
    assert_eq!(forged, "NOT_SIGNED_BY_THIS_SERVICE");
    let everybody: Vec<String> =
        (1..=12).map(|n| format!("{}/p{n}", visit.sections[0].department)).collect();
    let absent = everybody.iter().find(|p| !people.contains(p)).expect("two are not there");
    assert_eq!(refused(&joint, &plea(&code, absent)).await, "NOT_OF_THE_TEAM");
    let unknown = json!({ "code": code, "person": people[0], "reason": "DISLIKE" });
    assert_eq!(refused(&joint, &unknown).await, "NOT_A_PLEA");
    let most = usize::try_from(RECUSALS_PER_VISIT_MAX).expect("small");
    for person in &people[..most] {
        assert_eq!(ask(&joint, &plea(&code, person)).await.0, 200);
    }
    let twice = json!({ "code": code, "person": people[0], "reason": "INTEREST" });
    assert_eq!(refused(&joint, &twice).await, "ASKED_BEFORE");
    assert_eq!(refused(&joint, &plea(&code, &people[most])).await, "RECUSALS_PER_VISIT");
    let (second, other) = opened(&joint, 2).await;
    let person = &second.sections[0].team[0].inspector_id;
    assert_eq!(ask(&joint, &plea(&other, person)).await.0, 200, "each visit has its own");
    let declined = decide(&joint, &joint.service.office, 1, false).await.expect("declined");
    assert_eq!((declined.state(), declined.change), (pb::asked_recusal::State::Declined, 0));
    sound(&joint).await;
    hands.forward(31 * 24 * 60);
    assert_eq!(refused(&joint, &plea(&code, &people[0])).await, "AFTER_THE_LAST_DAY");
}

async fn a_form_is_taken_like_json(engine: Engine) {
    let (joint, hands) = drawn(engine).await;
    hands.forward(24 * 60);
    let (status, page) = joint.service.get("/recusals").await;
    let page = String::from_utf8(page).expect("text");
    assert!(status == 200 && page.contains("<form method=\"post\" action=\"/recusals\">"));
    let (visit, code) = opened(&joint, 1).await;
    let person = &visit.sections[1].team[0].inspector_id;
    let form = |reason: &str| {
        // As a browser sends a text area: line ends are CR LF.
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("code", &code.replace('\n', "\r\n"));
        form.append_pair("person", person);
        form.append_pair("reason", reason).append_pair("statement", "");
        form.finish().into_bytes()
    };
    let kind = "application/x-www-form-urlencoded";
    let (status, page) = joint.service.post("/recusals", kind, form("<b>")).await;
    let page = String::from_utf8(page).expect("text");
    assert!(status == 400 && page.contains("UNKNOWN_REASON") && !page.contains("<b>"), "{page}");
    let (status, page) = joint.service.post("/recusals", kind, form("INTEREST")).await;
    let page = String::from_utf8(page).expect("text");
    assert!(status == 200 && page.contains("c1/1"), "{page}");
    let (status, _) = joint.service.post("/recusals", "text/plain", form("KIN")).await;
    assert_eq!(status, 415);
    let much = vec![b'a'; onevisit::web::recusal::BODY_BYTES_MAX + 1];
    let (status, _) = joint.service.post("/recusals", kind, much).await;
    assert_eq!(status, 413);
    assert_eq!(listed(&joint, &joint.service.office).await.expect("listed").len(), 1);
    sound(&joint).await;
}

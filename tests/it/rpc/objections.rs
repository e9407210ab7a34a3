//! A subject objects to a published result; another than published reviews it, in working days.

use onevisit::app::objection::file::{OPEN_MAX, UNPROVEN_PER_HOUR_MAX};
use onevisit::domain::caller::Role;
use onevisit::rpc::pb::{self, ObjectionFiling, ObjectionState, ResultCode};
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::check::{SHA, Site};
use super::disclosure::{checked, decide_correction, id, json, sound, submit, versions};
use super::{reason, violations};
use crate::harness::dump::{self, Haystack};
use crate::harness::{Engine, WAIT_MAX, on_every_engine};

on_every_engine! {
    an_objection_is_upheld_and_leads_to_a_correction,
    a_review_stands_still_while_it_is_paused,
    a_flood_of_strangers_keeps_no_subject_from_objecting,
}

const DAY_MINUTES: i64 = 24 * 60;

/// Both results are published.
async fn published(engine: Engine) -> Site {
    let site = checked(engine).await;
    for department in ["fire", "market"] {
        let (key, at) = (&site.joint.keys[department], id(&site, department));
        submit(&site, key, "p", (&at, "1"), None).await.expect("published");
    }
    site
}

fn form(request_id: &str, visit_code: &str) -> Value {
    json!({
        "applicant": "金丝雀商店",
        "contact": "13800000000",
        "grounds": "灭火器在有效期内",
        "request_id": request_id,
        "visit_code": visit_code,
    })
}

async fn post(site: &Site, result: &str, form: &Value) -> (u16, Value) {
    let url = format!("{}/results/{result}/objections", site.joint.service.address);
    let body = form.to_string();
    let send = move || {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.timeout_global(Some(WAIT_MAX)).build().new_agent();
        // A service that refuses a form by its length may hang up before it has read it.
        let Ok(mut response) = agent.post(&url).send(&body) else { return (0, Value::Null) };
        let text = response.body_mut().read_to_string().expect("a body");
        (response.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
    };
    tokio::task::spawn_blocking(send).await.expect("sent")
}

pub async fn filed(site: &Site, result: &str, request_id: &str) -> String {
    let (status, said) = post(site, result, &form(request_id, &site.code)).await;
    assert_eq!(status, 201, "{said}");
    said["objection_id"].as_str().expect("id").to_owned()
}

pub type Stands = Result<pb::Objection, Status>;

pub async fn get(site: &Site, secret: &str, id: &str) -> Stands {
    let request = pb::GetObjectionRequest { objection_id: id.into() };
    let reply = site.joint.service.with(secret).objections().get_objection(request).await?;
    Ok(reply.into_inner().objection.expect("objection"))
}

pub async fn receive(
    site: &Site,
    secret: &str,
    request_id: &str,
    (id, etag): (&str, &str),
) -> Stands {
    let request = pb::ReceiveMaterialsRequest {
        request_id: request_id.into(),
        objection_id: id.into(),
        etag: etag.into(),
        received_on: String::new(),
        materials_sha256: vec![SHA.into()],
    };
    let reply = site.joint.service.with(secret).objections().receive_materials(request).await?;
    Ok(reply.into_inner().objection.expect("objection"))
}

pub async fn decide(
    site: &Site,
    secret: &str,
    request_id: &str,
    (id, etag): (&str, &str),
    uphold: bool,
) -> Stands {
    let item = pb::ResultItem {
        item_code: "A2".into(),
        name: String::new(),
        result: ResultCode::NoIssueFound.into(),
    };
    let erratum =
        pb::Erratum { items: vec![item], drop_ground: false, reason: "经复核更正".into() };
    let request = pb::DecideObjectionRequest {
        request_id: request_id.into(),
        objection_id: id.into(),
        etag: etag.into(),
        uphold,
        reason: "材料属实".into(),
        erratum: uphold.then_some(erratum),
    };
    let reply = site.joint.service.with(secret).objections().decide_objection(request).await?;
    Ok(reply.into_inner().objection.expect("objection"))
}

pub async fn answer(
    site: &Site,
    secret: &str,
    request_id: &str,
    (id, etag): (&str, &str),
) -> Stands {
    let request = pb::AnswerObjectionRequest {
        request_id: request_id.into(),
        objection_id: id.into(),
        etag: etag.into(),
        receipt_sha256: SHA.into(),
    };
    let reply = site.joint.service.with(secret).objections().answer_objection(request).await?;
    Ok(reply.into_inner().objection.expect("objection"))
}

async fn an_objection_is_upheld_and_leads_to_a_correction(engine: Engine) {
    let site = published(engine).await;
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    let other = site.joint.service.key(Role::Department, "fire", "").await;
    let filed = filed(&site, &at, "f1").await;
    let again = post(&site, &at, &form("f1", &site.code)).await;
    assert_eq!(again.1["objection_id"], filed.as_str(), "the stored reply");
    let found = get(&site, &fire, &filed).await.expect("own");
    assert_eq!(
        (found.filing(), found.state()),
        (ObjectionFiling::VisitCode, ObjectionState::Filed)
    );
    assert_eq!(found.application.as_ref().expect("form").applicant, "金丝雀商店");
    let market = get(&site, &site.joint.keys["market"], &filed).await.expect_err("not its own");
    assert_eq!(market.code(), Code::NotFound);
    let (status, said) = json(&site, &format!("/objections/{filed}")).await;
    assert_eq!((status, &said["state"]), (200, &"FILED".into()));
    assert!(!said.to_string().contains("金丝雀"), "the address tells nothing of who filed");
    let all = dump::tables(&site.joint.service.app.db, |t| !dump::REGISTRIES.contains(&t)).await;
    for word in ["金丝雀商店", "13800000000"] {
        assert_eq!(Haystack::new(all.as_bytes()).find(word), None, "{word} is at rest");
    }
    let early = decide(&site, &other, "d0", (&filed, "1"), false).await.expect_err("no materials");
    assert_eq!(reason(&early), "OBJECTION_STATE");
    let received = receive(&site, &fire, "r1", (&filed, "1")).await.expect("received");
    // Twenty working days after 15 June 2026.
    assert_eq!((received.state(), &*received.due_on), (ObjectionState::UnderReview, "2026-07-14"));
    let own = decide(&site, &fire, "d1", (&filed, "2"), true).await.expect_err("has published");
    assert_eq!(reason(&own), "REVIEWER_HAS_PUBLISHED");
    let upheld = decide(&site, &other, "d2", (&filed, "2"), true).await.expect("upheld");
    // Fifteen working days from the review's result.
    assert_eq!((upheld.correction, &*upheld.due_on), (1, "2026-07-07"));
    assert_eq!(versions(&site, &at).await.expect("public").len(), 1, "approved by another first");
    let office = site.joint.service.office.clone();
    decide_correction(&site, &office, "c1", (&at, 1), true).await.expect("approved");
    let both = versions(&site, &at).await.expect("public");
    assert_eq!((&*both[1].words, &*both[1].reason), ("未发现问题", "经复核更正"));
    site.hands.forward(23 * DAY_MINUTES);
    let late = get(&site, &fire, &filed).await.expect("own");
    assert!(late.overdue, "8 July is a day too late");
    let done = answer(&site, &fire, "a1", (&filed, "3")).await.expect("answered");
    assert_eq!((done.state(), &*done.answered_on), (ObjectionState::Answered, "2026-07-08"));
    let over = answer(&site, &fire, "a2", (&filed, "4")).await.expect_err("once");
    assert_eq!(reason(&over), "OBJECTION_STATE");
    let list = pb::ListObjectionsRequest { overdue: true, ..Default::default() };
    let list = site.joint.service.office().objections().list_objections(list).await.expect("list");
    assert_eq!(list.into_inner().objections.len(), 1);
    sound(&site).await;
}

async fn a_review_stands_still_while_it_is_paused(engine: Engine) {
    let site = published(engine).await;
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    let other = site.joint.service.key(Role::Department, "fire", "").await;
    let application = Some(pb::ObjectionApplication {
        applicant: "某店".into(),
        contact: "某路".into(),
        grounds: "不服".into(),
    });
    let file = |id: &str, application| pb::FileObjectionRequest {
        request_id: id.into(),
        result_id: at.clone(),
        application,
    };
    let mut own = site.joint.service.with(&fire).objections();
    let bare = own.file_objection(file("f0", None)).await.expect_err("nothing filed");
    assert_eq!(violations(&bare).len(), 1);
    let filed = own.file_objection(file("f1", application.clone())).await.expect("on paper");
    let filed = filed.into_inner().objection.expect("objection");
    assert_eq!(filed.filing(), ObjectionFiling::Paper);
    let mut market = site.joint.service.with(&site.joint.keys["market"]).objections();
    let foreign = market.file_objection(file("f2", application)).await.expect_err("not its own");
    assert_eq!(foreign.code(), Code::NotFound);
    let here = filed.objection_id.as_str();
    receive(&site, &fire, "r1", (here, "1")).await.expect("received");
    let pause = |etag: &str, reason: &str| pb::PauseReviewRequest {
        request_id: format!("p{etag}"),
        objection_id: here.into(),
        etag: etag.into(),
        reason: reason.into(),
    };
    let unsaid = own.pause_review(pause("2", "")).await.expect_err("a pause has a reason");
    assert_eq!(violations(&unsaid), [("reason".into(), "REQUIRED".into())]);
    site.hands.forward(DAY_MINUTES);
    let paused = own.pause_review(pause("2", "委托鉴定")).await.expect("paused").into_inner();
    let paused = paused.objection.expect("objection");
    assert_eq!((paused.state(), &*paused.due_on), (ObjectionState::Paused, ""));
    // From 16 June to 26 June: seven working days, with the festival on the 19th.
    site.hands.forward(10 * DAY_MINUTES);
    let request = pb::ResumeReviewRequest {
        request_id: "m1".into(),
        objection_id: here.into(),
        etag: "3".into(),
    };
    let resumed = own.resume_review(request).await.expect("resumed").into_inner().objection;
    let resumed = resumed.expect("objection");
    assert_eq!((&*resumed.due_on, resumed.pauses.len()), ("2026-07-23", 1));
    let stale = decide(&site, &other, "d1", (here, "3"), false).await.expect_err("read again");
    assert_eq!(stale.code(), Code::Aborted);
    let rejected = decide(&site, &other, "d2", (here, "4"), false).await.expect("rejected");
    assert_eq!((rejected.state(), rejected.correction), (ObjectionState::Rejected, 0));
    answer(&site, &fire, "a1", (here, "5")).await.expect("answered");
    assert_eq!(versions(&site, &at).await.expect("public").len(), 1, "the result stands");
    sound(&site).await;
}

/// The department notes that every stranger's objection was withdrawn.
async fn withdraw_unproven(site: &Site) {
    let mut fire = site.joint.service.with(&site.joint.keys["fire"]).objections();
    let state = ObjectionState::Filed.into();
    let list = pb::ListObjectionsRequest { state, ..Default::default() };
    let open = fire.list_objections(list).await.expect("list").into_inner().objections;
    let strangers = open.into_iter().filter(|o| o.filing() == ObjectionFiling::Unproven);
    for (n, objection) in strangers.enumerate() {
        let request = pb::WithdrawObjectionRequest {
            request_id: format!("w{n}-{}", &objection.objection_id[..8]),
            objection_id: objection.objection_id,
            etag: objection.etag,
            reason: "申请人撤回".into(),
        };
        let done = fire.withdraw_objection(request).await.expect("withdrawn").into_inner();
        assert_eq!(done.objection.expect("objection").state(), ObjectionState::Withdrawn);
    }
}

async fn a_flood_of_strangers_keeps_no_subject_from_objecting(engine: Engine) {
    let site = published(engine).await;
    let at = id(&site, "fire");
    let (missing, _) = post(&site, "c1.1.999.fire", &form("f0", "")).await;
    assert_eq!(missing, 404, "nobody learns of what is not published");
    let forged = site.code.replace("c1 ", "c2 ");
    let (refused, said) = post(&site, &at, &form("f0", &forged)).await;
    assert_eq!((refused, &said["violations"][0]["field"]), (400, &"visit_code".into()));
    let (refused, said) = post(&site, &at, &json!({ "request_id": "f0" })).await;
    assert_eq!((refused, &said["reason"]), (400, &"NOT_THE_FORM".into()));
    for n in 0..OPEN_MAX {
        let (status, _) = post(&site, &at, &form(&format!("u{n}"), "")).await;
        assert_eq!(status, 201);
    }
    let (flooded, said) = post(&site, &at, &form("u9", "")).await;
    assert_eq!((flooded, &said["reason"]), (429, &"TOO_MANY_OBJECTIONS".into()));
    filed(&site, &at, "mine").await;
    // Withdrawn ones make room in the result, not in the hour.
    for round in 1..UNPROVEN_PER_HOUR_MAX / OPEN_MAX {
        withdraw_unproven(&site).await;
        for n in 0..OPEN_MAX {
            let (status, said) = post(&site, &at, &form(&format!("u{round}-{n}"), "")).await;
            assert_eq!(status, 201, "{said}");
        }
    }
    withdraw_unproven(&site).await;
    let (flooded, said) = post(&site, &at, &form("late", "")).await;
    assert_eq!((flooded, &said["reason"]), (429, &"TOO_MANY_OBJECTIONS".into()));
    filed(&site, &at, "mine-too").await;
    site.hands.forward(61);
    assert_eq!(post(&site, &at, &form("later", "")).await.0, 201, "another hour");
    let huge = json!({ "grounds": "长".repeat(100_000) });
    let (refused, _) = post(&site, &at, &huge).await;
    assert!([0, 413].contains(&refused), "{refused}");
}

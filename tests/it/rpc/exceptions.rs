//! Subjects and items left out on a ground, and subjects drawn beyond the cap (R36–R44, R52).

use std::collections::BTreeMap;

use onevisit::domain::caller::Role;
use onevisit::rpc::pb;
use tonic::Status;

use super::{quota, reason, violations};
use crate::harness::client::DISTRICT;
use crate::harness::data::code;
use crate::harness::joint::Joint;
use crate::harness::{Engine, dump, on_every_engine};

on_every_engine! {
    each_ground_is_a_rule_in_the_frame, another_ground_waits_for_an_office,
    an_exception_is_its_departments_business, a_subject_is_drawn_beyond_the_cap_for_a_reason,
    an_auditor_rechecks_who_was_left_out, exceptions_are_erased_with_their_subject,
}

/// Grounds that hold without an office, in the order of their numbers.
const AT_ONCE: [(pb::ExceptionGround, &str); 8] = [
    (pb::ExceptionGround::LawFixesManner, "LAW_FIXES_MANNER"),
    (pb::ExceptionGround::SuperiorsAsk, "SUPERIORS_ASK"),
    (pb::ExceptionGround::LeadFollowed, "LEAD_FOLLOWED"),
    (pb::ExceptionGround::RiskAssessment, "RISK_ASSESSMENT"),
    (pb::ExceptionGround::SuperiorsSpecial, "SUPERIORS_SPECIAL"),
    (pb::ExceptionGround::CaseHandedOver, "CASE_HANDED_OVER"),
    (pb::ExceptionGround::Emergency, "EMERGENCY"),
    (pb::ExceptionGround::KeyGoods, "KEY_GOODS"),
];

fn exception(ground: pb::ExceptionGround, subject: usize) -> pb::Exception {
    pb::Exception {
        ground: ground.into(),
        subject_id: code(subject),
        reference: "文〔2026〕1号".into(),
        reason: "依文件".into(),
        from: "2026-06-01".into(),
        to: "2026-12-31".into(),
        ..Default::default()
    }
}

async fn record(
    joint: &Joint,
    department: &str,
    id: &str,
    exception: pb::Exception,
) -> Result<pb::Exception, Status> {
    let request = pb::RecordExceptionRequest { request_id: id.into(), exception: Some(exception) };
    let caller = joint.service.with(&joint.keys[department]);
    let reply = caller.exceptions().record_exception(request).await?;
    Ok(reply.into_inner().exception.expect("exception"))
}

async fn decide(
    joint: &Joint,
    secret: &str,
    exception: &pb::Exception,
    approve: bool,
) -> Result<pb::Exception, Status> {
    let request = pb::DecideExceptionRequest {
        request_id: format!("decide-{}-{}-{approve}", exception.exception_id, exception.etag),
        exception_id: exception.exception_id.clone(),
        etag: exception.etag.clone(),
        approve,
    };
    let reply = joint.service.with(secret).exceptions().decide_exception(request).await?;
    Ok(reply.into_inner().exception.expect("exception"))
}

async fn withdraw(
    joint: &Joint,
    department: &str,
    exception: &pb::Exception,
) -> Result<pb::Exception, Status> {
    let request = pb::WithdrawExceptionRequest {
        request_id: format!("withdraw-{}", exception.exception_id),
        exception_id: exception.exception_id.clone(),
        etag: exception.etag.clone(),
    };
    let caller = joint.service.with(&joint.keys[department]);
    let reply = caller.exceptions().withdraw_exception(request).await?;
    Ok(reply.into_inner().exception.expect("exception"))
}

/// Excluded units of the campaign's dry run, by department and rule, and its checks.
async fn preview(joint: &Joint) -> (BTreeMap<(String, String), i64>, i64) {
    let request = pb::PreviewCampaignRequest { campaign_id: "c1".into() };
    let mut office = joint.service.office().campaigns();
    let reply = office.preview_campaign(request).await.expect("preview").into_inner();
    let preview = reply.preview.expect("figures");
    let out = |e: &pb::Exclusion| ((e.department.clone(), e.rule.clone()), e.units);
    (preview.exclusions.iter().map(out).collect(), preview.checks)
}

fn of(department: &str, rules: &[(&str, i64)]) -> BTreeMap<(String, String), i64> {
    let key = |rule: &str| (department.to_owned(), rule.to_owned());
    rules.iter().map(|(rule, units)| (key(rule), *units)).collect()
}

async fn each_ground_is_a_rule_in_the_frame(engine: Engine) {
    let lists = [("fire", (1..=20).collect()), ("market", (1..=20).collect())];
    let joint = Joint::new(engine, &lists).await;
    joint.create(joint.campaign(|_| vec![quota("*", 10_000)])).await.expect("create");
    for (n, (ground, word)) in AT_ONCE.into_iter().enumerate() {
        let made = record(&joint, "market", word, exception(ground, n + 1)).await.expect(word);
        assert_eq!(made.state(), pb::ExceptionState::InForce);
        let again = record(&joint, "market", word, exception(ground, n + 1)).await.expect(word);
        assert_eq!(again, made, "one request, one exception");
    }
    let mut rules: Vec<(&str, i64)> = AT_ONCE.iter().map(|(_, word)| (*word, 1)).collect();
    let (found, checks) = preview(&joint).await;
    assert_eq!(found, of("market", &rules), "for the department that recorded them, nobody else");
    assert_eq!(checks, 20 + 12);
    // On other days, and of one item only, nobody is left out.
    let mut over = exception(pb::ExceptionGround::Emergency, 19);
    over.to = "2026-06-14".into();
    record(&joint, "market", "over", over).await.expect("over");
    let mut part = exception(pb::ExceptionGround::Emergency, 20);
    part.items = vec!["A1".into()];
    record(&joint, "market", "part", part.clone()).await.expect("part");
    assert_eq!(preview(&joint).await.0, of("market", &rules));
    // The other item goes too; of two grounds the first in the list is named.
    (part.items, part.ground) = (vec!["A2".into()], pb::ExceptionGround::KeyGoods.into());
    record(&joint, "market", "rest", part).await.expect("rest");
    rules[6].1 = 2;
    assert_eq!(preview(&joint).await.0, of("market", &rules));
    // Items that law has checked otherwise, of every subject.
    let mut items = exception(pb::ExceptionGround::LawFixesManner, 1);
    (items.subject_id, items.items) = (String::new(), vec!["A1".into(), "A2".into()]);
    record(&joint, "fire", "of-items", items).await.expect("items");
    let (found, checks) = preview(&joint).await;
    assert_eq!(found[&("fire".to_owned(), "LAW_FIXES_MANNER".to_owned())], 20);
    assert_eq!(checks, 11);
}

async fn another_ground_waits_for_an_office(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=10).collect())]).await;
    joint.create(joint.campaign(|_| vec![quota("*", 10_000)])).await.expect("create");
    let other = pb::ExceptionGround::OtherGround;
    let mut bare = exception(other, 1);
    (bare.reason, bare.items) = (" ".into(), vec!["A9".into()]);
    let refused = record(&joint, "market", "bare", bare).await.expect_err("no reason");
    let want = [("exception.reason".to_owned(), "REQUIRED".to_owned())];
    assert_eq!(violations(&refused), want);
    let mut unknown = exception(other, 1);
    unknown.items = vec!["A9".into()];
    let refused = record(&joint, "market", "unknown", unknown).await.expect_err("no such item");
    assert_eq!(violations(&refused)[0].1, "UNKNOWN_ITEM");
    let asked = record(&joint, "market", "asked", exception(other, 1)).await.expect("asked");
    assert_eq!(asked.state(), pb::ExceptionState::Requested);
    assert_eq!(preview(&joint).await.0, BTreeMap::new(), "it waits");
    let own = decide(&joint, &joint.keys["market"], &asked, true).await.expect_err("own");
    assert_eq!(reason(&own), "OFFICE_ONLY");
    let approved = decide(&joint, &joint.approver, &asked, true).await.expect("approve");
    assert_eq!(approved.decided_by, "领导小组");
    assert_eq!(preview(&joint).await.0, of("market", &[("OTHER_GROUND", 1)]));
    let stale = decide(&joint, &joint.approver, &asked, false).await.expect_err("decided");
    assert_eq!(stale.code(), tonic::Code::Aborted, "{stale:?}");
    let twice = decide(&joint, &joint.approver, &approved, false).await.expect_err("decided");
    assert_eq!(reason(&twice), "EXCEPTION_STATE");
    withdraw(&joint, "market", &approved).await.expect("withdraw");
    assert_eq!(preview(&joint).await.0, BTreeMap::new());
    let declined = record(&joint, "market", "second", exception(other, 2)).await.expect("asked");
    let declined = decide(&joint, &joint.approver, &declined, false).await.expect("decline");
    assert_eq!(declined.state(), pb::ExceptionState::Declined);
    assert_eq!(preview(&joint).await.0, BTreeMap::new());
}

async fn an_exception_is_its_departments_business(engine: Engine) {
    let joint = Joint::new(engine, &[("fire", vec![1]), ("market", vec![1])]).await;
    let emergency = pb::ExceptionGround::Emergency;
    let one = record(&joint, "market", "one", exception(emergency, 1)).await.expect("record");
    record(&joint, "market", "two", exception(emergency, 2)).await.expect("record");
    record(&joint, "fire", "one", exception(emergency, 1)).await.expect("record");
    let get = async |secret: &str| {
        let request = pb::GetExceptionRequest { exception_id: one.exception_id.clone() };
        joint.service.with(secret).exceptions().get_exception(request).await.is_ok()
    };
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    assert!(get(&joint.keys["market"]).await && get(&auditor).await);
    assert!(get(&joint.supervisors[0].1).await && !get(&joint.keys["fire"]).await);
    let refused = withdraw(&joint, "fire", &one).await.expect_err("not its own");
    assert_eq!(refused.code(), tonic::Code::NotFound);
    let list = async |secret: &str, state: pb::ExceptionState| {
        let mut found = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListExceptionsRequest {
                state: state.into(),
                page_size: 1,
                page_token,
                ..Default::default()
            };
            let caller = joint.service.with(secret);
            let reply = caller.exceptions().list_exceptions(request).await.expect("list");
            let reply = reply.into_inner();
            found.extend(reply.exceptions);
            page_token = reply.next_page_token;
            if page_token.is_empty() {
                return found.len();
            }
        }
    };
    let all = pb::ExceptionState::Unspecified;
    assert_eq!((list(&auditor, all).await, list(&joint.keys["fire"], all).await), (3, 1));
    withdraw(&joint, "market", &one).await.expect("withdraw");
    assert_eq!(list(&joint.service.office, pb::ExceptionState::InForce).await, 2);
    // Neither the log nor a stored reply says whom it is about.
    let kept = dump::tables(&joint.service.app.db, |t| t == "events" || t == "requests").await;
    assert!(kept.contains("exception.record") && !kept.contains(&code(1)));
    assert!(!kept.contains(&hex::encode(code(1))));
}

async fn a_subject_is_drawn_beyond_the_cap_for_a_reason(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=5).collect())]).await;
    joint.policy("annual_cap", "1").await;
    joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    let superiors = pb::ExceptionGround::BeyondCapSuperiors;
    let one = record(&joint, "market", "one", exception(superiors, 1)).await.expect("one");
    decide(&joint, &joint.approver, &one, true).await.expect("approve");
    // Nobody has approved the second.
    record(&joint, "market", "two", exception(superiors, 2)).await.expect("two");
    let mut second = joint.campaign(|_| vec![quota("*", 10_000)]);
    second.campaign_id = "c2".into();
    let figures = joint.carry_out(second).await.figures.expect("figures");
    let out: Vec<(&str, i64)> = figures.exclusions.iter().map(|e| (&*e.rule, e.units)).collect();
    assert_eq!((out, figures.checks), (vec![("ANNUAL_CAP", 4)], 1));
    assert_eq!(joint.opened("c2").await[0].subject_id, code(1));
}

async fn an_auditor_rechecks_who_was_left_out(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=6).collect())]).await;
    let assessed = exception(pb::ExceptionGround::RiskAssessment, 3);
    let made = record(&joint, "market", "one", assessed).await.expect("record");
    joint.carry_out(joint.campaign(|_| vec![quota("*", 5_000)])).await;
    let bundle: serde_json::Value =
        serde_json::from_slice(&joint.bundle("c1").await).expect("a bundle");
    let text = bundle.to_string();
    assert!(text.contains("x:RISK_ASSESSMENT") && !text.contains(&code(3)));
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let request = pb::GetExceptionRequest { exception_id: made.exception_id };
    let caller = joint.service.with(&auditor);
    let found = caller.exceptions().get_exception(request).await.expect("read").into_inner();
    let found = found.exception.expect("exception");
    assert_eq!((found.subject_id, found.reference.as_str()), (code(3), "文〔2026〕1号"));
}

async fn exceptions_are_erased_with_their_subject(engine: Engine) {
    let joint = Joint::new(engine, &[("market", vec![1, 2])]).await;
    for n in [1, 2] {
        let emergency = exception(pb::ExceptionGround::Emergency, n);
        record(&joint, "market", &format!("e{n}"), emergency).await.expect("record");
    }
    let request = pb::RequestErasureRequest {
        request_id: "erase".into(),
        kind: pb::ErasureKind::Subject.into(),
        jurisdiction: DISTRICT.into(),
        person_id: code(1),
        ground: pb::ErasureGround::OtherLaw.into(),
        ..Default::default()
    };
    let mut office = joint.service.office().erasures();
    let asked = office.request_erasure(request).await.expect("request").into_inner();
    let nth = asked.erasure.expect("erasure").nth;
    let request = pb::DecideErasureRequest { request_id: "decide".into(), nth, approve: true };
    let mut other = joint.service.with(&joint.approver).erasures();
    other.decide_erasure(request).await.expect("erase");
    let kept = dump::tables(&joint.service.app.db, |t| t == "exceptions").await;
    assert!(!kept.contains(&code(1)) && kept.contains(&code(2)));
}

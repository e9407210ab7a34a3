//! What follows from a result: hand-over, rectification, referral; the credit platform that is away first
//! and takes everything later; what it says of subjects.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use onevisit::push;
use onevisit::rpc::pb::{self, FollowUpAction, FollowUpState, ResultCode};
use serde_json::Value;
use tonic::{Code, Status};

use super::check::{SHA, Site};
use super::disclosure::{checked, correction, decide_correction, id, sound, submit};
use super::{quota, reason, violations};
use crate::harness::data::code;
use crate::harness::dump::{self, Haystack};
use crate::harness::joint::Joint;
use crate::harness::{Engine, WAIT_MAX, on_every_engine, soon};

on_every_engine! {
    a_follow_up_is_handed_over_and_its_outcome_reported_back,
    a_suspected_crime_is_referred_with_a_receipt,
    results_wait_for_a_platform_that_is_away_and_reach_it_once,
    the_service_pushes_by_itself,
    credit_state_decides_class_and_quota,
}

const DAY_MINUTES: i64 = 24 * 60;

pub type Stands = Result<pb::FollowUp, Status>;

pub fn step(action: FollowUpAction) -> pb::FollowUpStep {
    let documented = !matches!(
        action,
        FollowUpAction::Keep
            | FollowUpAction::HandOver
            | FollowUpAction::Accept
            | FollowUpAction::Return
            | FollowUpAction::Report
    );
    pb::FollowUpStep {
        action: action.into(),
        document_sha256: if documented { SHA.into() } else { String::new() },
        note: "金丝雀的说明".into(),
        ..Default::default()
    }
}

pub async fn advance(
    site: &Site,
    secret: &str,
    (at, etag): (&str, &str),
    step: pb::FollowUpStep,
) -> Stands {
    let request = pb::AdvanceFollowUpRequest {
        request_id: format!("step-{at}-{etag}-{}", step.action),
        result_id: at.into(),
        etag: etag.into(),
        step: Some(step),
    };
    let reply = site.joint.service.with(secret).follow_ups().advance_follow_up(request).await?;
    Ok(reply.into_inner().follow_up.expect("follow-up"))
}

pub async fn get(site: &Site, secret: &str, at: &str) -> Stands {
    let request = pb::GetFollowUpRequest { result_id: at.into() };
    let reply = site.joint.service.with(secret).follow_ups().get_follow_up(request).await?;
    Ok(reply.into_inner().follow_up.expect("follow-up"))
}

async fn a_follow_up_is_handed_over_and_its_outcome_reported_back(engine: Engine) {
    let site = checked(engine).await;
    let (fire, market) = (site.joint.keys["fire"].clone(), site.joint.keys["market"].clone());
    let at = id(&site, "fire");
    let clean = get(&site, &market, &id(&site, "market")).await.expect_err("nothing follows");
    assert_eq!(clean.code(), Code::NotFound);
    let open = get(&site, &fire, &at).await.expect("it calls for measures");
    assert_eq!((open.state(), &*open.unit), (FollowUpState::Open, ""));
    assert_eq!(open.items[1].result(), ResultCode::IssuePendingFollowUp);
    let hidden = get(&site, &market, &at).await.expect_err("not its own");
    assert_eq!(hidden.code(), Code::NotFound);
    let early = advance(&site, &fire, (&at, "1"), step(FollowUpAction::Report)).await;
    assert_eq!(reason(&early.expect_err("nobody has it")), "FOLLOW_UP_STATE");
    let to = |unit: &str| pb::FollowUpStep { unit: unit.into(), ..step(FollowUpAction::HandOver) };
    let nobody = advance(&site, &fire, (&at, "1"), to("nobody")).await.expect_err("unknown");
    assert_eq!(violations(&nobody), [("unit".into(), "UNKNOWN_DEPARTMENT".into())]);
    advance(&site, &fire, (&at, "1"), to("market")).await.expect("handed over");
    let own = advance(&site, &fire, (&at, "2"), step(FollowUpAction::Accept)).await;
    assert_eq!(reason(&own.expect_err("the unit accepts")), "COMPETENT_UNIT_ONLY");
    advance(&site, &market, (&at, "2"), step(FollowUpAction::Return)).await.expect("returned");
    let gone = get(&site, &market, &at).await.expect_err("not its own any more");
    assert_eq!(gone.code(), Code::NotFound);
    advance(&site, &fire, (&at, "3"), to("market")).await.expect("handed over again");
    advance(&site, &market, (&at, "4"), step(FollowUpAction::Accept)).await.expect("accepted");
    let order = pb::FollowUpStep { due_on: "2026-07-01".into(), ..step(FollowUpAction::Order) };
    let stale = advance(&site, &market, (&at, "4"), order.clone()).await.expect_err("read again");
    assert_eq!(stale.code(), Code::Aborted);
    let ordered = advance(&site, &market, (&at, "5"), order).await.expect("ordered");
    assert_eq!((&*ordered.rectify_by, ordered.overdue), ("2026-07-01", false));
    site.hands.forward(17 * DAY_MINUTES);
    assert!(get(&site, &fire, &at).await.expect("own").overdue, "2 July is too late");
    let passed = advance(&site, &market, (&at, "6"), step(FollowUpAction::Pass)).await;
    assert_eq!(passed.expect("re-checked").state(), FollowUpState::Rectified);
    let closed = advance(&site, &market, (&at, "7"), step(FollowUpAction::Report)).await;
    let closed = closed.expect("reported back");
    assert_eq!((closed.state(), closed.steps.len()), (FollowUpState::Closed, 7));
    let list =
        pb::ListFollowUpsRequest { state: FollowUpState::Closed.into(), ..Default::default() };
    let list = site.joint.service.with(&fire).follow_ups().list_follow_ups(list).await;
    assert_eq!(list.expect("list").into_inner().follow_ups.len(), 1);
    let all = dump::tables(&site.joint.service.app.db, |t| !dump::REGISTRIES.contains(&t)).await;
    assert_eq!(Haystack::new(all.as_bytes()).find("金丝雀的说明"), None, "a note is at rest");
    sound(&site).await;
}

async fn a_suspected_crime_is_referred_with_a_receipt(engine: Engine) {
    let site = checked(engine).await;
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    advance(&site, &fire, (&at, "1"), step(FollowUpAction::Keep)).await.expect("kept");
    let case = pb::FollowUpStep {
        reference: "消行案〔2026〕7号".into(),
        ..step(FollowUpAction::OpenCase)
    };
    advance(&site, &fire, (&at, "2"), case).await.expect("a case");
    let unsaid = advance(&site, &fire, (&at, "3"), step(FollowUpAction::Refer)).await;
    let wanted = [("reference".into(), "REQUIRED".into())];
    assert_eq!(violations(&unsaid.expect_err("to whom")), wanted);
    let organ = |action| pb::FollowUpStep { reference: "区公安分局".into(), ..step(action) };
    advance(&site, &fire, (&at, "3"), organ(FollowUpAction::Refer)).await.expect("referred");
    let early = advance(&site, &fire, (&at, "4"), step(FollowUpAction::Report)).await;
    assert_eq!(reason(&early.expect_err("no receipt")), "FOLLOW_UP_STATE");
    let received = advance(&site, &fire, (&at, "4"), organ(FollowUpAction::Receipt)).await;
    assert_eq!(received.expect("receipt").state(), FollowUpState::ReferralReceived);
    // A corrected result that calls for measures opens them; the clean one had none.
    let market = (site.joint.keys["market"].clone(), id(&site, "market"));
    submit(&site, &market.0, "p", (&market.1, "1"), None).await.expect("published");
    let worse = [("A1", ResultCode::FalseDisclosure)];
    let asked = correction(&site, &market.0, "k", &market.1, &worse).await.expect("asked");
    let office = site.joint.service.office.clone();
    decide_correction(&site, &office, "a", (&market.1, asked.nth), true).await.expect("approved");
    let opened = get(&site, &market.0, &market.1).await.expect("it follows now");
    assert_eq!(opened.state(), FollowUpState::Open);
    let (_, table) = site.joint.service.get("/results/campaigns/c1/joint-punishment.csv").await;
    let table = String::from_utf8(table).expect("text");
    assert_eq!(table.lines().count(), 2);
    assert!(table.contains("公示信息隐瞒真实情况、弄虚作假") && table.contains("market局"));
    sound(&site).await;
}

/// One request as the platform has got it.
pub struct Got {
    pub key: String,
    pub body: Value,
}

fn header(head: &str, name: &str) -> String {
    let line = head.lines().find(|l| l.to_lowercase().starts_with(&format!("{name}:")));
    line.and_then(|l| l.split_once(':')).map(|(_, v)| v.trim().to_owned()).unwrap_or_default()
}

fn serve_one(stream: &mut TcpStream, answer: &str) -> Option<Got> {
    stream.set_read_timeout(Some(WAIT_MAX)).expect("timeout");
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length: usize = header(head, "content-length").parse().unwrap_or(0);
            if body.len() >= length {
                let body = serde_json::from_str(body).unwrap_or_default();
                stream.write_all(answer.as_bytes()).ok()?;
                stream.shutdown(Shutdown::Write).ok()?;
                return Some(Got { key: header(head, "idempotency-key"), body });
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
        }
    }
}

pub fn http(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// A platform that gives these answers, one to each request, and then stands no more.
pub fn platform(address: &str, answers: Vec<String>) -> (String, Receiver<Got>) {
    let listener = TcpListener::bind(address).expect("bind");
    let address = listener.local_addr().expect("address").to_string();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            if let Some(got) = serve_one(&mut stream, &answer) {
                let _ = tell.send(got);
            }
        }
    });
    (address, told)
}

pub async fn pushes(site: &Site, secret: &str, failed: bool) -> Vec<pb::CreditPush> {
    let request = pb::ListCreditPushesRequest { failed, ..Default::default() };
    let reply = site.joint.service.with(secret).follow_ups().list_credit_pushes(request).await;
    reply.expect("list").into_inner().pushes
}

async fn results_wait_for_a_platform_that_is_away_and_reach_it_once(engine: Engine) {
    let site = checked(engine).await;
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    let office = site.joint.service.office.clone();
    let app = &site.joint.service.app;
    submit(&site, &fire, "p1", (&at, "1"), None).await.expect("published");
    // An address at which nobody listens any more.
    let (address, _) = platform("127.0.0.1:0", Vec::new());
    let url = format!("http://{address}/results");
    assert_eq!(push::round(app, &url).await.expect("noted"), 0);
    let failed = pushes(&site, &fire, true).await;
    assert_eq!((failed.len(), failed[0].attempts, failed[0].delivered), (1, 1, false));
    assert!(!failed[0].error.is_empty(), "why it failed");
    push::round(app, &url).await.expect("nothing is due");
    assert_eq!(pushes(&site, &fire, true).await[0].attempts, 1, "it waits");
    // Two months without a platform: it is tried once a day at most.
    for day in 0..60 {
        site.hands.forward(DAY_MINUTES);
        assert_eq!(push::round(app, &url).await.expect("noted"), 0, "day {day}");
    }
    assert_eq!(pushes(&site, &office, true).await[0].attempts, 61);
    let clean = [("A2", ResultCode::NoIssueFound)];
    let asked = correction(&site, &fire, "k1", &at, &clean).await.expect("asked");
    decide_correction(&site, &office, "a1", (&at, asked.nth), true).await.expect("approved");
    let answers = vec![
        http("503 Service Unavailable", "maintenance"),
        http("201 Created", "receipt-1"),
        http("200 OK", "receipt-2"),
    ];
    let (_, got) = platform(&address, answers);
    site.hands.forward(DAY_MINUTES);
    assert_eq!(push::round(app, &url).await.expect("noted"), 0, "the second waits for the first");
    let failed = pushes(&site, &fire, true).await;
    assert_eq!((failed[0].attempts, &*failed[0].error), (62, "503 maintenance"));
    site.hands.forward(DAY_MINUTES);
    assert_eq!(push::round(app, &url).await.expect("noted"), 1);
    assert_eq!(push::round(app, &url).await.expect("noted"), 1);
    assert_eq!(push::round(app, &url).await.expect("noted"), 0, "nothing is left");
    let got: Vec<Got> = got.iter().collect();
    let keys: Vec<&str> = got.iter().map(|g| g.key.as_str()).collect();
    assert_eq!(keys, [format!("{at}/1"), format!("{at}/1"), format!("{at}/2")]);
    let version = |g: &Got| g.body["publication"]["version"].as_i64();
    assert_eq!(got.iter().map(version).collect::<Vec<_>>(), [Some(1), Some(1), Some(2)]);
    assert_eq!(got[2].body["publication"]["subject"], site.visit.subject_id.as_str());
    assert_eq!(pushes(&site, &office, true).await, []);
    let all = pushes(&site, &fire, false).await;
    let receipts: Vec<&str> = all.iter().map(|p| p.receipt.as_str()).collect();
    assert!(receipts == ["receipt-1", "receipt-2"] && all.iter().all(|p| p.delivered));
    assert_eq!(pushes(&site, &site.joint.keys["market"], false).await, []);
    sound(&site).await;
}

async fn the_service_pushes_by_itself(engine: Engine) {
    let site = checked(engine).await;
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    submit(&site, &fire, "p1", (&at, "1"), None).await.expect("published");
    let (address, got) = platform("127.0.0.1:0", vec![http("200 OK", "taken")]);
    // A replica that knows the platform, on the same database.
    let mut app = site.joint.service.app.clone();
    app.credit_url = Some(format!("http://{address}/results"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let replica = tokio::spawn(onevisit::server::serve(app, listener, async {
        let _ = stopped.await;
    }));
    let got = tokio::task::spawn_blocking(move || got.recv_timeout(WAIT_MAX).expect("pushed").key);
    assert_eq!(soon("a push", got).await.expect("joined"), format!("{at}/1"));
    stop.send(()).expect("it serves");
    soon("the replica", replica).await.expect("joined").expect("stopped");
}

async fn credit_state_decides_class_and_quota(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=100).collect())]).await;
    joint.create(joint.campaign(|_| vec![quota("*", 1_000)])).await.expect("create");
    let preview = async || {
        let request = pb::PreviewCampaignRequest { campaign_id: "c1".into() };
        let reply = joint.service.office().campaigns().preview_campaign(request).await;
        reply.expect("preview").into_inner().preview.expect("figures").checks
    };
    let put = async |id: &str, on: &str, listed: bool| {
        let state = |n| pb::CreditState {
            subject_id: code(n),
            risk_class: pb::RiskClass::D.into(),
            abnormal_operation: listed,
            serious_violation: false,
            effective_on: on.into(),
            source: "信用平台".into(),
        };
        let credit_states = (1..=20).map(state).collect();
        let request = pb::PutCreditStatesRequest { request_id: id.into(), credit_states };
        let caller = joint.service.with(&joint.keys["market"]);
        caller.follow_ups().put_credit_states(request).await.expect("put").into_inner().recorded
    };
    joint.policy("marked_ratio_percent", "500").await;
    assert_eq!(preview().await, 10);
    assert_eq!(put("s1", "2026-05-01", true).await, 20);
    assert_eq!(preview().await, 8 + 10, "10 % of 80, and 50 % of 20 that are on a list");
    put("s2", "2026-06-01", false).await;
    assert_eq!(preview().await, 8 + 2, "class D is a stratum of its own; off the list");
    put("s3", "2026-12-01", true).await;
    assert_eq!(preview().await, 10, "not before its day");
    let bare = pb::PutCreditStatesRequest { request_id: "s4".into(), credit_states: Vec::new() };
    let refused = joint.service.office().follow_ups().put_credit_states(bare).await;
    assert_eq!(reason(&refused.expect_err("departments")), "DEPARTMENT_ONLY");
}

//! Attempts that end without an outcome: asked by one side, approved by the other, public for good.

use onevisit::app::log;
use onevisit::certificate::{self, Trust};
use onevisit::draw::verify::{Step, verify};
use onevisit::rpc::pb;
use onevisit::rpc::pb::campaign_service_client::CampaignServiceClient;
use onevisit::rpc::pb::draw::State;
use onevisit::rpc::pb::watch_draw_response::News;
use tonic::Code;

use super::{reason, violations};
use crate::harness::client::Service;
use crate::harness::joint::Joint;
use crate::harness::{Engine, Hands, NOW_US, on_every_engine};

on_every_engine! {
    threat_t01_an_aborted_attempt_stays_and_the_next_is_approved,
    a_voided_outcome_stays_and_its_visits_go,
    a_passed_deadline_names_the_office,
    threat_t02_t13_a_beacon_goes_on_without_the_withheld_number,
    who_carries_out_does_not_supervise,
    a_ceremony_is_watched,
}

async fn read(joint: &Joint, attempt: i64) -> pb::Draw {
    let request = pb::GetDrawRequest { campaign_id: "c1".into(), attempt };
    let reply = joint.service.office().campaigns().get_draw(request).await.expect("public");
    reply.into_inner().draw.expect("draw")
}

async fn threat_t01_an_aborted_attempt_stays_and_the_next_is_approved(engine: Engine) {
    let (joint, first) = Joint::frozen(engine).await;
    let (office, approver) = (&joint.service.office, &joint.approver);
    let supervisor = &joint.supervisors[0].1;
    let silent = joint.abort(office, "", "a0").await.expect_err("without a reason");
    assert_eq!(silent.code(), Code::InvalidArgument);
    let asked = joint.abort(office, "法规科未到场", "a1").await.expect("asked");
    assert_eq!(asked.state(), State::Frozen, "one alone does not abort");
    for own in [office, approver] {
        let refused = joint.approve_abort(own, "b0").await.expect_err("the same side");
        assert_eq!(reason(&refused), "APPROVER_IS_ON_REQUESTERS_SIDE");
    }
    let stranger = joint.approve_abort(&joint.keys["fire"], "b0").await.expect_err("a department");
    assert_eq!(reason(&stranger), "OFFICE_OR_CONTRIBUTOR_ONLY");
    let ended = joint.approve_abort(supervisor, "b1").await.expect("aborted");
    assert_eq!((ended.state(), &*ended.abort_reason), (State::Aborted, "法规科未到场"));
    let early = joint.freeze("c1", "f2").await.expect_err("not approved yet");
    assert_eq!(reason(&early), "CAMPAIGN_STATE");
    let own = joint.retry(office, "", "r0").await.expect_err("by who asked for the abort");
    assert_eq!(reason(&own), "APPROVER_IS_REQUESTER");
    joint.retry(approver, "", "r1").await.expect("approved");
    let second = joint.freeze("c1", "f3").await.expect("freeze again");
    assert_eq!((first.attempt, second.attempt), (1, 2));
    assert_ne!(first.freeze_hash, second.freeze_hash);
    joint.abort(supervisor, "再次中止", "a2").await.expect("asked by a supervisor");
    joint.approve_abort(office, "b2").await.expect("approved by an office");
    let third = joint.retry(approver, "", "r2").await.expect_err("the third is on site");
    assert_eq!(reason(&third), "ATTEMPTS_EXHAUSTED_MEET_ON_SITE");
    joint.retry(approver, "区政府三楼，各科室到场", "r3").await.expect("on site");
    let third = joint.freeze("c1", "f4").await.expect("freeze");
    joint.contribute(&third).await;
    assert_eq!(joint.execute("c1", "d1").await.expect("draw").attempt, 3);
    let late = joint.abort(office, "不满意", "a3").await.expect_err("names are open");
    assert_eq!(reason(&late), "NAMES_ARE_OPEN");
    let old = read(&joint, 1).await;
    let kinds: Vec<(i32, &str, &str)> = old
        .decisions
        .iter()
        .map(|d| (d.kind, d.requested_by.as_str(), d.approved_by.as_str()))
        .collect();
    let want = [(1, "领导小组办公室", "法规科"), (3, "领导小组办公室", "领导小组")];
    assert_eq!((old.state(), kinds), (State::Aborted, want.to_vec()));
}

async fn a_voided_outcome_stays_and_its_visits_go(engine: Engine) {
    let service = Service::start(engine).await;
    let later = |c: &mut pb::Campaign| c.first_day = "2026-07-01".into();
    let (joint, frozen) = Joint::frozen_as(service, later).await;
    joint.contribute(&frozen).await;
    let drawn = joint.execute("c1", "d1").await.expect("draw");
    joint.abort(&joint.service.office, "名单有误", "a1").await.expect("asked");
    let void = joint.approve_abort(&joint.supervisors[1].1, "b1").await.expect("void");
    assert_eq!((void.state(), &void.seed), (State::Void, &drawn.seed));
    assert_eq!(joint.visits(&joint.approver, "c1").await.expect("visits"), []);
    verify(&joint.bundle("c1").await).expect("what was drawn can still be checked");
    while log::round_now(&joint.service.app).await.expect("round") != log::Round::Idle {}
    let (_, file) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    let found = certificate::verify::verify(&file, &Trust::default()).expect("every step");
    let ended = &found.ended[0];
    assert_eq!((found.attempts, ended.attempt, ended.kind.as_str()), (1, 1, "VOID"));
    assert_eq!((&*ended.requested_by, &*ended.approved_by), ("领导小组办公室", "监察室"));
    joint.retry(&joint.approver, "", "r1").await.expect("approved");
    let second = joint.freeze("c1", "f2").await.expect("freeze");
    joint.contribute(&second).await;
    let again = joint.execute("c1", "d2").await.expect("draw");
    assert_ne!(again.seed, drawn.seed);
    assert!(!joint.visits(&joint.approver, "c1").await.expect("visits").is_empty());
    assert_eq!(read(&joint, 1).await.state(), State::Void);
}

fn short(c: &mut pb::Campaign) {
    c.ceremony =
        Some(pb::Ceremony { commit_minutes: 30, reveal_minutes: 30, ..Default::default() });
}

async fn a_passed_deadline_names_the_office(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let (joint, frozen) = Joint::frozen_as(Service::start_by(engine, &hands).await, short).await;
    assert_eq!(frozen.commit_by, "2026-06-15T10:30:00+08:00");
    assert_eq!(frozen.reveal_by, "2026-06-15T11:00:00+08:00");
    for office in 0..2 {
        joint.commit("c1", office, &joint.commitment(&frozen, office)).await.expect("commit");
    }
    joint.reveal("c1", 0, &joint.number(0)).await.expect("reveal");
    hands.forward(61);
    let late = joint.reveal("c1", 1, &joint.number(1)).await.expect_err("too late");
    assert_eq!(reason(&late), "REVEALS_ARE_CLOSED");
    let ended = joint.abort(&joint.service.office, "超时", "a1").await.expect("at once");
    assert_eq!((ended.state(), &*ended.abort_reason), (State::Aborted, "超时 (WITHHELD: 监察室)"));
    joint.retry(&joint.approver, "", "r1").await.expect("approved");
    let second = joint.freeze("c1", "f2").await.expect("freeze");
    joint.commit("c1", 1, &joint.commitment(&second, 1)).await.expect("commit");
    hands.forward(31);
    let late = joint.commit("c1", 0, &joint.commitment(&second, 0)).await.expect_err("too late");
    assert_eq!(reason(&late), "COMMITMENTS_ARE_CLOSED");
    let ended = joint.abort(&joint.approver, "超时", "a2").await.expect("at once");
    assert_eq!(ended.abort_reason, "超时 (WITHHELD: 法规科)");
}

/// Round 123 of the network and its signature, as it was published.
pub const ROUND: i64 = 123;
pub const VALUE: &str = concat!(
    "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486",
    "d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92"
);
/// An hour before the second that round comes after, in microseconds.
const BEFORE_ROUND_US: i64 = (1_692_803_367 + (ROUND - 1) * 3 - 1 - 3_600) * 1_000_000;

async fn threat_t02_t13_a_beacon_goes_on_without_the_withheld_number(engine: Engine) {
    let hands = Hands::at(BEFORE_ROUND_US);
    let beacon = |c: &mut pb::Campaign| {
        short(c);
        c.ceremony.as_mut().expect("ceremony").beacon = true;
    };
    let (joint, frozen) = Joint::frozen_as(Service::start_by(engine, &hands).await, beacon).await;
    assert_eq!(frozen.beacon_round, ROUND);
    for office in 0..2 {
        joint.commit("c1", office, &joint.commitment(&frozen, office)).await.expect("commit");
    }
    joint.reveal("c1", 0, &joint.number(0)).await.expect("reveal");
    let bring = |value: &str, id: &str| pb::BringBeaconRequest {
        request_id: id.into(),
        campaign_id: "c1".into(),
        value: value.into(),
    };
    let mut office = joint.service.office().campaigns();
    let open = joint.execute("c1", "d0").await.expect_err("reveals are open");
    assert_eq!(reason(&open), "REVEALS_ARE_OPEN");
    hands.forward(61);
    let missing = joint.execute("c1", "d1").await.expect_err("no beacon yet");
    assert_eq!(reason(&missing), "BEACON_MISSING");
    for wrong in ["", "zz", &VALUE[2..], &VALUE.replace("b75c", "b75d")] {
        let refused = office.bring_beacon(bring(wrong, "w")).await.expect_err(wrong);
        assert_eq!(violations(&refused), [("value".into(), "NOT_THE_ROUND".into())]);
    }
    office.bring_beacon(bring(VALUE, "b1")).await.expect("the value");
    let again = office.bring_beacon(bring(VALUE, "b2")).await.expect_err("there already");
    assert_eq!(reason(&again), "BEACON_IS_THERE");
    let drawn = joint.execute("c1", "d2").await.expect("draw");
    assert_eq!((drawn.state(), &*drawn.beacon_value), (State::Drawn, VALUE));
    let bundle = joint.bundle("c1").await;
    verify(&bundle).expect("every step");
    // Another round, with all that follows from it left as it is.
    let other = String::from_utf8(bundle).expect("text").replace(":123}", ":124}");
    assert!(verify(other.as_bytes()).expect_err("another round").step < Step::Winners);
}

async fn who_carries_out_does_not_supervise(engine: Engine) {
    use onevisit::domain::caller::Role;
    let (joint, _) = Joint::frozen(engine).await;
    let both = joint.service.key(Role::Office, "", "监察室").await;
    let request = pb::DrawCampaignRequest { request_id: "d".into(), campaign_id: "c1".into() };
    let refused = joint.service.with(&both).campaigns().draw_campaign(request).await;
    assert_eq!(reason(&refused.expect_err("it supervises")), "EXECUTOR_SUPERVISES");
    joint.abort(&joint.service.office, "重来", "a1").await.expect("asked");
    joint.approve_abort(&joint.supervisors[0].1, "b1").await.expect("approved");
    joint.retry(&joint.approver, "", "r1").await.expect("approved");
    let request = pb::FreezeCampaignRequest { request_id: "f".into(), campaign_id: "c1".into() };
    let refused = joint.service.with(&both).campaigns().freeze_campaign(request).await;
    assert_eq!(reason(&refused.expect_err("it supervises")), "EXECUTOR_SUPERVISES");
}

async fn a_ceremony_is_watched(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    let mut anybody = CampaignServiceClient::new(joint.service.channel.clone());
    let request = pb::WatchDrawRequest { campaign_id: "c1".into(), attempt: 0 };
    let mut news = anybody.watch_draw(request).await.expect("watch").into_inner();
    let next = news.message().await.expect("news").expect("a message").news;
    assert!(matches!(next, Some(News::Draw(d)) if d.contributions.is_empty()));
    joint.commit("c1", 0, &joint.commitment(&frozen, 0)).await.expect("commit");
    let next = news.message().await.expect("news").expect("a message").news;
    assert!(matches!(next, Some(News::Draw(d)) if d.contributions.len() == 1));
    joint.commit("c1", 1, &joint.commitment(&frozen, 1)).await.expect("commit");
    for office in 0..2 {
        joint.reveal("c1", office, &joint.number(office)).await.expect("reveal");
    }
    let drawn = joint.execute("c1", "d1").await.expect("draw");
    let (mut last, mut tickets, mut doors) = (None, Vec::new(), Vec::new());
    while let Some(message) = news.message().await.expect("news") {
        match message.news.expect("news") {
            News::Draw(draw) => last = Some(draw),
            News::Ticket(ticket) => tickets.push(ticket.ticket),
            News::Visit(visit) => doors.push((visit.rank, visit.ticket)),
        }
    }
    assert_eq!(last.expect("drawn").result_root, drawn.result_root);
    let visits = joint.visits(&joint.service.office, "c1").await.expect("visits");
    assert_eq!(doors, visits.into_iter().map(|v| (v.rank, v.ticket)).collect::<Vec<_>>());
    let checks = drawn.figures.expect("figures").checks;
    assert_eq!(i64::try_from(tickets.len()).expect("few"), checks);
    assert!(tickets.iter().all(|t| doors.iter().any(|(_, door)| door == t)));
}

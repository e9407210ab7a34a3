//! Empty slots, drawn for jointly with the people of the neighbouring jurisdiction (R94).

use onevisit::app::fsck;
use onevisit::app::log::{self, Round};
use onevisit::certificate::Trust;
use onevisit::certificate::changes::Changes;
use onevisit::certificate::verify::verify;
use onevisit::domain::caller::Role;
use onevisit::rpc::pb::{self, ChangeReason, Choice};
use tonic::Status;

use super::supplements::{draw, rust};
use super::{quota, reason, violations};
use crate::harness::client::{DISTRICT, Service};
use crate::harness::data::{inspector, inspectors};
use crate::harness::joint::Joint;
use crate::harness::python::Python;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_shortage_is_filled_by_a_draw_with_the_neighbours,
    neighbours_come_only_when_nobody_suits,
}

const NEXT_DOOR: &str = "990002";
const POWER: &str = "特种设备监管";

async fn put(joint: &Joint, code: &str, neighbours: &[&str], department: &str) {
    let mut office = joint.service.office().registry();
    let jurisdiction = pb::Jurisdiction {
        code: code.into(),
        name: format!("{code}区"),
        level: pb::Level::County.into(),
        neighbours: neighbours.iter().map(|n| (*n).to_owned()).collect(),
        ..Default::default()
    };
    let request_id = format!("near-{code}");
    let jurisdiction = Some(jurisdiction);
    let request = pb::PutJurisdictionRequest { request_id, jurisdiction };
    office.put_jurisdiction(request).await.expect("jurisdiction");
    let department = Some(pb::Department {
        department_id: department.into(),
        name: format!("{department}局"),
        jurisdiction: code.into(),
        powers: vec![POWER.into()],
        ..Default::default()
    });
    let request_id = format!("near-{code}-department");
    let request = pb::PutDepartmentRequest { request_id, department };
    office.put_department(request).await.expect("department");
}

/// A drawn campaign in which nobody here can take the second slot; four people next door can.
async fn short(engine: Engine) -> (Joint, String) {
    let service = Service::start(engine).await;
    let joint = Joint::of(service, &[("market", (1..=40).collect())]).await;
    put(&joint, NEXT_DOOR, &[DISTRICT], "market-b").await;
    let there = joint.service.key(Role::Department, "market-b", "").await;
    let able =
        |n: usize| pb::Inspector { tags: vec!["电梯".into()], ..inspector(&format!("q{n}")) };
    let mut registry = joint.service.with(&there).registry();
    let people = inspectors("i", (1..=4).map(able).collect());
    registry.import_inspectors(people).await.expect("people next door");
    let mut campaign = joint.campaign(|_| vec![quota("*", 1_000)]);
    let slot = |lead, tags: &[&str]| pb::Slot {
        lead,
        requires: tags.iter().map(|t| (*t).to_owned()).collect(),
    };
    let slots = vec![slot(true, &[]), slot(false, &["电梯"])];
    campaign.profiles = vec![pb::Profile { name: "p".into(), slots }];
    campaign.participants[0].profile = "p".into();
    joint.carry_out(campaign).await;
    (joint, there)
}

async fn ask(joint: &Joint, rank: i64, slot: i64, person: &str) -> Result<pb::Change, Status> {
    let request = pb::RequestReplacementRequest {
        request_id: format!("r{rank}-{slot}-{person}"),
        campaign_id: "c1".into(),
        rank,
        department: "market".into(),
        slot,
        choice: Choice::Neighbour.into(),
        inspector_id: person.into(),
        reason: ChangeReason::Shortage.into(),
        evidence_sha256: "00".repeat(32),
    };
    let mut approver = joint.service.with(&joint.approver).visits();
    Ok(approver.request_replacement(request).await?.into_inner().change.expect("change"))
}

async fn approve(joint: &Joint, secret: &str, nth: i64) -> Result<pb::Change, Status> {
    let request = pb::DecideChangeRequest {
        request_id: format!("decide-{nth}"),
        campaign_id: "c1".into(),
        nth,
        approve: true,
    };
    let reply = joint.service.with(secret).visits().decide_change(request).await?;
    Ok(reply.into_inner().change.expect("change"))
}

async fn supplement(joint: &Joint, id: &str, changes: &[i64]) -> pb::Campaign {
    let mut campaign = joint.read("c1").await;
    campaign.campaign_id = id.into();
    campaign.participants[0].quotas = vec![quota("*", 10_000)];
    campaign.supplement = Some(pb::Supplement {
        parent_id: "c1".into(),
        reason: pb::SupplementReason::NeighbourPool.into(),
        changes: changes.to_vec(),
        ..Default::default()
    });
    campaign
}

async fn frozen(joint: &Joint, campaign: pb::Campaign) -> pb::Draw {
    let id = campaign.campaign_id.clone();
    joint.create(campaign).await.expect("create");
    joint.accept(&id, &["market"]).await;
    let etag = joint.read(&id).await.etag;
    joint.approve(&joint.approver, &id, &etag).await.expect("approve");
    joint.freeze(&id, &format!("freeze-{id}")).await.expect("freeze")
}

async fn a_shortage_is_filled_by_a_draw_with_the_neighbours(engine: Engine) {
    let (joint, there) = short(engine).await;
    let lonely = ask(&joint, 1, 2, "").await.expect_err("no neighbours yet");
    assert_eq!(reason(&lonely), "NO_NEIGHBOUR");
    put(&joint, DISTRICT, &[NEXT_DOOR], "market").await;
    let named = violations(&ask(&joint, 1, 2, "q1").await.expect_err("nobody is chosen by hand"));
    assert_eq!(named, [("inspector_id".into(), "NAMED_UNLESS_DRAWN".into())]);
    for rank in [1, 2] {
        assert_eq!(ask(&joint, rank, 2, "").await.expect("asked").nth, rank);
    }
    let early = joint.create(supplement(&joint, "c1-n", &[1, 2]).await).await;
    assert_eq!(reason(&early.expect_err("not approved")), "NOT_A_CHANGE_FOR_NEIGHBOURS");
    let own = approve(&joint, &joint.approver, 1).await.expect_err("the one who asked");
    assert_eq!(reason(&own), "APPROVER_IS_REQUESTER");
    for nth in [1, 2] {
        let done = approve(&joint, &joint.service.office, nth).await.expect("approved");
        assert_eq!((done.came_ticket.as_str(), done.choice()), ("", Choice::Neighbour));
    }
    let before = joint.opened("c1").await;
    // Three of the four next door stay away from the first visit's subject.
    let recusal = |n: usize| pb::Recusal {
        inspector_id: format!("q{n}"),
        subject_id: before[0].subject_id.clone(),
        reason: "亲属".into(),
    };
    let recusals = (1..=3).map(recusal).collect();
    let request = pb::DeclareRecusalsRequest { request_id: "away".into(), recusals };
    joint.service.with(&there).registry().declare_recusals(request).await.expect("declared");
    let open = frozen(&joint, supplement(&joint, "c1-n", &[1, 2]).await).await;
    draw(&joint, &open, 1).await;
    let after = joint.opened("c1").await;
    for (visit, old) in after.iter().zip(&before) {
        let (team, old) = (&visit.sections[0].team, &old.sections[0].team);
        assert_eq!(team[0], old[0], "who was dealt stays");
        let filled = visit.rank <= 2;
        assert_eq!(team[1].inspector_id.starts_with("market-b/q"), filled, "{team:?}");
    }
    assert_eq!(after[0].sections[0].team[1].inspector_id, "market-b/q4", "the others are recused");
    assert_ne!(after[1].sections[0].team[1].ticket, after[0].sections[0].team[1].ticket);
    let none = joint.visits(&joint.service.office, "c1-n").await.expect("visits");
    assert!(none.is_empty(), "the doors are those of the campaign it supplements");
    opens(&joint).await;
    let again = joint.create(supplement(&joint, "c1-o", &[1]).await).await;
    assert_eq!(reason(&again.expect_err("filled")), "SLOT_IS_NOT_EMPTY");
    let void = pb::AbortDrawRequest {
        request_id: "void".into(),
        campaign_id: "c1-n".into(),
        reason: "不合意".into(),
    };
    let void = joint.service.office().campaigns().abort_draw(void).await.expect_err("they go");
    assert_eq!(reason(&void), "SLOTS_ARE_FILLED");
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
    assert_eq!(fsck::check(&joint.service.app).await.expect("check").findings, []);
    let (status, file) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    assert_eq!(
        (status, rust(&file).as_str(), Python::start().verdict(&file).as_str()),
        (200, "ok", "ok")
    );
    let found = verify(&file, &Trust::default()).expect("good");
    assert_eq!(
        (found.supplements, found.changes),
        (1, Changes { neighbour: 2, ..Default::default() })
    );
}

/// Whoever comes from next door opens the visit like the rest of the team.
async fn opens(joint: &Joint) {
    let request = pb::CreateApiKeyRequest {
        request_id: "key".into(),
        role: pb::Role::Inspector.into(),
        department: "market-b".into(),
        office: String::new(),
        inspector_id: "q4".into(),
    };
    let key = joint.service.office().access().create_api_key(request).await.expect("key");
    let request = pb::OpenVisitRequest {
        request_id: "o".into(),
        campaign_id: "c1".into(),
        rank: 1,
        case_number: String::new(),
    };
    let mut person = joint.service.with(&key.into_inner().secret).visits();
    let code = person.open_visit(request).await.expect("opened").into_inner().visit_code;
    assert!(code.contains("market-b/q4"), "{code}");
}

async fn neighbours_come_only_when_nobody_suits(engine: Engine) {
    let (joint, _) = short(engine).await;
    put(&joint, DISTRICT, &[NEXT_DOOR], "market").await;
    ask(&joint, 1, 1, "").await.expect("asked");
    let early = approve(&joint, &joint.service.office, 1).await.expect_err("three others suit");
    assert_eq!(reason(&early), "SOMEBODY_SUITS");
    ask(&joint, 1, 2, "").await.expect("asked");
    approve(&joint, &joint.service.office, 2).await.expect("approved");
    let mut part = supplement(&joint, "c1-n", &[2]).await;
    part.participants[0].quotas = vec![quota("*", 5_000)];
    part.last_day = "2026-07-16".into();
    let wrong = violations(&joint.create(part).await.expect_err("only some of the slots"));
    let rules: Vec<&str> = wrong.iter().map(|(_, rule)| rule.as_str()).collect();
    assert_eq!(rules, ["EVERY_SLOT_IS_DRAWN_FOR", "AS_THE_DRAW_IT_SUPPLEMENTS"]);
    let mut missing = supplement(&joint, "c1-n", &[]).await;
    let wrong = violations(&joint.create(missing.clone()).await.expect_err("no slot"));
    assert_eq!(wrong[0].1, "ONLY_NEIGHBOUR_POOL");
    missing.supplement.as_mut().expect("given").changes = vec![9];
    let unknown = joint.create(missing).await.expect_err("no such change");
    assert_eq!(reason(&unknown), "NOT_A_CHANGE_FOR_NEIGHBOURS");
}

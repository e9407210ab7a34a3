//! Where the documents disagree, a setting decides, and a draw follows either side.

use onevisit::rpc::pb;
use tonic::Status;

use super::{quota, reason};
use crate::harness::client::DISTRICT;
use crate::harness::data::code;
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    tension_3_a_department_sends_one_person_or_two, tension_5_a_team_learns_names_when_policy_says,
    packs_that_disagree_decide_a_draw,
}

/// How many people each department sends to the door of subject 1.
async fn at_the_door(joint: &Joint, id: &str) -> Vec<usize> {
    let mut campaign = joint.campaign(|_| vec![quota("*", 10_000)]);
    campaign.campaign_id = id.into();
    joint.carry_out(campaign).await;
    let visits = joint.opened(id).await;
    let visit = visits.into_iter().find(|v| v.subject_id == code(1)).expect("subject 1");
    visit.sections.iter().map(|s| s.team.len()).collect()
}

async fn tension_3_a_department_sends_one_person_or_two(engine: Engine) {
    let joint = Joint::new(engine, &[("fire", vec![1]), ("market", vec![1])]).await;
    joint.policy("annual_cap", "9").await;
    assert_eq!(at_the_door(&joint, "c1").await, [2, 2]);
    // One of each department suits only where one person may stand at a door alone: a visit that
    // falls to one department would send no more.
    joint.policy("min_per_department", "1").await;
    let mut campaign = joint.campaign(|_| vec![quota("*", 10_000)]);
    campaign.campaign_id = "c2".into();
    joint.create(campaign).await.expect("create");
    joint.accept("c2", &["fire", "market"]).await;
    let etag = joint.read("c2").await.etag;
    joint.approve(&joint.approver, "c2", &etag).await.expect("approve");
    let alone = joint.freeze("c2", "f2").await.expect_err("one person alone");
    assert_eq!(reason(&alone), "MIN_PER_VISIT");
    joint.policy("min_per_visit", "1").await;
    assert_eq!(at_the_door(&joint, "c3").await, [1, 1]);
}

async fn open(joint: &Joint, secret: &str, id: &str) -> Result<(), Status> {
    let request = pb::OpenVisitRequest {
        request_id: id.into(),
        campaign_id: "c1".into(),
        rank: 1,
        case_number: String::new(),
    };
    joint.service.with(secret).visits().open_visit(request).await.map(|_| ())
}

async fn tension_5_a_team_learns_names_when_policy_says(engine: Engine) {
    let joint = Joint::new(engine, &[("market", vec![1])]).await;
    let mut campaign = joint.campaign(|_| vec![quota("*", 10_000)]);
    // Today is 15 June.
    campaign.first_day = "2026-06-18".into();
    joint.carry_out(campaign).await;
    let visit = joint.opened("c1").await.remove(0);
    let member = visit.sections[0].team[0].inspector_id.clone();
    let request = pb::CreateApiKeyRequest {
        request_id: "key".into(),
        role: pb::Role::Inspector.into(),
        department: "market".into(),
        inspector_id: member.strip_prefix("market/").expect("own").into(),
        ..Default::default()
    };
    let key = joint.service.office().access().create_api_key(request).await.expect("key");
    let secret = key.into_inner().secret;
    let early = open(&joint, &secret, "o1").await.expect_err("not before the day");
    assert_eq!(reason(&early), "BEFORE_THE_VISIT_DAY");
    joint.policy("names_release", "VISIT_DAY").await;
    let early = open(&joint, &secret, "o2").await.expect_err("nobody has fixed a day");
    assert_eq!(reason(&early), "NO_DAY_FIXED");
}

async fn packs_that_disagree_decide_a_draw(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=40).collect())]).await;
    let checks = async |id: &str| {
        let mut campaign = joint.campaign(|_| vec![quota("*", 100)]);
        campaign.campaign_id = id.into();
        joint.carry_out(campaign).await.figures.expect("figures").checks
    };
    // One in a hundred of forty is one; where S4 holds, five in a hundred are two.
    assert_eq!(checks("c1").await, 1);
    let request = pb::AdoptPolicyPackRequest {
        request_id: "a1".into(),
        pack_id: "s4-quanzhou-2016".into(),
        jurisdiction: DISTRICT.into(),
        ..Default::default()
    };
    joint.service.office().policies().adopt_policy_pack(request).await.expect("adopt");
    assert_eq!(checks("c2").await, 2);
}

//! What a campaign has to say before it is approved: why everybody is visited, and who takes part.

use onevisit::rpc::pb;
use tonic::{Code, Status};

use super::annual_plans::{Plans, plan, task};
use super::{quota, reason, violations};
use crate::harness::client::Service;
use crate::harness::joint::Joint;
use crate::harness::{Engine, Hands, NOW_US, on_every_engine};

on_every_engine! {
    a_listed_item_is_not_swept_without_a_reason, campaigns_without_a_plan_are_listed,
    silence_declines_after_the_day_for_answers, silence_blocks_where_the_policy_says_so,
}

const OVERRIDE: &str = "LISTED_ITEM_NEEDS_OVERRIDE_REASON";
/// The day of the tests' clock, as local time has it.
const TODAY: &str = "2026-06-15";
const DAY_MINUTES: i64 = 24 * 60;

async fn a_listed_item_is_not_swept_without_a_reason(engine: Engine) {
    let plans = Plans::new(engine).await;
    let mut sweep = plans.joint.campaign(|_| vec![quota("*", 10_000)]);
    sweep.override_reason = "  ".into();
    let refused = plans.joint.create(sweep.clone()).await.expect_err("everybody, and no reason");
    let found = violations(&refused);
    assert_eq!(found.len(), sweep.participants.len(), "each department's: {found:?}");
    assert!(found.iter().all(|(field, rule)| field.ends_with("quotas[0]") && rule == OVERRIDE));
    // In whatever mode; and a ceiling or a part leaves something to chance.
    let mut special = sweep.clone();
    special.mode = pb::JointMode::Special.into();
    special.scope = Some(pb::Scope { tags: vec!["燃气".into()], ..Default::default() });
    let refused = plans.joint.create(special).await.expect_err("no reason");
    assert_eq!(violations(&refused)[0].1, OVERRIDE);
    let mut part = sweep.clone();
    part.participants.iter_mut().for_each(|p| p.quotas = vec![quota("*", 9_999)]);
    plans.joint.create(part.clone()).await.expect("drawn");
    // The task of a plan can say why.
    let mut all = task("t1", "fire", &["A1"]);
    all.ratio = Some(pb::TaskRatio { basis_points: Some(10_000), ..Default::default() });
    all.override_reason = "国务院专门部署".into();
    let tasks = vec![all, task("t2", "fire", &["A2"])];
    let draft = plans.put(plans.fire(), plan("fire", tasks), "").await.expect("put");
    plans.carry(draft).await;
    sweep.lead = "fire".into();
    sweep.participants.retain(|p| p.department == "fire");
    (sweep.plan_id, sweep.plan_task_id) = ("plan-1".into(), "t2".into());
    sweep.campaign_id = "c2".into();
    let refused = plans.joint.create(sweep.clone()).await.expect_err("the task says nothing");
    assert_eq!(violations(&refused)[0].1, OVERRIDE);
    sweep.plan_task_id = "t1".into();
    assert_eq!(plans.joint.create(sweep).await.expect("the plan says why").override_reason, "  ");
}

async fn campaigns_without_a_plan_are_listed(engine: Engine) {
    let plans = Plans::new(engine).await;
    let draft = plans.put(plans.fire(), plan("fire", vec![task("t1", "fire", &["A1", "A2"])]), "");
    plans.carry(draft.await.expect("put")).await;
    for id in ["a", "b", "c", "d"] {
        let mut campaign = plans.joint.campaign(|_| vec![quota("*", 500)]);
        campaign.campaign_id = id.into();
        if id < "c" {
            campaign.lead = "fire".into();
            campaign.participants.retain(|p| p.department == "fire");
            (campaign.plan_id, campaign.plan_task_id) = ("plan-1".into(), "t1".into());
        }
        plans.joint.create(campaign).await.expect("create");
    }
    let mut office = plans.joint.service.office().campaigns();
    let mut list = async |unplanned, page_token: &str| {
        let page_token = page_token.to_owned();
        let request = pb::ListCampaignsRequest { page_size: 1, page_token, unplanned };
        let reply = office.list_campaigns(request).await.expect("list").into_inner();
        let ids: Vec<String> = reply.campaigns.into_iter().map(|c| c.campaign_id).collect();
        (ids, reply.next_page_token)
    };
    let (first, token) = list(true, "").await;
    let (second, token) = list(true, &token).await;
    let (third, _) = if token.is_empty() { (vec![], token) } else { list(true, &token).await };
    assert_eq!((first, second, third), (vec!["c".to_owned()], vec!["d".to_owned()], vec![]));
    assert_eq!(list(false, "").await.0, ["a"]);
}

/// A campaign whose invitations are open until today; the lead has accepted.
async fn invited(engine: Engine, hands: &Hands) -> Joint {
    let service = Service::start_by(engine, hands).await;
    let lists = [("fire", (1..=20).collect()), ("market", (1..=40).collect())];
    let joint = Joint::of(service, &lists).await;
    let mut campaign = joint.campaign(|_| vec![quota("*", 1_000)]);
    campaign.answer_by = TODAY.into();
    let made = joint.create(campaign).await.expect("create");
    assert_eq!(made.answer_by, TODAY);
    joint.accept("c1", &["market"]).await;
    let open = joint.approve(&joint.approver, "c1", "2").await.expect_err("fire has a day left");
    assert_eq!(reason(&open), "INVITATIONS_ARE_OPEN");
    joint
}

async fn answer(joint: &Joint, department: &str) -> Result<(), Status> {
    let request = pb::AnswerInvitationRequest {
        request_id: format!("late-{department}"),
        campaign_id: "c1".into(),
        accept: true,
    };
    let caller = joint.service.with(&joint.keys[department]);
    caller.campaigns().answer_invitation(request).await.map(|_| ())
}

async fn silence_declines_after_the_day_for_answers(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let joint = invited(engine, &hands).await;
    hands.forward(DAY_MINUTES);
    let late = answer(&joint, "fire").await.expect_err("the day is over");
    assert_eq!(reason(&late), "INVITATION_IS_OVER");
    joint.approve(&joint.approver, "c1", "2").await.expect("approve");
    let campaign = joint.read("c1").await;
    let fire = campaign.participants.iter().find(|p| p.department == "fire").expect("fire");
    assert_eq!(fire.answer(), pb::participant::Answer::Declined);
}

async fn silence_blocks_where_the_policy_says_so(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let joint = invited(engine, &hands).await;
    joint.policy("unanswered", "BLOCKS").await;
    hands.forward(DAY_MINUTES);
    let blocked = joint.approve(&joint.approver, "c1", "2").await.expect_err("fire is silent");
    assert_eq!(reason(&blocked), "INVITATIONS_ARE_UNANSWERED");
    assert_eq!(blocked.code(), Code::FailedPrecondition);
    answer(&joint, "fire").await.expect("late, and waited for");
    joint.approve(&joint.approver, "c1", "3").await.expect("approve");
}

//! Plan, chain of approval, scheme, three campaigns, their draws.

use onevisit::rpc::pb;
use onevisit::rpc::pb::annual_plan_service_client::AnnualPlanServiceClient;

use super::{JOINT, PLANNED, SCHEDULED, pass};
use crate::harness::Hands;
use crate::rpc::annual_plans::{self, Plans, task};
use crate::rpc::quota;
use crate::rpc::schedule::{in_use, tick, weekly};
use crate::rpc::schemes::{campaign, published_scheme};

/// The plan goes through its chain and is published; a scheme is made for its task.
pub async fn plan(plans: &Plans) {
    let draft = annual_plans::plan("fire", vec![task("t1", "fire", &["A1", "A2"])]);
    let draft = plans.put(plans.fire(), draft, "").await.expect("put");
    let published = plans.carry(draft).await;
    assert_eq!(published.flow.expect("flow").taken.len(), 3, "the whole chain");
    let mut anybody = AnnualPlanServiceClient::new(plans.joint.service.channel.clone());
    let request = pb::GetPublishedAnnualPlanRequest { plan_id: "plan-1".into() };
    anybody.get_published_annual_plan(request).await.expect("everybody reads it");
    published_scheme(plans).await;
}

/// One campaign from the plan, one from a template, one of both departments; all drawn by two offices.
pub async fn campaigns(plans: &Plans, hands: &Hands) {
    let joint = &plans.joint;
    let mut planned = campaign(plans);
    planned.last_day = "2026-07-31".into();
    joint.create(planned).await.expect("create");
    joint.accept(PLANNED, &["fire"]).await;
    let etag = joint.read(PLANNED).await.etag;
    joint.approve(&joint.approver, PLANNED, &etag).await.expect("approve");
    let frozen = joint.freeze(PLANNED, "freeze-planned").await.expect("freeze");
    joint.contribute(&frozen).await;
    joint.execute(PLANNED, "draw-planned").await.expect("draw");
    // In use after the Friday of the Dragon Boat Festival: the first slot is a week later.
    pass(hands, 8);
    in_use(joint, weekly(joint)).await;
    pass(hands, 3);
    tick(joint).await;
    hands.forward(60);
    tick(joint).await;
    let request = pb::GetDrawRequest { campaign_id: SCHEDULED.into(), attempt: 0 };
    let draw = joint.service.office().campaigns().get_draw(request).await.expect("frozen");
    let frozen = draw.into_inner().draw.expect("draw");
    assert_eq!(frozen.frozen_by, "SCHEDULE");
    joint.contribute(&frozen).await;
    joint.execute(SCHEDULED, "draw-scheduled").await.expect("draw");
    let request_id = "stop".into();
    let stop = pb::StopCampaignTemplateRequest { request_id, template_id: "weekly".into() };
    joint.service.office().schedules().stop_campaign_template(stop).await.expect("stopped");
    let mut both = joint.campaign(|_| vec![quota("*", 1_000)]);
    both.campaign_id = JOINT.into();
    (both.first_day, both.last_day) = ("2026-07-06".into(), "2026-07-31".into());
    joint.carry_out(both).await;
    // Monday, 6 July: every campaign's visits have begun.
    pass(hands, 10);
}

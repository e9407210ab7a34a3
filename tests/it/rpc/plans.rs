//! Matching of plans: tasks become few visits, departments answer, teams are dealt by the same draw.

use onevisit::draw::verify;
use onevisit::rpc::pb;

use super::{reason, violations};
use crate::harness::client::DISTRICT;
use crate::harness::data::code;
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    accepted_proposals_become_visits_with_teams, a_declined_proposal_frees_its_tasks,
    tasks_are_checked,
}

fn task(id: &str, n: usize, first: &str, last: &str) -> pb::PlannedTask {
    pb::PlannedTask {
        task_id: id.into(),
        subject_id: code(n),
        items: vec!["A1".into()],
        first_day: first.into(),
        last_day: last.into(),
        ..Default::default()
    }
}

async fn submit(joint: &Joint, department: &str, tasks: Vec<pb::PlannedTask>) {
    let request = pb::SubmitTasksRequest { request_id: "t".into(), tasks };
    joint
        .service
        .with(&joint.keys[department])
        .plans()
        .submit_tasks(request)
        .await
        .expect("submit");
}

async fn propose(joint: &Joint, id: &str) -> pb::ProposeVisitsResponse {
    let request = pb::ProposeVisitsRequest {
        request_id: id.into(),
        jurisdiction: DISTRICT.into(),
        blackout: vec![],
    };
    joint.service.office().plans().propose_visits(request).await.expect("propose").into_inner()
}

async fn proposals(joint: &Joint) -> Vec<pb::Proposal> {
    let request = pb::ListProposalsRequest { jurisdiction: DISTRICT.into(), ..Default::default() };
    joint
        .service
        .office()
        .plans()
        .list_proposals(request)
        .await
        .expect("list")
        .into_inner()
        .proposals
}

async fn answer(joint: &Joint, department: &str, id: &str, accept: bool) -> pb::Proposal {
    let request = pb::AnswerProposalRequest {
        request_id: format!("answer-{id}"),
        proposal_id: id.into(),
        accept,
    };
    let caller = joint.service.with(&joint.keys[department]);
    caller
        .plans()
        .answer_proposal(request)
        .await
        .expect("answer")
        .into_inner()
        .proposal
        .expect("proposal")
}

async fn district(engine: Engine) -> Joint {
    let joint =
        Joint::new(engine, &[("fire", (1..=9).collect()), ("market", (1..=9).collect())]).await;
    submit(
        &joint,
        "fire",
        vec![task("f1", 1, "2026-06-20", "2026-06-30"), task("f2", 2, "2026-06-20", "2026-06-22")],
    )
    .await;
    let market = vec![
        task("m1", 1, "2026-06-25", "2026-07-10"),
        task("m2", 2, "2026-07-01", "2026-07-10"),
        task("m3", 3, "2026-07-01", "2026-07-10"),
    ];
    submit(&joint, "market", market).await;
    joint
}

async fn accepted_proposals_become_visits_with_teams(engine: Engine) {
    let joint = district(engine).await;
    let found = propose(&joint, "p1").await;
    assert_eq!((found.tasks, found.proposals, found.merged_tasks), (5, 4, 2));
    let mut why: Vec<(String, pb::UnmergedReason)> =
        found.unmerged.iter().map(|t| (t.task_id.clone(), t.unmerged())).collect();
    why.sort();
    let apart = pb::UnmergedReason::WindowsApart;
    let want = [("f2", apart), ("m2", apart), ("m3", pb::UnmergedReason::OnlyTask)];
    assert_eq!(why, want.map(|(t, r)| (t.to_owned(), r)));
    let all = proposals(&joint).await;
    let shared = all.iter().find(|p| p.tasks.len() == 2).expect("one shared");
    assert_eq!((shared.first_day.as_str(), shared.last_day.as_str()), ("2026-06-25", "2026-06-30"));
    assert_eq!(
        answer(&joint, "fire", &shared.proposal_id, true).await.state(),
        pb::proposal::State::Open
    );
    assert_eq!(
        answer(&joint, "market", &shared.proposal_id, true).await.state(),
        pb::proposal::State::Accepted
    );
    let mut campaign = joint.campaign(|_| vec![]);
    campaign.mode = pb::JointMode::MatchedPlans.into();
    campaign.proposals = vec![shared.proposal_id.clone()];
    joint.carry_out(campaign).await;
    let visits = joint.opened("c1").await;
    assert_eq!((visits.len(), visits[0].sections.len()), (1, 2));
    assert_eq!(visits[0].subject_id, code(1));
    assert!(visits[0].sections.iter().all(|s| s.items.len() == 1 && s.team.len() == 2));
    verify::verify(&joint.bundle("c1").await).expect("the teams verify too");
    let scheduled =
        proposals(&joint).await.into_iter().find(|p| p.proposal_id == shared.proposal_id);
    assert_eq!(scheduled.expect("there").state(), pb::proposal::State::Scheduled);
}

async fn a_declined_proposal_frees_its_tasks(engine: Engine) {
    let joint = district(engine).await;
    propose(&joint, "p1").await;
    let shared = proposals(&joint).await.into_iter().find(|p| p.tasks.len() == 2).expect("shared");
    assert_eq!(propose(&joint, "p2").await.tasks, 0, "what is proposed is not open");
    let declined = answer(&joint, "fire", &shared.proposal_id, false).await;
    assert_eq!(declined.state(), pb::proposal::State::Declined);
    assert_eq!(propose(&joint, "p3").await.tasks, 2, "its tasks are open again");
    let request = pb::AnswerProposalRequest {
        request_id: "late".into(),
        proposal_id: shared.proposal_id,
        accept: true,
    };
    let status = joint.service.with(&joint.keys["market"]).plans().answer_proposal(request).await;
    assert_eq!(reason(&status.expect_err("closed")), "PROPOSAL_IS_CLOSED");
}

async fn tasks_are_checked(engine: Engine) {
    let joint = Joint::new(engine, &[("fire", vec![1])]).await;
    let mut bad = task("t 1", 1, "2026-06-30", "2026-06-01");
    bad.items = vec!["Z9".into()];
    let request = pb::SubmitTasksRequest { request_id: "t".into(), tasks: vec![bad] };
    let status = joint.service.with(&joint.keys["fire"]).plans().submit_tasks(request).await;
    let rules: Vec<String> =
        violations(&status.expect_err("invalid")).into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, ["ID_FORM", "BEFORE_FIRST_DAY", "UNKNOWN_ITEM"]);
}

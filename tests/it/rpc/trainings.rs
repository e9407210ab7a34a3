//! Only trained people are sent, where the policy says so.

use std::collections::BTreeSet;

use onevisit::rpc::pb;
use onevisit::rpc::pb::warning::Kind;
use serde_json::Value;
use tonic::{Code, Status};

use super::check::SHA;
use super::oversight::warnings;
use super::{quota, violations};
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    only_trained_people_are_drawn_where_the_policy_says_so,
}

async fn train(
    joint: &Joint,
    department: &str,
    request_id: &str,
    trainings: &[(&str, &str, bool)],
) -> Result<i64, Status> {
    let training = |(id, until, passed): &(&str, &str, bool)| pb::Training {
        inspector_id: (*id).into(),
        course: "联合抽查培训".into(),
        held_on: "2026-03-01".into(),
        valid_until: (*until).into(),
        passed: *passed,
        document_sha256: SHA.into(),
    };
    let request = pb::PutTrainingsRequest {
        request_id: request_id.into(),
        trainings: trainings.iter().map(training).collect(),
    };
    let mut client = joint.service.with(&joint.keys[department]).trainings();
    Ok(client.put_trainings(request).await?.into_inner().recorded)
}

async fn only_trained_people_are_drawn_where_the_policy_says_so(engine: Engine) {
    let lists = [("fire", (1..=20).collect()), ("market", (1..=20).collect())];
    let joint = Joint::new(engine, &lists).await;
    let office = joint.service.office.clone();
    assert!(warnings(&joint, &office, Kind::TrainingMissing).await.is_empty(), "nobody asks");
    let unknown = train(&joint, "fire", "t0", &[("p9", "2026-12-31", true)]).await;
    let wanted = [("trainings[0].inspector_id".into(), "UNKNOWN_INSPECTOR".into())];
    assert_eq!(violations(&unknown.expect_err("nobody")), wanted);
    let of_fire = [
        ("p1", "2026-12-31", true),
        ("p2", "2026-07-15", true),
        ("p3", "2026-07-14", true),
        ("p4", "2026-12-31", false),
    ];
    assert_eq!(train(&joint, "fire", "t1", &of_fire).await.expect("recorded"), 4);
    let of_market = [("p1", "2026-12-31", true), ("p2", "2026-12-31", true)];
    train(&joint, "market", "t1", &of_market).await.expect("recorded");
    joint.policy("training_required", "WARN").await;
    let lapses = warnings(&joint, &joint.keys["fire"], Kind::TrainingLapses).await;
    assert_eq!(lapses.len(), 2, "both end within thirty days: {lapses:?}");
    let missing = warnings(&joint, &office, Kind::TrainingMissing).await;
    let who: Vec<_> = missing.iter().map(|w| (&*w.department, &*w.detail)).collect();
    assert_eq!(who, [("fire", "p4"), ("market", "p3"), ("market", "p4")]);
    // Who is only warned of stays in the pool.
    let pool = async |id: &str| -> Value {
        let mut campaign = joint.campaign(|_| vec![quota("*", 2_000)]);
        campaign.campaign_id = id.into();
        let drawn = joint.carry_out(campaign).await;
        serde_json::from_slice(&drawn.freeze_bytes).expect("a statement")
    };
    let warned = pool("c1").await;
    assert_eq!(warned["inspectors"]["n"], 8);
    assert_eq!(warned["context"]["untrained"], Value::Null);
    // A training has to cover all days of the visits, which end on 15 July.
    joint.policy("training_required", "EXCLUDE").await;
    let excluded = pool("c2").await;
    assert_eq!(excluded["inspectors"]["n"], 4);
    assert_eq!(excluded["context"]["untrained"], "fire=2;market=2", "bound and without names");
    let team: BTreeSet<String> = joint
        .opened("c2")
        .await
        .into_iter()
        .flat_map(|v| v.sections)
        .flat_map(|s| s.team)
        .map(|m| m.inspector_id)
        .collect();
    let wanted = ["fire/p1", "fire/p2", "market/p1", "market/p2"].map(str::to_owned);
    assert_eq!(team, BTreeSet::from(wanted));
    let request =
        pb::ListTrainingsRequest { department: "fire".into(), page_size: 3, ..Default::default() };
    let mut client = joint.service.with(&joint.keys["fire"]).trainings();
    let first = client.list_trainings(request.clone()).await.expect("list").into_inner();
    let page_token = first.next_page_token;
    let rest = pb::ListTrainingsRequest { page_token, ..request.clone() };
    let rest = client.list_trainings(rest).await.expect("list").into_inner();
    assert_eq!((first.trainings.len(), rest.trainings.len()), (3, 1));
    let mut foreign = joint.service.with(&joint.keys["market"]).trainings();
    let refused = foreign.list_trainings(request).await.expect_err("another's");
    assert_eq!(refused.code(), Code::PermissionDenied);
}

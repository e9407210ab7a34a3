//! What offices have set: a raw change of it is found and named.

use onevisit::app::fsck::{self, Kind};
use onevisit::app::log::{self, Round};
use onevisit::rpc::pb;

use super::annual_plans::{Plans, plan, task};
use super::fsck::{run, unguard};
use super::schedule::{in_use, tick, weekly};
use super::schemes::published_scheme;
use crate::harness::client::{DISTRICT, Service};
use crate::harness::joint::Joint;
use crate::harness::{Engine, Hands, NOW_US, on_every_engine};

on_every_engine! { a_raw_change_of_what_offices_have_set_is_found_and_named }

const DAY_MINUTES: i64 = 24 * 60;

const CHANGES: [(&str, &str, Kind); 19] = [
    ("policies", "UPDATE policies SET doc = replace(doc, '\"70\"', '\"10\"')", Kind::Policy),
    (
        "policies",
        "UPDATE policies SET effective_from = '2026-01-02', doc = replace(doc, '2026-01-01', '2026-01-02')",
        Kind::Policy,
    ),
    ("policies", "DELETE FROM policies", Kind::Policy),
    (
        "approval_chains",
        "UPDATE approval_chains SET doc = replace(doc, '信用监管科', '法规科')",
        Kind::Chain,
    ),
    (
        "approval_chains",
        "UPDATE approval_chains SET doc = replace(doc, '\"office\":\"局长办公会\"', '\"office\":\"\"')",
        Kind::Chain,
    ),
    ("approval_chains", "DELETE FROM approval_chains WHERE kind = 'SCHEME'", Kind::Chain),
    ("campaign_templates", "UPDATE campaign_templates SET state = 'STOPPED'", Kind::Template),
    (
        "campaign_templates",
        "UPDATE campaign_templates SET doc = replace(doc, '\"freeze_minutes\":60', '\"freeze_minutes\":9')",
        Kind::Template,
    ),
    ("campaign_templates", "DELETE FROM campaign_templates", Kind::Template),
    ("campaign_slots", "UPDATE campaign_slots SET state = 'FROZEN'", Kind::Slot),
    (
        "campaign_slots",
        "UPDATE campaign_slots SET doc = replace(doc, 'weekly-2026', 'weekly-2027')",
        Kind::Slot,
    ),
    ("campaign_slots", "DELETE FROM campaign_slots", Kind::Slot),
    (
        "papers",
        "UPDATE papers SET content = replace(content, '2026年度', '2027年度') WHERE kind = 'ANNUAL_PLAN'",
        Kind::Paper,
    ),
    ("papers", "UPDATE papers SET state = 'SUPERSEDED' WHERE kind = 'ANNUAL_PLAN'", Kind::Paper),
    (
        "papers",
        "UPDATE papers SET flow = replace(flow, 'PUBLISHED', 'APPROVED') WHERE kind = 'ANNUAL_PLAN'",
        Kind::Paper,
    ),
    ("papers", "DELETE FROM papers WHERE kind = 'ANNUAL_PLAN'", Kind::Paper),
    (
        "papers",
        "UPDATE papers SET content = replace(content, 'GB 50016', 'GB 50017') WHERE kind = 'SCHEME'",
        Kind::Paper,
    ),
    ("papers", "UPDATE papers SET state = 'APPROVED' WHERE kind = 'SCHEME'", Kind::Paper),
    ("papers", "DELETE FROM papers WHERE kind = 'SCHEME'", Kind::Paper),
];

async fn a_raw_change_of_what_offices_have_set_is_found_and_named(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    let lists = [("fire", (1..=40).collect()), ("market", (1..=40).collect())];
    let plans = Plans::on(Joint::of(service, &lists).await).await;
    let draft = plan("fire", vec![task("t1", "fire", &["A1", "A2"])]);
    let draft = plans.put(plans.fire(), draft, "").await.expect("put");
    plans.carry(draft).await;
    published_scheme(&plans).await;
    let joint = &plans.joint;
    joint.policy("joint_rate_percent", "60").await;
    joint.policy("joint_rate_percent", "70").await;
    let adopted = pb::AdoptPolicyPackRequest {
        request_id: "adopt".into(),
        pack_id: "s3-lingang".into(),
        jurisdiction: DISTRICT.into(),
        effective_from: "2026-02-01".into(),
        ..Default::default()
    };
    joint.service.office().policies().adopt_policy_pack(adopted).await.expect("adopted");
    in_use(joint, weekly(joint)).await;
    hands.forward(7 * DAY_MINUTES);
    tick(joint).await;
    let app = &joint.service.app;
    while log::round_now(app).await.expect("round") != Round::Idle {}
    assert_eq!(fsck::check(app).await.expect("check").findings, []);
    for (table, sql, found_as) in CHANGES {
        let mut tx = app.db.begin().await.expect("begin");
        unguard(&mut tx, table).await;
        assert!(run(&mut tx, sql, 0, 0).await > 0, "{sql} changes nothing");
        let report = fsck::check_in(app, &mut tx).await.expect("check");
        let kinds: Vec<Kind> = report.findings.iter().map(|f| f.kind).collect();
        assert!(kinds.contains(&found_as), "{sql}: {kinds:?}");
    }
}

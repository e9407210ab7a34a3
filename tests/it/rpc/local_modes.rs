//! Modes: by risk and by signals of public opinion (R60), and a jurisdiction's own (R63).

use onevisit::rpc::pb;
use tonic::Status;

use super::{quota, violations};
use crate::harness::client::DISTRICT;
use crate::harness::data::{code, entry, item, item_list, subjects};
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_risk_based_campaign_draws_its_classes, signals_of_public_opinion_choose_subjects,
    a_local_mode_is_data, a_campaign_keeps_what_its_mode_asked,
}

fn classed(n: usize, class: pb::RiskClass) -> pb::SubjectEntry {
    pb::SubjectEntry {
        risk_class: class.into(),
        risk_on: "2026-05-01".into(),
        risk_source: "信用平台".into(),
        ..entry(n)
    }
}

/// Twenty subjects: the first ten of class D, the next five of class C.
async fn district(engine: Engine) -> Joint {
    let joint = Joint::new(engine, &[("market", (1..=20).collect())]).await;
    let class = |n| if n <= 10 { pb::RiskClass::D } else { pb::RiskClass::C };
    let rows = (1..=15).map(|n| classed(n, class(n))).collect();
    let keep = pb::ImportMode::KeepGoodRows;
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    market.import_subjects(subjects("classes", keep, rows, 99)).await.expect("import");
    joint
}

async fn signals(joint: &Joint, numbers: &[usize]) {
    let fact = |n: &usize| pb::RiskFact {
        subject_id: code(*n),
        kind: pb::RiskFactKind::PublicOpinion.into(),
        on: "2026-06-01".into(),
        source: "舆情监测".into(),
    };
    let facts = numbers.iter().map(fact).collect();
    let request = pb::RecordRiskFactsRequest { request_id: "signals".into(), facts };
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    market.record_risk_facts(request).await.expect("facts");
}

fn by_risk(joint: &Joint) -> pb::Campaign {
    let mut campaign = joint.campaign(|_| vec![quota("risk:D", 5_000), quota("risk:C", 2_000)]);
    campaign.mode = pb::JointMode::RiskBased.into();
    campaign
}

async fn drawn(joint: &Joint) -> Vec<String> {
    let mut found: Vec<String> =
        joint.opened("c1").await.into_iter().map(|v| v.subject_id).collect();
    found.sort();
    found
}

async fn a_risk_based_campaign_draws_its_classes(engine: Engine) {
    let joint = district(engine).await;
    let mut everybody = by_risk(&joint);
    everybody.participants[0].quotas = vec![quota("*", 5_000)];
    let refused = joint.create(everybody).await.expect_err("no classes");
    assert_eq!(violations(&refused)[0].1, "RISK_BASED_NEEDS_CLASSES");
    let figures = joint.carry_out(by_risk(&joint)).await.figures.expect("figures");
    assert_eq!(figures.checks, 5 + 1, "half of ten, a fifth of five, none of the others");
    let ids: Vec<String> = (1..=15).map(code).collect();
    assert!(drawn(&joint).await.iter().all(|id| ids.contains(id)));
}

async fn signals_of_public_opinion_choose_subjects(engine: Engine) {
    let joint = district(engine).await;
    signals(&joint, &[3, 12, 18]).await;
    let mut campaign = by_risk(&joint);
    campaign.participants[0].quotas = vec![quota("*", 10_000)];
    let marked_by = vec!["RUMOUR".to_owned(), "PUBLIC_OPINION".to_owned()];
    campaign.scope = Some(pb::Scope { marked_by, ..Default::default() });
    let refused = joint.create(campaign.clone()).await.expect_err("no such kind");
    assert_eq!(violations(&refused)[0].0, "campaign.scope.marked_by[0]");
    campaign.scope.as_mut().expect("scope").marked_by.remove(0);
    let figures = joint.carry_out(campaign).await.figures.expect("figures");
    let out: Vec<(&str, i64)> = figures.exclusions.iter().map(|e| (&*e.rule, e.units)).collect();
    assert_eq!(out, [("OUT_OF_SCOPE", 17)], "nobody is left out silently");
    assert_eq!(drawn(&joint).await, [code(3), code(12), code(18)]);
}

fn night_market() -> pb::LocalMode {
    pb::LocalMode {
        mode_id: "night-market".into(),
        jurisdiction: DISTRICT.into(),
        name: "夜间经济联查".into(),
        basis: "区政办〔2026〕3号".into(),
        field: true,
        risk_classes: vec!["C".into(), "D".into()],
        marks: vec![pb::RiskFactKind::PublicOpinion.into()],
        catalogue_codes: vec!["330001".into()],
        ..Default::default()
    }
}

async fn put(joint: &Joint, id: &str, mode: pb::LocalMode) -> Result<pb::LocalMode, Status> {
    let request = pb::PutLocalModeRequest { request_id: id.into(), local_mode: Some(mode) };
    let reply = joint.service.office().local_modes().put_local_mode(request).await?;
    Ok(reply.into_inner().local_mode.expect("mode"))
}

async fn a_local_mode_is_data(engine: Engine) {
    let joint = district(engine).await;
    let mut catalogued = item("A3");
    catalogued.external_code = "330001".into();
    let mut list = item_list(&["A1"]);
    list.items.push(catalogued);
    let request = pb::PutItemListRequest { request_id: "l2".into(), item_list: Some(list) };
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    market.put_item_list(request).await.expect("list");
    signals(&joint, &[1, 2, 3, 12, 18]).await;
    let mut wrong = night_market();
    (wrong.basis, wrong.risk_classes) = (String::new(), vec!["E".into()]);
    let refused = put(&joint, "wrong", wrong).await.expect_err("wrong");
    assert_eq!(violations(&refused).len(), 2);
    let stranger = joint.service.with(&joint.keys["market"]).local_modes();
    let request =
        pb::PutLocalModeRequest { request_id: "m".into(), local_mode: Some(night_market()) };
    assert!({ stranger }.put_local_mode(request).await.is_err(), "offices only");
    let mut campaign = joint.campaign(|_| vec![quota("*", 10_000)]);
    campaign.mode = pb::JointMode::Local.into();
    campaign.local_mode_id = "night-market".into();
    let refused = joint.create(campaign.clone()).await.expect_err("unknown");
    assert_eq!(violations(&refused)[0].1, "UNKNOWN_MODE");
    assert_eq!(put(&joint, "m1", night_market()).await.expect("put").version, 1);
    assert_eq!(put(&joint, "m2", night_market()).await.expect("the same").version, 1);
    let refused = joint.create(campaign.clone()).await.expect_err("not what it asks");
    let rules: Vec<String> = violations(&refused).into_iter().map(|(_, rule)| rule).collect();
    let want =
        ["SPECIAL_NEEDS_FIELD", "CLASSES_OF_THE_MODE", "MARKS_OF_THE_MODE", "MODE_NAMES_ITEMS"];
    assert_eq!(rules, want);
    campaign.participants[0].items = vec!["A1".into()];
    campaign.scope = Some(pb::Scope {
        tags: vec!["夜市".into()],
        risk_classes: vec!["D".into()],
        marked_by: vec!["PUBLIC_OPINION".into()],
        ..Default::default()
    });
    let refused = joint.create(campaign.clone()).await.expect_err("another item");
    assert_eq!(violations(&refused)[0].1, "ITEM_OUTSIDE_MODE");
    campaign.participants[0].items = vec!["A3".into()];
    let tagged =
        |n| pb::SubjectEntry { tags: vec!["夜市".into()], ..classed(n, pb::RiskClass::D) };
    let keep = pb::ImportMode::KeepGoodRows;
    let rows = vec![tagged(2), tagged(3), tagged(4)];
    market.import_subjects(subjects("tags", keep, rows, 99)).await.expect("import");
    joint.carry_out(campaign).await;
    assert_eq!(drawn(&joint).await, [code(2), code(3)], "in the field, and marked");
}

async fn a_campaign_keeps_what_its_mode_asked(engine: Engine) {
    let joint = district(engine).await;
    let mut mode = night_market();
    (mode.marks, mode.catalogue_codes, mode.field) = (Vec::new(), Vec::new(), false);
    put(&joint, "m1", mode.clone()).await.expect("put");
    let mut campaign = joint.campaign(|_| vec![quota("*", 10_000)]);
    campaign.mode = pb::JointMode::Local.into();
    campaign.local_mode_id = "night-market".into();
    campaign.scope = Some(pb::Scope { risk_classes: vec!["D".into()], ..Default::default() });
    let mut other = campaign.clone();
    other.mode = pb::JointMode::Comprehensive.into();
    let refused = joint.create(other).await.expect_err("a mode of its own names no other");
    assert_eq!(violations(&refused)[0].1, "ONLY_LOCAL_MODE");
    assert_eq!(joint.create(campaign.clone()).await.expect("create").local_mode_version, 1);
    mode.risk_classes = vec!["A".into()];
    assert_eq!(put(&joint, "m2", mode).await.expect("put").version, 2);
    campaign.campaign_id = "c2".into();
    let refused = joint.create(campaign).await.expect_err("the new version");
    assert_eq!(violations(&refused)[0].1, "CLASSES_OF_THE_MODE");
    assert_eq!(joint.read("c1").await.local_mode_version, 1);
    let request = pb::ListLocalModesRequest { jurisdiction: DISTRICT.into(), ..Default::default() };
    let reply = joint.service.office().local_modes().list_local_modes(request).await;
    let modes = reply.expect("list").into_inner().local_modes;
    assert_eq!(modes.iter().map(|m| m.version).collect::<Vec<_>>(), [2], "the latest");
}

//! Who may not be drawn, and the rule that says so.

use std::collections::BTreeMap;

use onevisit::rpc::pb;

use super::quota;
use crate::harness::client::DISTRICT;
use crate::harness::data::{code, entry, inspector, inspectors, item, subjects};
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    each_exclusion_carries_its_rule, marked_subjects_are_drawn_more, recused_inspectors_stay_away,
    competence_is_asked_of_the_team, the_same_team_or_another_goes_next,
    premises_are_doors_of_their_own, a_drawn_visit_counts_against_the_cap,
    the_cap_holds_whichever_departments_take_part, products_projects_and_behaviours_are_drawn,
}

async fn inspections(
    joint: &Joint,
    department: &str,
    id: &str,
    records: Vec<pb::InspectionRecord>,
) {
    let request = pb::RecordInspectionsRequest { request_id: id.into(), inspections: records };
    let caller = joint.service.with(&joint.keys[department]);
    caller.registry().record_inspections(request).await.expect("record");
}

fn inspection(n: usize, on: &str) -> pb::InspectionRecord {
    pb::InspectionRecord {
        subject_id: code(n),
        on: on.into(),
        origin: pb::InspectionOrigin::Random.into(),
        clean: true,
        ..Default::default()
    }
}

async fn preview(joint: &Joint) -> pb::Preview {
    let request = pb::PreviewCampaignRequest { campaign_id: "c1".into() };
    let reply =
        joint.service.office().campaigns().preview_campaign(request).await.expect("preview");
    reply.into_inner().preview.expect("figures")
}

fn rules(preview: &pb::Preview) -> BTreeMap<(String, String), i64> {
    preview.exclusions.iter().map(|e| ((e.department.clone(), e.rule.clone()), e.units)).collect()
}

async fn each_exclusion_carries_its_rule(engine: Engine) {
    let joint =
        Joint::new(engine, &[("fire", (1..=30).collect()), ("market", (1..=60).collect())]).await;
    // Two random visits of the year, by different departments, use up the cap for both.
    inspections(&joint, "fire", "i1", vec![inspection(1, "2026-02-01")]).await;
    inspections(&joint, "market", "i2", vec![inspection(1, "2026-03-01")]).await;
    // Two departments on one day are one visit; last year's do not count.
    inspections(
        &joint,
        "fire",
        "i3",
        vec![inspection(2, "2026-02-01"), inspection(4, "2025-03-01")],
    )
    .await;
    inspections(
        &joint,
        "market",
        "i4",
        vec![inspection(2, "2026-02-01"), inspection(4, "2025-04-01")],
    )
    .await;
    // A superior's clean check counts for six months, for the department that has it.
    let mut superior = inspection(3, "2026-01-20");
    superior.level = pb::inspection_record::Level::Superior.into();
    let mut long_ago = inspection(5, "2025-11-01");
    long_ago.level = superior.level;
    inspections(&joint, "fire", "i5", vec![superior, long_ago]).await;
    let mut gone = entry(6);
    gone.state = pb::SubjectState::Revoked.into();
    let mut elsewhere = entry(7);
    elsewhere.district = "990002".into();
    let keep = pb::ImportMode::KeepGoodRows;
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    market.import_subjects(subjects("s2", keep, vec![gone, elsewhere], 9)).await.expect("import");
    let mut campaign = joint.campaign(|_| vec![quota("*", 1_000)]);
    campaign.participants[0].items = vec!["A1".into()];
    campaign.scope = Some(pb::Scope { districts: vec![DISTRICT.into()], ..Default::default() });
    joint.create(campaign).await.expect("create");
    let found = rules(&preview(&joint).await);
    let want = [
        (("fire", "ANNUAL_CAP"), 1),
        (("fire", "NOT_OPERATING"), 1),
        (("fire", "SUPERIOR_CLEAN_6M"), 1),
        (("market", "ANNUAL_CAP"), 1),
        (("market", "NOT_OPERATING"), 1),
    ];
    // Subject 7 is still in the district on the fire brigade's list, so it stays in scope.
    assert_eq!(found, want.map(|((d, r), n)| ((d.to_owned(), r.to_owned()), n)).into());
    joint.policy("annual_cap", "1").await;
    let found = rules(&preview(&joint).await);
    assert_eq!(found[&("market".to_owned(), "ANNUAL_CAP".to_owned())], 3, "the cap is policy");
}

async fn marked_subjects_are_drawn_more(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=100).collect())]).await;
    let facts = (1..=20).map(|n| pb::RiskFact {
        subject_id: code(n),
        kind: pb::RiskFactKind::Complaint.into(),
        on: "2026-05-01".into(),
        source: "12345".into(),
    });
    let request = pb::RecordRiskFactsRequest { request_id: "f".into(), facts: facts.collect() };
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    market.record_risk_facts(request).await.expect("facts");
    joint.create(joint.campaign(|_| vec![quota("*", 1_000)])).await.expect("create");
    assert_eq!(preview(&joint).await.checks, 10);
    joint.policy("marked_ratio_percent", "500").await;
    assert_eq!(preview(&joint).await.checks, 8 + 10, "10 % of 80 and 50 % of 20 marked ones");
}

async fn recused_inspectors_stay_away(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=10).collect())]).await;
    let recusals = (1..=10).map(|n| pb::Recusal {
        inspector_id: "p1".into(),
        subject_id: code(n),
        reason: "近亲属".into(),
    });
    let request =
        pb::DeclareRecusalsRequest { request_id: "r".into(), recusals: recusals.collect() };
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    assert_eq!(market.declare_recusals(request).await.expect("declare").into_inner().declared, 10);
    let draw = joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    assert_eq!(draw.figures.expect("figures").shortages, 0);
    let visits = joint.opened("c1").await;
    let members: Vec<&String> = visits
        .iter()
        .flat_map(|v| &v.sections)
        .flat_map(|s| &s.team)
        .map(|m| &m.inspector_id)
        .collect();
    assert_eq!(members.len(), 20);
    assert!(!members.iter().any(|m| m.ends_with("/p1")), "{members:?}");
}

async fn competence_is_asked_of_the_team(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=10).collect())]).await;
    let mut special = item("A3");
    special.competence = "特种设备".into();
    let mut list = crate::harness::data::item_list(&["A1"]);
    list.items.push(special);
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    let request = pb::PutItemListRequest { request_id: "l2".into(), item_list: Some(list) };
    market.put_item_list(request).await.expect("list");
    joint.create(joint.campaign(|_| vec![quota("*", 5_000)])).await.expect("create");
    assert_eq!(preview(&joint).await.shortages, 5, "nobody is qualified");
    joint.policy("competence", "ANY_ITEM").await;
    assert_eq!(preview(&joint).await.shortages, 0);
    joint.policy("competence", "PROFESSION_MATCH").await;
    let mut able = inspector("p9");
    able.tags = vec!["特种设备".into()];
    market.import_inspectors(inspectors("i2", vec![able])).await.expect("import");
    assert_eq!(preview(&joint).await.shortages, 0, "p9 goes everywhere");
}

async fn premises_are_doors_of_their_own(engine: Engine) {
    let joint = Joint::new(engine, &[("ecology", vec![]), ("market", vec![1, 2])]).await;
    let site =
        |n: usize, premises: &str| pb::SubjectEntry { premises: premises.into(), ..entry(n) };
    let keep = pb::ImportMode::KeepGoodRows;
    let rows = vec![site(1, "001"), site(1, "002"), site(2, "001")];
    let mut ecology = joint.service.with(&joint.keys["ecology"]).registry();
    ecology.import_subjects(subjects("s2", keep, rows, 9)).await.expect("import");
    let mut campaign = joint.campaign(|_| vec![quota("*", 10_000)]);
    campaign.join = pb::JoinRule::AllApplicable.into();
    joint.carry_out(campaign).await;
    let visits = joint.opened("c1").await;
    let mut shape: Vec<(String, usize)> =
        visits.iter().map(|v| (v.subject_id.clone(), v.sections.len())).collect();
    shape.sort();
    assert_eq!(shape, [(code(1), 1), (code(1), 2), (code(2), 2)]);
}

async fn a_drawn_visit_counts_against_the_cap(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=10).collect())]).await;
    joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    let mut second = joint.campaign(|_| vec![quota("*", 10_000)]);
    second.campaign_id = "c2".into();
    let draw = joint.carry_out(second).await;
    assert_eq!(draw.figures.expect("figures").checks, 10, "the second visit of the year");
    let mut third = joint.campaign(|_| vec![quota("*", 10_000)]);
    third.campaign_id = "c3".into();
    let figures = joint.carry_out(third).await.figures.expect("figures");
    assert_eq!(figures.checks, 0);
    assert_eq!(rules(&figures)[&("market".to_owned(), "ANNUAL_CAP".to_owned())], 10);
}

/// The people at subject 1's door in a campaign that visits everybody.
async fn at_first_door(joint: &Joint, id: &str) -> Vec<String> {
    let mut campaign = joint.campaign(|_| vec![quota("*", 10_000)]);
    campaign.campaign_id = id.into();
    joint.carry_out(campaign).await;
    let visits = joint.opened(id).await;
    let visit = visits.into_iter().find(|v| v.subject_id == code(1)).expect("subject 1");
    let mut people: Vec<String> =
        visit.sections.into_iter().flat_map(|s| s.team).map(|m| m.inspector_id).collect();
    people.sort();
    people
}

async fn the_same_team_or_another_goes_next(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=12).collect())]).await;
    joint.policy("annual_cap", "9").await;
    let first = at_first_door(&joint, "c1").await;
    joint.policy("team", "CONTINUITY").await;
    assert_eq!(at_first_door(&joint, "c2").await, first);
    joint.policy("team", "ROTATION").await;
    let other = at_first_door(&joint, "c3").await;
    assert!(other.iter().all(|p| !first.contains(p)), "{first:?} then {other:?}");
}

async fn the_cap_holds_whichever_departments_take_part(engine: Engine) {
    let joint = Joint::new(engine, &[("market", vec![1]), ("tax", vec![])]).await;
    let mut old = entry(1);
    old.subject_id = format!("990001{}", &code(1)[8..17]);
    let keep = pb::ImportMode::KeepGoodRows;
    let mut tax = joint.service.with(&joint.keys["tax"]).registry();
    tax.import_subjects(subjects("s2", keep, vec![old], 9)).await.expect("import");
    joint.policy("annual_cap", "1").await;
    let first = joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    assert_eq!(first.figures.expect("figures").doors, 1, "two ids, one subject, one door");
    let mut second = joint.campaign(|_| vec![quota("*", 10_000)]);
    second.campaign_id = "c2".into();
    second.lead = "tax".into();
    second.participants.retain(|p| p.department == "tax");
    let request_id = "create-c2".into();
    let request = pb::CreateCampaignRequest { request_id, campaign: Some(second) };
    joint.service.office().campaigns().create_campaign(request).await.expect("create");
    let request = pb::PreviewCampaignRequest { campaign_id: "c2".into() };
    let reply =
        joint.service.office().campaigns().preview_campaign(request).await.expect("preview");
    let figures = reply.into_inner().preview.expect("figures");
    assert_eq!(rules(&figures), BTreeMap::from([(("tax".into(), "ANNUAL_CAP".into()), 1)]));
}

async fn products_projects_and_behaviours_are_drawn(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=5).collect())]).await;
    let kinds = [pb::SubjectKind::Product, pb::SubjectKind::Project, pb::SubjectKind::Behaviour];
    let of = |n: usize| pb::SubjectEntry {
        subject_id: format!("register:{n}"),
        kind: kinds[n % 3].into(),
        // Of other names than the companies, which they would be taken for otherwise.
        ..entry(100 + n)
    };
    let keep = pb::ImportMode::KeepGoodRows;
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    let rows = (1..=6).map(of).collect();
    market.import_subjects(subjects("things", keep, rows, 9)).await.expect("import");
    let mut campaign = joint.campaign(|_| vec![quota("*", 10_000)]);
    let kinds = vec!["PRODUCT".to_owned(), "PROJECT".to_owned(), "BEHAVIOUR".to_owned()];
    campaign.scope = Some(pb::Scope { kinds, ..Default::default() });
    let figures = joint.carry_out(campaign).await.figures.expect("figures");
    assert_eq!(rules(&figures)[&("market".to_owned(), "OUT_OF_SCOPE".to_owned())], 5);
    let mut drawn: Vec<String> =
        joint.opened("c1").await.into_iter().map(|v| v.subject_id).collect();
    drawn.sort();
    let all: Vec<String> = (1..=6).map(|n| format!("register:{n}")).collect();
    assert_eq!(drawn, all);
}

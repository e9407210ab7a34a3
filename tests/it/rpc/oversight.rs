//! Oversight: warnings and burden files, and that they tell nothing before its time.

use onevisit::rpc::pb;
use onevisit::rpc::pb::warning::Kind;
use tonic::{Code, Status};

use super::check::key;
use super::{quota, reason, violations};
use crate::harness::client::{DISTRICT, Service};
use crate::harness::data::{code, entry, inspector, inspectors, item_list};
use crate::harness::joint::{Joint, Rows};
use crate::harness::{Engine, Hands, NOW_US, on_every_engine};

on_every_engine! {
    a_year_is_overseen_and_names_are_told_when_they_are_open,
    lists_are_overseen_by_whom_they_concern,
}

const DAY: i64 = 24 * 60;

async fn page(
    joint: &Joint,
    secret: &str,
    kind: Kind,
    (page_size, page_token): (i32, String),
) -> Result<pb::ListWarningsResponse, Status> {
    let request = pb::ListWarningsRequest {
        jurisdiction: DISTRICT.into(),
        kind: kind.into(),
        page_size,
        page_token,
    };
    let reply = joint.service.with(secret).oversight().list_warnings(request).await?;
    Ok(reply.into_inner())
}

/// All of a kind, over pages of three.
pub async fn warnings(joint: &Joint, secret: &str, kind: Kind) -> Vec<pb::Warning> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let reply = page(joint, secret, kind, (3, token)).await.expect("warnings");
        found.extend(reply.warnings);
        token = reply.next_page_token;
        if token.is_empty() {
            return found;
        }
    }
}

async fn burden(joint: &Joint, secret: &str, id: &str) -> Result<pb::BurdenFile, Status> {
    let request = pb::GetBurdenFileRequest { jurisdiction: DISTRICT.into(), subject_id: id.into() };
    let reply = joint.service.with(secret).oversight().get_burden_file(request).await?;
    Ok(reply.into_inner().burden_file.expect("file"))
}

async fn inspected(joint: &Joint, department: &str, id: &str, on: &str) {
    let record = pb::InspectionRecord {
        subject_id: id.into(),
        on: on.into(),
        origin: pb::InspectionOrigin::Random.into(),
        level: pb::inspection_record::Level::Superior.into(),
        clean: true,
        ..Default::default()
    };
    let request = pb::RecordInspectionsRequest {
        request_id: format!("inspected-{id}-{on}"),
        inspections: vec![record],
    };
    let caller = joint.service.with(&joint.keys[department]);
    caller.registry().record_inspections(request).await.expect("recorded");
}

async fn a_year_is_overseen_and_names_are_told_when_they_are_open(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    let lists = [("fire", (1..=20).collect()), ("market", (1..=20).collect()), ("tax", vec![30])];
    let joint = Joint::of(service, &lists).await;
    let office = joint.service.office.clone();
    let mut campaign = joint.campaign(|_| vec![quota("*", 2_000)]);
    campaign.participants.retain(|p| p.department != "tax");
    joint.create(campaign).await.expect("create");
    joint.accept("c1", &["fire", "market"]).await;
    let etag = joint.read("c1").await.etag;
    joint.approve(&joint.approver, "c1", &etag).await.expect("approve");
    let frozen = joint.freeze("c1", "f").await.expect("freeze");
    joint.contribute(&frozen).await;
    joint.execute("c1", "d").await.expect("draw");
    let opened = joint.opened("c1").await;
    let drawn = &opened.iter().find(|v| v.sections.len() == 2).expect("a joint visit").subject_id;
    // An inspection a week before: the two are too close, and one day they are told of.
    inspected(&joint, "fire", drawn, "2026-06-08").await;
    assert!(warnings(&joint, &office, Kind::CheckOverdue).await.is_empty());
    hands.forward(31 * DAY);
    let late = warnings(&joint, &office, Kind::CheckOverdue).await;
    assert_eq!(late.len(), opened.len());
    assert!(late.iter().all(|w| w.subject_id.is_empty() && w.since == "2026-07-16"), "{late:?}");
    assert!(opened.iter().all(|v| late.iter().any(|w| w.ticket == v.ticket)));
    // Nobody has closed it: what the figures say is as if nothing had been drawn.
    let before = burden(&joint, &office, drawn).await.expect("file");
    assert_eq!((before.random_visits, before.visits_left), (1, Some(1)));
    assert_eq!(before.contacts.len(), 1);
    assert!(warnings(&joint, &office, Kind::RepeatedVisit).await.is_empty());
    let close = pb::CloseCampaignRequest { request_id: "c".into(), campaign_id: "c1".into() };
    joint.service.office().campaigns().close_campaign(close).await.expect("closed");
    let after = burden(&joint, &joint.keys["market"], drawn).await.expect("file");
    assert_eq!((after.random_visits, after.visits_left), (2, Some(0)));
    let visit = &after.contacts[1];
    assert_eq!((&*visit.day, &*visit.campaign_id, visit.random), ("2026-06-15", "c1", true));
    assert_eq!(visit.departments, ["fire", "market"]);
    let next: Vec<(&str, &str, String)> = after
        .next_lawful_days
        .iter()
        .map(|n| (&*n.department, &*n.day, n.rules.join(",")))
        .collect();
    let cap = "ANNUAL_CAP";
    let wanted = [
        ("fire", "2027-01-01", format!("{cap},SUPERIOR_CLEAN_6M")),
        ("market", "2027-01-01", cap.to_owned()),
    ];
    assert_eq!(next, wanted);
    let twice = warnings(&joint, &joint.keys["market"], Kind::RepeatedVisit).await;
    assert_eq!(twice.len(), 1);
    assert_eq!((&twice[0].subject_id, &*twice[0].since), (drawn, "2026-06-15"));
    let near = warnings(&joint, &office, Kind::AnnualCapNear).await;
    assert_eq!(near.len(), opened.len());
    // Whom it does not concern, it does not exist for.
    let foreign = burden(&joint, &joint.keys["tax"], drawn).await.expect_err("not kept");
    assert_eq!(foreign.code(), Code::NotFound);
    assert!(
        warnings(&joint, &joint.keys["tax"], Kind::Unspecified)
            .await
            .iter()
            .all(|w| { w.department == "tax" && w.subject_id.is_empty() })
    );
}

async fn lists_are_overseen_by_whom_they_concern(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    let rows = |department: &str, competence: &str| {
        let mut items = item_list(&["A1", "A2"]);
        items.items[1].competence = competence.into();
        Rows {
            department: department.into(),
            entries: (1..=3).map(entry).collect(),
            people: vec![inspector("p1"), inspector("p2")],
            items,
        }
    };
    let joint = Joint::of_rows(service, vec![rows("fire", "特种设备"), rows("market", "")]).await;
    let (office, fire) = (joint.service.office.clone(), joint.keys["fire"].clone());
    let items = |found: &[pb::Warning]| -> Vec<(String, String)> {
        found.iter().map(|w| (w.department.clone(), w.item_code.clone())).collect()
    };
    let pair = |d: &str, i: &str| (d.to_owned(), i.to_owned());
    let uncovered = warnings(&joint, &office, Kind::ItemUncovered).await;
    assert_eq!(items(&uncovered).len(), 4);
    assert!(uncovered.iter().all(|w| w.since == "2026-01-01" && !w.remedy.is_empty()));
    let alone = warnings(&joint, &office, Kind::NoCompetentInspector).await;
    assert_eq!(items(&alone), [pair("fire", "A2")]);
    // Covered by a campaign that was approved: market's whole list, one item of fire's.
    let mut campaign = joint.campaign(|_| vec![quota("*", 5_000)]);
    let of_fire = campaign.participants.iter_mut().find(|p| p.department == "fire");
    of_fire.expect("fire").items = vec!["A1".into()];
    joint.carry_out(campaign).await;
    let uncovered = warnings(&joint, &office, Kind::ItemUncovered).await;
    assert_eq!(items(&uncovered), [pair("fire", "A2")]);
    // Two of three: whoever knows the list can guess.
    let small = warnings(&joint, &office, Kind::SmallStratum).await;
    assert_eq!(small.len(), 2);
    assert_eq!((&*small[0].stratum, &*small[0].detail), ("risk:U", "2 of 3 are drawn"));
    // A list that was imported again in time is not told.
    assert!(warnings(&joint, &office, Kind::ListStale).await.is_empty());
    hands.forward(60 * DAY);
    let again = inspectors("again", vec![inspector("p1"), inspector("p2")]);
    joint.service.with(&fire).registry().import_inspectors(again).await.expect("imported");
    hands.forward(31 * DAY);
    let stale = warnings(&joint, &office, Kind::ListStale).await;
    let told: Vec<(&str, &str)> = stale.iter().map(|w| (&*w.department, &*w.detail)).collect();
    let (s, i) = ("subjects: 2026-06-15, 91 days ago", "inspectors: 2026-06-15, 91 days ago");
    assert_eq!(told, [("fire", s), ("market", i), ("market", s)]);
    let own = warnings(&joint, &fire, Kind::ListStale).await;
    assert_eq!(own, [stale[0].clone()]);
    let person = key(&joint, "fire", "p1").await;
    let refused = page(&joint, &person, Kind::Unspecified, (0, String::new())).await;
    assert_eq!(reason(&refused.expect_err("a person")), "OFFICE_OR_DEPARTMENT_ONLY");
    let refused = burden(&joint, &person, &code(1)).await.expect_err("a person");
    assert_eq!(refused.code(), Code::PermissionDenied);
    let request =
        pb::ListWarningsRequest { jurisdiction: DISTRICT.into(), kind: 99, ..Default::default() };
    let bad = joint.service.office().oversight().list_warnings(request).await;
    assert_eq!(violations(&bad.expect_err("a kind")), [("kind".into(), "REQUIRED".into())]);
}

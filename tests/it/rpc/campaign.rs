//! A joint campaign from proposal to verified visits.

use std::collections::BTreeSet;

use onevisit::draw::verify;
use onevisit::rpc::pb;
use tonic::Code;

use super::{quota, reason, violations};
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    departments_draw_once_and_share_doors, all_applicable_brings_everybody_competent,
    an_invalid_campaign_says_all_that_is_wrong, the_approver_is_not_the_proposer,
    a_preview_is_not_the_draw, a_reserve_follows_the_drawn,
    declined_departments_do_not_take_part,
}

fn three_lists() -> Vec<(&'static str, Vec<usize>)> {
    vec![
        ("fire", (1..=100).collect()),
        ("health", (51..=150).collect()),
        ("market", (1..=200).collect()),
    ]
}

async fn departments_draw_once_and_share_doors(engine: Engine) {
    let joint = Joint::new(engine, &three_lists()).await;
    let draw = joint.carry_out(joint.campaign(|_| vec![quota("*", 1_000)])).await;
    let figures = draw.figures.clone().expect("figures");
    assert_eq!((figures.units, figures.checks, figures.shortages), (200, 40, 0));
    assert!(figures.doors < 30, "doors overlap: {}", figures.doors);
    assert_eq!(figures.visits_saved, figures.checks - figures.doors);
    let visits = joint.opened("c1").await;
    assert_eq!(visits.len(), usize::try_from(figures.doors).expect("few"));
    let doors: BTreeSet<&String> = visits.iter().map(|v| &v.subject_id).collect();
    assert_eq!(doors.len(), visits.len(), "one visit per subject");
    for visit in &visits {
        assert!(visit.subject_name.starts_with("测试区第"), "names are open: {visit:?}");
        assert!(visit.explanation.len() > visit.sections.len());
        for section in &visit.sections {
            assert_eq!(section.items.len(), 2);
            assert!(
                section.team.len() >= 2 && section.team.iter().all(|m| !m.inspector_id.is_empty())
            );
            let leads = section.team.iter().filter(|m| m.leader).count();
            assert_eq!(leads, usize::from(section.department == "market"));
        }
    }
    let verified = verify::verify(&joint.bundle("c1").await).expect("verifies");
    assert_eq!(i64::try_from(verified.doors).expect("few"), figures.doors);
    let fire = joint.visits(&joint.keys["fire"], "c1").await.expect("own visits");
    assert_eq!(fire.len(), 10);
    assert!(fire.iter().all(|v| v.sections.iter().any(|s| s.department == "fire")));
    let again = joint.execute("c1", "another-request").await.expect("the one outcome");
    assert_eq!(again.result_root, draw.result_root);
}

async fn all_applicable_brings_everybody_competent(engine: Engine) {
    let joint = Joint::new(engine, &three_lists()).await;
    let mut campaign =
        joint.campaign(|d| if d == "market" { vec![quota("*", 1_000)] } else { vec![] });
    campaign.join = pb::JoinRule::AllApplicable.into();
    joint.carry_out(campaign).await;
    let visits = joint.opened("c1").await;
    assert_eq!(visits.len(), 20);
    for visit in visits {
        let n: usize = visit
            .subject_name
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .expect("n");
        let want: Vec<&str> =
            [("fire", n <= 100), ("health", (51..=150).contains(&n)), ("market", true)]
                .into_iter()
                .filter_map(|(d, holds)| holds.then_some(d))
                .collect();
        let got: Vec<&str> = visit.sections.iter().map(|s| s.department.as_str()).collect();
        assert_eq!(got, want);
        assert!(visit.sections.iter().all(|s| s.drawn == (s.department == "market")));
    }
}

async fn an_invalid_campaign_says_all_that_is_wrong(engine: Engine) {
    let joint = Joint::new(engine, &[("market", vec![1])]).await;
    let mut campaign = joint.campaign(|_| vec![quota("risk:Q", 20_000)]);
    campaign.campaign_id = "C 1".into();
    campaign.last_day = "2026-01-01".into();
    campaign.contributors.truncate(1);
    campaign.mode = pb::JointMode::Special.into();
    let status = joint.create(campaign).await.expect_err("invalid");
    let rules: Vec<String> = violations(&status).into_iter().map(|(_, rule)| rule).collect();
    let want = [
        "ID_FORM",
        "BEFORE_FIRST_DAY",
        "UNKNOWN_STRATUM",
        "SHARE_RANGE",
        "TWO_TO_SIXTEEN_OFFICES",
        "SPECIAL_NEEDS_FIELD",
    ];
    assert_eq!(rules, want);
    let mut campaign = joint.campaign(|_| vec![quota("*", 500)]);
    campaign.participants[0].items = vec!["Z9".into()];
    campaign
        .participants
        .push(pb::Participant { department: "ghost".into(), ..Default::default() });
    let status = joint.create(campaign).await.expect_err("unknown");
    let rules: Vec<String> = violations(&status).into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, ["UNKNOWN_ITEM", "UNKNOWN_DEPARTMENT"]);
}

async fn the_approver_is_not_the_proposer(engine: Engine) {
    let joint = Joint::new(engine, &three_lists()).await;
    joint.create(joint.campaign(|_| vec![quota("*", 500)])).await.expect("create");
    let early =
        joint.approve(&joint.approver, "c1", "1").await.expect_err("the lead has not accepted");
    assert_eq!(reason(&early), "LEAD_HAS_NOT_ACCEPTED");
    joint.accept("c1", &["market"]).await;
    let stale = joint.approve(&joint.approver, "c1", "1").await.expect_err("changed since");
    assert_eq!(stale.code(), Code::Aborted);
    let own = joint.approve(&joint.service.office, "c1", "2").await.expect_err("own proposal");
    assert_eq!(reason(&own), "APPROVER_IS_PROPOSER");
    joint.approve(&joint.approver, "c1", "2").await.expect("approve");
    let frozen_early = joint.execute("c1", "d0").await.expect_err("not frozen");
    assert_eq!(reason(&frozen_early), "NOT_FROZEN");
}

async fn a_preview_is_not_the_draw(engine: Engine) {
    let joint = Joint::new(engine, &three_lists()).await;
    joint.create(joint.campaign(|_| vec![quota("*", 1_000)])).await.expect("create");
    let request = || pb::PreviewCampaignRequest { campaign_id: "c1".into() };
    let mut office = joint.service.office().campaigns();
    let mut doors = BTreeSet::new();
    // Twelve dry runs with equal doors would be one chance in millions.
    for _ in 0..12 {
        let preview = office
            .preview_campaign(request())
            .await
            .expect("preview")
            .into_inner()
            .preview
            .expect("figures");
        assert_eq!((preview.units, preview.checks), (200, 40));
        assert_eq!(preview.loads.iter().map(|l| l.inspectors).collect::<Vec<_>>(), [4, 4, 4]);
        doors.insert(preview.doors);
    }
    assert!(doors.len() > 1, "each dry run has randomness of its own: {doors:?}");
    let outsider =
        joint.service.with(&joint.supervisors[0].1).campaigns().preview_campaign(request()).await;
    assert_eq!(outsider.expect_err("a supervisor").code(), Code::PermissionDenied);
}

async fn a_reserve_follows_the_drawn(engine: Engine) {
    let joint = Joint::new(engine, &three_lists()).await;
    joint.carry_out(joint.campaign(|_| vec![quota("*", 1_000)])).await;
    let request = |department: &str| pb::ListReserveRequest {
        campaign_id: "c1".into(),
        department: department.into(),
        stratum: "risk:U".into(),
        page_size: 3,
    };
    let mut fire = joint.service.with(&joint.keys["fire"]).visits();
    let reserve = fire.list_reserve(request("fire")).await.expect("reserve").into_inner().reserve;
    assert_eq!(reserve.iter().map(|r| r.rank).collect::<Vec<_>>(), [11, 12, 13]);
    let other = fire.list_reserve(request("health")).await.expect_err("another's");
    assert_eq!(other.code(), Code::PermissionDenied);
}

async fn declined_departments_do_not_take_part(engine: Engine) {
    let joint = Joint::new(engine, &three_lists()).await;
    joint.create(joint.campaign(|_| vec![quota("*", 1_000)])).await.expect("create");
    joint.accept("c1", &["market", "fire"]).await;
    let request = pb::AnswerInvitationRequest {
        request_id: "no".into(),
        campaign_id: "c1".into(),
        accept: false,
    };
    let mut health = joint.service.with(&joint.keys["health"]).campaigns();
    health.answer_invitation(request).await.expect("decline");
    let etag = joint.read("c1").await.etag;
    joint.approve(&joint.approver, "c1", &etag).await.expect("approve");
    let frozen = joint.freeze("c1", "f").await.expect("freeze");
    let text = String::from_utf8(frozen.freeze_bytes).expect("text");
    assert!(text.contains("\"fire\"") && !text.contains("\"health\""), "{text}");
}

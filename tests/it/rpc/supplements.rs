//! Supplementary draws: further subjects by fresh numbers, bound to the draw they supplement.

use std::collections::BTreeSet;

use onevisit::app::fsck;
use onevisit::app::log::{self, Round};
use onevisit::certificate::verify::verify;
use onevisit::certificate::{Certificate, Trust, Wrong};
use onevisit::draw::bundle::Bundle;
use onevisit::draw::hash::{Digest, Suite};
use onevisit::draw::seed::commitment;
use onevisit::rpc::pb::{self, SupplementReason};
use tonic::Status;

use super::{quota, reason, violations};
use crate::harness::client::Service;
use crate::harness::data::{code, entry, subjects};
use crate::harness::joint::{Joint, OFFICES};
use crate::harness::python::Python;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_supplement_draws_what_is_left_by_fresh_numbers,
    a_supplement_follows_an_exhausted_reserve,
    a_supplement_is_like_the_draw_it_supplements,
    a_number_that_was_revealed_is_not_used_again,
    a_voided_supplement_stays_in_the_certificate,
}

const PARENT: &str = "/campaigns/c1/draws/1/certificate.json";
const MORE: SupplementReason = SupplementReason::MoreSubjects;

async fn drawn(engine: Engine) -> Joint {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    joint
}

/// A supplement of c1 in which the market department draws so many.
async fn supplement(joint: &Joint, id: &str, count: i64, why: SupplementReason) -> pb::Campaign {
    let mut campaign = joint.read("c1").await;
    campaign.campaign_id = id.into();
    campaign.first_day = "2026-06-20".into();
    campaign.participants.retain(|p| p.department == "market");
    let many = pb::StratumQuota { stratum: "*".into(), count: Some(count), ..Default::default() };
    campaign.participants[0].quotas = vec![many];
    let reason = why.into();
    campaign.supplement =
        Some(pb::Supplement { parent_id: "c1".into(), reason, ..Default::default() });
    campaign
}

async fn frozen(joint: &Joint, campaign: pb::Campaign) -> pb::Draw {
    let id = campaign.campaign_id.clone();
    joint.create(campaign).await.expect("create");
    joint.accept(&id, &["market"]).await;
    let etag = joint.read(&id).await.etag;
    joint.approve(&joint.approver, &id, &etag).await.expect("approve");
    joint.freeze(&id, &format!("freeze-{id}")).await.expect("freeze")
}

fn commitment_of(joint: &Joint, frozen: &pb::Draw, office: usize, number: &[u8; 32]) -> String {
    let hash = Digest::from_hex(&frozen.freeze_hash).expect("hash");
    commitment(Suite::Sha256, &hash, &joint.supervisors[office].0, number).to_string()
}

/// Commits and reveals numbers of its own, and draws.
pub async fn draw(joint: &Joint, frozen: &pb::Draw, salt: u8) -> pb::Draw {
    let id = &frozen.campaign_id;
    let number = |office: usize| [salt + u8::try_from(office).expect("small"); 32];
    for office in 0..OFFICES.len() {
        let value = commitment_of(joint, frozen, office, &number(office));
        joint.commit(id, office, &value).await.expect("commit");
    }
    for office in 0..OFFICES.len() {
        joint.reveal(id, office, &number(office)).await.expect("reveal");
    }
    joint.execute(id, &format!("draw-{id}")).await.expect("draw")
}

async fn settle(joint: &Joint) {
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
    assert_eq!(fsck::check(&joint.service.app).await.expect("check").findings, []);
}

async fn certificate(joint: &Joint, path: &str) -> Vec<u8> {
    let (status, bytes) = joint.service.get(path).await;
    assert_eq!(status, 200, "{path}");
    bytes
}

fn subjects_of(visits: &[pb::Visit]) -> BTreeSet<String> {
    visits.iter().map(|v| v.subject_id.clone()).collect()
}

async fn bundle(joint: &Joint, id: &str) -> Bundle {
    serde_json::from_slice(&joint.bundle(id).await).expect("a bundle")
}

/// Visits that the market department's people may still be given.
fn caps(bundle: &Bundle) -> u64 {
    bundle.pool.inspectors.iter().filter(|i| i.department == "market").map(|i| i.cap).sum()
}

/// A draw with two supplements: the good certificate, and bad ones, with the step that is wrong.
pub async fn supplemented(engine: Engine) -> (Joint, Vec<(Vec<u8>, &'static str)>) {
    let joint = drawn(engine).await;
    for (id, salt) in [("c1-more", 1), ("c1-yet-more", 5)] {
        let open = frozen(&joint, supplement(&joint, id, 5, MORE).await).await;
        draw(&joint, &open, salt).await;
    }
    settle(&joint).await;
    let good = certificate(&joint, PARENT).await;
    let changed = |change: &dyn Fn(&mut Certificate)| {
        let mut file: Certificate = serde_json::from_slice(&good).expect("json");
        change(&mut file);
        file.to_bytes().expect("canonical")
    };
    let files = vec![
        (good.clone(), "ok"),
        (changed(&|f| f.supplements.clear()), "L10"),
        (changed(&|f| f.supplements.truncate(1)), "L10"),
        (changed(&|f| f.supplements.swap(0, 1)), "L10"),
        (changed(&|f| f.supplements[1] = f.bundle.clone()), "L10"),
        (changed(&|f| f.supplements[0].published.visits.truncate(1)), "L10"),
        (changed(&|f| f.entries.retain(|e| !e.event.contains("campaign.supplement"))), "L10"),
    ];
    (joint, files)
}

pub fn rust(file: &[u8]) -> String {
    match verify(file, &Trust::default()) {
        Ok(_) => "ok".to_owned(),
        Err(Wrong::Log(step, _)) => step.to_string().split(' ').next().unwrap_or("").to_owned(),
        Err(Wrong::Draw(failure)) => failure.step.to_string(),
    }
}

async fn a_supplement_draws_what_is_left_by_fresh_numbers(engine: Engine) {
    let (joint, files) = supplemented(engine).await;
    let mut python = Python::start();
    for (at, (file, step)) in files.iter().enumerate() {
        let found = (rust(file), python.verdict(file));
        assert_eq!((found.0.as_str(), found.1.as_str()), (*step, *step), "file {at}");
    }
    let own = certificate(&joint, "/campaigns/c1-more/draws/1/certificate.json").await;
    assert_eq!((rust(&own), python.verdict(&own)), ("ok".into(), "ok".into()));
    let found = verify(&files[0].0, &Trust::default()).expect("good");
    assert_eq!(found.supplements, 2);
    let ids = ["c1", "c1-more", "c1-yet-more"];
    let mut all = BTreeSet::new();
    let mut count = 0;
    let (mut seeds, mut seats) = (BTreeSet::new(), 0);
    for id in ids {
        let opened = joint.opened(id).await;
        count += opened.len();
        all.extend(subjects_of(&opened));
        let bundle = bundle(&joint, id).await;
        seeds.insert(bundle.published.seed);
        // What people have been given before is taken off what they may be given.
        assert_eq!(caps(&bundle), 4 * 1_000_000 - seats, "{id}");
        let own = opened.iter().flat_map(|v| &v.sections).filter(|s| s.department == "market");
        let there = own.flat_map(|s| &s.team).filter(|m| !m.ticket.is_empty()).count();
        seats += u64::try_from(there).expect("small");
    }
    assert_eq!((all.len(), seeds.len()), (count, 3), "no subject twice, no seed twice");
    let drawn = joint.opened("c1-more").await;
    assert_eq!(drawn.len(), 5);
    // The outcome is recorded once; the database keeps it so.
    let mut tx = joint.service.app.db.begin().await.expect("begin");
    let stored = tx.supplements("c1").await.expect("supplements");
    assert_eq!(stored.len(), 2);
    let twice = tx.insert_supplement(&stored[0]).await.expect_err("recorded before");
    assert!(twice.is_conflict(), "{twice:?}");
    drop(tx);
    let mut tx = joint.service.app.db.begin().await.expect("begin");
    super::fsck::unguard(&mut tx, "supplements").await;
    let sql = "UPDATE supplements SET result_root = freeze_hash";
    assert!(super::fsck::run(&mut tx, sql, 0, 0).await > 0);
    let report = fsck::check_in(&joint.service.app, &mut tx).await.expect("check");
    assert!(report.findings.iter().any(|f| f.kind == fsck::Kind::Draw), "{report:?}");
}

async fn substitute(joint: &Joint, rank: i64) -> Result<pb::Change, Status> {
    let request = pb::RequestSubstitutionRequest {
        request_id: format!("s{rank}"),
        campaign_id: "c1".into(),
        rank,
        reason: pb::ChangeReason::Ceased.into(),
        evidence_sha256: "00".repeat(32),
    };
    let mut approver = joint.service.with(&joint.approver).visits();
    let asked = approver.request_substitution(request).await?.into_inner().change.expect("change");
    let request = pb::DecideChangeRequest {
        request_id: format!("decide-{}", asked.nth),
        campaign_id: "c1".into(),
        nth: asked.nth,
        approve: true,
    };
    let reply = joint.service.office().visits().decide_change(request).await?;
    Ok(reply.into_inner().change.expect("change"))
}

async fn a_supplement_follows_an_exhausted_reserve(engine: Engine) {
    let service = Service::start(engine).await;
    let joint = Joint::of(service, &[("market", (1..=4).collect())]).await;
    joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    let exhausted = SupplementReason::ReserveExhausted;
    let asked = supplement(&joint, "c1-s", 1, exhausted).await;
    let early = joint.create(asked.clone()).await.expect_err("the reserve was not asked for");
    assert_eq!(reason(&early), "RESERVE_IS_NOT_EXHAUSTED");
    let done = substitute(&joint, 1).await.expect("dropped");
    assert!(done.taken[0].ticket.is_empty(), "{done:?}");
    // Two subjects are registered since: there is something to draw from again.
    let keep = pb::ImportMode::KeepGoodRows;
    let rows = subjects("s2", keep, vec![entry(5), entry(6)], 500);
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    market.import_subjects(rows).await.expect("subjects");
    let open = frozen(&joint, asked).await;
    let refused = substitute(&joint, 2).await.expect_err("both might take the same");
    assert_eq!(reason(&refused), "SUPPLEMENT_IS_OPEN");
    let figures = draw(&joint, &open, 1).await.figures.expect("figures");
    let before = figures.exclusions.iter().find(|e| e.rule == "DRAWN_BEFORE");
    assert_eq!(
        before.map(|e| e.units),
        Some(4),
        "the drawn ones stay in the pool, with the reason"
    );
    let opened = joint.opened("c1-s").await;
    assert_eq!(opened.len(), 1);
    assert!([code(5), code(6)].contains(&opened[0].subject_id), "{opened:?}");
    settle(&joint).await;
    assert_eq!(rust(&certificate(&joint, PARENT).await), "ok");
}

async fn a_supplement_is_like_the_draw_it_supplements(engine: Engine) {
    let joint = drawn(engine).await;
    let mut other = supplement(&joint, "c1-s", 1, MORE).await;
    other.contributors.reverse();
    other.join = pb::JoinRule::AllApplicable.into();
    other.participants[0].items = vec!["A1".into()];
    let wrong = violations(&joint.create(other).await.expect_err("another campaign"));
    let rule = || "AS_THE_DRAW_IT_SUPPLEMENTS".to_owned();
    let wanted = ["join", "contributors", "participants[0]"];
    assert_eq!(wrong, wanted.map(|field| (format!("campaign.{field}"), rule())));
    let mut nobody = supplement(&joint, "c1-s", 1, MORE).await;
    nobody.supplement.as_mut().expect("given").parent_id = "c9".into();
    let nobody = joint.create(nobody).await.expect_err("no such campaign");
    assert_eq!(reason(&nobody), "NOT_FOUND");
    joint.create(supplement(&joint, "c1-s", 1, MORE).await).await.expect("create");
    let mut of_that = supplement(&joint, "c1-t", 1, MORE).await;
    of_that.supplement.as_mut().expect("given").parent_id = "c1-s".into();
    let of_that = joint.create(of_that).await.expect_err("not drawn");
    assert_eq!(reason(&of_that), "CAMPAIGN_STATE");
}

async fn a_number_that_was_revealed_is_not_used_again(engine: Engine) {
    let joint = drawn(engine).await;
    let open = frozen(&joint, supplement(&joint, "c1-s", 1, MORE).await).await;
    joint.commit("c1-s", 0, &joint.commitment(&open, 0)).await.expect("it is still hidden");
    let other = commitment_of(&joint, &open, 1, &[7; 32]);
    joint.commit("c1-s", 1, &other).await.expect("commit");
    let known = joint.reveal("c1-s", 0, &joint.number(0)).await.expect_err("known to everybody");
    assert_eq!(reason(&known), "NUMBER_WAS_USED_BEFORE");
    joint.reveal("c1-s", 1, &[7; 32]).await.expect("a new one");
    settle(&joint).await;
}

async fn a_voided_supplement_stays_in_the_certificate(engine: Engine) {
    let joint = drawn(engine).await;
    let open = frozen(&joint, supplement(&joint, "c1-s", 3, MORE).await).await;
    draw(&joint, &open, 1).await;
    let request = pb::AbortDrawRequest {
        request_id: "void".into(),
        campaign_id: "c1-s".into(),
        reason: "范围有误".into(),
    };
    joint.service.office().campaigns().abort_draw(request).await.expect("asked");
    let request =
        pb::ApproveAbortRequest { request_id: "approve-void".into(), campaign_id: "c1-s".into() };
    let mut supervisor = joint.service.with(&joint.supervisors[0].1).campaigns();
    supervisor.approve_abort(request).await.expect("voided");
    settle(&joint).await;
    let file = certificate(&joint, PARENT).await;
    assert_eq!((rust(&file), Python::start().verdict(&file)), ("ok".into(), "ok".into()));
    let text = String::from_utf8(file).expect("text");
    assert!(text.contains("campaign.supplement.void"), "and says that it was voided");
}

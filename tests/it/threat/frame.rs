//! What goes into the draw: nothing changes behind the freeze, and nobody is left out unseen.

use std::collections::{BTreeMap, BTreeSet};

use onevisit::app::fsck::{self, Kind};
use onevisit::app::pack;
use onevisit::certificate::{Trust, verify as certificate};
use onevisit::domain::caller::Role;
use onevisit::draw::bundle::Bundle;
use onevisit::draw::draw;
use onevisit::draw::frame::EXCLUDED;
use onevisit::draw::freeze::{Class, Freeze};
use onevisit::draw::hash::{Digest, Suite};
use onevisit::draw::opening::Opening;
use onevisit::draw::pool::Pool;
use onevisit::draw::seed::{Seed, commitment};
use onevisit::draw::units::{Kind as Leaf, Units};
use onevisit::draw::verify::{Step, verify};
use onevisit::rpc::pb;
use onevisit::store::Draw;
use tonic::Status;

use super::{events, settle};
use crate::draw::vectors;
use crate::harness::client::{DISTRICT, Service};
use crate::harness::data::{code, entry, subjects};
use crate::harness::joint::{Joint, OFFICES};
use crate::harness::python::Python;
use crate::harness::{Engine, on_every_engine};
use crate::rpc::fsck::unguard;
use crate::rpc::{quota, reason, violations};

on_every_engine! {
    t03_what_changes_behind_the_freeze_changes_no_draw,
    t03_a_list_changed_by_hand_does_not_verify,
    t04_everybody_kept_out_is_counted_and_opened,
}

const KEEP: pb::ImportMode = pb::ImportMode::KeepGoodRows;

async fn stored(joint: &Joint) -> Draw {
    let mut tx = joint.service.app.db.read().await.expect("read");
    tx.draw("c1", 0).await.expect("read").expect("frozen")
}

async fn t03_what_changes_behind_the_freeze_changes_no_draw(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    // The seed is known to all now. What follows from it is known too.
    let freeze = Freeze::from_bytes(&frozen.freeze_bytes).expect("freeze");
    let pool: Pool = pack::unpack(&stored(&joint).await.pool).expect("the lists");
    let hash = Digest::from_hex(&frozen.freeze_hash).expect("hash");
    let numbers = [0, 1].map(|office| joint.number(office));
    let of = |j: usize| commitment(Suite::Sha256, &hash, OFFICES[j], &numbers[j]);
    let seed = Seed::mix(&freeze, &hash, &[of(0), of(1)], &numbers.map(Some), &[]).expect("seed");
    let expected = draw(&freeze, &pool, &seed);
    let gone = pb::SubjectEntry { state: pb::SubjectState::Revoked.into(), ..entry(1) };
    let renamed = pb::SubjectEntry { name: "改名商店".into(), ..entry(2) };
    let mut rows = vec![gone, renamed];
    rows.extend((500..600).map(entry));
    for department in ["fire", "market"] {
        let mut client = joint.service.with(&joint.keys[department]).registry();
        let sent = client.import_subjects(subjects("s2", KEEP, rows.clone(), 50)).await;
        let summary = sent.expect("taken").into_inner().summary.expect("summary");
        assert!(summary.inserted >= 100, "{summary:?}");
    }
    let drawn = joint.execute("c1", "d1").await.expect("draw");
    assert_eq!(drawn.freeze_hash, frozen.freeze_hash);
    assert_eq!(drawn.result_root, expected.result_root.to_string());
    verify(&joint.bundle("c1").await).expect("every step");
}

/// The same units, each as it is or another one, or gone.
fn relisted(units: &Units, change: impl Fn(usize, Leaf) -> Option<Leaf>) -> Units {
    let leaf = |at: usize| Some((units.ticket(at), change(at, units.kind(at).clone())?));
    (0..units.len()).filter_map(leaf).collect()
}

fn kept_out(mut leaf: Leaf) -> Leaf {
    leaf.statuses[0].1 = format!("{EXCLUDED}A_FRIEND");
    leaf
}

async fn t03_a_list_changed_by_hand_does_not_verify(engine: Engine) {
    let mut bundle: Bundle =
        serde_json::from_slice(&vectors::load("tiny").bundle()).expect("bundle");
    let units = bundle.pool.units.clone();
    let another = || units.kind(0).clone();
    let added = (0..units.len()).map(|at| (units.ticket(at), units.kind(at).clone()));
    let added = added.chain([(Digest([0xff; 32]), another())]).collect();
    for changed in [
        relisted(&units, |at, leaf| (at > 0).then_some(leaf)),
        relisted(&units, |at, leaf| Some(if at == 0 { kept_out(leaf) } else { leaf })),
        added,
    ] {
        bundle.pool.units = changed;
        let found = verify(&bundle.to_bytes().expect("canonical")).expect_err("another list");
        assert_eq!(found.step, Step::Units);
    }
    // And so where it is done: in the database, between the seed and the draw.
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    let mut pool: Pool = pack::unpack(&stored(&joint).await.pool).expect("the lists");
    pool.units =
        relisted(&pool.units, |at, leaf| Some(if at == 0 { kept_out(leaf) } else { leaf }));
    let mut tx = joint.service.app.db.begin().await.expect("begin");
    unguard(&mut tx, "draws").await;
    let packed = pack::pack(&pool).expect("packed");
    let edit = "UPDATE draws SET pool = $1 WHERE campaign = 'c1'";
    tx.query(edit).bind(packed).execute_one().await.expect("edited");
    tx.commit().await.expect("commit");
    let refused = joint.execute("c1", "d1").await.expect_err("it is not what was frozen");
    assert_eq!(reason(&refused), "NOT_AS_FROZEN");
    let report = fsck::check(&joint.service.app).await.expect("check");
    let listed = report.findings.iter().any(|f| f.kind == Kind::Draw && f.what.contains("lists"));
    assert!(listed, "{report:?}");
}

async fn inspected(joint: &Joint, department: &str, id: &str, n: usize, on: &str, above: bool) {
    let mut record = pb::InspectionRecord {
        subject_id: code(n),
        on: on.into(),
        origin: pb::InspectionOrigin::Random.into(),
        clean: true,
        ..Default::default()
    };
    if above {
        record.level = pb::inspection_record::Level::Superior.into();
    }
    let request = pb::RecordInspectionsRequest { request_id: id.into(), inspections: vec![record] };
    let caller = joint.service.with(&joint.keys[department]);
    caller.registry().record_inspections(request).await.expect("recorded");
}

/// Subjects of each list.
const LISTS: [(&str, usize); 2] = [("fire", 30), ("market", 60)];

/// What the rules say of a subject, from what the departments sent.
fn rule(n: usize, department: &str) -> Option<&'static str> {
    match n {
        1 => Some("ANNUAL_CAP"),
        3 if department == "fire" => Some("SUPERIOR_CLEAN_6M"),
        6 => Some("NOT_OPERATING"),
        7 => Some("OUT_OF_SCOPE"),
        _ => None,
    }
}

/// A drawn campaign in which some are kept out, each for another reason.
async fn campaign(engine: Engine) -> Joint {
    let lists = LISTS.map(|(d, count)| (d, (1..=count).collect()));
    let joint = Joint::of(Service::start(engine).await, &lists).await;
    inspected(&joint, "fire", "i1", 1, "2026-02-01", false).await;
    inspected(&joint, "market", "i2", 1, "2026-03-01", false).await;
    inspected(&joint, "fire", "i3", 3, "2026-01-20", true).await;
    let gone = pb::SubjectEntry { state: pb::SubjectState::Revoked.into(), ..entry(6) };
    let elsewhere = pb::SubjectEntry { district: "990002".into(), ..entry(7) };
    for (department, rows) in [("market", vec![gone, elsewhere.clone()]), ("fire", vec![elsewhere])]
    {
        let mut client = joint.service.with(&joint.keys[department]).registry();
        client.import_subjects(subjects("s2", KEEP, rows, 9)).await.expect("import");
    }
    let mut campaign = joint.campaign(|_| vec![quota("*", 1_000)]);
    campaign.scope = Some(pb::Scope { districts: vec![DISTRICT.into()], ..Default::default() });
    joint.carry_out(campaign).await;
    joint
}

async fn open(
    joint: &Joint,
    secret: &str,
    ticket: &Digest,
    case: &str,
) -> Result<pb::OpenedUnit, Status> {
    let request = pb::OpenUnitRequest {
        request_id: format!("open-{}", &ticket.to_string()[..16]),
        campaign_id: "c1".into(),
        attempt: 0,
        ticket: ticket.to_string(),
        case_number: case.into(),
    };
    let reply = joint.service.with(secret).visits().open_unit(request).await?;
    Ok(reply.into_inner().unit.expect("unit"))
}

async fn t04_everybody_kept_out_is_counted_and_opened(engine: Engine) {
    let joint = campaign(engine).await;
    let bundle: Bundle = serde_json::from_slice(&joint.bundle("c1").await).expect("bundle");
    let freeze = Freeze::from_bytes(bundle.freeze.as_bytes()).expect("freeze");
    let units = &bundle.pool.units;
    // Every row of every registry is a leaf, drawable or with its rule, and the quotas say so.
    for (department, count) in LISTS {
        let holds = |at: &usize| units.kind(*at).statuses.iter().any(|(d, _)| d == department);
        assert_eq!((0..units.len()).filter(holds).count(), count, "{department}");
        let registered: u64 = freeze.quotas[department].values().map(|q| q.registered).sum();
        assert_eq!(registered, count as u64, "{department}");
    }
    let out = |at: &usize| units.kind(*at).statuses.iter().any(|(_, s)| s.starts_with(EXCLUDED));
    let excluded: Vec<usize> = (0..units.len()).filter(out).collect();
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let first = units.ticket(excluded[0]);
    let silent = open(&joint, &auditor, &first, "").await.expect_err("without a case");
    assert_eq!(violations(&silent), [("case_number".into(), "REQUIRED".into())]);
    for secret in [&joint.service.office, &joint.keys["fire"], &joint.supervisors[0].1] {
        let refused = open(&joint, secret, &first, "审2026-3").await.expect_err("no auditor");
        assert_eq!(reason(&refused), "AUDITOR_ONLY");
    }
    let strange = open(&joint, &auditor, &Digest([1; 32]), "审").await.expect_err("no such unit");
    assert_eq!(strange.code(), tonic::Code::NotFound);
    let numbers: BTreeMap<String, usize> = (1..=60).map(|n| (code(n), n)).collect();
    let mut seen = BTreeSet::new();
    for at in &excluded {
        let ticket = units.ticket(*at);
        let unit = open(&joint, &auditor, &ticket, "审2026-3").await.expect("opened");
        let again = open(&joint, &auditor, &ticket, "审2026-3").await.expect("the same");
        assert_eq!(unit, again);
        let proof = unit.opening.expect("opening");
        let n = numbers[&proof.id];
        for status in &unit.statuses {
            let found = status.status.strip_prefix(EXCLUDED);
            assert_eq!(found, rule(n, &status.department), "{n} for {}", status.department);
        }
        let statuses = &units.kind(*at).statuses;
        let all_out = statuses.iter().all(|(_, s)| s.starts_with(EXCLUDED));
        let class = if all_out { Class::Excluded } else { Class::Selectable };
        let opening = Opening {
            id: proof.id,
            record: serde_json::from_str(&proof.record).expect("json"),
            salt: Digest::from_hex(&proof.salt).expect("salt"),
        };
        let opens = opening.ticket(freeze.alg, &freeze.draw_id, class).expect("canonical");
        assert_eq!(opens, ticket, "it opens this ticket and no other");
        seen.insert(n);
    }
    let kept_out = (1..=60).filter(|n| LISTS.iter().any(|(d, c)| n <= c && rule(*n, d).is_some()));
    assert_eq!(seen, kept_out.collect());
    assert_eq!(events(&joint, "unit.open").await, excluded.len());
    // The auditor's deeds are in the campaign's history and harm no certificate.
    settle(&joint).await;
    assert_eq!(fsck::check(&joint.service.app).await.expect("check").findings, []);
    let (_, file) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    certificate::verify(&file, &Trust::default()).expect("every step");
    assert!(String::from_utf8_lossy(&file).contains("unit.open"));
    assert_eq!(Python::start().verdict(&file), "ok");
}

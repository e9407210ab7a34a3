//! Some of many are erased (PIPL Art. 47): nothing of them can be recovered, everything still verifies.

use onevisit::app::fsck::{self, Kind};
use onevisit::app::log::{self, Round};
use onevisit::app::{AppError, Sealer, names, rewrap};
use onevisit::certificate::Trust;
use onevisit::certificate::verify::verify;
use onevisit::domain::caller::Role;
use onevisit::domain::hash::Suite;
use onevisit::rpc::pb;
use tonic::Status;

use super::check::{NOW, Site, finding};
use super::disclosure::{checked, get, id, submit};
use super::fsck::{run, unguard};
use super::{quota, reason, violations};
use crate::harness::client::Service;
use crate::harness::data::{code, entry, inspector, item_list};
use crate::harness::dump::{self, Haystack};
use crate::harness::joint::{Joint, Rows};
use crate::harness::python::Python;
use crate::harness::{Engine, Hands, NOW_US, SEAL_KEY, on_every_engine};

on_every_engine! {
    some_of_many_are_erased_and_everything_verifies,
    a_campaign_is_erased_by_its_keys,
    an_erasure_nobody_approved_is_found,
    what_was_recorded_on_site_goes_with_its_subject,
    what_was_found_filed_and_said_goes_with_its_subject,
    a_new_key_file_only_wraps_the_data_keys_again,
}

const SUBJECTS: usize = 60;
const PEOPLE: usize = 6;
/// Subjects that are erased.
const ERASED: usize = 6;
const DAY_MINUTES: i64 = 24 * 60;
/// Until the campaign is over, and until nothing of it has to be kept any more.
const OVER_DAYS: i64 = 40;
const KEPT_DAYS: i64 = 800;

fn name(n: usize) -> String {
    format!("金丝雀{n:04}号店")
}

fn address(n: usize) -> String {
    format!("金丝雀路{n:04}号")
}

fn person(department: &str, n: usize) -> String {
    format!("canary-{department}-{n}")
}

fn rows(department: &str) -> Rows {
    let subject = |n| pb::SubjectEntry { name: name(n), address: address(n), ..entry(n) };
    let people = |n| pb::Inspector {
        certificate_number: format!("ZF-{}", person(department, n)),
        ..inspector(&person(department, n))
    };
    Rows {
        department: department.to_owned(),
        entries: (1..=SUBJECTS).map(subject).collect(),
        people: (1..=PEOPLE).map(people).collect(),
        items: item_list(&["A1", "A2"]),
    }
}

async fn settle(joint: &Joint) {
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
}

/// A drawn campaign, every visit of which an auditor has opened.
async fn drawn(engine: Engine) -> (Joint, Hands, Vec<pb::Visit>) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    let joint = Joint::of_rows(service, vec![rows("fire"), rows("market")]).await;
    let recusal = pb::Recusal {
        inspector_id: person("fire", 1),
        subject_id: code(SUBJECTS),
        reason: "亲属".into(),
    };
    let request = pb::DeclareRecusalsRequest { request_id: "r".into(), recusals: vec![recusal] };
    let mut fire = joint.service.with(&joint.keys["fire"]).registry();
    fire.declare_recusals(request).await.expect("declared");
    joint.carry_out(joint.campaign(|_| vec![quota("*", 5_000)])).await;
    let truth = joint.opened("c1").await;
    (joint, hands, truth)
}

async fn close(joint: &Joint, hands: &Hands) {
    hands.forward(OVER_DAYS * DAY_MINUTES);
    let request = pb::CloseCampaignRequest { request_id: "c".into(), campaign_id: "c1".into() };
    joint.service.office().campaigns().close_campaign(request).await.expect("closed");
}

async fn ask(joint: &Joint, request: pb::RequestErasureRequest) -> Result<i64, Status> {
    let reply = joint.service.office().erasures().request_erasure(request).await?;
    Ok(reply.into_inner().erasure.expect("erasure").nth)
}

fn of_subject(id: &str) -> pb::RequestErasureRequest {
    pb::RequestErasureRequest {
        request_id: Suite::Sha256.hash(id.as_bytes()).to_string(),
        kind: pb::ErasureKind::Subject.into(),
        jurisdiction: "990001".into(),
        person_id: id.into(),
        ground: pb::ErasureGround::KeptLongEnough.into(),
        ..Default::default()
    }
}

fn of_inspector(department: &str, id: &str) -> pb::RequestErasureRequest {
    pb::RequestErasureRequest {
        kind: pb::ErasureKind::Inspector.into(),
        jurisdiction: String::new(),
        department: department.into(),
        ..of_subject(id)
    }
}

fn of_campaign() -> pb::RequestErasureRequest {
    pb::RequestErasureRequest {
        request_id: "erase-c1".into(),
        kind: pb::ErasureKind::Campaign.into(),
        campaign_id: "c1".into(),
        ground: pb::ErasureGround::PurposeAchieved.into(),
        ..Default::default()
    }
}

async fn decide(joint: &Joint, secret: &str, nth: i64, id: &str) -> Result<pb::Erasure, Status> {
    let request = pb::DecideErasureRequest { request_id: id.into(), nth, approve: true };
    let reply = joint.service.with(secret).erasures().decide_erasure(request).await?;
    Ok(reply.into_inner().erasure.expect("erasure"))
}

async fn erase(joint: &Joint, request: pb::RequestErasureRequest) -> pb::Erasure {
    let nth = ask(joint, request).await.expect("asked");
    decide(joint, &joint.approver, nth, &format!("decide-{nth}")).await.expect("erased")
}

/// The log is sound, and both verifiers take the certificate as it is given now.
async fn everything_verifies(joint: &Joint) {
    settle(joint).await;
    assert_eq!(fsck::check(&joint.service.app).await.expect("check").findings, []);
    let (status, bytes) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    assert_eq!(status, 200);
    verify(&bytes, &Trust::default()).expect("every step");
    assert_eq!(Python::start().verdict(&bytes), "ok");
}

/// Everything that stands in the database, as it is and with all that its keys still open.
async fn recoverable(joint: &Joint) -> Haystack {
    let app = &joint.service.app;
    let mut all = dump::tables(&app.db, |_| true).await;
    let mut tx = app.db.read().await.expect("read");
    for stored in tx.visits("c1", "", 0, 10_000).await.expect("visits") {
        let opened = names::of(&app.sealer, &stored).expect("opens");
        all += &serde_json::to_string(&opened).expect("json");
    }
    if let Some(path) = joint.service.db.url.strip_prefix("sqlite:") {
        let file = [path.to_owned(), format!("{path}-wal")].map(std::fs::read);
        for bytes in file.into_iter().flatten() {
            all += &String::from_utf8_lossy(&bytes);
        }
    }
    Haystack::new(all.as_bytes())
}

async fn some_of_many_are_erased_and_everything_verifies(engine: Engine) {
    let (joint, hands, truth) = drawn(engine).await;
    let gone: Vec<usize> = (1..=SUBJECTS)
        .filter(|n| truth.iter().any(|v| v.subject_id == code(*n)))
        .take(ERASED - 1)
        .chain([SUBJECTS])
        .collect();
    let bad = pb::RequestErasureRequest { ground: 0, ..of_subject("") };
    let refused = ask(&joint, bad).await.expect_err("no ground");
    assert_eq!(violations(&refused), [("ground".into(), "REQUIRED".into())]);
    let bad = pb::RequestErasureRequest { department: "fire".into(), ..of_subject("") };
    let refused = ask(&joint, bad).await.expect_err("nobody, and a department");
    let rules = violations(&refused);
    assert!(rules.contains(&("person_id".into(), "REQUIRED".into())), "{rules:?}");
    assert!(rules.contains(&("department".into(), "FOR_INSPECTORS_ONLY".into())), "{rules:?}");
    let id = code(gone[0]);
    let bad = pb::RequestErasureRequest { request_id: format!("e-{id}"), ..of_subject(&id) };
    let refused = ask(&joint, bad).await.expect_err("it would stand in the log");
    assert_eq!(violations(&refused), [("request_id".into(), "HOLDS_THE_PERSON".into())]);
    let told = told(&joint, &truth).await;
    let early = ask(&joint, of_subject(&id)).await.expect("asked");
    let refused = decide(&joint, &joint.service.office, early, "d0").await.expect_err("alone");
    assert_eq!(reason(&refused), "APPROVER_IS_REQUESTER");
    let refused = decide(&joint, &joint.approver, early, "d1").await.expect_err("visits go on");
    assert_eq!(reason(&refused), "CAMPAIGN_NEEDS_THE_NAMES");
    close(&joint, &hands).await;
    let refused = decide(&joint, &joint.approver, early, "d2").await.expect_err("too early");
    assert_eq!(reason(&refused), "KEPT_BY_LAW");
    hands.forward(KEPT_DAYS * DAY_MINUTES);
    let first = decide(&joint, &joint.approver, early, "d3").await.expect("erased");
    assert_eq!((first.visits, first.rows), (1, 2), "a row of each department");
    let again = decide(&joint, &joint.approver, early, "d4").await.expect_err("done");
    assert_eq!(reason(&again), "ALREADY_DECIDED");
    for n in &gone[1..] {
        erase(&joint, of_subject(&code(*n))).await;
    }
    let sent_away = person("fire", 1);
    let done = erase(&joint, of_inspector("fire", &sent_away)).await;
    assert!(done.visits > 0 && done.rows == 1, "{done:?}");
    everything_verifies(&joint).await;
    told_again(&told, &joint, &truth, &gone).await;

    let found = recoverable(&joint).await;
    for n in &gone {
        for word in [code(*n), name(*n), address(*n)] {
            assert_eq!(found.find(&word), None, "{word} of {n}");
        }
    }
    assert_eq!(found.find(&sent_away), None);
    let stays = |v: &&pb::Visit| !gone.iter().any(|n| v.subject_id == code(*n));
    let left = joint.visits(&joint.service.office, "c1").await.expect("visits");
    for before in truth.iter().filter(stays) {
        assert_eq!(found.find(&before.subject_name), Some("text"), "the others stay");
        let now = left.iter().find(|v| v.rank == before.rank).expect("the visit");
        assert_eq!(now.subject_name, before.subject_name);
    }
    let hidden = left.iter().filter(|v| v.subject_name.is_empty()).count();
    assert_eq!(hidden, truth.len() - truth.iter().filter(stays).count());
    opened_again(&joint, &truth, stays).await;
}

/// An auditor's key, and what it was told of every visit.
struct Told(String, Vec<pb::OpenVisitResponse>);

async fn tell(
    joint: &Joint,
    secret: &str,
    visit: &pb::Visit,
) -> Result<pb::OpenVisitResponse, Status> {
    let request = pb::OpenVisitRequest {
        request_id: format!("told-{}", visit.rank),
        campaign_id: "c1".into(),
        rank: visit.rank,
        case_number: "审2026-2".into(),
    };
    Ok(joint.service.with(secret).visits().open_visit(request).await?.into_inner())
}

async fn told(joint: &Joint, truth: &[pb::Visit]) -> Told {
    let secret = joint.service.key(Role::Auditor, "", "监察室").await;
    let mut all = Vec::new();
    for visit in truth {
        all.push(tell(joint, &secret, visit).await.expect("opened"));
    }
    Told(secret, all)
}

/// A repeated request is answered as before, unless the visit has lost names since.
async fn told_again(told: &Told, joint: &Joint, truth: &[pb::Visit], gone: &[usize]) {
    let sent_away = format!("fire/{}", person("fire", 1));
    let mut same = 0;
    for (visit, before) in truth.iter().zip(&told.1) {
        let mut team = visit.sections.iter().flat_map(|s| &s.team);
        let lost = team.any(|m| m.inspector_id == sent_away)
            || gone.iter().any(|n| visit.subject_id == code(*n));
        match tell(joint, &told.0, visit).await {
            Ok(again) => {
                assert!(!lost && again == *before);
                same += 1;
            }
            Err(refused) => assert!(lost && reason(&refused) == "REPLY_IS_ERASED", "{refused:?}"),
        }
    }
    assert!(same > 0 && same < truth.len());
}

/// Who was told a name before is not told it again once it is erased.
async fn opened_again(joint: &Joint, truth: &[pb::Visit], stays: impl Fn(&&pb::Visit) -> bool) {
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let mut client = joint.service.with(&auditor).visits();
    let sent_away = format!("fire/{}", person("fire", 1));
    for visit in truth {
        let request = pb::OpenVisitRequest {
            request_id: format!("again-{}", visit.rank),
            campaign_id: "c1".into(),
            rank: visit.rank,
            case_number: "审2029-1".into(),
        };
        let opened = client.open_visit(request).await;
        if !stays(&visit) {
            assert_eq!(reason(&opened.expect_err("erased")), "NAMES_ARE_ERASED");
            continue;
        }
        // Its secret is erased, but the key of its tickets is public since the campaign is closed.
        let opened = opened.expect("opened").into_inner();
        assert!(opened.opening.is_some());
        let now = opened.visit.expect("visit");
        let of = |v: &pb::Visit| -> Vec<String> {
            v.sections.iter().flat_map(|s| &s.team).map(|m| m.inspector_id.clone()).collect()
        };
        let mut before = of(visit);
        before.iter_mut().filter(|id| **id == sent_away).for_each(String::clear);
        assert_eq!(of(&now), before);
    }
}

async fn a_campaign_is_erased_by_its_keys(engine: Engine) {
    let (joint, hands, truth) = drawn(engine).await;
    close(&joint, &hands).await;
    hands.forward(KEPT_DAYS * DAY_MINUTES);
    settle(&joint).await;
    let app = &joint.service.app;
    let kept = app.db.read().await.expect("read").visits("c1", "", 0, 10_000).await;
    let done = erase(&joint, of_campaign()).await;
    assert_eq!(usize::try_from(done.visits), Ok(truth.len()));
    everything_verifies(&joint).await;
    let beside = dump::tables(&app.db, |table| !dump::REGISTRIES.contains(&table)).await;
    let beside = Haystack::new(beside.as_bytes());
    assert_eq!(beside.find("金丝雀"), None);
    let mut tx = app.db.read().await.expect("read");
    for stored in tx.visits("c1", "", 0, 10_000).await.expect("visits") {
        assert!(stored.wrapped.is_empty() && stored.sealed.is_empty());
    }
    // What somebody has copied before is of no use without the data key that stood beside it.
    for mut copied in kept.expect("visits") {
        copied.wrapped.clear();
        assert!(matches!(names::of(&app.sealer, &copied), Err(AppError::Broken(_))));
    }
    let draw = tx.draw("c1", 1).await.expect("draw").expect("it is there");
    assert!(names::draw_key(&app.sealer, &draw).is_err());
    let listed =
        joint.service.office().erasures().list_erasures(pb::ListErasuresRequest::default()).await;
    let listed = listed.expect("listed").into_inner().erasures;
    assert_eq!(listed, [done]);
    let refused = joint.service.with(&joint.keys["fire"]).erasures();
    let refused = { refused }
        .list_erasures(pb::ListErasuresRequest::default())
        .await
        .expect_err("offices only");
    assert_eq!(reason(&refused), "OFFICE_ONLY");
}

async fn an_erasure_nobody_approved_is_found(engine: Engine) {
    let (joint, hands, _) = drawn(engine).await;
    close(&joint, &hands).await;
    settle(&joint).await;
    let app = &joint.service.app;
    assert_eq!(fsck::check(app).await.expect("check").findings, []);
    for (table, sql, kind) in [
        ("visits", "UPDATE visits SET wrapped = CAST('' AS BYTES)", Kind::Visit),
        (
            "visits",
            "UPDATE visits SET wrapped = CAST('' AS BYTES), sealed = CAST('' AS BYTES) WHERE rank = 1",
            Kind::Visit,
        ),
        ("draws", "UPDATE draws SET wrapped = CAST('' AS BYTES)", Kind::Draw),
        (
            "draws",
            "UPDATE draws SET wrapped = CAST('' AS BYTES), openings = CAST('' AS BYTES), \
             root_secret = CAST('' AS BYTES)",
            Kind::Draw,
        ),
    ] {
        let mut tx = app.db.begin().await.expect("begin");
        unguard(&mut tx, table).await;
        assert!(run(&mut tx, sql, 0, 0).await > 0, "{sql}");
        let report = fsck::check_in(app, &mut tx).await.expect("check");
        assert!(report.findings.iter().any(|f| f.kind == kind), "{sql}: {report:?}");
    }
}

async fn a_new_key_file_only_wraps_the_data_keys_again(engine: Engine) {
    let (joint, _, truth) = drawn(engine).await;
    settle(&joint).await;
    let mut app = joint.service.app.clone();
    let new = [8; 32];
    app.sealer = Sealer::new(&new, &[SEAL_KEY]);
    let visits = |tx: onevisit::store::Tx| async move {
        { tx }.visits("c1", "", 0, 10_000).await.expect("visits")
    };
    let before = visits(app.db.read().await.expect("read")).await;
    let done = rewrap::all(&app).await.expect("wrapped");
    let all = truth.len() as u64 + 1;
    assert_eq!((done.again, done.all), (all, all), "each visit's and the attempt's");
    let done = rewrap::all(&app).await.expect("wrapped");
    assert_eq!((done.again, done.all), (0, all));
    let after = visits(app.db.read().await.expect("read")).await;
    let alone = Sealer::new(&new, &[]);
    for (old, new) in before.iter().zip(&after) {
        assert!(old.sealed == new.sealed && old.wrapped != new.wrapped);
        assert!(names::of(&alone, old).is_err());
        let name = names::of(&alone, new).expect("under the new key alone").name;
        assert!(truth.iter().any(|v| v.rank == new.visit.rank && v.subject_name == name));
    }
}

async fn what_was_recorded_on_site_goes_with_its_subject(engine: Engine) {
    let site = Site::new(engine).await;
    site.all_start().await;
    let member = site.of("fire")[0];
    let mut found = finding("fire", "A1");
    found.note = "金丝雀说".into();
    site.record(member, "f1", NOW, vec![found]).await.expect("recorded");
    let (joint, hands) = (&site.joint, &site.hands);
    close(joint, hands).await;
    hands.forward(KEPT_DAYS * DAY_MINUTES);
    assert!(site.read(&joint.service.office).await.is_ok(), "it is kept until somebody erases it");
    erase(joint, of_subject(&site.visit.subject_id)).await;
    let refused = site.read(&joint.service.office).await.expect_err("erased");
    assert_eq!(reason(&refused), "NAMES_ARE_ERASED");
    let request = pb::ListChecksRequest { campaign_id: "c1".into(), ..Default::default() };
    let listed = joint.service.office().checks().list_checks(request).await.expect("the others");
    let listed = listed.into_inner().checks;
    assert!(!listed.is_empty() && listed.iter().all(|c| c.rank != site.visit.rank), "{listed:?}");
    assert_eq!(site.counts().await.under_way, 1, "it is counted");
    settle(joint).await;
    let app = &joint.service.app;
    assert_eq!(fsck::check(app).await.expect("check").findings, []);
    // The same done by hand to what nobody has erased is found.
    let sql = "SELECT length(sealed) FROM checks";
    let left: Vec<(i32,)> =
        app.db.read().await.expect("read").query(sql).fetch_all().await.expect("rows");
    assert_eq!(left, [(0,)]);
    let mut tx = app.db.begin().await.expect("begin");
    unguard(&mut tx, "checks").await;
    assert_eq!(run(&mut tx, "UPDATE checks SET attempt = 2 WHERE rank > $1", 0, 0).await, 1);
    tx.commit().await.expect("commit");
    let kinds: Vec<Kind> =
        fsck::check(app).await.expect("check").findings.into_iter().map(|f| f.kind).collect();
    assert!(kinds.contains(&Kind::Check), "{kinds:?}");
}

/// A published result with an objection and a follow-up, another one that waits, and what credit says.
async fn said_of(site: &Site) -> (String, String) {
    let (joint, fire) = (&site.joint, &site.joint.keys["fire"]);
    let at = id(site, "fire");
    submit(site, fire, "p", (&at, "1"), None).await.expect("published");
    let form = serde_json::json!({
        "applicant": "金丝雀商店", "contact": "13800000000", "grounds": "灭火器在有效期内",
        "request_id": "ob", "visit_code": site.code,
    });
    let path = format!("/results/{at}/objections");
    let body = form.to_string().into_bytes();
    let (status, reply) = joint.service.post(&path, "application/json", body).await;
    assert_eq!(status, 201);
    let reply: serde_json::Value = serde_json::from_slice(&reply).expect("json");
    let step = pb::FollowUpStep {
        action: pb::FollowUpAction::HandOver.into(),
        unit: "market".into(),
        note: "金丝雀的说明".into(),
        ..Default::default()
    };
    let request = pb::AdvanceFollowUpRequest {
        request_id: "step".into(),
        result_id: at.clone(),
        etag: "1".into(),
        step: Some(step),
    };
    joint.service.with(fire).follow_ups().advance_follow_up(request).await.expect("handed over");
    (at, reply["objection_id"].as_str().expect("id").to_owned())
}

async fn what_was_found_filed_and_said_goes_with_its_subject(engine: Engine) {
    let site = checked(engine).await;
    let (at, objection) = said_of(&site).await;
    let (joint, hands, office) = (&site.joint, &site.hands, &site.joint.service.office);
    let app = &joint.service.app;
    close(joint, hands).await;
    hands.forward(KEPT_DAYS * DAY_MINUTES);
    settle(joint).await;
    // By hand, without an erasure that the log tells of.
    for table in ["results", "objections", "follow_ups"] {
        let mut tx = app.db.begin().await.expect("begin");
        let sql = format!("UPDATE {table} SET sealed = CAST('' AS BYTES) WHERE version > $1");
        assert!(run(&mut tx, &sql, 0, 0).await > 0, "{table}");
        let report = fsck::check_in(app, &mut tx).await.expect("check");
        assert!(report.findings.iter().any(|f| f.kind == Kind::Result), "{table}: {report:?}");
        let sql = format!("UPDATE {table} SET sealed = CAST('x' AS BYTES) WHERE version > $1");
        drop(tx);
        let mut tx = app.db.begin().await.expect("begin");
        unguard(&mut tx, table).await;
        assert!(run(&mut tx, &sql, 0, 0).await > 0, "only emptied, else guarded");
    }
    erase(joint, of_subject(&site.visit.subject_id)).await;
    let mut tx = app.db.read().await.expect("read");
    let sql = "SELECT length(sealed) FROM results UNION ALL SELECT length(sealed) FROM objections
        UNION ALL SELECT length(sealed) FROM follow_ups";
    let left: Vec<(i32,)> = tx.query(sql).fetch_all().await.expect("rows");
    assert!(left.len() >= 4 && left.iter().all(|(n,)| *n == 0), "{left:?}");
    let sql = "SELECT reply FROM requests WHERE method IN
        ('AdvanceFollowUp', 'FileObjection/http') AND reply <> 'erased'";
    let replies: Vec<(String,)> = tx.query(sql).fetch_all().await.expect("rows");
    assert_eq!(replies, []);
    drop(tx);
    let refused = get(&site, office, &at).await.expect_err("erased");
    assert_eq!(reason(&refused), "NAMES_ARE_ERASED");
    let request = pb::GetObjectionRequest { objection_id: objection };
    let refused = joint.service.office().objections().get_objection(request).await;
    assert_eq!(reason(&refused.expect_err("erased")), "NAMES_ARE_ERASED");
    let request = pb::GetFollowUpRequest { result_id: at.clone() };
    let refused = joint.service.office().follow_ups().get_follow_up(request).await;
    assert_eq!(reason(&refused.expect_err("erased")), "NAMES_ARE_ERASED");
    // Lists go on without them; what was published stays where it was.
    let service = joint.service.office();
    let results = service.disclosure().list_results(pb::ListResultsRequest::default()).await;
    assert_eq!(results.expect("listed").into_inner().results, []);
    let all = service.objections().list_objections(pb::ListObjectionsRequest::default()).await;
    assert_eq!(all.expect("listed").into_inner().objections, []);
    let all = service.follow_ups().list_follow_ups(pb::ListFollowUpsRequest::default()).await;
    assert_eq!(all.expect("listed").into_inner().follow_ups, []);
    assert_eq!(joint.service.get(&format!("/results/{at}")).await.0, 200);
    settle(joint).await;
    assert_eq!(fsck::check(app).await.expect("check").findings, []);
}

//! Missed deadlines become liabilities, once and on their day; units bring evidence, others decide.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use onevisit::app::liability::round;
use onevisit::app::log::{self, Fault, Round};
use onevisit::app::{App, AppError};
use onevisit::domain::calendar::Calendar;
use onevisit::domain::caller::Role;
use onevisit::domain::day;
use onevisit::domain::deadline::Deadline;
use onevisit::domain::publication::{ResultRecord, ResultState, result_id};
use onevisit::rpc::pb::warning::Kind;
use onevisit::rpc::pb::{self, DutyGround, FollowUpAction, LiabilityKind, LiabilityState};
use onevisit::store::SealedResult;
use tonic::{Code, Status};

use super::check::{SHA, Site};
use super::disclosure::{checked, id, sound, submit};
use super::follow_ups::{advance, step};
use super::oversight::warnings;
use super::schedulers::{rule, template};
use super::{reason, violations};
use crate::harness::client::{DISTRICT, Service};
use crate::harness::joint::{Joint, OFFICES};
use crate::harness::{Engine, Hands, NOW_US, app_by, on_every_engine, scaled};

on_every_engine! {
    a_year_of_missed_deadlines_is_told_once_each_on_its_day,
    a_late_duty_is_noted_and_decided_by_another,
    what_follows_from_a_result_has_its_days,
    an_office_that_does_not_commit_is_liable,
    a_breach_is_recorded_by_one_key_and_decided_by_another,
}

const DAY: i64 = 24 * 60;
/// 2025-01-01 10:00 in China.
const YEAR_US: i64 = 1_735_696_800_000_000;
const REPLICAS: usize = 4;

/// The last day of a duty, counted one day after the other.
fn last_day(calendar: &Calendar, from: Date, days: i64) -> Date {
    let works = |d: Date| calendar.is_working_day(d).expect("known");
    let (mut at, mut left) = (from, days);
    while left > 0 || !works(at) {
        at = day::next(at);
        left -= i64::from(left > 0 && works(at));
    }
    at
}

fn result(rank: i64, on: Date, calendar: &Calendar) -> SealedResult {
    let record = ResultRecord {
        id: result_id("results", 1, rank, "market"),
        campaign: "results".into(),
        attempt: 1,
        rank,
        ticket: String::new(),
        department: "market".into(),
        publisher: "market".into(),
        drawn: true,
        finished_on: on,
        deadline: Deadline::set(calendar, on, 20),
        reviewed: false,
        state: ResultState::Pending,
        version: 1,
        asked: None,
        withheld: None,
        note: String::new(),
        hands: vec![],
        settled_us: 0,
        publications: 0,
    };
    SealedResult { record, sealed: vec![1] }
}

/// Campaigns whose invitations nobody answers, and results that nobody publishes, all over the year;
/// returns the last day of each, by object.
async fn neglected(app: &App) -> BTreeMap<String, Date> {
    let calendar = Calendar::of(Calendar::built_in(), &[String::new()]);
    let mut due = BTreeMap::new();
    let mut tx = app.db.begin().await.expect("begin");
    let mut campaign = template("results", rule(&[], &[], &[1])).campaign;
    tx.insert_campaign(&campaign, YEAR_US).await.expect("campaign");
    let mut at = date(2025, 1, 3);
    for nth in 1.. {
        if at >= date(2025, 12, 20) {
            break;
        }
        // Every ninth day: weekends, festivals and swapped days are among them.
        campaign.id = format!("c{nth}");
        (campaign.answer_by, campaign.first_day, campaign.last_day) = (Some(at), at, at);
        tx.insert_campaign(&campaign, YEAR_US).await.expect("campaign");
        due.insert(campaign.id.clone(), last_day(&calendar, at, 0));
        if at < date(2025, 11, 15) {
            let found = result(nth, at, &calendar);
            due.insert(found.record.id.clone(), last_day(&calendar, at, 20));
            tx.insert_result(&found).await.expect("result");
        }
        at = at.checked_add(jiff::Span::new().days(9)).expect("a day");
    }
    tx.commit().await.expect("commit");
    due
}

/// What a replica does by itself. One whose clock stands behind the log's last entry does nothing.
async fn work(app: &App) {
    if let Ok(Round::Stopped(fault)) = log::round_now(app).await {
        assert!(matches!(fault, Fault::Back(_)), "{fault}");
        return;
    }
    match round::work(app).await {
        Ok(_) | Err(AppError::LogStopped(Fault::Back(_))) => {}
        other => panic!("a round: {other:?}"),
    }
}

async fn rows(app: &App) -> Vec<(String, String, String)> {
    let sql = "SELECT object, due_on, unit FROM liabilities ORDER BY object";
    app.db.read().await.expect("read").query(sql).fetch_all().await.expect("rows")
}

async fn a_year_of_missed_deadlines_is_told_once_each_on_its_day(engine: Engine) {
    let hands = Hands::at(YEAR_US);
    let service = Service::start_by(engine, &hands).await;
    service.district(&["market"]).await;
    let due = neglected(&service.app).await;
    assert!(due.len() > 60);
    let replica = async || app_by(&service.db, hands.clock()).await;
    let mut apps = Vec::new();
    for _ in 0..REPLICAS {
        apps.push(replica().await);
    }
    let mut tick = 0;
    loop {
        // Day by day, and at times a week in which no replica runs.
        tick += 1;
        hands.forward(if tick % 11 == 0 { 7 * DAY } else { scaled(3, 1) as i64 * DAY });
        let today = day::of_instant(hands.clock().now_us());
        if today.year() > 2025 {
            break;
        }
        if tick % 5 == 0 {
            apps[tick % REPLICAS].db.close().await;
            apps[tick % REPLICAS] = replica().await;
        }
        // Without taking turns: what is shown here must not hang on a lock.
        let rounds: Vec<_> =
            apps.iter().cloned().map(|app| tokio::spawn(async move { work(&app).await })).collect();
        for round in rounds {
            round.await.expect("no panic");
        }
        let wanted: Vec<_> = due.iter().filter(|(_, due)| **due < today).collect();
        let found = rows(&service.app).await;
        let objects: Vec<(&str, &str)> = found.iter().map(|(o, d, _)| (&**o, &**d)).collect();
        let dates: Vec<(&str, String)> =
            wanted.iter().map(|(o, d)| (&***o, d.to_string())).collect();
        let dates: Vec<(&str, &str)> = dates.iter().map(|(o, d)| (*o, &**d)).collect();
        assert_eq!(objects, dates, "on {today}");
    }
    let app = &apps[0];
    work(app).await;
    let found = rows(app).await;
    assert!(found.len() > 60 && found.iter().all(|(.., unit)| unit == "market"));
    let sql = "SELECT kind FROM events WHERE kind = 'liability.arise'";
    let told: Vec<(String,)> =
        app.db.read().await.expect("read").query(sql).fetch_all().await.expect("events");
    assert_eq!(told.len(), found.len(), "each once");
}

type Stands = Result<pb::Liability, Status>;

async fn list(joint: &Joint, secret: &str, kind: LiabilityKind) -> Vec<pb::Liability> {
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListLiabilitiesRequest {
            jurisdiction: DISTRICT.into(),
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let reply = joint.service.with(secret).liability().list_liabilities(request).await;
        let reply = reply.expect("list").into_inner();
        found.extend(reply.liabilities.into_iter().filter(|l| l.kind() == kind));
        page_token = reply.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

async fn get(site: &Site, secret: &str, id: &str) -> Result<pb::GetLiabilityResponse, Status> {
    let request = pb::GetLiabilityRequest { liability_id: id.into() };
    Ok(site.joint.service.with(secret).liability().get_liability(request).await?.into_inner())
}

async fn attach(
    site: &Site,
    secret: &str,
    about: (&str, i64),
    (sha256, ground): (&str, DutyGround),
) -> Result<pb::DutyEvidence, Status> {
    let (id, rank) = about;
    let visit = rank > 0;
    let request = pb::AttachDutyEvidenceRequest {
        request_id: format!("attach-{id}-{}", &sha256[..6]),
        liability_id: if visit { String::new() } else { id.into() },
        campaign_id: if visit { id.into() } else { String::new() },
        rank,
        evidence: Some(pb::DutyEvidence {
            sha256: sha256.into(),
            ground: ground.into(),
            on: "2026-06-15".into(),
            attached_at: String::new(),
        }),
    };
    let reply = site.joint.service.with(secret).liability().attach_duty_evidence(request).await?;
    Ok(reply.into_inner().evidence.expect("evidence"))
}

async fn decide(
    site: &Site,
    secret: &str,
    liability: &pb::Liability,
    exempt: DutyGround,
    considered: &[&str],
) -> Stands {
    let request = pb::DecideLiabilityRequest {
        request_id: format!("decide-{}-{}", &liability.liability_id[..8], considered.len()),
        liability_id: liability.liability_id.clone(),
        etag: liability.etag.clone(),
        ruling: Some(pb::Ruling {
            exempt: exempt.into(),
            reason: "照单履职，证据充分".into(),
            document_sha256: SHA.into(),
            considered_sha256: considered.iter().map(|s| (*s).to_owned()).collect(),
            ..Default::default()
        }),
    };
    let reply = site.joint.service.with(secret).liability().decide_liability(request).await?;
    Ok(reply.into_inner().liability.expect("liability"))
}

const OTHER: &str = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

async fn a_late_duty_is_noted_and_decided_by_another(engine: Engine) {
    let site = checked(engine).await;
    let (fire, market) = (site.joint.keys["fire"].clone(), site.joint.keys["market"].clone());
    let (office, app) = (site.joint.service.office.clone(), site.joint.service.app.clone());
    site.hands.forward(29 * DAY);
    let today = warnings(&site.joint, &office, Kind::DeadlineToday).await;
    assert_eq!(today.len(), 2, "14 July is the last day of both: {today:?}");
    round::work(&app).await.expect("round");
    assert!(list(&site.joint, &office, LiabilityKind::Publication).await.is_empty());
    site.hands.forward(DAY);
    let missed = warnings(&site.joint, &fire, Kind::DeadlineMissed).await;
    assert_eq!((missed.len(), &*missed[0].since), (1, "2026-07-15"), "its own");
    round::work(&app).await.expect("round");
    let own = list(&site.joint, &fire, LiabilityKind::Publication).await;
    assert_eq!(list(&site.joint, &office, LiabilityKind::Publication).await.len(), 2);
    let late = &own[0];
    assert_eq!((own.len(), &*late.unit, &*late.due_on), (1, "fire", "2026-07-14"));
    assert_eq!((late.state(), &*late.object), (LiabilityState::Open, &*id(&site, "fire")));
    assert_eq!(late.counted_with[0].year, 2026);
    submit(&site, &fire, "p", (&id(&site, "fire"), "1"), None).await.expect("published at last");
    assert_eq!(round::work(&app).await.expect("round").fulfilled, 1);
    assert_eq!(round::work(&app).await.expect("round"), round::Round::default());
    let done = get(&site, &fire, &late.liability_id).await.expect("own").liability.expect("it");
    assert_eq!(done.state(), LiabilityState::FulfilledLate);
    assert_eq!(done.fulfilled_on, "2026-07-15");
    let foreign = get(&site, &market, &late.liability_id).await.expect_err("another's");
    assert_eq!(foreign.code(), Code::NotFound);
    judged(&site, &done).await;
    // Nobody publishes market's: it is upheld, and no warning is left of it.
    let other = list(&site.joint, &market, LiabilityKind::Publication).await.remove(0);
    let held = decide(&site, &office, &other, DutyGround::Unspecified, &[]).await.expect("held");
    assert_eq!(held.state(), LiabilityState::Upheld);
    assert!(warnings(&site.joint, &office, Kind::DeadlineMissed).await.is_empty());
    sound(&site).await;
    // What was decided stays, and a document that says something else than the log is found.
    let mut tx = app.db.begin().await.expect("begin");
    let lie = "UPDATE liabilities SET version = version + 1,
               doc = REPLACE(doc, 'UPHELD', 'EXEMPTED') WHERE state = 'UPHELD'";
    assert_eq!(tx.query(lie).execute().await.expect("changed"), 1);
    tx.commit().await.expect("commit");
    let report = onevisit::app::fsck::check(&app).await.expect("check");
    let kinds: Vec<_> = report.findings.iter().map(|f| f.kind).collect();
    assert_eq!(kinds, [onevisit::app::fsck::Kind::Liability]);
    let mut tx = app.db.begin().await.expect("begin");
    let back = "UPDATE liabilities SET state = 'OPEN', version = version + 1";
    assert!(tx.query(back).execute().await.is_err(), "what was decided stays");
}

/// Evidence is the unit's, the decision somebody else's.
async fn judged(site: &Site, late: &pb::Liability) {
    let id = late.liability_id.as_str();
    let (fire, market) = (&site.joint.keys["fire"], &site.joint.keys["market"]);
    let office = &site.joint.service.office;
    let limit = DutyGround::TechnicalLimit;
    let foreign = attach(site, market, (id, 0), (SHA, limit)).await.expect_err("not its own");
    assert_eq!(reason(&foreign), "OWN_LIABILITY_ONLY");
    attach(site, fire, (id, 0), (SHA, limit)).await.expect("attached");
    let twice = attach(site, fire, (id, 0), (SHA, limit)).await.expect("the stored reply");
    assert_eq!(twice.sha256, SHA);
    let visit = ("c1", site.visit.rank);
    attach(site, fire, visit, (OTHER, DutyGround::ListAndPlan)).await.expect("of the visit");
    let shown = get(site, office, id).await.expect("an office").evidence;
    assert_eq!(shown.len(), 2, "of the liability and of its visit");
    let own = decide(site, fire, late, limit, &[SHA]).await.expect_err("the unit itself");
    assert_eq!(reason(&own), "OFFICE_OR_SUPERVISOR_ONLY");
    let bare = decide(site, office, late, limit, &[]).await.expect_err("nothing considered");
    let wanted = [("considered_sha256".into(), "GROUND_IS_NOT_SHOWN".into())];
    assert_eq!(violations(&bare), wanted);
    let stale = pb::Liability { etag: "1".into(), ..late.clone() };
    let stale = decide(site, office, &stale, limit, &[SHA]).await.expect_err("read again");
    assert_eq!(stale.code(), Code::Aborted);
    let ruled = decide(site, office, late, limit, &[SHA, OTHER]).await.expect("exempt");
    assert_eq!(ruled.state(), LiabilityState::Exempted);
    let again = decide(site, office, late, limit, &[SHA, OTHER]).await.expect("the stored reply");
    assert_eq!(again, ruled);
    let twice = decide(site, office, &ruled, limit, &[SHA]).await.expect_err("decided");
    assert_eq!(reason(&twice), "LIABILITY_STATE");
    let over = attach(site, fire, (id, 0), (OTHER, limit)).await.expect_err("decided");
    assert_eq!(reason(&over), "LIABILITY_STATE");
}

async fn what_follows_from_a_result_has_its_days(engine: Engine) {
    let site = checked(engine).await;
    let (fire, market) = (site.joint.keys["fire"].clone(), site.joint.keys["market"].clone());
    let (office, app) = (site.joint.service.office.clone(), site.joint.service.app.clone());
    site.joint.policy("hand_over_days", "3").await;
    // Three working days after Monday the 15th: the 18th, before the festival.
    site.hands.forward(4 * DAY);
    round::work(&app).await.expect("round");
    let slow = list(&site.joint, &office, LiabilityKind::HandOver).await;
    assert_eq!((slow.len(), &*slow[0].unit, &*slow[0].due_on), (1, "fire", "2026-06-18"));
    let at = id(&site, "fire");
    let to = pb::FollowUpStep { unit: "market".into(), ..step(FollowUpAction::HandOver) };
    advance(&site, &fire, (&at, "1"), to).await.expect("handed over on the 19th");
    assert_eq!(round::work(&app).await.expect("round").fulfilled, 1);
    // The festival is over on Sunday: the 22nd, 23rd and 24th.
    site.hands.forward(6 * DAY);
    round::work(&app).await.expect("round");
    let slow = list(&site.joint, &market, LiabilityKind::Acceptance).await;
    assert_eq!((slow.len(), &*slow[0].due_on), (1, "2026-06-24"));
    advance(&site, &market, (&at, "2"), step(FollowUpAction::Accept)).await.expect("accepted");
    let order = pb::FollowUpStep { due_on: "2026-07-04".into(), ..step(FollowUpAction::Order) };
    advance(&site, &market, (&at, "3"), order).await.expect("ordered");
    // Saturday the 4th of July falls due on Monday.
    site.hands.forward(11 * DAY);
    round::work(&app).await.expect("round");
    assert!(list(&site.joint, &office, LiabilityKind::Rectification).await.is_empty());
    site.hands.forward(DAY);
    round::work(&app).await.expect("round");
    let slow = list(&site.joint, &office, LiabilityKind::Rectification).await;
    assert_eq!((slow.len(), &*slow[0].due_on, &*slow[0].unit), (1, "2026-07-06", "market"));
    // Visits that nobody made, one for each department of each.
    site.hands.forward(20 * DAY);
    round::work(&app).await.expect("round");
    let never = list(&site.joint, &office, LiabilityKind::Check).await;
    let place = format!("c1.1.{}", site.visit.rank);
    assert!(!never.is_empty() && never.iter().all(|l| l.due_on == "2026-07-15"));
    assert!(never.iter().all(|l| l.object != place), "that one was made");
    sound(&site).await;
}

async fn an_office_that_does_not_commit_is_liable(engine: Engine) {
    let hands = Hands::at(NOW_US);
    let (joint, frozen) = Joint::frozen_of(Service::start_by(engine, &hands).await).await;
    joint.commit("c1", 0, &joint.commitment(&frozen, 0)).await.expect("committed");
    hands.forward(2 * DAY);
    let app = joint.service.app.clone();
    round::work(&app).await.expect("round");
    let office = joint.service.office.clone();
    let silent = list(&joint, &office, LiabilityKind::Commitment).await;
    assert_eq!((silent.len(), &*silent[0].unit, &*silent[0].due_on), (1, OFFICES[1], "2026-06-16"));
    let own = list(&joint, &joint.keys["fire"], LiabilityKind::Commitment).await;
    assert!(own.is_empty(), "no department's");
    // The office itself brings evidence, and does not decide.
    let request = |request_id: &str| pb::DecideLiabilityRequest {
        request_id: request_id.into(),
        liability_id: silent[0].liability_id.clone(),
        etag: silent[0].etag.clone(),
        ruling: Some(pb::Ruling {
            reason: "未履行".into(),
            document_sha256: SHA.into(),
            ..Default::default()
        }),
    };
    let [first, second] = [&joint.supervisors[0].1, &joint.supervisors[1].1];
    let own = joint.service.with(second).liability().decide_liability(request("own")).await;
    assert_eq!(reason(&own.expect_err("itself")), "DECIDER_IS_UNIT");
    let other = joint.service.with(first).liability().decide_liability(request("other")).await;
    let other = other.expect("another office").into_inner().liability.expect("liability");
    assert_eq!(other.state(), LiabilityState::Upheld);
}

async fn a_breach_is_recorded_by_one_key_and_decided_by_another(engine: Engine) {
    let (joint, _) = Joint::frozen(engine).await;
    let first = joint.supervisors[1].1.clone();
    let second = joint.service.key(Role::Supervisor, "", OFFICES[1]).await;
    let breach = |unit: &str| pb::Breach {
        breach_id: "b1".into(),
        jurisdiction: DISTRICT.into(),
        unit: unit.into(),
        kind: pb::BreachKind::UnplannedCheck.into(),
        object: "c1".into(),
        found_on: "2026-06-10".into(),
        reference: "监察〔2026〕3号".into(),
        document_sha256: SHA.into(),
        ..Default::default()
    };
    let record = async |secret: &str, id: &str, breach: pb::Breach| {
        let request = pb::RecordBreachRequest { request_id: id.into(), breach: Some(breach) };
        joint.service.with(secret).discipline().record_breach(request).await
    };
    let unknown = record(&first, "r0", breach("nobody")).await.expect_err("unknown");
    assert_eq!(violations(&unknown), [("breach.unit".into(), "UNKNOWN_DEPARTMENT".into())]);
    let office = record(&joint.service.office, "r1", breach("fire")).await.expect_err("an office");
    assert_eq!(reason(&office), "SUPERVISOR_ONLY");
    record(&first, "r2", breach("fire")).await.expect("recorded");
    let taken = record(&first, "r3", breach("market")).await.expect_err("the id is taken");
    assert_eq!(taken.code(), Code::AlreadyExists);
    let list = async |secret: &str| {
        let request =
            pb::ListBreachesRequest { jurisdiction: DISTRICT.into(), ..Default::default() };
        let reply = joint.service.with(secret).discipline().list_breaches(request).await;
        reply.expect("list").into_inner().breaches
    };
    assert!(list(&joint.keys["fire"]).await.is_empty(), "nothing is decided");
    let decide = async |secret: &str, id: &str, etag: &str| {
        let request = pb::DecideBreachRequest {
            request_id: id.into(),
            breach_id: "b1".into(),
            etag: etag.into(),
            sanction: pb::Sanction::Notice.into(),
            document_sha256: SHA.into(),
        };
        joint.service.with(secret).discipline().decide_breach(request).await
    };
    let own = decide(&first, "d0", "1").await.expect_err("the recorder");
    assert_eq!(reason(&own), "DECIDER_IS_RECORDER");
    let decided = decide(&second, "d1", "1").await.expect("decided").into_inner();
    assert_eq!(decided.breach.expect("it").state(), pb::BreachState::Sanctioned);
    let twice = decide(&second, "d2", "2").await.expect_err("once");
    assert_eq!(reason(&twice), "BREACH_STATE");
    let shown = list(&joint.keys["fire"]).await;
    assert_eq!((shown.len(), shown[0].sanction()), (1, pb::Sanction::Notice));
    assert!(list(&joint.keys["market"]).await.is_empty(), "another's");
    assert_eq!(list(&joint.service.office).await.len(), 1);
}

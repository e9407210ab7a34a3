//! The day of a visit: proposed from calendars, fixed by the office or the leader; names open when the
//! policy says.

use onevisit::app::fsck::{self, Kind};
use onevisit::app::log::{self, Round};
use onevisit::domain::check::undertaking_sha256;
use onevisit::rpc::pb;
use tonic::{Code, Status};

use super::check::Site;
use super::{reason, violations};
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    days_are_proposed_from_the_calendars_of_those_who_go,
    an_office_or_the_leader_fixes_a_day,
    names_open_to_whom_and_when_the_policy_says,
}

type Dates = Result<Vec<pb::ProposedDate>, Status>;

async fn propose(site: &Site, secret: &str, id: &str) -> Dates {
    let request = pb::ProposeDatesRequest {
        request_id: id.into(),
        campaign_id: "c1".into(),
        rank: site.visit.rank,
        max_days: 3,
    };
    let reply = site.joint.service.with(secret).appointments().propose_dates(request).await?;
    Ok(reply.into_inner().dates)
}

struct Fix<'a> {
    id: &'a str,
    rank: i64,
    day: &'a str,
    hours: [&'a str; 2],
    version: i64,
}

async fn fix(site: &Site, secret: &str, f: Fix<'_>) -> Result<pb::Appointment, Status> {
    let request = pb::FixDateRequest {
        request_id: f.id.into(),
        campaign_id: "c1".into(),
        rank: f.rank,
        day: f.day.into(),
        from: f.hours[0].into(),
        until: f.hours[1].into(),
        version: f.version,
    };
    let reply = site.joint.service.with(secret).appointments().fix_date(request).await?;
    Ok(reply.into_inner().appointment.expect("appointment"))
}

async fn busy(site: &Site, secret: &str, id: &str, days: &[&str]) -> Result<i64, Status> {
    let request = pb::PutBusyDaysRequest {
        request_id: format!("busy-{id}-{}", days.len()),
        inspector_id: id.into(),
        days: days.iter().map(|d| (*d).to_owned()).collect(),
    };
    let reply = site.joint.service.with(secret).appointments().put_busy_days(request).await?;
    Ok(reply.into_inner().stored)
}

/// A fire member is busy on the 15th, a market member on the 16th, the subject closes on the 17th in the
/// morning and the whole 18th.
async fn calendars(site: &Site) {
    let person = |department: &str| {
        let section = site.visit.sections.iter().find(|s| s.department == department);
        let id = &section.expect("a section").team[0].inspector_id;
        id.split_once('/').expect("a person").1.to_owned()
    };
    let fire = &site.joint.keys["fire"];
    let days = ["2026-06-15", "2026-06-15"];
    assert_eq!(busy(site, fire, &person("fire"), &days).await.expect("stored"), 1);
    let own = site.of("market")[0];
    assert_eq!(busy(site, own, "", &["2026-06-16"]).await.expect("one's own"), 1);
    let refused = busy(site, own, "p99", &["2026-06-16"]).await.expect_err("another's");
    assert_eq!(reason(&refused), "OWN_DEPARTMENT_OR_PERSON_ONLY");
    let unknown = busy(site, fire, "p99", &[]).await.expect_err("nobody");
    assert_eq!(unknown.code(), Code::NotFound);
    let closed = |day: &str, from: &str, until: &str| pb::Blackout {
        first_day: day.into(),
        last_day: day.into(),
        from: from.into(),
        until: until.into(),
        reason: "停业盘点".into(),
    };
    let request = pb::PutBlackoutsRequest {
        request_id: "b1".into(),
        jurisdiction: String::new(),
        subject_id: site.visit.subject_id.clone(),
        blackouts: vec![
            closed("2026-06-17", "09:00", "12:00"),
            closed("2026-06-18", "00:00", "24:00"),
        ],
    };
    let reply = site.joint.service.with(fire).appointments().put_blackouts(request).await;
    assert_eq!(reply.expect("stored").into_inner().stored, 2);
}

async fn days_are_proposed_from_the_calendars_of_those_who_go(engine: Engine) {
    let site = Site::new(engine).await;
    let office = site.joint.service.office.clone();
    calendars(&site).await;
    let days = propose(&site, &office, "p1").await.expect("days");
    let said: Vec<_> = days.iter().map(|d| (&*d.day, &*d.from, &*d.until)).collect();
    let wanted = [
        ("2026-06-17", "12:00", "17:00"),
        ("2026-06-22", "09:00", "17:00"),
        ("2026-06-23", "09:00", "17:00"),
    ];
    assert_eq!(said, wanted, "the 19th is a holiday");
    assert_eq!(propose(&site, &office, "p1").await.expect("the stored reply"), days);
    assert_eq!(propose(&site, site.leader(), "p2").await.expect("the leader"), days);
    let other = site.team.iter().find(|(.., s)| s != site.leader()).expect("another");
    let refused = propose(&site, &other.2, "p3").await.expect_err("not the leader");
    assert_eq!(reason(&refused), "LEADER_ONLY");
    let refused = propose(&site, &site.joint.keys["fire"], "p4").await.expect_err("a department");
    assert_eq!(reason(&refused), "OFFICE_OR_LEADER_ONLY");
    let mut tx = site.joint.service.app.db.read().await.expect("read");
    let looks = tx.events_of("appointment.propose", 10).await.expect("events");
    assert_eq!(looks.len(), 2, "each look is on record");
    assert!(looks.iter().all(|e| !String::from_utf8_lossy(&e.body).contains("2026-06-17")));
}

async fn an_office_or_the_leader_fixes_a_day(engine: Engine) {
    let site = Site::new(engine).await;
    let office = site.joint.service.office.clone();
    calendars(&site).await;
    let (rank, afternoon) = (site.visit.rank, ["13:00", "15:00"]);
    let cases = [
        ("2026-06-15", "MEMBER_BUSY"),
        ("2026-06-18", "BLACKOUT"),
        ("2026-08-01", "OUTSIDE_THE_WINDOW"),
    ];
    for (day, rule) in cases {
        let asked = Fix { id: day, rank, day, hours: afternoon, version: 0 };
        let refused = fix(&site, &office, asked).await.expect_err(rule);
        assert_eq!(violations(&refused), [("day".to_owned(), rule.to_owned())]);
    }
    let wednesday = |id, version| Fix { id, rank, day: "2026-06-17", hours: afternoon, version };
    let fixed = fix(&site, site.leader(), wednesday("f1", 0)).await.expect("fixed");
    assert_eq!((fixed.version, &*fixed.day, &*fixed.from), (1, "2026-06-17", "13:00"));
    let stale = fix(&site, &office, wednesday("f2", 0)).await.expect_err("there is one");
    assert_eq!(stale.code(), Code::Aborted);
    let moved = Fix { id: "f3", rank, day: "2026-06-19", hours: afternoon, version: 1 };
    let moved = fix(&site, &office, moved).await.expect("moved");
    assert_eq!((moved.version, &*moved.day, &*moved.fixed_by), (2, "2026-06-19", "领导小组办公室"));
    let ours: Vec<&String> = site.team.iter().map(|(ticket, ..)| ticket).collect();
    let all = site.joint.visits(&office, "c1").await.expect("visits");
    let shares = |v: &&pb::Visit| {
        let mut members = v.sections.iter().flat_map(|s| &s.team);
        v.rank != rank && members.any(|m| ours.contains(&&m.ticket))
    };
    let other = all.iter().find(shares).expect("four people make more than two visits").rank;
    let day = "2026-06-19";
    let clash = Fix { id: "f4", rank: other, day, hours: ["14:30", "16:00"], version: 0 };
    let refused = fix(&site, &office, clash).await.expect_err("at two doors at once");
    assert_eq!(violations(&refused)[0].1, "MEMBER_AT_ANOTHER_DOOR");
    let after = Fix { id: "f5", rank: other, day, hours: ["15:00", "17:00"], version: 0 };
    fix(&site, &office, after).await.expect("one after the other");
    let list = async |secret: &str| {
        let request =
            pb::ListAppointmentsRequest { campaign_id: "c1".into(), ..Default::default() };
        let reply = site.joint.service.with(secret).appointments().list_appointments(request).await;
        reply.expect("list").into_inner().appointments
    };
    assert_eq!(list(&office).await.len(), 2);
    assert!(list(&site.joint.keys["fire"]).await.contains(&moved));
    sound(&site, &moved).await;
    site.start(site.leader(), "s1").await.expect("any day of the window");
    let late = Fix { id: "f6", rank, day: "2026-06-22", hours: afternoon, version: 2 };
    let refused = fix(&site, &office, late).await.expect_err("begun");
    assert_eq!(reason(&refused), "CHECK_STARTED");
}

/// What is stored follows from the log, and the log does not say the day.
async fn sound(site: &Site, fixed: &pb::Appointment) {
    let app = &site.joint.service.app;
    while log::round_now(app).await.expect("round") != Round::Idle {}
    assert_eq!(fsck::check(app).await.expect("check").findings, []);
    let mut tx = app.db.begin().await.expect("begin");
    let events = tx.events_of("appointment.fix", 10).await.expect("events");
    assert!(events.iter().all(|e| !String::from_utf8_lossy(&e.body).contains(&fixed.day)));
    let mut row = tx.appointment("c1", 1, fixed.rank).await.expect("read").expect("a row");
    row.version += 1;
    row.day = row.day.tomorrow().expect("a day");
    assert!(tx.put_appointment(&row).await.expect("a raw change"));
    let kinds: Vec<Kind> = fsck::check_in(app, &mut tx)
        .await
        .expect("check")
        .findings
        .iter()
        .map(|f| f.kind)
        .collect();
    assert_eq!(kinds, [Kind::Appointment]);
}

async fn names_open_to_whom_and_when_the_policy_says(engine: Engine) {
    let site = Site::new(engine).await;
    let office = site.joint.service.office.clone();
    let leader = site.leader();
    let other = site.team.iter().find(|(.., s)| s != leader).expect("another").2.clone();
    site.joint.policy("names_release", "VISIT_DAY").await;
    let unfixed = site.open(leader, "o2").await.expect_err("no day is fixed");
    assert_eq!(reason(&unfixed), "NO_DAY_FIXED");
    let early = propose(&site, leader, "p1").await.expect_err("the names are not open");
    assert_eq!(reason(&early), "NO_DAY_FIXED");
    let (rank, hours) = (site.visit.rank, ["09:00", "11:00"]);
    let asked = Fix { id: "f1", rank, day: "2026-06-17", hours, version: 0 };
    fix(&site, &office, asked).await.expect("fixed");
    let early = site.open(leader, "o3").await.expect_err("two days before");
    assert_eq!(reason(&early), "BEFORE_THE_VISIT_DAY");
    let department = &site.joint.keys["fire"];
    site.hands.forward(2 * 24 * 60);
    site.open(&other, "o4").await.expect("on the day");
    let refused = site.open(department, "o5").await.expect_err("the default is the team");
    assert_eq!(reason(&refused), "TEAM_OR_AUDITOR_ONLY");
    site.joint.policy("names_release_to", "LEADER").await;
    let refused = site.open(&other, "o6").await.expect_err("the leader only");
    assert_eq!(reason(&refused), "POLICY_OPENS_TO_THE_LEADER");
    let opened = site.open(leader, "o7").await.expect("the leader");
    let said = undertaking_sha256().to_string();
    let brought = site.start_with(&other, "s1", &opened.visit_code, &said).await;
    brought.expect("the code is the visit's, whoever opened it");
    site.joint.policy("names_release_to", "TEAM_AND_DEPARTMENTS").await;
    let visit = site.open(department, "o8").await.expect("a department").visit.expect("visit");
    assert_eq!(visit.subject_name, site.visit.subject_name);
}

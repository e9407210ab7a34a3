//! After the draw: substitutes in the order of the reserve, people in the order of the deal, each
//! change asked by one and approved by another.

use std::collections::BTreeSet;

use onevisit::app::fsck::{self, Kind};
use onevisit::app::log::{self, Round};
use onevisit::certificate::changes::Changes;
use onevisit::certificate::verify::verify;
use onevisit::certificate::{Certificate, Step, Trust, Wrong};
use onevisit::domain::caller::Role;
use onevisit::rpc::pb::visit_service_client::VisitServiceClient;
use onevisit::rpc::pb::{self, ChangeReason, Choice};
use tonic::{Code, Status};

use super::{quota, reason, violations};
use crate::harness::data::{code, inspector};
use crate::harness::joint::Joint;
use crate::harness::python::Python;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_substitute_is_the_next_in_reserve,
    an_exhausted_reserve_says_so,
    the_annual_cap_holds_when_a_reserve_is_taken,
    threat_t18_a_replacement_is_the_next_suiting_one,
    threat_t18_a_named_person_comes_only_where_the_policy_says,
    somebody_is_assigned_only_when_nobody_suits,
    an_empty_slot_is_filled_by_assignment,
    changes_stand_in_the_certificate,
}

const EVIDENCE: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

async fn drawn(engine: Engine) -> Joint {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    joint
}

async fn substitution(
    joint: &Joint,
    secret: &str,
    rank: i64,
    why: ChangeReason,
) -> Result<pb::Change, Status> {
    let request = pb::RequestSubstitutionRequest {
        request_id: format!("s{rank}"),
        campaign_id: "c1".into(),
        rank,
        reason: why.into(),
        evidence_sha256: EVIDENCE.into(),
    };
    let reply = joint.service.with(secret).visits().request_substitution(request).await?;
    Ok(reply.into_inner().change.expect("change"))
}

struct Slot<'a> {
    rank: i64,
    department: &'a str,
    slot: i64,
}

async fn replacement(
    joint: &Joint,
    secret: &str,
    at: &Slot<'_>,
    (choice, person): (Choice, &str),
    why: ChangeReason,
) -> Result<pb::Change, Status> {
    let request = pb::RequestReplacementRequest {
        request_id: format!("r{}-{}-{}-{choice:?}-{person}", at.rank, at.department, at.slot),
        campaign_id: "c1".into(),
        rank: at.rank,
        department: at.department.into(),
        slot: at.slot,
        choice: choice.into(),
        inspector_id: person.into(),
        reason: why.into(),
        evidence_sha256: EVIDENCE.into(),
    };
    let reply = joint.service.with(secret).visits().request_replacement(request).await?;
    Ok(reply.into_inner().change.expect("change"))
}

async fn decide(
    joint: &Joint,
    secret: &str,
    nth: i64,
    approve: bool,
) -> Result<pb::Change, Status> {
    let request = pb::DecideChangeRequest {
        request_id: format!("decide-{nth}-{approve}"),
        campaign_id: "c1".into(),
        nth,
        approve,
    };
    let reply = joint.service.with(secret).visits().decide_change(request).await?;
    Ok(reply.into_inner().change.expect("change"))
}

async fn visits(joint: &Joint) -> Vec<pb::Visit> {
    joint.visits(&joint.service.office, "c1").await.expect("visits")
}

async fn sound(joint: &Joint) {
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
    assert_eq!(fsck::check(&joint.service.app).await.expect("check").findings, []);
}

async fn reserve(joint: &Joint, department: &str, stratum: &str) -> Vec<pb::Reserve> {
    let request = pb::ListReserveRequest {
        campaign_id: "c1".into(),
        department: department.into(),
        stratum: stratum.into(),
        page_size: 0,
    };
    let reply = joint.service.office().visits().list_reserve(request).await.expect("reserve");
    reply.into_inner().reserve
}

async fn a_substitute_is_the_next_in_reserve(engine: Engine) {
    let joint = drawn(engine).await;
    let before = visits(&joint).await;
    let gone = before.iter().find(|v| v.sections.iter().any(|s| s.drawn && s.department == "fire"));
    let gone = gone.expect("a visit of the fire department");
    let wrong = substitution(&joint, &joint.keys["fire"], gone.rank, ChangeReason::Ill).await;
    let wrong = violations(&wrong.expect_err("no reason for a substitution"));
    assert_eq!(wrong, [("reason".into(), "REASON_OF_KIND".into())]);
    let supervisor = &joint.supervisors[0].1;
    let refused = substitution(&joint, supervisor, gone.rank, ChangeReason::Ceased).await;
    assert_eq!(reason(&refused.expect_err("no part in it")), "OWN_SECTION_OR_OFFICE_ONLY");
    let asked = substitution(&joint, &joint.keys["fire"], gone.rank, ChangeReason::Ceased).await;
    let asked = asked.expect("asked");
    assert_eq!((asked.nth, asked.state()), (1, pb::change::State::Requested));
    assert_eq!(visits(&joint).await, before, "asking changes nothing");
    let own = decide(&joint, &joint.keys["fire"], 1, true).await.expect_err("a department");
    assert_eq!(own.code(), Code::PermissionDenied);
    let done = decide(&joint, &joint.service.office, 1, true).await.expect("approved");
    let drew: Vec<_> = gone.sections.iter().filter(|s| s.drawn).collect();
    assert_eq!(done.taken.len(), drew.len());
    let after = visits(&joint).await;
    let dropped = after.iter().find(|v| v.rank == gone.rank).expect("still shown");
    assert_eq!(dropped.dropped_by_change, 1);
    for (section, taken) in drew.iter().zip(&done.taken) {
        let next = &reserve(&joint, &section.department, &section.stratum).await[0];
        assert_eq!((taken.rank, &taken.ticket), (next.rank, &next.ticket));
        let instead = after.iter().find(|v| v.rank == taken.visit).expect("the substitute");
        assert_eq!(instead.ticket, taken.ticket);
        let part = instead.sections.iter().find(|s| s.department == section.department);
        let part = part.expect("the department's part");
        assert!(part.drawn && part.rank == taken.rank, "{part:?}");
        let team: BTreeSet<&str> = part.team.iter().map(|m| m.ticket.as_str()).collect();
        assert_eq!(team.len(), part.team.len(), "two people, and not the same twice");
        assert!(!team.contains(""), "{part:?}");
    }
    let again = decide(&joint, &joint.service.office, 1, false).await.expect_err("decided");
    assert_eq!(reason(&again), "ALREADY_DECIDED");
    let twice = substitution(&joint, &joint.approver, gone.rank, ChangeReason::Ceased).await;
    assert_eq!(reason(&twice.expect_err("gone already")), "VISIT_DROPPED_OUT");
    let opened = joint.opened("c1").await;
    assert_eq!(opened.len(), after.len(), "an auditor opens the dropped and the substitutes");
    assert!(opened.iter().all(|v| !v.subject_name.is_empty()));
    sound(&joint).await;
}

async fn an_exhausted_reserve_says_so(engine: Engine) {
    let lists = [("market", (1..=4).collect())];
    let service = crate::harness::client::Service::start(engine).await;
    let joint = Joint::of(service, &lists).await;
    joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    substitution(&joint, &joint.approver, 1, ChangeReason::NotFound).await.expect("asked");
    let own = decide(&joint, &joint.approver, 1, true).await.expect_err("the one who asked");
    assert_eq!(reason(&own), "APPROVER_IS_REQUESTER");
    let done = decide(&joint, &joint.service.office, 1, true).await.expect("approved");
    let none = |t: &pb::Taken| t.ticket.is_empty() && t.visit == 0;
    assert!(done.taken.len() == 1 && done.taken.iter().all(none), "{done:?}");
    assert_eq!(visits(&joint).await.len(), 4);
    sound(&joint).await;
}

async fn the_annual_cap_holds_when_a_reserve_is_taken(engine: Engine) {
    let service = crate::harness::client::Service::start(engine).await;
    let joint = Joint::of(service, &[("market", (1..=5).collect())]).await;
    let one = pb::StratumQuota { stratum: "*".into(), count: Some(1), ..Default::default() };
    joint.carry_out(joint.campaign(|_| vec![one.clone()])).await;
    let drawn = joint.opened("c1").await.remove(0).subject_id;
    let rest: Vec<usize> = (1..=5).filter(|n| code(*n) != drawn).collect();
    // After the draw, all but one of the reserve get their two visits of the year.
    let visited = |n: &usize| {
        ["2026-02-03", "2026-05-06"].map(|on| pb::InspectionRecord {
            subject_id: code(*n),
            on: on.into(),
            origin: pb::InspectionOrigin::Random.into(),
            ..Default::default()
        })
    };
    let request = pb::RecordInspectionsRequest {
        request_id: "i".into(),
        inspections: rest[1..].iter().flat_map(visited).collect(),
    };
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    market.record_inspections(request).await.expect("recorded");
    let order = reserve(&joint, "market", &joint.opened("c1").await[0].sections[0].stratum).await;
    substitution(&joint, &joint.approver, 1, ChangeReason::Ceased).await.expect("asked");
    let done = decide(&joint, &joint.service.office, 1, true).await.expect("approved");
    let (came, passed) = done.taken.split_last().expect("a substitute");
    assert!(passed.iter().all(|t| t.passed_rule == "ANNUAL_CAP" && t.visit == 0), "{passed:?}");
    assert_eq!((came.passed_rule.as_str(), came.visit), ("", 2));
    let tickets = |taken: &[pb::Taken]| taken.iter().map(|t| t.ticket.clone()).collect::<Vec<_>>();
    let reserved: Vec<_> = order.iter().map(|r| r.ticket.clone()).collect();
    assert_eq!(tickets(&done.taken), reserved[..done.taken.len()], "in the order of the reserve");
    let opened = joint.opened("c1").await;
    assert_eq!(opened[1].subject_id, code(rest[0]), "the only one that may have a visit");
    // The others are passed over when their turn comes; then nobody is left.
    substitution(&joint, &joint.approver, 2, ChangeReason::Ceased).await.expect("asked");
    let done = decide(&joint, &joint.service.office, 2, true).await.expect("approved");
    let (none, over) = done.taken.split_last().expect("the end");
    assert!(none.ticket.is_empty() && none.visit == 0, "{none:?}");
    assert_eq!(over.len() + passed.len(), 3);
    assert!(over.iter().all(|t| t.passed_rule == "ANNUAL_CAP"), "{over:?}");
    sound(&joint).await;
    let (status, bytes) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    assert_eq!(status, 200);
    verify(&bytes, &Trust::default()).expect("every step");
    assert_eq!(Python::start().verdict(&bytes), "ok");
}

async fn threat_t18_a_replacement_is_the_next_suiting_one(engine: Engine) {
    let joint = drawn(engine).await;
    let before = joint.opened("c1").await;
    let section = &before[0].sections[0];
    let at = Slot { rank: before[0].rank, department: &section.department, slot: 1 };
    let beyond = Slot { slot: 9, ..at };
    let next = (Choice::Next, "");
    let none = replacement(&joint, &joint.approver, &beyond, next, ChangeReason::Ill).await;
    let none = violations(&none.expect_err("no such slot"));
    assert_eq!(none, [("slot".into(), "SLOT_OF_THE_SECTION".into())]);
    let why = ChangeReason::RecusalAsked;
    let asked = replacement(&joint, &joint.approver, &at, next, why).await.expect("asked");
    let own = decide(&joint, &joint.approver, asked.nth, true).await.expect_err("the same");
    assert_eq!(reason(&own), "APPROVER_IS_REQUESTER");
    let done = decide(&joint, &joint.service.office, asked.nth, true).await.expect("approved");
    assert_eq!(done.went_ticket, section.team[0].ticket);
    let after = visits(&joint).await;
    let team = &after[0].sections[0].team;
    assert_eq!(
        (team[0].ticket == done.came_ticket, team[0].leader),
        (true, section.team[0].leader)
    );
    assert!(!section.team.iter().any(|m| m.ticket == done.came_ticket), "somebody else came");
    // Who was sent away does not come back, and avoids the subject from now on.
    let mut gone = BTreeSet::from([done.went_ticket]);
    let mut nth = asked.nth;
    for slot in [1, 1] {
        let at = Slot { slot, ..at };
        let why = if nth == 1 { ChangeReason::Ill } else { ChangeReason::Away };
        let request = pb::RequestReplacementRequest {
            request_id: format!("again-{nth}"),
            campaign_id: "c1".into(),
            rank: at.rank,
            department: at.department.into(),
            slot,
            choice: Choice::Next.into(),
            inspector_id: String::new(),
            reason: why.into(),
            evidence_sha256: EVIDENCE.into(),
        };
        let mut client = joint.service.with(&joint.approver).visits();
        client.request_replacement(request).await.expect("asked");
        nth += 1;
        match decide(&joint, &joint.service.office, nth, true).await {
            Ok(done) => {
                assert!(!gone.contains(&done.came_ticket));
                gone.insert(done.went_ticket);
            }
            // Four people, two at the door: two may come, then nobody.
            Err(status) => assert!(nth == 3 && reason(&status) == "NOBODY_SUITS", "{status:?}"),
        }
    }
    let mut tx = joint.service.app.db.read().await.expect("read");
    let recusals = tx.recusals("990001").await.expect("recusals");
    assert_eq!(recusals.len(), 1);
    assert_eq!(recusals[0].1.subject_id, before[0].subject_id);
    drop(tx);
    sound(&joint).await;
}

async fn threat_t18_a_named_person_comes_only_where_the_policy_says(engine: Engine) {
    let joint = drawn(engine).await;
    let before = joint.opened("c1").await;
    let section = &before[0].sections[0];
    let at = Slot { rank: before[0].rank, department: &section.department, slot: 2 };
    let there = |n: usize| section.team.iter().any(|m| m.inspector_id.ends_with(&format!("/p{n}")));
    let free = (1..=4).find(|n| !there(*n)).expect("two of four are free");
    let named = format!("p{free}");
    let chosen = (Choice::Appointed, named.as_str());
    let refused = replacement(&joint, &joint.approver, &at, chosen, ChangeReason::Ill).await;
    assert_eq!(reason(&refused.expect_err("not by default")), "POLICY_TAKES_THE_NEXT");
    joint.policy("replacement", "APPOINTED").await;
    let asked = replacement(&joint, &joint.approver, &at, chosen, ChangeReason::Ill).await;
    let asked = asked.expect("a refusal leaves the request id free");
    let done = decide(&joint, &joint.service.office, asked.nth, true).await.expect("approved");
    let after = joint.opened("c1").await;
    let came = &after[0].sections[0].team[1];
    assert_eq!((&came.ticket, came.inspector_id.ends_with(&named)), (&done.came_ticket, true));
    assert_eq!(done.choice(), Choice::Appointed);
    sound(&joint).await;
    let (_, bytes) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    let found = verify(&bytes, &Trust::default()).expect("every step");
    assert_eq!(found.changes, Changes { appointed: 1, ..Default::default() }, "it is counted");
}

async fn somebody_is_assigned_only_when_nobody_suits(engine: Engine) {
    let joint = drawn(engine).await;
    let before = joint.opened("c1").await;
    let section = &before[0].sections[0];
    let at = Slot { rank: before[0].rank, department: &section.department, slot: 1 };
    let mut registry = joint.service.with(&joint.keys[at.department]).registry();
    let people = crate::harness::data::inspectors("i2", vec![inspector("p9")]);
    registry.import_inspectors(people).await.expect("a new person");
    let why = ChangeReason::Left;
    let early = (Choice::Direct, "p9");
    let asked = replacement(&joint, &joint.approver, &at, early, why).await.expect("asked");
    let early = decide(&joint, &joint.service.office, asked.nth, true).await;
    assert_eq!(reason(&early.expect_err("two of the pool suit")), "SOMEBODY_SUITS");
    decide(&joint, &joint.service.office, asked.nth, false).await.expect("declined");
    let auditor = joint.service.key(Role::Auditor, "", "审计处").await;
    let listed = pb::ListChangesRequest { campaign_id: "c1".into(), ..Default::default() };
    let mut anybody = VisitServiceClient::new(joint.service.channel.clone());
    let listed = anybody.list_changes(listed).await.expect("without a key").into_inner().changes;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].state(), pb::change::State::Declined);
    assert!(!format!("{listed:?}").contains("p9"), "the named person is sealed");
    let refused = replacement(&joint, &auditor, &at, (Choice::Next, ""), why).await;
    assert_eq!(refused.expect_err("auditors change nothing").code(), Code::PermissionDenied);
    sound(&joint).await;
}

async fn an_empty_slot_is_filled_by_assignment(engine: Engine) {
    let service = crate::harness::client::Service::start(engine).await;
    let slot = |lead, tag: &str| pb::Slot {
        lead,
        requires: Some(tag.to_owned()).into_iter().filter(|t| !t.is_empty()).collect(),
    };
    let profile =
        pb::Profile { name: "p".into(), slots: vec![slot(true, ""), slot(false, "电梯")] };
    let (joint, frozen) = Joint::frozen_as(service, |c| {
        c.profiles = vec![profile.clone()];
        c.participants.iter_mut().for_each(|p| p.profile = "p".into());
    })
    .await;
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    let before = joint.opened("c1").await;
    let section = &before[0].sections[0];
    assert_eq!(section.team[1].ticket, "", "nobody is qualified");
    let at = Slot { rank: before[0].rank, department: &section.department, slot: 2 };
    let why = ChangeReason::Shortage;
    let here = section.team[0].inspector_id.rsplit('/').next().expect("an id");
    let twice = (Choice::Direct, here);
    let asked = replacement(&joint, &joint.approver, &at, twice, why).await.expect("asked");
    let twice = decide(&joint, &joint.service.office, asked.nth, true).await;
    assert_eq!(reason(&twice.expect_err("is at the door already")), "PERSON_MAY_NOT_BE_SENT");
    let free = ["p1", "p2"].into_iter().find(|p| *p != here).expect("another");
    let other = (Choice::Direct, free);
    let asked = replacement(&joint, &joint.approver, &at, other, why).await.expect("asked");
    let done = decide(&joint, &joint.service.office, asked.nth, true).await.expect("assigned");
    assert_eq!((done.went_ticket.as_str(), done.choice()), ("", Choice::Direct));
    let after = joint.opened("c1").await;
    let came = &after[0].sections[0].team[1];
    assert_eq!(came.inspector_id, format!("{}/{free}", section.department));
    assert_eq!((&came.ticket, came.leader), (&done.came_ticket, false));
    sound(&joint).await;
}

async fn changes_stand_in_the_certificate(engine: Engine) {
    let joint = drawn(engine).await;
    let first = visits(&joint).await.remove(0);
    substitution(&joint, &joint.approver, first.rank, ChangeReason::Ceased).await.expect("asked");
    decide(&joint, &joint.service.office, 1, true).await.expect("approved");
    let second = visits(&joint).await.remove(1);
    let department = second.sections[0].department.clone();
    let at = Slot { rank: second.rank, department: &department, slot: 1 };
    let next = (Choice::Next, "");
    replacement(&joint, &joint.approver, &at, next, ChangeReason::Ill).await.expect("asked");
    decide(&joint, &joint.service.office, 2, true).await.expect("approved");
    sound(&joint).await;
    let (status, bytes) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    assert_eq!(status, 200);
    let found = verify(&bytes, &Trust::default()).expect("every step");
    let counted = Changes { substitutions: 1, replacements: 1, ..Default::default() };
    assert_eq!(found.changes, counted);
    let mut python = Python::start();
    assert_eq!(python.verdict(&bytes), "ok");
    let file: Certificate = serde_json::from_slice(&bytes).expect("json");
    let mut silent = file;
    silent.entries.retain(|e| !e.event.contains("visit.change.request"));
    let silent = silent.to_bytes().expect("canonical");
    let wrong = verify(&silent, &Trust::default()).expect_err("nobody asked");
    assert!(matches!(wrong, Wrong::Log(Step::Changes, _)), "{wrong:?}");
    assert_eq!(python.verdict(&silent), "L9");
    // Whoever edits a visit or a change in the database is found.
    for (sql, kind) in [
        ("UPDATE visits SET doc = replace(doc, '\"dropped\":1', '\"dropped\":0')", Kind::Visit),
        ("UPDATE changes SET doc = replace(doc, 'CEASED', 'UNSAFE')", Kind::Change),
    ] {
        let mut tx = joint.service.app.db.begin().await.expect("begin");
        super::fsck::unguard(&mut tx, "changes").await;
        assert!(super::fsck::run(&mut tx, sql, 0, 0).await > 0);
        let report = fsck::check_in(&joint.service.app, &mut tx).await.expect("check");
        assert!(report.findings.iter().any(|f| f.kind == kind), "{sql}: {report:?}");
    }
}

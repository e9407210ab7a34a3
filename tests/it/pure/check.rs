//! The states of a check, its findings and signatures, without a database.

use jiff::civil::date;
use onevisit::domain::calendar::Calendar;
use onevisit::domain::check::ending::Ending;
use onevisit::domain::check::evidence::{CLOCK_AHEAD_US_MAX, Evidence};
use onevisit::domain::check::{
    Basis, Check, CheckAction, CheckState, EvidenceKind, Given, Hand, Refused, ResultCode, Seen,
};
use onevisit::domain::deadline::Deadline;
use onevisit::domain::item::Method;
use onevisit::domain::visit::{Member, Section, SectionItem, Visit};

const ACTIONS: [CheckAction; 10] = [
    CheckAction::Start,
    CheckAction::Join,
    CheckAction::Record,
    CheckAction::Sign,
    CheckAction::SignLast,
    CheckAction::Reopen,
    CheckAction::Terminate,
    CheckAction::ConfirmTermination,
    CheckAction::DeclineTermination,
    CheckAction::Complete,
];
const SHA: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[test]
fn every_transition_that_is_not_listed_is_refused() {
    use CheckAction as Do;
    use CheckState as Is;
    let listed = [
        (Is::Scheduled, Do::Start, Is::Started),
        (Is::Started, Do::Join, Is::Started),
        (Is::Started, Do::Record, Is::Started),
        (Is::Started, Do::Sign, Is::Started),
        (Is::Started, Do::SignLast, Is::Signed),
        (Is::Started, Do::Reopen, Is::Started),
        (Is::Started, Do::Terminate, Is::Terminating),
        (Is::Signed, Do::Reopen, Is::Started),
        (Is::Signed, Do::Complete, Is::Completed),
        (Is::Terminating, Do::Join, Is::Terminating),
        (Is::Terminating, Do::ConfirmTermination, Is::Terminated),
        (Is::Terminating, Do::DeclineTermination, Is::Started),
    ];
    let mut allowed = 0;
    for from in CheckState::ALL {
        assert_eq!(CheckState::from_word(from.word()), Some(from));
        for action in ACTIONS {
            let wanted = listed.iter().find(|(s, a, _)| *s == from && *a == action);
            assert_eq!(from.after(action), wanted.map(|(.., to)| *to), "{from:?} {action:?}");
            allowed += usize::from(wanted.is_some());
        }
        assert_eq!(from.is_over(), ACTIONS.iter().all(|a| from.after(*a).is_none()));
    }
    assert_eq!(allowed, listed.len());
}

#[test]
fn the_codes_are_the_eight_national_ones_and_the_local_grounds() {
    let national: Vec<_> = ResultCode::ALL.iter().filter(|c| c.is_national()).collect();
    assert_eq!(national.len(), 8);
    assert!(ResultCode::ALL.iter().filter(|c| !c.is_national()).all(|c| c.is_ground()));
    assert!(!ResultCode::NoIssueFound.is_ground() && !ResultCode::NoIssueFound.wants_follow_up());
    assert!(ResultCode::SeriousNonCooperation.wants_follow_up(), "R107");
}

fn visit() -> Visit {
    let member =
        |ticket: &str, leader| Member { ticket: ticket.into(), inspector: String::new(), leader };
    let item = |code: &str| SectionItem { code: code.into(), name: format!("{code}检查") };
    let section = |department: &str, team: Vec<Member>| Section {
        department: department.into(),
        drawn: true,
        rank: 1,
        item_list_version: 1,
        items: vec![item("A1"), item("A2")],
        team,
    };
    Visit {
        campaign: "c1".into(),
        attempt: 1,
        rank: 3,
        unit: String::new(),
        subject: String::new(),
        name: String::new(),
        address: String::new(),
        district: String::new(),
        ticket: "door".into(),
        lot: String::new(),
        stratum: "all".into(),
        first_day: date(2026, 6, 15),
        last_day: date(2026, 7, 15),
        sections: vec![
            section("fire", vec![member("f1", false), member("f2", false)]),
            section("market", vec![member("m1", true), member("", false)]),
        ],
        dropped: 0,
        stands_for: 0,
    }
}

fn hand(ticket: &str) -> Hand {
    Hand { ticket: ticket.into(), now_us: 1_000_000 }
}

fn started() -> Check {
    let on_site = |_: &str, _: i64, _: &str| vec![Method::OnSite];
    let mut check =
        Check::start(&visit(), [1; 32], date(2026, 6, 15), 1, on_site).expect("started");
    for ticket in ["f1", "f2", "m1"] {
        check.join(&hand(ticket)).expect("joined");
    }
    check
}

fn given(department: &str, item: &str, result: ResultCode) -> Given {
    Given {
        department: department.into(),
        item: item.into(),
        result,
        method: Method::OnSite,
        basis: Basis::OwnCheck,
        basis_issuer: String::new(),
        basis_sha256: String::new(),
        deviation: String::new(),
        note: String::new(),
    }
}

fn evidence(department: &str, kind: EvidenceKind) -> Evidence {
    Evidence {
        sha256: SHA.into(),
        kind,
        taken_us: 1_000,
        size_bytes: 9,
        uri: "evidence://1".into(),
        department: department.into(),
        item: String::new(),
    }
}

fn rules(refused: &Refused) -> Vec<String> {
    let Refused::Invalid(violations) = refused else { panic!("{refused:?}") };
    let all = violations.clone().into_vec();
    all.into_iter().map(|v| format!("{} {}", v.field, v.rule)).collect()
}

fn all_recorded() -> Check {
    let mut check = started();
    for (ticket, department) in [("f1", "fire"), ("m1", "market")] {
        let clean = ["A1", "A2"].map(|i| given(department, i, ResultCode::NoIssueFound));
        check.record(&hand(ticket), &Seen::default(), &clean).expect("recorded");
    }
    check
}

#[test]
fn an_item_outside_the_visit_is_refused() {
    let mut check = started();
    let before = check.clone();
    let foreign = given("fire", "A3", ResultCode::NoIssueFound);
    let nobody = given("tax", "A1", ResultCode::NoIssueFound);
    let refused = check.record(&hand("f1"), &Seen::default(), &[foreign, nobody]);
    let rules = rules(&refused.expect_err("R18"));
    let outside = |i| format!("findings[{i}].item_code OUTSIDE_THE_VISIT");
    assert_eq!(rules, [outside(0), outside(1)]);
    assert_eq!(check, before);
}

#[test]
fn another_method_needs_a_note_and_a_foreign_basis_its_evidence() {
    let mut check = started();
    let mut other = given("fire", "A1", ResultCode::NoIssueFound);
    other.method = Method::Document;
    let refused = check.record(&hand("f1"), &Seen::default(), &[other.clone()]);
    let found = rules(&refused.expect_err("R99"));
    assert_eq!(found, ["findings[0].deviation REQUIRED_FOR_ANOTHER_METHOD"]);
    other.deviation = "企业停电，改为书面检查".into();
    check.record(&hand("f1"), &Seen::default(), &[other]).expect("with a note");
    let bases = [
        (Basis::OtherDepartment, EvidenceKind::OtherConclusion),
        (Basis::CourtInstrument, EvidenceKind::CourtInstrument),
        (Basis::ProfessionalOpinion, EvidenceKind::ProfessionalOpinion),
        (Basis::ThirdPartyReport, EvidenceKind::ThirdPartyReport),
    ];
    for (basis, kind) in bases {
        let mut check = started();
        let mut reused = given("fire", "A1", ResultCode::NoIssueFound);
        reused.basis = basis;
        let refused = check.record(&hand("f1"), &Seen::default(), &[reused.clone()]);
        let found = rules(&refused.expect_err("R101"));
        assert!(found.contains(&"findings[0].basis_issuer REQUIRED".to_owned()), "{found:?}");
        (reused.basis_issuer, reused.basis_sha256) = ("某单位".into(), SHA.into());
        check.attach(&hand("f1"), evidence("fire", EvidenceKind::Photo)).expect("a photo");
        let refused = check.record(&hand("f1"), &Seen::default(), &[reused.clone()]);
        let found = rules(&refused.expect_err("a photo is no basis"));
        assert_eq!(found, ["findings[0].basis_sha256 NOT_ATTACHED"]);
        check.attach(&hand("f1"), evidence("fire", kind)).expect("its kind");
        check.record(&hand("f1"), &Seen::default(), &[reused]).expect("R102");
    }
}

#[test]
fn only_the_section_and_the_leader_record() {
    let mut check = started();
    let mut record = |ticket: &str, department: &str| {
        let clean = [given(department, "A1", ResultCode::NoIssueFound)];
        check.record(&hand(ticket), &Seen::default(), &clean)
    };
    assert_eq!(record("f1", "market"), Err(Refused::Forbidden("NOT_OF_THE_SECTION")));
    assert_eq!(record("x", "fire"), Err(Refused::Forbidden("NOT_OF_THE_TEAM")));
    record("m1", "fire").expect("the leader, R109");
}

#[test]
fn evidence_has_a_hash_a_time_and_a_place() {
    let mut check = started();
    let bad = Evidence {
        sha256: "x".into(),
        taken_us: 1_000_000 + CLOCK_AHEAD_US_MAX + 1,
        size_bytes: 0,
        uri: String::new(),
        department: String::new(),
        item: "A1".into(),
        ..evidence("", EvidenceKind::Video)
    };
    let found = rules(&check.attach(&hand("f1"), bad).expect_err("R103"));
    let wanted = [
        "evidence.sha256 SHA256_HEX",
        "evidence.taken_at NOT_IN_THE_FUTURE",
        "evidence.size_bytes SIZE_RANGE",
        "evidence.uri REQUIRED",
        "evidence.department REQUIRED_WITH_ITEM",
    ];
    assert_eq!(found, wanted);
    check.attach(&hand("f1"), evidence("", EvidenceKind::Video)).expect("the whole process");
    let other = check.attach(&hand("f1"), evidence("market", EvidenceKind::Photo));
    assert_eq!(other, Err(Refused::Forbidden("NOT_OF_THE_SECTION")));
}

#[test]
fn what_somebody_else_recorded_is_not_overwritten() {
    let mut check = started();
    let base = Seen { version: check.version, ..Seen::default() };
    let issue = given("fire", "A1", ResultCode::IssuePendingFollowUp);
    check.record(&hand("f1"), &base, std::slice::from_ref(&issue)).expect("first");
    let clean = given("fire", "A1", ResultCode::NoIssueFound);
    let refused =
        check.record(&hand("f2"), &base, std::slice::from_ref(&clean)).expect_err("a conflict");
    let Refused::Conflict(conflict) = refused else { panic!("{refused:?}") };
    assert_eq!((&conflict.kept.given, &conflict.offered.given), (&issue, &clean));
    let section = check.section("fire").expect("fire");
    assert_eq!(section.findings[0].given, issue, "what stood stands");
    check
        .record(&hand("f2"), &base, std::slice::from_ref(&issue))
        .expect("the same is no conflict");
    check.keep_conflict(*conflict).expect("kept");
    let rest = given("fire", "A2", ResultCode::NoIssueFound);
    check.record(&hand("f1"), &base, &[rest]).expect("another item");
    let digest = check.section_digest("fire").expect("digest").to_string();
    let refused = check.sign(&hand("f1"), "fire", &digest).expect_err("nobody signs over it");
    assert_eq!(refused, Refused::Standing("OPEN_CONFLICT", "A1".into()));
    let seen = Seen { version: check.version, ..Seen::default() };
    check.record(&hand("f2"), &seen, std::slice::from_ref(&clean)).expect("after reading both");
    assert_eq!(check.open_conflicts().count(), 0);
    assert_eq!(check.section("fire").expect("fire").findings[0].given, clean);
}

#[test]
fn a_signed_section_does_not_change_and_the_digest_binds_everything() {
    let mut check = all_recorded();
    let first = check.section_digest("fire").expect("digest");
    let mut salted = check.clone();
    salted.salt = "00".into();
    assert_ne!(salted.section_digest("fire").expect("digest"), first);
    let stale = check.sign(&hand("f1"), "fire", SHA).expect_err("another digest");
    assert_eq!(stale, Refused::Standing("NOT_WHAT_STANDS", "fire".into()));
    check.sign(&hand("f1"), "fire", &first.to_string()).expect("signed");
    let mut noted = given("fire", "A1", ResultCode::NoIssueFound);
    noted.note = "补充".into();
    let seen = Seen { version: check.version, ..Seen::default() };
    let refused = check.record(&hand("f2"), &seen, &[noted.clone()]).expect_err("signed");
    assert_eq!(refused, Refused::Standing("SECTION_SIGNED", "fire".into()));
    let refused = check.attach(&hand("f2"), evidence("fire", EvidenceKind::Photo));
    assert_eq!(refused, Err(Refused::Standing("SECTION_SIGNED", "fire".into())));
    assert_eq!(check.reopen(&hand("f1"), "fire"), Err(Refused::Forbidden("LEADER_ONLY")));
    check.reopen(&hand("m1"), "fire").expect("the leader");
    check.record(&hand("f2"), &seen, &[noted]).expect("open again");
    assert_ne!(check.section_digest("fire").expect("digest"), first);
    let early = check.complete(&hand("m1")).expect_err("unsigned");
    assert_eq!(early, Refused::Standing("CHECK_STATE", "STARTED".into()));
    for (ticket, department) in [("f1", "fire"), ("f2", "fire"), ("m1", "market")] {
        let digest = check.section_digest(department).expect("digest").to_string();
        check.sign(&hand(ticket), department, &digest).expect("signed");
    }
    assert_eq!(check.state, CheckState::Signed);
    check.complete(&hand("m1")).expect("complete");
}

#[test]
fn what_was_found_otherwise_stops_the_completion_even_after_a_signature() {
    let mut check = all_recorded();
    let sign = |check: &mut Check, ticket: &str, department: &str| {
        let digest = check.section_digest(department).expect("digest").to_string();
        check.sign(&hand(ticket), department, &digest)
    };
    sign(&mut check, "f1", "fire").expect("signed");
    sign(&mut check, "f2", "fire").expect("signed");
    let issue = given("fire", "A1", ResultCode::NotDisclosed);
    let offline = Seen { version: 1, ..Seen::default() };
    let refused = check.record(&hand("f2"), &offline, std::slice::from_ref(&issue));
    let Err(Refused::Conflict(conflict)) = refused else { panic!("{refused:?}") };
    check.keep_conflict(*conflict).expect("kept");
    sign(&mut check, "m1", "market").expect("the last one");
    let refused = check.complete(&hand("m1")).expect_err("open");
    assert_eq!(refused, Refused::Standing("OPEN_CONFLICT", "A1".into()));
    check.reopen(&hand("m1"), "fire").expect("the leader");
    let seen = Seen { version: check.version, ..Seen::default() };
    check.record(&hand("f2"), &seen, &[issue]).expect("decided");
    sign(&mut check, "f1", "fire").expect("anew");
    sign(&mut check, "f2", "fire").expect("anew");
    check.complete(&hand("m1")).expect("complete");
}

#[test]
fn an_ending_needs_a_ground_evidence_and_two_members() {
    let mut check = started();
    let ending = |ground, evidence: &[&str]| Ending {
        ground,
        evidence: evidence.iter().map(|e| (*e).to_owned()).collect(),
        note: "登记住所查无此企业".into(),
    };
    let ground = ResultCode::UnreachableAtRegisteredAddress;
    let wrong = ending(ResultCode::NoIssueFound, &[SHA]);
    let found = rules(&check.terminate(&hand("m1"), wrong).expect_err("no ground"));
    assert_eq!(found, ["ground TERMINATION_GROUND", "evidence_sha256[0] NOT_ATTACHED"]);
    let bare = rules(&check.terminate(&hand("m1"), ending(ground, &[])).expect_err("bare"));
    assert_eq!(bare, ["evidence_sha256 REQUIRED"]);
    check.attach(&hand("f1"), evidence("", EvidenceKind::Photo)).expect("the door");
    let other = check.terminate(&hand("f1"), ending(ground, &[SHA]));
    assert_eq!(other, Err(Refused::Forbidden("LEADER_ONLY")));
    check.terminate(&hand("m1"), ending(ground, &[SHA])).expect("R105");
    let digest = check.termination_digest().expect("digest").to_string();
    let alone = check.decide_termination(&hand("m1"), true, &digest);
    assert_eq!(alone, Err(Refused::Forbidden("LEADER_HAS_SIGNED")));
    let late = check.attach(&hand("f1"), evidence("", EvidenceKind::Audio)).expect_err("ending");
    assert_eq!(late, Refused::Standing("CHECK_STATE", "TERMINATING".into()));
    check.decide_termination(&hand("f2"), false, "").expect("declined");
    assert_eq!((check.state, &check.termination), (CheckState::Started, &None));
    check.terminate(&hand("m1"), ending(ground, &[SHA])).expect("again");
    let other = check.decide_termination(&hand("f2"), true, SHA).expect_err("another digest");
    assert_eq!(other, Refused::Standing("NOT_WHAT_STANDS", SHA.into()));
    check.decide_termination(&hand("f2"), true, &digest_of(&check)).expect("two have signed");
    assert!(check.state == CheckState::Terminated && check.finished_us > 0);
}

fn digest_of(check: &Check) -> String {
    check.termination_digest().expect("digest").to_string()
}

#[test]
fn nobody_starts_a_check_that_nobody_could_sign() {
    let mut empty = visit();
    empty.sections[0].team.iter_mut().for_each(|m| m.ticket.clear());
    let refused = Check::start(&empty, [1; 32], date(2026, 6, 15), 1, |_, _, _| Vec::new());
    assert_eq!(refused, Err(Refused::Standing("SECTION_WITHOUT_PEOPLE", "fire".into())));
    let mut led = visit();
    assert_eq!(led.leader(), "m1");
    led.sections[1].team[0].leader = false;
    assert_eq!(led.leader(), "f1", "without the lead department the first member leads");
}

#[test]
fn results_after_the_schemes_day_are_late() {
    let calendar = Calendar::of(Calendar::built_in(), &[String::new()]);
    // The last instant of the 17th of June in China, and the next one.
    let end_us = 1_781_712_000_000_000;
    for (now_us, late) in [(end_us - 1, false), (end_us, true)] {
        let mut check = all_recorded();
        check.entry = Some(Deadline::set(&calendar, date(2026, 6, 15), 2));
        for (ticket, department) in [("f1", "fire"), ("f2", "fire"), ("m1", "market")] {
            let digest = check.section_digest(department).expect("digest").to_string();
            check.sign(&hand(ticket), department, &digest).expect("signed");
        }
        assert!(!check.is_entered_late(), "it is open still");
        let leader = check.leader().to_owned();
        check.complete(&Hand { ticket: leader, now_us }).expect("completed");
        assert_eq!(check.is_entered_late(), late);
        check.entry = None;
        assert!(!check.is_entered_late(), "without a scheme");
    }
}

//! The steps of a follow-up, the waits of the outbox and the credit state of a row, without a database.

use jiff::civil::date;
use onevisit::domain::Violations;
use onevisit::domain::credit::CreditState;
use onevisit::domain::follow_up::{FollowUp, FollowUpAction, FollowUpState, Step};
use onevisit::domain::outbox::{WAIT_MAX_US, WAIT_MIN_US, next_try, words};
use onevisit::domain::subject::{Entry, EntryDetail, RiskClass, SubjectKind, SubjectState};

const SHA: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[test]
fn every_move_of_a_follow_up_that_is_not_listed_is_refused() {
    use FollowUpAction as Do;
    use FollowUpState as Is;
    let listed = [
        (Is::Open, Do::Keep, Is::Accepted),
        (Is::Open, Do::HandOver, Is::HandedOver),
        (Is::HandedOver, Do::Accept, Is::Accepted),
        (Is::HandedOver, Do::Return, Is::Open),
        (Is::Accepted, Do::Order, Is::Rectifying),
        (Is::Accepted, Do::OpenCase, Is::CaseOpened),
        (Is::Accepted, Do::Refer, Is::Referred),
        (Is::Accepted, Do::Report, Is::Closed),
        (Is::Rectifying, Do::Pass, Is::Rectified),
        (Is::Rectifying, Do::Fail, Is::Accepted),
        (Is::Rectified, Do::OpenCase, Is::CaseOpened),
        (Is::Rectified, Do::Report, Is::Closed),
        (Is::CaseOpened, Do::Refer, Is::Referred),
        (Is::CaseOpened, Do::Report, Is::Closed),
        (Is::Referred, Do::Receipt, Is::ReferralReceived),
        (Is::ReferralReceived, Do::Report, Is::Closed),
    ];
    let mut allowed = 0;
    for from in FollowUpState::ALL {
        for action in Do::ALL {
            let wanted = listed.iter().find(|(s, a, _)| *s == from && *a == action);
            assert_eq!(from.after(action), wanted.map(|(.., to)| *to), "{from:?} {action:?}");
            allowed += usize::from(wanted.is_some());
        }
    }
    assert_eq!(allowed, listed.len());
}

fn step(action: FollowUpAction) -> Step {
    Step {
        action,
        unit: String::new(),
        due_on: None,
        reference: String::new(),
        document: String::new(),
        note: String::new(),
        by: String::new(),
        at_us: 0,
    }
}

fn broken(step: &Step) -> Vec<String> {
    let mut violations = Violations::default();
    step.check(&mut violations, date(2026, 6, 15));
    violations.into_vec().into_iter().map(|v| format!("{} {}", v.field, v.rule)).collect()
}

#[test]
fn a_step_has_what_it_needs_and_nothing_else() {
    use FollowUpAction as Do;
    let none: [String; 0] = [];
    assert_eq!(broken(&step(Do::Keep)), none);
    assert_eq!(broken(&step(Do::HandOver)), ["unit OF_A_HAND_OVER_ONLY", "unit ID_FORM"]);
    let wanted = ["due_on OF_AN_ORDER_ONLY", "document_sha256 SHA256_HEX"];
    assert_eq!(broken(&step(Do::Order)), wanted);
    let past = Step { due_on: Some(date(2026, 6, 15)), document: SHA.into(), ..step(Do::Order) };
    assert_eq!(broken(&past), ["due_on IN_THE_FUTURE"]);
    assert_eq!(broken(&step(Do::Refer)), ["reference REQUIRED", "document_sha256 SHA256_HEX"]);
    assert_eq!(broken(&step(Do::Report)), ["note REQUIRED"]);
    let mut followed = FollowUp::open("c.1.1.fire", "c", "fire");
    assert!(followed.make(step(Do::Keep)) && followed.unit == "fire");
    assert!(followed.make(Step { due_on: Some(date(2026, 7, 1)), ..step(Do::Order) }));
    assert!(!followed.is_overdue(date(2026, 7, 1)) && followed.is_overdue(date(2026, 7, 2)));
    assert!(!followed.make(step(Do::Report)), "not before the re-check");
    assert!(followed.make(step(Do::Fail)) && !followed.is_overdue(date(2026, 7, 2)));
    assert_eq!((followed.version, followed.steps.len()), (4, 3));
}

#[test]
fn the_outbox_waits_twice_as_long_each_time_and_a_day_at_most() {
    let waits: Vec<i64> = (1..=4).map(|n| (next_try(7, n) - 7) / WAIT_MIN_US).collect();
    assert_eq!(waits, [1, 2, 4, 8]);
    for attempts in [12, 60, i64::MAX] {
        assert_eq!(next_try(0, attempts), WAIT_MAX_US);
    }
    assert_eq!(words(" ok\r\n\u{1b}[2J "), "ok[2J");
    assert_eq!(words(&"长".repeat(9_000)).chars().count(), 500);
}

#[test]
fn a_newer_credit_class_replaces_that_of_a_row() {
    let mut entry = Entry {
        subject_id: "s".into(),
        premises: String::new(),
        name: "n".into(),
        kind: SubjectKind::Enterprise,
        state: SubjectState::Operating,
        risk: Some(RiskClass::B),
        district: String::new(),
        more: EntryDetail { risk_on: Some(date(2026, 3, 1)), ..EntryDetail::default() },
    };
    let mut state = CreditState {
        subject: "s".into(),
        class: Some(RiskClass::D),
        abnormal: false,
        serious: false,
        on: date(2026, 2, 1),
        source: "信用平台".into(),
    };
    state.classify(&mut entry);
    assert_eq!(entry.risk, Some(RiskClass::B), "an older class changes nothing");
    state.on = date(2026, 4, 1);
    state.classify(&mut entry);
    assert_eq!((entry.risk, entry.more.risk_on), (Some(RiskClass::D), Some(state.on)));
    assert!(!state.is_marked() && CreditState { serious: true, ..state }.is_marked());
}

//! Liabilities without a database: every move, every duty with its day, over a year with swapped days.

use jiff::civil::{Date, date};
use onevisit::domain::Violations;
use onevisit::domain::breach::BreachState;
use onevisit::domain::calendar::{Calendar, UnknownYear};
use onevisit::domain::day;
use onevisit::domain::deadline::Deadline;
use onevisit::domain::follow_up::{FollowUp, FollowUpAction, Step};
use onevisit::domain::liability::{
    DutyEvidence, DutyGround, LiabilityAction, LiabilityKind, LiabilityState, Ruling, liability_id,
};
use onevisit::oversight::obligation::{
    Attempt, Obligation, Standing, fixed, of_attempt, of_follow_up,
};

const SHA: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[test]
fn every_move_of_a_liability_that_is_not_listed_is_refused() {
    use LiabilityAction as Do;
    use LiabilityState as Is;
    let listed = [
        (Is::Open, Do::Fulfil, Is::FulfilledLate),
        (Is::Open, Do::Exempt, Is::Exempted),
        (Is::Open, Do::Uphold, Is::Upheld),
        (Is::FulfilledLate, Do::Exempt, Is::Exempted),
        (Is::FulfilledLate, Do::Uphold, Is::Upheld),
        (Is::Exempted, Do::Fulfil, Is::Exempted),
        (Is::Upheld, Do::Fulfil, Is::Upheld),
    ];
    let mut allowed = 0;
    for from in LiabilityState::ALL {
        for action in [Do::Fulfil, Do::Exempt, Do::Uphold] {
            let wanted = listed.iter().find(|(s, a, _)| *s == from && *a == action);
            assert_eq!(from.after(action), wanted.map(|(.., to)| *to), "{from:?} {action:?}");
            allowed += usize::from(wanted.is_some());
        }
    }
    assert_eq!(allowed, listed.len());
    for from in BreachState::ALL {
        for sanctioned in [true, false] {
            assert_eq!(from.decided(sanctioned).is_some(), from == BreachState::Recorded);
        }
    }
}

#[test]
fn a_duty_done_late_is_noted_once_also_after_a_decision() {
    let due = calendar().due(date(2025, 3, 3), 5).expect("known");
    let mut liability = duty(fixed(date(2025, 3, 3)), None).missed("990001", due, 1);
    assert!(liability.act(LiabilityAction::Uphold));
    assert!(liability.act(LiabilityAction::Fulfil));
    assert_eq!((liability.state, liability.version), (LiabilityState::Upheld, 3));
    liability.fulfilled_on = Some(date(2025, 3, 20));
    assert!(!liability.act(LiabilityAction::Fulfil), "it was done before");
    assert!(!liability.act(LiabilityAction::Exempt), "it was decided");
    let ids: std::collections::BTreeSet<String> =
        LiabilityKind::ALL.iter().map(|kind| liability_id(*kind, "o", "u")).collect();
    assert_eq!(ids.len(), LiabilityKind::ALL.len());
    assert_ne!(
        liability_id(LiabilityKind::Check, "ab", "c"),
        liability_id(LiabilityKind::Check, "a", "bc")
    );
}

fn calendar() -> Calendar {
    Calendar::of(Calendar::built_in(), &[String::new()])
}

fn duty(deadline: Deadline, done: Option<Date>) -> Obligation {
    Obligation {
        kind: LiabilityKind::Publication,
        unit: "fire".into(),
        object: "c.1.1.fire".into(),
        campaign: "c".into(),
        rank: 1,
        deadline,
        done,
    }
}

/// The last day of a duty, counted in another way: one day after the other.
fn last_day(calendar: &Calendar, from: Date, days: i64) -> Date {
    let works = |d: Date| calendar.is_working_day(d).expect("known");
    let (mut at, mut left) = (from, days);
    loop {
        if left == 0 && (days > 0 || works(at)) {
            return at;
        }
        at = day::next(at);
        left -= i64::from(left > 0 && works(at));
    }
}

#[test]
fn every_duty_of_a_year_falls_due_on_its_working_day() {
    let calendar = calendar();
    for year in [2025, 2026] {
        let mut from = date(year, 1, 1);
        while from < date(year, 11, 1) {
            for days in [0, 1, 5, 20] {
                let due = last_day(&calendar, from, days);
                assert!(calendar.is_working_day(due).expect("known"), "{due}");
                let set = Deadline::set(&calendar, from, days);
                for deadline in [Deadline { from, working_days: days, due: None }, set] {
                    let open = duty(deadline.clone(), None);
                    let stands = |on| open.standing(&calendar, on).expect("known");
                    let before = due.yesterday().expect("a day");
                    assert_eq!(stands(before), Standing::InTime, "{from} {days}");
                    assert_eq!(stands(due), Standing::DueToday, "{from} {days}");
                    let missed = stands(day::next(due));
                    assert!(matches!(&missed, Standing::Missed(d) if d.day == due), "{missed:?}");
                    let met = duty(deadline.clone(), Some(due));
                    let late = duty(deadline, Some(day::next(due)));
                    let at_end = date(year, 12, 31);
                    assert_eq!(met.standing(&calendar, at_end), Ok(Standing::InTime));
                    assert!(matches!(late.standing(&calendar, at_end), Ok(Standing::Missed(_))));
                }
            }
            from = day::next(from);
        }
    }
    let unknown = duty(Deadline { from: date(2031, 1, 1), working_days: 5, due: None }, None);
    assert_eq!(unknown.standing(&calendar, date(2031, 1, 5)), Ok(Standing::InTime));
    let told = unknown.standing(&calendar, date(2031, 1, 6));
    assert_eq!(told, Err(UnknownYear { year: 2031 }));
}

fn step(action: FollowUpAction, on: Date, due_on: Option<Date>) -> Step {
    let hands = action == FollowUpAction::HandOver;
    Step {
        action,
        unit: if hands { "market".into() } else { String::new() },
        due_on,
        reference: String::new(),
        document: String::new(),
        note: String::new(),
        by: String::new(),
        at_us: day::start_us(on) + 1,
    }
}

#[test]
fn each_step_of_a_follow_up_ends_one_duty_and_may_begin_another() {
    use FollowUpAction as Do;
    let on = |d| date(2026, 6, d);
    let steps = [
        step(Do::HandOver, on(3), None),
        step(Do::Return, on(5), None),
        step(Do::HandOver, on(9), None),
        step(Do::Accept, on(10), None),
        step(Do::Order, on(10), Some(on(20))),
        step(Do::Fail, on(22), None),
        step(Do::Order, on(23), Some(on(30))),
    ];
    let mut follow_up = FollowUp::open("r", "c", "fire");
    for step in steps {
        assert!(follow_up.make(step));
    }
    let duties = of_follow_up(&follow_up, (on(1), 1), |_| 3);
    let said: Vec<_> = duties
        .iter()
        .map(|d| (d.kind.word(), &*d.unit, &*d.object, d.deadline.from, d.done))
        .collect();
    assert_eq!(
        said,
        [
            ("HAND_OVER", "fire", "r#0", on(1), Some(on(3))),
            ("ACCEPTANCE", "market", "r#1", on(3), Some(on(5))),
            ("HAND_OVER", "fire", "r#2", on(5), Some(on(9))),
            ("ACCEPTANCE", "market", "r#3", on(9), Some(on(10))),
            ("RECTIFICATION", "market", "r#5", on(20), Some(on(22))),
            ("RECTIFICATION", "market", "r#7", on(30), None),
        ]
    );
    // 20 June is a Saturday in the Dragon Boat Festival: Monday the 22nd is in time.
    let in_time = duties[4].standing(&calendar(), on(30));
    assert_eq!(in_time, Ok(Standing::InTime));
    let without = of_follow_up(&follow_up, (on(1), 1), |_| 0);
    assert!(without.iter().all(|d| d.kind == LiabilityKind::Rectification), "no policy, no day");
}

#[test]
fn offices_are_asked_only_for_what_was_asked_of_them() {
    let offices = ["a".to_owned(), "b".to_owned()];
    let attempt = |committed: &[&str], revealed: &[&str], ended_us| Attempt {
        campaign: "c".into(),
        attempt: 1,
        commit_by_us: 100,
        reveal_by_us: 200,
        ended_us,
        drawn: false,
        committed: committed.iter().map(|s| (*s).to_owned()).collect(),
        revealed: revealed.iter().map(|s| (*s).to_owned()).collect(),
    };
    let said = |attempt: Attempt| -> Vec<String> {
        let duties = of_attempt(&attempt, &offices);
        duties.into_iter().map(|d| format!("{} {}", d.kind.word(), d.unit)).collect()
    };
    assert_eq!(said(attempt(&["a"], &[], None)), ["COMMITMENT b"]);
    assert_eq!(said(attempt(&["a"], &[], Some(50))), [""; 0], "it ended before");
    assert_eq!(said(attempt(&["a"], &[], Some(150))), ["COMMITMENT b"]);
    assert_eq!(said(attempt(&["a", "b"], &["b"], None)), ["REVEAL a"]);
    assert_eq!(said(attempt(&["a", "b"], &["b"], Some(150))), [""; 0]);
    let drawn = Attempt { drawn: true, ..attempt(&["a", "b"], &["b"], None) };
    assert_eq!(said(drawn), ["REVEAL a"], "the beacon stood in for it");
}

#[test]
fn an_exemption_rests_on_evidence_of_its_ground() {
    let attached = [DutyEvidence {
        sha256: SHA.into(),
        ground: DutyGround::TechnicalLimit,
        on: date(2026, 6, 1),
        at_us: 1,
    }];
    let said = |exempt: Option<DutyGround>, considered: &[&str]| -> Vec<String> {
        let ruling = Ruling {
            exempt,
            reason: "理由".into(),
            document: SHA.into(),
            considered: considered.iter().map(|s| (*s).to_owned()).collect(),
            by: String::new(),
            at_us: 0,
        };
        let mut violations = Violations::default();
        ruling.check(&mut violations, &attached);
        match violations.finish(()) {
            Ok(()) => Vec::new(),
            Err(v) => v.into_vec().into_iter().map(|v| v.rule).collect(),
        }
    };
    assert_eq!(said(Some(DutyGround::TechnicalLimit), &[SHA]), [""; 0]);
    assert_eq!(said(Some(DutyGround::TechnicalLimit), &[]), ["GROUND_IS_NOT_SHOWN"]);
    assert_eq!(said(Some(DutyGround::NoCausation), &[SHA]), ["GROUND_IS_NOT_SHOWN"]);
    assert_eq!(said(None, &[]), [""; 0], "liability needs none");
    assert_eq!(said(None, &["00"]), ["NOT_ATTACHED"]);
}

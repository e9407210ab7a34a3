//! The states of an objection and the days that count for it, without a database.

use jiff::civil::date;
use onevisit::domain::calendar::Calendar;
use onevisit::domain::deadline::Deadline;
use onevisit::domain::objection::{
    Application, Decision, Filing, Objection, ObjectionAction, ObjectionState, Pause,
};

#[test]
fn every_move_of_an_objection_that_is_not_listed_is_refused() {
    use ObjectionAction as Do;
    use ObjectionState as Is;
    let listed = [
        (Is::Filed, Do::Receive, Is::UnderReview),
        (Is::Filed, Do::Withdraw, Is::Withdrawn),
        (Is::UnderReview, Do::Pause, Is::Paused),
        (Is::UnderReview, Do::Uphold, Is::Upheld),
        (Is::UnderReview, Do::Reject, Is::Rejected),
        (Is::UnderReview, Do::Withdraw, Is::Withdrawn),
        (Is::Paused, Do::Resume, Is::UnderReview),
        (Is::Paused, Do::Withdraw, Is::Withdrawn),
        (Is::Upheld, Do::Answer, Is::Answered),
        (Is::Rejected, Do::Answer, Is::Answered),
    ];
    let actions =
        [Do::Receive, Do::Pause, Do::Resume, Do::Uphold, Do::Reject, Do::Answer, Do::Withdraw];
    let mut allowed = 0;
    for from in ObjectionState::ALL {
        for action in actions {
            let wanted = listed.iter().find(|(s, a, _)| *s == from && *a == action);
            assert_eq!(from.after(action), wanted.map(|(.., to)| *to), "{from:?} {action:?}");
            allowed += usize::from(wanted.is_some());
        }
        assert_eq!(from.is_open(), actions.iter().any(|a| from.after(*a).is_some()));
    }
    assert_eq!(allowed, listed.len());
}

fn objection() -> Objection {
    Objection {
        id: "o".into(),
        result: "c.1.1.fire".into(),
        campaign: "c".into(),
        department: "fire".into(),
        filing: Filing::Paper,
        application: Application {
            applicant: "a".into(),
            contact: "b".into(),
            grounds: "c".into(),
        },
        filed_us: 0,
        state: ObjectionState::UnderReview,
        version: 2,
        review_days: 20,
        feedback_days: 15,
        received_on: Some(date(2026, 2, 5)),
        materials: Vec::new(),
        pauses: Vec::new(),
        review_due: None,
        decision: None,
        feedback: None,
        answered_on: None,
        receipt: String::new(),
        withdrawn: String::new(),
    }
}

fn pause(from: (i8, i8), until: Option<(i8, i8)>) -> Pause {
    let day = |(month, day): (i8, i8)| date(2026, month, day);
    Pause { from: day(from), until: until.map(day), reason: "鉴定".into() }
}

#[test]
fn twenty_working_days_count_swapped_days_and_no_paused_ones() {
    let calendar = Calendar::of(Calendar::built_in(), &[String::new()]);
    let due = |objection: &Objection| {
        let due = objection.count_review(&calendar).expect("2026 is known").expect("it counts");
        assert!(due.counted_with.iter().all(|c| c.year == 2026));
        due.day
    };
    // Saturdays 14 and 28 February are worked, 15 to 23 February are off.
    let mut counted = objection();
    assert_eq!(due(&counted), date(2026, 3, 11));
    // The swapped Saturday and the first day after the holiday do not count.
    counted.pauses = vec![pause((2, 14), Some((2, 25)))];
    assert_eq!(due(&counted), date(2026, 3, 13));
    counted.pauses.push(pause((2, 28), Some((3, 1))));
    assert_eq!(due(&counted), date(2026, 3, 16), "a paused swapped day");
    counted.pauses = vec![pause((2, 15), Some((2, 24)))];
    assert_eq!(due(&counted), date(2026, 3, 11), "days off are lost to nobody");
    counted.pauses = vec![pause((3, 12), Some((3, 20)))];
    assert_eq!(due(&counted), date(2026, 3, 11), "a pause mends no missed deadline");
    counted.pauses = vec![pause((3, 2), None)];
    counted.state = ObjectionState::Paused;
    assert_eq!(counted.count_review(&calendar), Ok(None), "it stands still");
    let late = Objection { received_on: Some(date(2026, 12, 15)), ..objection() };
    assert_eq!(late.count_review(&calendar).map_err(|u| u.year), Err(2027));
}

#[test]
fn what_is_overdue_is_the_review_and_then_the_answer() {
    let calendar = Calendar::of(Calendar::built_in(), &[String::new()]);
    let mut open = objection();
    open.review_due = open.count_review(&calendar).expect("known");
    let overdue = |o: &Objection, month, day| o.is_overdue(&calendar, date(2026, month, day));
    assert_eq!(overdue(&open, 3, 11), Ok(false));
    assert_eq!(overdue(&open, 3, 12), Ok(true));
    let decided = |on| {
        let reason = "属实".to_owned();
        let decision = Decision { upheld: false, reason, by: "a".into(), on, correction: 0 };
        let feedback = Some(Deadline::set(&calendar, on, 15));
        let state = ObjectionState::Rejected;
        Objection { state, decision: Some(decision), feedback, ..open.clone() }
    };
    // Fifteen working days after 11 March: 1 April.
    let in_time = decided(date(2026, 3, 11));
    assert_eq!(in_time.due(&calendar), Ok(Some(date(2026, 4, 1))));
    assert_eq!(overdue(&in_time, 4, 1), Ok(false));
    assert_eq!(overdue(&in_time, 4, 2), Ok(true));
    assert_eq!(overdue(&decided(date(2026, 3, 12)), 3, 12), Ok(true), "decided too late");
    let answered = Objection {
        state: ObjectionState::Answered,
        answered_on: Some(date(2026, 4, 1)),
        ..in_time
    };
    assert_eq!(overdue(&answered, 5, 20), Ok(false));
}

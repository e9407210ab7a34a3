//! Exceptions take only listed transitions, and say what their ground asks for.

use jiff::civil::date;
use onevisit::domain::Violations;
use onevisit::domain::exception::{Exception, ExceptionAction, ExceptionState, Ground};

fn exception(ground: Ground) -> Exception {
    Exception {
        id: String::new(),
        department: "market".into(),
        ground,
        subject: "s".into(),
        items: Vec::new(),
        reference: "文1".into(),
        reason: "原因".into(),
        from: date(2026, 1, 1),
        to: date(2026, 12, 31),
        state: ExceptionState::InForce,
        requested_by: String::new(),
        decided_by: String::new(),
        version: 1,
    }
}

fn rules(exception: &Exception) -> Vec<(String, String)> {
    let mut violations = Violations::default();
    exception.check(&mut violations, "e");
    violations.into_vec().into_iter().map(|v| (v.field, v.rule)).collect()
}

#[test]
fn exceptions_take_only_listed_transitions() {
    use ExceptionAction::{Approve, Decline, Withdraw};
    let mut allowed = Vec::new();
    for state in ExceptionState::ALL {
        for action in [Approve, Decline, Withdraw] {
            allowed.extend(state.after(action).map(|next| (state, action, next)));
        }
    }
    let want = [
        (ExceptionState::Requested, Approve, ExceptionState::InForce),
        (ExceptionState::Requested, Decline, ExceptionState::Declined),
        (ExceptionState::Requested, Withdraw, ExceptionState::Withdrawn),
        (ExceptionState::InForce, Withdraw, ExceptionState::Withdrawn),
    ];
    assert_eq!(allowed, want);
}

#[test]
fn each_ground_asks_for_its_own() {
    for ground in Ground::ALL {
        assert_eq!(rules(&exception(ground)), [], "{ground:?}");
        let bare = Exception { reason: String::new(), ..exception(ground) };
        let want = ground.needs_approval().then(|| ("e.reason".to_owned(), "REQUIRED".to_owned()));
        assert_eq!(rules(&bare), Vec::from_iter(want), "{ground:?}");
        let nameless = Exception { reference: " ".into(), ..exception(ground) };
        assert_eq!(rules(&nameless), [("e.reference".to_owned(), "REQUIRED".to_owned())]);
    }
    let approved: Vec<&str> =
        Ground::ALL.iter().filter(|g| g.needs_approval()).map(|g| g.word()).collect();
    let want = ["OTHER_GROUND", "BEYOND_CAP_HIGH_RISK", "BEYOND_CAP_LAW", "BEYOND_CAP_SUPERIORS"];
    assert_eq!(approved, want);
    let items = Exception { items: vec!["A1".into()], ..exception(Ground::BeyondCapLaw) };
    assert_eq!(rules(&items), [("e.items".to_owned(), "CAP_IS_OF_A_SUBJECT".to_owned())]);
    let nothing = Exception { subject: String::new(), ..exception(Ground::Emergency) };
    assert_eq!(rules(&nothing), [("e.subject_id".to_owned(), "SUBJECT_OR_ITEMS".to_owned())]);
    let back = Exception { to: date(2025, 12, 31), ..exception(Ground::Emergency) };
    assert_eq!(rules(&back), [("e.to".to_owned(), "BEFORE_FROM".to_owned())]);
    let long = Exception { to: date(2029, 12, 31), ..exception(Ground::Emergency) };
    assert_eq!(rules(&long), [("e.to".to_owned(), "TOO_LONG".to_owned())]);
}

#[test]
fn an_exception_holds_on_its_days_only() {
    let exception = exception(Ground::KeyGoods);
    let days = [date(2025, 12, 31), exception.from, exception.to, date(2027, 1, 1)];
    assert_eq!(days.map(|day| exception.holds(day)), [false, true, true, false]);
    for state in ExceptionState::ALL {
        let moved = Exception { state, ..exception.clone() };
        assert_eq!(moved.holds(exception.from), state == ExceptionState::InForce);
    }
}

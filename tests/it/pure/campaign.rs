//! The campaign's state machine refuses every transition it does not list.

use onevisit::domain::campaign::{Action, State};

#[test]
fn only_listed_transitions_are_allowed() {
    use Action::{Abort, Answer, Approve, Close, Contribute, Draw, Freeze, Retry, Void};
    let actions = [Answer, Approve, Freeze, Contribute, Draw, Abort, Void, Retry, Close];
    let mut allowed = Vec::new();
    for state in State::ALL {
        for action in actions {
            if let Some(next) = state.after(action) {
                allowed.push((state, action, next));
            }
        }
    }
    let want = [
        (State::Proposed, Answer, State::Proposed),
        (State::Proposed, Approve, State::Approved),
        (State::Approved, Freeze, State::Frozen),
        (State::Frozen, Contribute, State::Frozen),
        (State::Frozen, Draw, State::Drawn),
        (State::Frozen, Abort, State::Aborted),
        (State::Drawn, Void, State::Aborted),
        (State::Drawn, Close, State::Closed),
        (State::Aborted, Retry, State::Approved),
    ];
    assert_eq!(allowed, want);
}

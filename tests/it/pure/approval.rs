//! The machines of papers and dispatched tasks refuse every transition they do not list (R69–R76).

use onevisit::domain::approval::{ChainStep, Deed, Flow, PaperState, Refusal};
use onevisit::domain::caller::{Caller, Role};
use onevisit::domain::dispatch::{DispatchDeed, DispatchState};
use onevisit::domain::joint_rate::JointRate;

#[test]
fn papers_take_only_listed_transitions() {
    use Deed::{Approve, Edit, Endorse, File, Publish, Receive, Return, Submit, Supersede};
    use PaperState::{Approved, Draft, InApproval, Published, Superseded};
    let mut allowed = Vec::new();
    for state in PaperState::ALL {
        for deed in Deed::ALL {
            allowed.extend(state.after(deed).map(|next| (state, deed, next)));
        }
    }
    let want = [
        (Draft, Edit, Draft),
        (Draft, Submit, InApproval),
        (InApproval, Endorse, InApproval),
        (InApproval, Approve, Approved),
        (InApproval, Return, Draft),
        (Approved, File, Approved),
        (Approved, Receive, Approved),
        (Approved, Publish, Published),
        (Approved, Supersede, Superseded),
        (Published, File, Published),
        (Published, Receive, Published),
        (Published, Supersede, Superseded),
    ];
    assert_eq!(allowed, want);
}

#[test]
fn dispatched_tasks_take_only_listed_transitions() {
    use DispatchDeed::{Accept, Decline, Route};
    use DispatchState::{Accepted, Routed, Unrouted};
    let mut allowed = Vec::new();
    for state in DispatchState::ALL {
        for deed in [Route, Accept, Decline] {
            allowed.extend(state.after(deed).map(|next| (state, deed, next)));
        }
    }
    let want = [
        (Unrouted, Route, Routed),
        (Routed, Route, Routed),
        (Routed, Accept, Accepted),
        (Routed, Decline, Unrouted),
    ];
    assert_eq!(allowed, want);
}

fn caller(key: &str, role: Role, department: &str, office: &str) -> Caller {
    Caller { key_id: key.into(), ..Caller::holder(role, department, office, "") }
}

fn step(name: &str, role: Role, office: &str) -> ChainStep {
    ChainStep {
        name: name.into(),
        role,
        department: String::new(),
        office: office.into(),
        inspector: String::new(),
    }
}

#[test]
fn a_chain_is_taken_in_order_by_different_people() {
    let author = caller("k1", Role::Department, "fire", "");
    let chief = caller("k2", Role::Department, "fire", "");
    let credit = caller("k3", Role::Office, "", "信用监管科");
    let again = caller("k4", Role::Office, "", "信用监管科");
    let meeting = caller("k5", Role::Office, "", "局长办公会");
    let mut flow = Flow::new(1, "", &author);
    flow.act(Deed::Submit).expect("a draft is submitted");
    flow.steps = vec![
        step("分管局长", Role::Department, ""),
        step("汇总", Role::Office, "信用监管科"),
        step("办公会", Role::Office, ""),
    ];
    assert_eq!(flow.endorse(&author, "fire", 1), Err(Refusal::Author));
    assert_eq!(flow.endorse(&credit, "fire", 1), Err(Refusal::NotTheStep));
    let foreign = caller("k6", Role::Department, "health", "");
    assert_eq!(flow.endorse(&foreign, "fire", 1), Err(Refusal::NotTheStep));
    assert_eq!(flow.endorse(&chief, "fire", 1), Ok(Deed::Endorse));
    assert_eq!(flow.endorse(&meeting, "fire", 2), Err(Refusal::NotTheStep));
    assert_eq!(flow.endorse(&credit, "fire", 2), Ok(Deed::Endorse));
    // Another key of the same office is the same office.
    assert_eq!(flow.endorse(&again, "fire", 3), Err(Refusal::TookAnotherStep));
    assert_eq!(flow.endorse(&meeting, "fire", 3), Ok(Deed::Approve));
    assert_eq!((flow.state, flow.approved_us, flow.taken.len()), (PaperState::Approved, 3, 3));
    assert_eq!(flow.endorse(&meeting, "fire", 4), Err(Refusal::State(PaperState::Approved)));
}

#[test]
fn a_rate_says_what_it_is_a_share_of() {
    let mut rate = JointRate::default();
    for departments in [1, 2, 3, 1, 0] {
        rate.add(departments);
    }
    let want = JointRate { checks: 7, joint_checks: 5, visits: 4, joint_visits: 2 };
    assert_eq!(rate, want);
    assert_eq!(JointRate::share(5, 7), Some(7_142), "rounded down");
    assert_eq!(JointRate::share(0, 0), None, "of nothing there is no share");
}

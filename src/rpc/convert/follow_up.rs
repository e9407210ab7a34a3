//! What follows from results, and the credit platform.

use super::super::pb;
use super::disclosure::{code, item};
use super::{name, parse, present};
use crate::app::Push;
use crate::app::follow_ups::Shown;
use crate::domain::credit::CreditState;
use crate::domain::follow_up::{FollowUpAction, FollowUpState, Step};
use crate::domain::subject::RiskClass;
use crate::domain::{Violations, day};

/// An instant on the wire; empty for none.
fn instant(us: i64) -> String {
    if us == 0 { String::new() } else { day::instant_text(us) }
}

/// Reads a state that may be unset.
///
/// # Errors
/// A violation for an unknown one.
pub fn state(given: i32) -> Result<Option<FollowUpState>, Violations> {
    let mut v = Violations::default();
    if given == 0 {
        return Ok(None);
    }
    let word = pb::FollowUpState::try_from(given).ok().map(|x| x.as_str_name());
    let state = parse(&mut v, "state", word, "FOLLOW_UP_STATE_");
    v.finish(state)
}

/// Reads a step.
///
/// # Errors
/// All violations at once.
pub fn step(m: Option<pb::FollowUpStep>) -> Result<Step, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "step", m);
    let word = pb::FollowUpAction::try_from(m.action).ok().map(|x| x.as_str_name());
    let action = parse(&mut v, "step.action", word, "FOLLOW_UP_ACTION_");
    let due_on = day::parse_optional(&mut v, "step.due_on", &m.due_on);
    v.finish(Step {
        action: action.unwrap_or(FollowUpAction::Keep),
        unit: m.unit,
        due_on,
        reference: m.reference,
        document: m.document_sha256,
        note: m.note,
        by: String::new(),
        at_us: 0,
    })
}

fn step_out(s: Step) -> pb::FollowUpStep {
    let action = pb::FollowUpAction::from_str_name(&name(&s.action, "FOLLOW_UP_ACTION_"));
    pb::FollowUpStep {
        action: action.unwrap_or_default().into(),
        unit: s.unit,
        due_on: s.due_on.map(|d| d.to_string()).unwrap_or_default(),
        reference: s.reference,
        document_sha256: s.document,
        note: s.note,
        made_by: s.by,
        made_at: instant(s.at_us),
    }
}

/// Writes a follow-up.
#[must_use]
pub fn out(shown: Shown) -> pb::FollowUp {
    let Shown { follow_up: f, content, overdue } = shown;
    let state = pb::FollowUpState::from_str_name(&name(&f.state, "FOLLOW_UP_STATE_"));
    pb::FollowUp {
        result_id: f.result,
        campaign_id: f.campaign,
        department: f.department,
        unit: f.unit,
        state: state.unwrap_or_default().into(),
        rectify_by: f.rectify_by.map(|d| d.to_string()).unwrap_or_default(),
        overdue,
        steps: f.steps.into_iter().map(step_out).collect(),
        subject_id: content.subject,
        subject_name: content.name,
        items: content.items.into_iter().map(item).collect(),
        ground: content.ground.map_or(0, code),
        etag: f.version.to_string(),
    }
}

/// Writes a push.
#[must_use]
pub fn push(p: Push) -> pb::CreditPush {
    let delivered = p.delivered_us > 0;
    pb::CreditPush {
        result_id: p.result,
        version: p.version,
        department: p.department,
        delivered,
        attempts: p.attempts,
        next_try_at: if delivered { String::new() } else { instant(p.next_us) },
        error: p.error,
        receipt: p.receipt,
        delivered_at: instant(p.delivered_us),
    }
}

/// Reads what the platform says of subjects.
///
/// # Errors
/// All violations at once.
pub fn credit_states(given: Vec<pb::CreditState>) -> Result<Vec<CreditState>, Violations> {
    let mut v = Violations::default();
    let mut out = Vec::with_capacity(given.len());
    for (i, m) in given.into_iter().enumerate() {
        let at = format!("credit_states[{i}]");
        let class: Option<RiskClass> = match m.risk_class {
            0 => None,
            given => {
                let word = pb::RiskClass::try_from(given).ok().map(|x| x.as_str_name());
                parse(&mut v, &format!("{at}.risk_class"), word, "RISK_CLASS_")
            }
        };
        let on = day::parse(&mut v, &format!("{at}.effective_on"), &m.effective_on);
        out.extend(on.map(|on| CreditState {
            subject: m.subject_id,
            class,
            abnormal: m.abnormal_operation,
            serious: m.serious_violation,
            on,
            source: m.source,
        }));
    }
    v.finish(out)
}

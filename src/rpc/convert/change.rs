//! Changes of an outcome.

use super::super::pb;
use super::{name, parse};
use crate::domain::Violations;
use crate::domain::change::{Asked, Change, ChangeKind, ChangeReason, Choice, Taken};

fn reason(violations: &mut Violations, given: i32) -> Option<ChangeReason> {
    let word = pb::ChangeReason::try_from(given).ok().map(|x| x.as_str_name());
    parse(violations, "reason", word, "CHANGE_REASON_")
}

/// Reads what is asked for.
///
/// # Errors
/// All violations at once.
pub fn substitution_in(m: pb::RequestSubstitutionRequest) -> Result<Asked, Violations> {
    let mut v = Violations::default();
    let reason = reason(&mut v, m.reason);
    v.finish(Asked {
        campaign: m.campaign_id,
        rank: m.rank,
        kind: ChangeKind::Substitution,
        department: String::new(),
        slot: 0,
        choice: Choice::Next,
        inspector: String::new(),
        reason: reason.unwrap_or(ChangeReason::Ceased),
        evidence_sha256: m.evidence_sha256,
    })
}

/// Reads what is asked for.
///
/// # Errors
/// All violations at once.
pub fn replacement_in(m: pb::RequestReplacementRequest) -> Result<Asked, Violations> {
    let mut v = Violations::default();
    let reason = reason(&mut v, m.reason);
    let choice = pb::Choice::try_from(m.choice).ok().map(|x| x.as_str_name());
    let choice = parse(&mut v, "choice", choice, "CHOICE_");
    v.finish(Asked {
        campaign: m.campaign_id,
        rank: m.rank,
        kind: ChangeKind::Replacement,
        department: m.department,
        slot: m.slot,
        choice: choice.unwrap_or(Choice::Next),
        inspector: m.inspector_id,
        reason: reason.unwrap_or(ChangeReason::Left),
        evidence_sha256: m.evidence_sha256,
    })
}

/// Writes a change.
#[must_use]
pub fn out(c: Change) -> pb::Change {
    let kind = pb::ChangeKind::from_str_name(&name(&c.kind, "CHANGE_KIND_"));
    let choice = pb::Choice::from_str_name(&name(&c.choice, "CHOICE_"));
    let reason = pb::ChangeReason::from_str_name(&name(&c.reason, "CHANGE_REASON_"));
    let state = pb::change::State::from_str_name(&name(&c.state, "STATE_"));
    let replaces = c.kind == ChangeKind::Replacement;
    pb::Change {
        campaign_id: c.campaign,
        nth: c.nth,
        attempt: c.attempt,
        kind: kind.unwrap_or_default().into(),
        rank: c.rank,
        department: c.department,
        slot: c.slot,
        choice: choice.filter(|_| replaces).unwrap_or_default().into(),
        reason: reason.unwrap_or_default().into(),
        evidence_sha256: c.evidence_sha256,
        requested_by: c.requested_by,
        state: state.unwrap_or_default().into(),
        decided_by: c.decided_by,
        went_ticket: c.went,
        came_ticket: c.came,
        taken: c.taken.into_iter().map(taken_out).collect(),
    }
}

fn taken_out(t: Taken) -> pb::Taken {
    pb::Taken {
        department: t.department,
        stratum: t.stratum,
        rank: t.rank,
        ticket: t.ticket,
        visit: t.visit,
        passed_rule: t.passed,
    }
}

//! Recusals that visited subjects ask for.

use super::super::pb;
use super::name;
use crate::domain::recusal::RecusalAsk;

/// Writes a recusal with what the subject says.
#[must_use]
pub fn out(r: RecusalAsk, statement: String) -> pb::AskedRecusal {
    let reason = pb::RecusalReason::from_str_name(&name(&r.reason, "RECUSAL_REASON_"));
    let state = pb::asked_recusal::State::from_str_name(&name(&r.state, "STATE_"));
    pb::AskedRecusal {
        campaign_id: r.campaign,
        nth: r.nth,
        rank: r.rank,
        department: r.department,
        slot: r.slot,
        inspector_ticket: r.ticket,
        reason: reason.unwrap_or_default().into(),
        statement,
        evidence_sha256: r.evidence_sha256,
        state: state.unwrap_or_default().into(),
        decided_by: r.decided_by,
        change: r.change,
    }
}

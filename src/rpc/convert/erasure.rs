//! Erasures.

use super::super::pb;
use super::{name, parse};
use crate::domain::Violations;
use crate::domain::erasure::{Asked, Erasure, ErasureKind, Ground};

/// Reads what is asked for.
///
/// # Errors
/// All violations at once.
pub fn asked_in(m: pb::RequestErasureRequest) -> Result<Asked, Violations> {
    let mut v = Violations::default();
    let kind = pb::ErasureKind::try_from(m.kind).ok().map(|x| x.as_str_name());
    let kind = parse(&mut v, "kind", kind, "ERASURE_KIND_");
    let ground = pb::ErasureGround::try_from(m.ground).ok().map(|x| x.as_str_name());
    let ground = parse(&mut v, "ground", ground, "ERASURE_GROUND_");
    v.finish(Asked {
        kind: kind.unwrap_or(ErasureKind::Campaign),
        campaign: m.campaign_id,
        jurisdiction: m.jurisdiction,
        department: m.department,
        person: m.person_id,
        ground: ground.unwrap_or(Ground::OtherLaw),
    })
}

/// Writes an erasure.
#[must_use]
pub fn out(e: Erasure) -> pb::Erasure {
    let kind = pb::ErasureKind::from_str_name(&name(&e.kind, "ERASURE_KIND_"));
    let ground = pb::ErasureGround::from_str_name(&name(&e.ground, "ERASURE_GROUND_"));
    let state = pb::erasure::State::from_str_name(&name(&e.state, "STATE_"));
    pb::Erasure {
        nth: e.nth,
        kind: kind.unwrap_or_default().into(),
        campaign_id: e.campaign,
        jurisdiction: e.jurisdiction,
        department: e.department,
        ground: ground.unwrap_or_default().into(),
        requested_by: e.requested_by,
        state: state.unwrap_or_default().into(),
        decided_by: e.decided_by,
        visits: e.visits,
        rows: e.rows,
    }
}

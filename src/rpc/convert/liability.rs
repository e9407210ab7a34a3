//! Liabilities, duty of care and breaches of discipline.

use super::super::pb;
use super::{name, parse, present};
use crate::domain::breach::{Breach, BreachKind, BreachState, Sanction};
use crate::domain::liability::{DutyEvidence, DutyGround, Liability, LiabilityState, Ruling};
use crate::domain::{Violations, day};

const GROUND: &str = "DUTY_GROUND_";
const SANCTION: &str = "SANCTION_";

/// Reads a state that may be unset.
///
/// # Errors
/// A violation for an unknown one.
pub fn state(given: i32) -> Result<Option<LiabilityState>, Violations> {
    let mut v = Violations::default();
    if given == 0 {
        return Ok(None);
    }
    let word = pb::LiabilityState::try_from(given).ok().map(|x| x.as_str_name());
    let state = parse(&mut v, "state", word, "LIABILITY_STATE_");
    v.finish(state)
}

fn ground(v: &mut Violations, field: &str, given: i32) -> Option<DutyGround> {
    parse(v, field, pb::DutyGround::try_from(given).ok().map(|x| x.as_str_name()), GROUND)
}

/// Reads evidence.
///
/// # Errors
/// All violations at once.
pub fn evidence(m: Option<pb::DutyEvidence>) -> Result<DutyEvidence, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "evidence", m);
    let ground = ground(&mut v, "evidence.ground", m.ground);
    let on = day::parse(&mut v, "evidence.on", &m.on);
    v.finish(DutyEvidence {
        sha256: m.sha256,
        ground: ground.unwrap_or(DutyGround::ListAndPlan),
        on: on.unwrap_or_default(),
        at_us: 0,
    })
}

/// Reads a decision.
///
/// # Errors
/// All violations at once.
pub fn ruling(m: Option<pb::Ruling>) -> Result<Ruling, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "ruling", m);
    let exempt = match m.exempt {
        0 => None,
        given => ground(&mut v, "ruling.exempt", given),
    };
    v.finish(Ruling {
        exempt,
        reason: m.reason,
        document: m.document_sha256,
        considered: m.considered_sha256,
        by: String::new(),
        at_us: 0,
    })
}

/// Writes evidence.
#[must_use]
pub fn evidence_out(e: DutyEvidence) -> pb::DutyEvidence {
    pb::DutyEvidence {
        sha256: e.sha256,
        ground: ground_out(e.ground).into(),
        on: e.on.to_string(),
        attached_at: day::instant_text(e.at_us),
    }
}

fn ground_out(ground: DutyGround) -> pb::DutyGround {
    pb::DutyGround::from_str_name(&name(&ground, GROUND)).unwrap_or_default()
}

fn ruling_out(r: Ruling) -> pb::Ruling {
    pb::Ruling {
        exempt: r.exempt.map(ground_out).unwrap_or_default().into(),
        reason: r.reason,
        document_sha256: r.document,
        considered_sha256: r.considered,
        decided_by: r.by,
        decided_at: day::instant_text(r.at_us),
    }
}

/// Writes a liability.
#[must_use]
pub fn out(l: Liability) -> pb::Liability {
    let kind = pb::LiabilityKind::from_str_name(&name(&l.kind, "LIABILITY_KIND_"));
    let state = pb::LiabilityState::from_str_name(&name(&l.state, "LIABILITY_STATE_"));
    let counted = l.due.counted_with.into_iter().map(|c| pb::CountedYear {
        year: c.year.into(),
        scope: c.scope,
        version: c.version,
    });
    pb::Liability {
        liability_id: l.id,
        jurisdiction: l.jurisdiction,
        campaign_id: l.campaign,
        rank: l.rank,
        unit: l.unit,
        kind: kind.unwrap_or_default().into(),
        object: l.object,
        due_on: l.due.day.to_string(),
        counted_with: counted.collect(),
        arisen_at: day::instant_text(l.arisen_us),
        state: state.unwrap_or_default().into(),
        fulfilled_on: l.fulfilled_on.map(|on| on.to_string()).unwrap_or_default(),
        ruling: l.ruling.map(ruling_out),
        etag: l.version.to_string(),
    }
}

/// Reads a breach.
///
/// # Errors
/// All violations at once.
pub fn breach(m: Option<pb::Breach>) -> Result<Breach, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "breach", m);
    let kind = pb::BreachKind::try_from(m.kind).ok().map(|x| x.as_str_name());
    let kind = parse(&mut v, "breach.kind", kind, "BREACH_KIND_");
    let found_on = day::parse(&mut v, "breach.found_on", &m.found_on);
    v.finish(Breach {
        id: m.breach_id,
        jurisdiction: m.jurisdiction,
        unit: m.unit,
        kind: kind.unwrap_or(BreachKind::OtherRule),
        object: m.object,
        found_on: found_on.unwrap_or_default(),
        reference: m.reference,
        document: m.document_sha256,
        recorded_by: String::new(),
        recorded_key: String::new(),
        sanction: None,
        decision: String::new(),
        decided_by: String::new(),
        state: BreachState::Recorded,
        version: 1,
    })
}

/// Reads what follows; `None` for nothing.
///
/// # Errors
/// A violation for an unknown one.
pub fn sanction(given: i32) -> Result<Option<Sanction>, Violations> {
    let mut v = Violations::default();
    if given == 0 {
        return Ok(None);
    }
    let word = pb::Sanction::try_from(given).ok().map(|x| x.as_str_name());
    let sanction = parse(&mut v, "sanction", word, SANCTION);
    v.finish(sanction)
}

/// Reads a state that may be unset.
///
/// # Errors
/// A violation for an unknown one.
pub fn breach_state(given: i32) -> Result<Option<BreachState>, Violations> {
    let mut v = Violations::default();
    if given == 0 {
        return Ok(None);
    }
    let word = pb::BreachState::try_from(given).ok().map(|x| x.as_str_name());
    let state = parse(&mut v, "state", word, "BREACH_STATE_");
    v.finish(state)
}

/// Writes a breach.
#[must_use]
pub fn breach_out(b: Breach) -> pb::Breach {
    let kind = pb::BreachKind::from_str_name(&name(&b.kind, "BREACH_KIND_"));
    let state = pb::BreachState::from_str_name(&name(&b.state, "BREACH_STATE_"));
    let sanction = b.sanction.and_then(|s| pb::Sanction::from_str_name(&name(&s, SANCTION)));
    pb::Breach {
        breach_id: b.id,
        jurisdiction: b.jurisdiction,
        unit: b.unit,
        kind: kind.unwrap_or_default().into(),
        object: b.object,
        found_on: b.found_on.to_string(),
        reference: b.reference,
        document_sha256: b.document,
        recorded_by: b.recorded_by,
        sanction: sanction.unwrap_or_default().into(),
        decision_sha256: b.decision,
        decided_by: b.decided_by,
        state: state.unwrap_or_default().into(),
        etag: b.version.to_string(),
    }
}

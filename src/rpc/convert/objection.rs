//! Objections to published results.

use super::super::pb;
use super::{name, parse, present};
use crate::app::objection::read::Shown;
use crate::domain::objection::{Application, ObjectionState, Pause};
use crate::domain::{Violations, day};

/// Reads a state that may be unset.
///
/// # Errors
/// A violation for an unknown one.
pub fn state(given: i32) -> Result<Option<ObjectionState>, Violations> {
    let mut v = Violations::default();
    if given == 0 {
        return Ok(None);
    }
    let word = pb::ObjectionState::try_from(given).ok().map(|x| x.as_str_name());
    let state = parse(&mut v, "state", word, "OBJECTION_STATE_");
    v.finish(state)
}

/// Reads what was filed.
///
/// # Errors
/// Its violation.
pub fn application(m: Option<pb::ObjectionApplication>) -> Result<Application, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "application", m);
    v.finish(Application { applicant: m.applicant, contact: m.contact, grounds: m.grounds })
}

/// Reads a day that may be empty.
///
/// # Errors
/// Its violation.
pub fn optional_day(field: &str, text: &str) -> Result<Option<jiff::civil::Date>, Violations> {
    let mut v = Violations::default();
    let day = day::parse_optional(&mut v, field, text);
    v.finish(day)
}

/// Writes an objection.
#[must_use]
pub fn out(shown: Shown) -> pb::Objection {
    let Shown { objection: o, due_on, overdue } = shown;
    let text = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string()).unwrap_or_default();
    let filing = pb::ObjectionFiling::from_str_name(&name(&o.filing, "OBJECTION_FILING_"));
    let state = pb::ObjectionState::from_str_name(&name(&o.state, "OBJECTION_STATE_"));
    let pause = |p: Pause| pb::ReviewPause {
        from: p.from.to_string(),
        until: text(p.until),
        reason: p.reason,
    };
    let decision = o.decision;
    pb::Objection {
        objection_id: o.id,
        result_id: o.result,
        campaign_id: o.campaign,
        department: o.department,
        filing: filing.unwrap_or_default().into(),
        application: Some(pb::ObjectionApplication {
            applicant: o.application.applicant,
            contact: o.application.contact,
            grounds: o.application.grounds,
        }),
        filed_at: day::instant_text(o.filed_us),
        state: state.unwrap_or_default().into(),
        received_on: text(o.received_on),
        materials_sha256: o.materials,
        pauses: o.pauses.into_iter().map(pause).collect(),
        due_on,
        overdue,
        decided_by: decision.as_ref().map(|d| d.by.clone()).unwrap_or_default(),
        decided_on: text(decision.as_ref().map(|d| d.on)),
        correction: decision.as_ref().map_or(0, |d| d.correction),
        decision: decision.map(|d| d.reason).unwrap_or_default(),
        answered_on: text(o.answered_on),
        receipt_sha256: o.receipt,
        withdrawn: o.withdrawn,
        etag: o.version.to_string(),
    }
}

//! Exceptions from the rules of draws.

use super::super::pb;
use super::{name, parse, present, subject};
use crate::domain::exception::{Exception, ExceptionState, Ground};
use crate::domain::{Violations, day};

/// Reads an exception; what the service sets is set by the use-case.
///
/// # Errors
/// Its violations.
pub fn exception(message: Option<pb::Exception>) -> Result<Exception, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "exception", message);
    let ground = pb::ExceptionGround::try_from(m.ground).ok().map(|x| x.as_str_name());
    let ground: Option<Ground> = parse(&mut v, "exception.ground", ground, "EXCEPTION_GROUND_");
    let subject = match m.subject_id.as_str() {
        "" => String::new(),
        raw => subject::subject_id(&mut v, "exception.subject_id", raw),
    };
    let from = day::parse(&mut v, "exception.from", &m.from);
    let to = day::parse(&mut v, "exception.to", &m.to);
    v.finish(Exception {
        id: String::new(),
        department: String::new(),
        ground: ground.unwrap_or(Ground::OtherGround),
        subject,
        items: m.items,
        reference: m.reference,
        reason: m.reason,
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
        state: ExceptionState::Requested,
        requested_by: String::new(),
        decided_by: String::new(),
        version: 0,
    })
}

/// The stored word of a state that is asked for; empty for all.
///
/// # Errors
/// A violation for an unknown one.
pub fn state(value: i32) -> Result<&'static str, Violations> {
    let mut v = Violations::default();
    if value == 0 {
        return Ok("");
    }
    let word = pb::ExceptionState::try_from(value).ok().map(|x| x.as_str_name());
    let state: Option<ExceptionState> = parse(&mut v, "state", word, "EXCEPTION_STATE_");
    v.finish(state.map_or("", ExceptionState::word))
}

/// Writes an exception.
#[must_use]
pub fn out(e: Exception) -> pb::Exception {
    let ground = pb::ExceptionGround::from_str_name(&name(&e.ground, "EXCEPTION_GROUND_"));
    let state = pb::ExceptionState::from_str_name(&name(&e.state, "EXCEPTION_STATE_"));
    pb::Exception {
        exception_id: e.id,
        department: e.department,
        ground: ground.map_or(0, i32::from),
        subject_id: e.subject,
        items: e.items,
        reference: e.reference,
        reason: e.reason,
        from: e.from.to_string(),
        to: e.to.to_string(),
        state: state.map_or(0, i32::from),
        requested_by: e.requested_by,
        decided_by: e.decided_by,
        etag: e.version.to_string(),
    }
}

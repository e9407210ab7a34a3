//! Inspectors, recusals, ranges of days.

use prost::Message;

use super::super::pb;
use super::subject::subject_id;
use super::{name, parse};
use crate::app::imports::Read;
use crate::domain::inspector::{DateRange, Inspector, InspectorKind, Recusal};
use crate::domain::row::RECORDS_MAX;
use crate::domain::{Violations, day, id, text};

/// Reads one row of an import.
#[must_use]
pub fn row(m: pb::Inspector) -> Read<Inspector> {
    let bytes = m.encode_to_vec();
    let mut v = Violations::default();
    let kind = pb::InspectorKind::try_from(m.kind).ok().map(|x| x.as_str_name());
    let kind = parse(&mut v, "kind", kind, "INSPECTOR_KIND_");
    let until = day::parse_optional(&mut v, "certificate_valid_until", &m.certificate_valid_until);
    let inspector = Inspector {
        id: m.inspector_id,
        kind: kind.unwrap_or(InspectorKind::Inspector),
        certificate_number: m.certificate_number,
        certificate_valid_until: until,
        tags: m.tags,
        may_lead: m.may_lead,
        cap: m.cap,
        away: ranges(&mut v, "away", m.away),
        active: m.active,
    };
    inspector.check(&mut v);
    match v.finish(inspector) {
        Ok(inspector) => Read { bytes, row: Some(inspector), notes: Vec::new() },
        Err(violations) => {
            let notes = violations.into_vec().into_iter().map(|x| (x.field, x.rule, x.value));
            Read { bytes, row: None, notes: notes.collect() }
        }
    }
}

/// Reads ranges of days.
pub fn ranges(v: &mut Violations, field: &str, messages: Vec<pb::DateRange>) -> Vec<DateRange> {
    let mut out = Vec::new();
    for (i, m) in messages.into_iter().enumerate() {
        let first = day::parse(v, &format!("{field}[{i}].first"), &m.first);
        let last = day::parse(v, &format!("{field}[{i}].last"), &m.last);
        if let (Some(first), Some(last)) = (first, last) {
            v.require(first <= last, format!("{field}[{i}].last"), "BEFORE_FIRST", &m.last);
            out.push(DateRange { first, last });
        }
    }
    out
}

/// Writes an inspector.
#[must_use]
pub fn out(i: Inspector) -> pb::Inspector {
    let range =
        |r: &DateRange| pb::DateRange { first: r.first.to_string(), last: r.last.to_string() };
    let kind = pb::InspectorKind::from_str_name(&name(&i.kind, "INSPECTOR_KIND_"));
    pb::Inspector {
        inspector_id: i.id,
        kind: kind.map_or(0, i32::from),
        certificate_number: i.certificate_number,
        certificate_valid_until: i
            .certificate_valid_until
            .map(|d| d.to_string())
            .unwrap_or_default(),
        tags: i.tags,
        may_lead: i.may_lead,
        cap: i.cap,
        away: i.away.iter().map(range).collect(),
        active: i.active,
    }
}

/// Reads recusals.
///
/// # Errors
/// Their violations.
pub fn recusals(messages: Vec<pb::Recusal>) -> Result<Vec<Recusal>, Violations> {
    let mut v = Violations::default();
    v.require(messages.len() <= RECORDS_MAX, "recusals", "TOO_MANY", "");
    let read = |(i, m): (usize, pb::Recusal)| {
        let at = format!("recusals[{i}]");
        id::check_foreign(&mut v, &format!("{at}.inspector_id"), &m.inspector_id);
        text::require(&mut v, &format!("{at}.reason"), &m.reason, text::SHORT_CHARS_MAX);
        let subject_id = subject_id(&mut v, &format!("{at}.subject_id"), &m.subject_id);
        Recusal { inspector_id: m.inspector_id, subject_id, reason: m.reason }
    };
    let recusals = messages.into_iter().enumerate().map(read).collect();
    v.finish(recusals)
}

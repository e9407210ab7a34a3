//! Subject entries, risk facts, inspections.

use prost::Message;

use super::super::pb;
use super::{name, parse};
use crate::app::imports::Read;
use crate::domain::inspection::{Inspection, Origin};
use crate::domain::row::RECORDS_MAX;
use crate::domain::subject::{
    Entry, EntryDetail, RiskClass, RiskFact, RiskFactKind, SubjectKind, SubjectState,
};
use crate::domain::{Violations, day, text};
use crate::matching::read::{Reading, read_id, read_id_or_permit};

/// Reads one row of an import: the row, or every rule it breaks, or how it was mended.
#[must_use]
pub fn row(m: pb::SubjectEntry) -> Read<Entry> {
    let bytes = m.encode_to_vec();
    let mut v = Violations::default();
    let raw = m.subject_id.clone();
    let reading = match read_id_or_permit(&m.subject_id, &m.other_ids) {
        Ok(reading) => reading,
        Err(rule) => {
            v.add("subject_id", rule, &m.subject_id);
            Reading { id: String::new(), premises: String::new(), mends: Vec::new() }
        }
    };
    let entry = entry(&mut v, m, &reading);
    entry.check(&mut v);
    let note = |field: String, rule: String, value: String| (field, rule, value);
    match v.finish(entry) {
        Ok(entry) => {
            let mends = reading.mends.iter();
            let notes = mends.map(|m| note("subject_id".into(), m.rule().into(), raw.clone()));
            Read { bytes, notes: notes.collect(), row: Some(entry) }
        }
        Err(violations) => {
            let notes = violations.into_vec().into_iter().map(|x| note(x.field, x.rule, x.value));
            Read { bytes, notes: notes.collect(), row: None }
        }
    }
}

fn entry(v: &mut Violations, m: pb::SubjectEntry, reading: &Reading) -> Entry {
    let kind = pb::SubjectKind::try_from(m.kind).ok().map(|x| x.as_str_name());
    let kind = parse(v, "kind", kind, "SUBJECT_KIND_").unwrap_or(SubjectKind::Enterprise);
    let state = match m.state {
        0 => SubjectState::Operating,
        given => {
            let word = pb::SubjectState::try_from(given).ok().map(|x| x.as_str_name());
            parse(v, "state", word, "SUBJECT_STATE_").unwrap_or(SubjectState::Operating)
        }
    };
    let risk = match m.risk_class {
        0 => None,
        given => {
            let word = pb::RiskClass::try_from(given).ok().map(|x| x.as_str_name());
            parse::<RiskClass>(v, "risk_class", word, "RISK_CLASS_")
        }
    };
    let premises = if m.premises.is_empty() { reading.premises.clone() } else { m.premises };
    Entry {
        subject_id: reading.id.clone(),
        premises,
        name: m.name,
        kind,
        state,
        risk,
        district: m.district,
        more: EntryDetail {
            address: m.address,
            risk_on: day::parse_optional(v, "risk_on", &m.risk_on),
            risk_source: m.risk_source,
            other_ids: m.other_ids,
            items: m.items,
            tags: m.tags,
            mends: reading.mends.iter().map(|x| x.rule().to_owned()).collect(),
        },
    }
}

/// Writes an entry.
#[must_use]
pub fn entry_out(e: Entry) -> pb::SubjectEntry {
    let kind = pb::SubjectKind::from_str_name(&name(&e.kind, "SUBJECT_KIND_"));
    let state = pb::SubjectState::from_str_name(&name(&e.state, "SUBJECT_STATE_"));
    let risk = e.risk.and_then(|r| pb::RiskClass::from_str_name(&name(&r, "RISK_CLASS_")));
    pb::SubjectEntry {
        subject_id: e.subject_id,
        premises: e.premises,
        name: e.name,
        kind: kind.map_or(0, i32::from),
        state: state.map_or(0, i32::from),
        risk_class: risk.map_or(0, i32::from),
        risk_on: e.more.risk_on.map(|d| d.to_string()).unwrap_or_default(),
        risk_source: e.more.risk_source,
        district: e.district,
        address: e.more.address,
        other_ids: e.more.other_ids,
        items: e.more.items,
        tags: e.more.tags,
        mends: e.more.mends,
    }
}

/// Reads a subject id in a message that is refused whole.
pub fn subject_id(v: &mut Violations, field: &str, raw: &str) -> String {
    match read_id(raw) {
        Ok(reading) => reading.id,
        Err(rule) => {
            v.add(field, rule, raw);
            String::new()
        }
    }
}

/// Reads risk facts.
///
/// # Errors
/// Their violations.
pub fn facts(messages: Vec<pb::RiskFact>) -> Result<Vec<RiskFact>, Violations> {
    let mut v = Violations::default();
    v.require(messages.len() <= RECORDS_MAX, "facts", "TOO_MANY", "");
    let read = |(i, m): (usize, pb::RiskFact)| {
        let at = format!("facts[{i}]");
        let kind = pb::RiskFactKind::try_from(m.kind).ok().map(|x| x.as_str_name());
        let kind = parse(&mut v, &format!("{at}.kind"), kind, "RISK_FACT_KIND_");
        text::require(&mut v, &format!("{at}.source"), &m.source, text::SHORT_CHARS_MAX);
        RiskFact {
            subject_id: subject_id(&mut v, &format!("{at}.subject_id"), &m.subject_id),
            kind: kind.unwrap_or(RiskFactKind::Complaint),
            on: day::parse(&mut v, &format!("{at}.on"), &m.on).unwrap_or_default(),
            source: m.source,
        }
    };
    let facts = messages.into_iter().enumerate().map(read).collect();
    v.finish(facts)
}

/// Reads inspections.
///
/// # Errors
/// Their violations.
pub fn inspections(messages: Vec<pb::InspectionRecord>) -> Result<Vec<Inspection>, Violations> {
    let mut v = Violations::default();
    v.require(messages.len() <= RECORDS_MAX, "inspections", "TOO_MANY", "");
    let read = |(i, m): (usize, pb::InspectionRecord)| {
        let at = format!("inspections[{i}]");
        let origin = pb::InspectionOrigin::try_from(m.origin).ok().map(|x| x.as_str_name());
        let origin = parse(&mut v, &format!("{at}.origin"), origin, "INSPECTION_ORIGIN_");
        text::check(&mut v, &format!("{at}.body"), &m.body, text::SHORT_CHARS_MAX);
        Inspection {
            subject_id: subject_id(&mut v, &format!("{at}.subject_id"), &m.subject_id),
            on: day::parse(&mut v, &format!("{at}.on"), &m.on).unwrap_or_default(),
            origin: origin.unwrap_or(Origin::Random),
            superior: m.level == i32::from(pb::inspection_record::Level::Superior),
            clean: m.clean,
            items: m.items,
            body: m.body,
        }
    };
    let inspections = messages.into_iter().enumerate().map(read).collect();
    v.finish(inspections)
}

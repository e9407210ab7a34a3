//! Results, what is published of them, and bulletins.

use super::super::pb;
use super::check::result;
use super::{name, parse, present};
use crate::app::disclosure::export::Table;
use crate::app::disclosure::read::Shown;
use crate::domain::bulletin::Bulletin;
use crate::domain::check::ResultCode;
use crate::domain::correction::{Correction, Erratum};
use crate::domain::publication::{Publication, ResultItem, ResultState, Withholding};
use crate::domain::{Violations, day};

/// A result on the wire.
pub(super) fn code(code: ResultCode) -> i32 {
    pb::ResultCode::from_str_name(&name(&code, "RESULT_CODE_")).unwrap_or_default().into()
}

/// A state on the wire.
#[must_use]
pub fn state_out(state: ResultState) -> i32 {
    pb::ResultState::from_str_name(&name(&state, "RESULT_STATE_")).unwrap_or_default().into()
}

/// Reads a state that may be unset.
///
/// # Errors
/// A violation for an unknown one.
pub fn state(given: i32) -> Result<Option<ResultState>, Violations> {
    let mut v = Violations::default();
    if given == 0 {
        return Ok(None);
    }
    let word = pb::ResultState::try_from(given).ok().map(|x| x.as_str_name());
    let state = parse(&mut v, "state", word, "RESULT_STATE_");
    v.finish(state)
}

/// Reads which file is wanted.
///
/// # Errors
/// A violation for an unset or unknown one.
pub fn table(given: i32) -> Result<Table, Violations> {
    match pb::ResultTable::try_from(given) {
        Ok(pb::ResultTable::Tasks) => Ok(Table::Tasks),
        Ok(pb::ResultTable::Items) => Ok(Table::Items),
        Ok(pb::ResultTable::JointPunishment) => Ok(Table::JointPunishment),
        _ => {
            let mut v = Violations::default();
            v.add("table", "REQUIRED", &given.to_string());
            Err(v)
        }
    }
}

/// Reads why a result is withheld.
///
/// # Errors
/// All violations at once.
pub fn withholding(m: Option<pb::Withholding>) -> Result<Option<Withholding>, Violations> {
    let Some(m) = m else { return Ok(None) };
    let mut v = Violations::default();
    let word = pb::WithholdingGround::try_from(m.ground).ok().map(|x| x.as_str_name());
    let ground = parse(&mut v, "withhold.ground", word, "WITHHOLDING_GROUND_");
    v.finish(ground.map(|ground| Withholding { ground, basis: m.basis }))
}

fn withholding_out(w: Withholding) -> pb::Withholding {
    let ground = name(&w.ground, "WITHHOLDING_GROUND_");
    let ground = pb::WithholdingGround::from_str_name(&ground).unwrap_or_default().into();
    pb::Withholding { ground, basis: w.basis }
}

/// Reads what is wrong with a published result.
///
/// # Errors
/// All violations at once.
pub fn erratum(m: Option<pb::Erratum>, at: &str) -> Result<Erratum, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, at, m);
    let read = m.items.into_iter().enumerate();
    let items = read.filter_map(|(i, item)| {
        let result = result(&mut v, &format!("{at}.items[{i}].result"), item.result)?;
        Some((item.item_code, result))
    });
    let items = items.collect();
    v.finish(Erratum { items, drop_ground: m.drop_ground, reason: m.reason })
}

/// Writes an item's result.
pub(super) fn item(item: ResultItem) -> pb::ResultItem {
    pb::ResultItem { item_code: item.code, name: item.name, result: code(item.result) }
}

/// Writes a result.
#[must_use]
pub fn out(shown: Shown) -> pb::Result {
    let Shown { record: r, content, due_on, overdue } = shown;
    pb::Result {
        result_id: r.id,
        campaign_id: r.campaign,
        rank: r.rank,
        ticket: r.ticket,
        department: r.department,
        publisher: r.publisher,
        drawn: r.drawn,
        wants_follow_up: content.wants_follow_up(),
        subject_id: content.subject,
        subject_name: content.name,
        items: content.items.into_iter().map(item).collect(),
        ground: content.ground.map_or(0, code),
        finished_on: r.finished_on.to_string(),
        due_on,
        overdue,
        reviewed: r.reviewed,
        state: state_out(r.state),
        withheld: r.withheld.map(withholding_out),
        note: r.note,
        publications: r.publications,
        etag: r.version.to_string(),
    }
}

/// Writes what is published.
#[must_use]
pub fn published(p: Publication) -> pb::PublishedResult {
    pb::PublishedResult {
        words: p.words(),
        result_id: p.result,
        version: p.version,
        campaign_id: p.campaign,
        title: p.title,
        jurisdiction: p.jurisdiction,
        directed: p.directed,
        rank: p.rank,
        ticket: p.ticket,
        department: p.department,
        department_name: p.department_name,
        subject_id: p.subject,
        subject_name: p.name,
        checked_on: p.checked_on.to_string(),
        items: p.items.into_iter().map(item).collect(),
        ground: p.ground.map_or(0, code),
        published_at: day::instant_text(p.published_us),
        reason: p.reason,
    }
}

/// Writes a correction.
#[must_use]
pub fn correction(c: Correction) -> pb::Correction {
    let state = pb::correction::State::from_str_name(&name(&c.state, "STATE_"));
    let changed = |(item_code, result): (String, ResultCode)| pb::ResultItem {
        item_code,
        name: String::new(),
        result: code(result),
    };
    let erratum = pb::Erratum {
        items: c.erratum.items.into_iter().map(changed).collect(),
        drop_ground: c.erratum.drop_ground,
        reason: c.erratum.reason,
    };
    pb::Correction {
        result_id: c.result,
        nth: c.nth,
        erratum: Some(erratum),
        objection_id: c.objection,
        state: state.unwrap_or_default().into(),
        requested_by: c.requested_by,
        decided_by: c.decided_by,
        publication: c.publication,
    }
}

/// Writes a bulletin.
#[must_use]
pub fn bulletin(b: Bulletin) -> pb::Bulletin {
    let department = |(department, f): (String, crate::domain::bulletin::DepartmentFigures)| {
        pb::DepartmentFigures {
            department,
            results: f.results,
            published: f.published,
            withheld: f.withheld,
            items: f.items,
        }
    };
    pb::Bulletin {
        campaign_id: b.campaign,
        title: b.title,
        issued_by: b.issued_by,
        issued_at: day::instant_text(b.issued_us),
        summary: b.summary,
        visits: b.figures.visits,
        examined: b.figures.examined,
        terminated: b.figures.terminated,
        wanting_follow_up: b.figures.wanting_follow_up,
        departments: b.figures.departments.into_iter().map(department).collect(),
    }
}

//! Checks: the execution of visits.

use prost::Message;
use sha2::{Digest, Sha256};

use super::super::pb;
use super::{item, name, parse, present, visit};
use crate::app::check::read::{Counts, Ended, FormSection, Shown};
use crate::app::check::sync::{Deed, Operation, Outcome};
use crate::app::check::{SectionSummary, Summary};
use crate::domain::check::{
    Attached, Basis, CheckSection, CheckState, Conflict, Evidence, EvidenceKind, Finding, Given,
    ResultCode, Signature, Termination,
};
use crate::domain::item::Method;
use crate::domain::{Violations, day};

/// An instant on the wire; empty for none.
fn instant(us: i64) -> String {
    if us == 0 { String::new() } else { day::instant_text(us) }
}

/// Reads a result or a ground; unset is never taken as one.
pub fn result(v: &mut Violations, field: &str, given: i32) -> Option<ResultCode> {
    let word = pb::ResultCode::try_from(given).ok().map(|x| x.as_str_name());
    parse(v, field, word, "RESULT_CODE_")
}

/// Reads a state that may be unset.
///
/// # Errors
/// A violation for an unknown one.
pub fn state(given: i32) -> Result<Option<CheckState>, Violations> {
    let mut v = Violations::default();
    if given == 0 {
        return Ok(None);
    }
    let word = pb::CheckState::try_from(given).ok().map(|x| x.as_str_name());
    let state = parse(&mut v, "state", word, "CHECK_STATE_");
    v.finish(state)
}

/// Reads one finding.
pub fn finding(v: &mut Violations, at: &str, m: pb::Finding) -> Option<Given> {
    let result = result(v, &format!("{at}.result"), m.result);
    let word = pb::Method::try_from(m.method).ok().map(|x| x.as_str_name());
    let method: Option<Method> = parse(v, &format!("{at}.method"), word, "METHOD_");
    let word = pb::FindingBasis::try_from(m.basis).ok().map(|x| x.as_str_name());
    let basis: Option<Basis> = parse(v, &format!("{at}.basis"), word, "FINDING_BASIS_");
    Some(Given {
        department: m.department,
        item: m.item_code,
        result: result?,
        method: method?,
        basis: basis?,
        basis_issuer: m.basis_issuer,
        basis_sha256: m.basis_sha256,
        deviation: m.deviation,
        note: m.note,
    })
}

/// Reads findings.
///
/// # Errors
/// All violations at once.
pub fn findings(given: Vec<pb::Finding>) -> Result<Vec<Given>, Violations> {
    let mut v = Violations::default();
    let read = given.into_iter().enumerate();
    let read = read.filter_map(|(i, m)| finding(&mut v, &format!("findings[{i}]"), m)).collect();
    v.finish(read)
}

/// Reads a reference to evidence.
///
/// # Errors
/// All violations at once.
pub fn evidence(message: Option<pb::Evidence>) -> Result<Evidence, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "evidence", message);
    let read = read_evidence(&mut v, "evidence", m);
    v.finish(read)
}

fn read_evidence(v: &mut Violations, at: &str, m: pb::Evidence) -> Evidence {
    let word = pb::EvidenceKind::try_from(m.kind).ok().map(|x| x.as_str_name());
    let kind: Option<EvidenceKind> = parse(v, &format!("{at}.kind"), word, "EVIDENCE_KIND_");
    let taken: Option<jiff::Timestamp> = m.taken_at.parse().ok();
    v.require(taken.is_some(), format!("{at}.taken_at"), "RFC3339", &m.taken_at);
    Evidence {
        sha256: m.sha256,
        kind: kind.unwrap_or(EvidenceKind::Document),
        taken_us: taken.map_or(0, jiff::Timestamp::as_microsecond),
        size_bytes: m.size_bytes,
        uri: m.uri,
        department: m.department,
        item: m.item_code,
    }
}

/// Reads what a client did while it was offline.
///
/// # Errors
/// All violations at once; a message without an operation is one.
pub fn operations(given: Vec<pb::CheckOperation>) -> Result<Vec<Operation>, Violations> {
    use pb::check_operation::Operation as Did;
    let mut v = Violations::default();
    let mut out = Vec::with_capacity(given.len());
    for (i, m) in given.into_iter().enumerate() {
        let at = format!("operations[{i}]");
        let payload = Sha256::digest(m.encode_to_vec()).into();
        let deed = match m.operation {
            Some(Did::Finding(f)) => finding(&mut v, &format!("{at}.finding"), f).map(Deed::Record),
            Some(Did::Evidence(e)) => {
                Some(Deed::Attach(read_evidence(&mut v, &format!("{at}.evidence"), e)))
            }
            Some(Did::Signing(s)) => Some(Deed::Sign(s.department, s.section_sha256)),
            None => {
                v.add(at, "REQUIRED", "");
                None
            }
        };
        let (request_id, version) = (m.request_id, m.version);
        out.extend(deed.map(|deed| Operation { request_id, version, deed, payload }));
    }
    v.finish(out)
}

/// Writes the answer to an operation.
#[must_use]
pub fn outcome(o: Outcome) -> pb::CheckOperationOutcome {
    let became = name(&o.became, "BECAME_");
    let became = pb::check_operation_outcome::Became::from_str_name(&became);
    pb::CheckOperationOutcome {
        request_id: o.request_id,
        became: became.unwrap_or_default().into(),
        reason: o.reason,
        conflict: o.conflict.map(conflict),
        version: o.version,
    }
}

/// Writes the short form.
#[must_use]
pub fn summary(s: Summary) -> pb::CheckSummary {
    let state = pb::CheckState::from_str_name(&name(&s.state, "CHECK_STATE_"));
    let section = |s: SectionSummary| pb::CheckSectionSummary {
        department: s.department,
        drawn: s.drawn,
        items: s.items,
        recorded_items: s.recorded,
        sha256: s.sha256,
        members: s.members,
        signed_by: s.signed,
    };
    pb::CheckSummary {
        campaign_id: s.campaign,
        rank: s.rank,
        ticket: s.ticket,
        state: state.unwrap_or_default().into(),
        version: s.version,
        day: s.day,
        leader: s.leader,
        started_at: instant(s.started_us),
        finished_at: instant(s.finished_us),
        open_conflicts: s.open_conflicts,
        termination_sha256: s.termination_sha256,
        entry_due: s.entry_due,
        entered_late: s.entered_late,
        sections: s.sections.into_iter().map(section).collect(),
    }
}

fn code_out(code: ResultCode) -> i32 {
    pb::ResultCode::from_str_name(&name(&code, "RESULT_CODE_")).unwrap_or_default().into()
}

fn given_out(g: Given) -> pb::Finding {
    let method = pb::Method::from_str_name(&name(&g.method, "METHOD_"));
    let basis = pb::FindingBasis::from_str_name(&name(&g.basis, "FINDING_BASIS_"));
    pb::Finding {
        department: g.department,
        item_code: g.item,
        result: code_out(g.result),
        method: method.unwrap_or_default().into(),
        basis: basis.unwrap_or_default().into(),
        basis_issuer: g.basis_issuer,
        basis_sha256: g.basis_sha256,
        deviation: g.deviation,
        note: g.note,
    }
}

fn finding_out(f: Finding) -> pb::RecordedFinding {
    pb::RecordedFinding {
        finding: Some(given_out(f.given)),
        recorded_by: f.by,
        recorded_at: instant(f.at_us),
        version: f.version,
    }
}

/// Writes a conflict.
#[must_use]
pub fn conflict(c: Conflict) -> pb::CheckConflict {
    pb::CheckConflict {
        kept: Some(finding_out(c.kept)),
        offered: Some(finding_out(c.offered)),
        resolved_by_version: c.resolved_by,
    }
}

fn attached(a: Attached) -> pb::AttachedEvidence {
    let e = a.evidence;
    let kind = pb::EvidenceKind::from_str_name(&name(&e.kind, "EVIDENCE_KIND_"));
    let evidence = pb::Evidence {
        sha256: e.sha256,
        kind: kind.unwrap_or_default().into(),
        taken_at: instant(e.taken_us),
        size_bytes: e.size_bytes,
        uri: e.uri,
        department: e.department,
        item_code: e.item,
    };
    pb::AttachedEvidence {
        evidence: Some(evidence),
        attached_by: a.by,
        attached_at: instant(a.at_us),
    }
}

fn section(s: CheckSection) -> pb::CheckSection {
    let signature = |s: Signature| pb::SectionSignature {
        ticket: s.ticket,
        sha256: s.sha256,
        signed_at: instant(s.at_us),
    };
    pb::CheckSection {
        missing_item_codes: s.missing().map(str::to_owned).collect(),
        department: s.department,
        drawn: s.drawn,
        findings: s.findings.into_iter().map(finding_out).collect(),
        signatures: s.signatures.into_iter().map(signature).collect(),
    }
}

fn termination(t: Termination) -> pb::Termination {
    pb::Termination {
        ground: code_out(t.ground),
        evidence_sha256: t.evidence,
        note: t.note,
        leader: t.leader,
        terminated_at: instant(t.asked_us),
        second: t.second,
        confirmed_at: instant(t.confirmed_us),
        wants_follow_up: t.ground.wants_follow_up(),
    }
}

/// Writes a check.
#[must_use]
pub fn out(shown: Shown) -> pb::Check {
    let Shown { check, summary: short } = shown;
    let seats = check.sections.iter().flat_map(|s| &s.team).filter(|m| m.joined_us > 0);
    pb::Check {
        joined: seats.map(|m| m.ticket.clone()).collect(),
        summary: Some(summary(short)),
        sections: check.sections.into_iter().map(section).collect(),
        evidence: check.evidence.into_iter().map(attached).collect(),
        conflicts: check.conflicts.into_iter().map(conflict).collect(),
        termination: check.termination.map(termination),
    }
}

/// Writes a part of the form.
#[must_use]
pub fn form(s: FormSection) -> pb::CheckFormSection {
    pb::CheckFormSection {
        department: s.department,
        drawn: s.drawn,
        item_list_version: s.item_list_version,
        complaint_channel: s.complaint_channel,
        items: s.items.into_iter().map(item::item_out).collect(),
    }
}

/// Writes counts.
#[must_use]
pub fn counts(c: Counts) -> pb::CheckCounts {
    pb::CheckCounts {
        visits: c.visits,
        scheduled: c.scheduled,
        under_way: c.under_way,
        completed: c.completed,
        examined: c.examined,
        terminated: c.terminated,
        completion_basis_points: c.completion(),
        examination_basis_points: c.examination(),
    }
}

/// Writes an ended check.
#[must_use]
pub fn ended(e: Ended) -> pb::EndedCheck {
    let shown = visit::out(e.visit);
    pb::EndedCheck {
        rank: e.rank,
        ticket: e.ticket,
        day: e.day,
        departments: e.departments,
        termination: Some(termination(e.termination)),
        subject_id: shown.subject_id,
        subject_name: shown.subject_name,
    }
}

//! Chains of approval, and where papers stand.

use super::super::pb;
use super::department::etag;
use super::{name, parse, present};
use crate::domain::approval::{ApprovalChain, ChainStep, Flow, PaperKind};
use crate::domain::caller::Role;
use crate::domain::{Violations, day};

/// Reads a chain; its version is the stored one as read.
///
/// # Errors
/// Its violations.
pub fn chain(message: Option<pb::ApprovalChain>) -> Result<ApprovalChain, Violations> {
    let mut v = Violations::default();
    let m = present(&mut v, "chain", message);
    let kind = pb::PaperKind::try_from(m.kind).ok().map(|x| x.as_str_name());
    let kind = parse(&mut v, "chain.kind", kind, "PAPER_KIND_");
    let step = |(i, s): (usize, pb::ChainStep)| {
        let role = pb::Role::try_from(s.role).ok().map(|x| x.as_str_name());
        let role = parse(&mut v, &format!("chain.steps[{i}].role"), role, "ROLE_");
        ChainStep {
            name: s.name,
            role: role.unwrap_or(Role::Office),
            department: s.department,
            office: s.office,
            inspector: s.inspector_id,
        }
    };
    let steps = m.steps.into_iter().enumerate().map(step).collect();
    let version = etag(&mut v, "chain.etag", &m.etag);
    v.finish(ApprovalChain {
        jurisdiction: m.jurisdiction,
        kind: kind.unwrap_or(PaperKind::AnnualPlan),
        unit: m.unit,
        steps,
        source: m.source,
        version,
    })
}

fn step_out(s: ChainStep) -> pb::ChainStep {
    pb::ChainStep {
        name: s.name,
        role: pb::Role::from_str_name(&name(&s.role, "ROLE_")).map_or(0, i32::from),
        department: s.department,
        office: s.office,
        inspector_id: s.inspector,
    }
}

/// Writes a chain.
#[must_use]
pub fn chain_out(c: ApprovalChain) -> pb::ApprovalChain {
    let kind = pb::PaperKind::from_str_name(&name(&c.kind, "PAPER_KIND_"));
    pb::ApprovalChain {
        jurisdiction: c.jurisdiction,
        kind: kind.map_or(0, i32::from),
        unit: c.unit,
        steps: c.steps.into_iter().map(step_out).collect(),
        source: c.source,
        etag: c.version.to_string(),
    }
}

fn instant(us: i64) -> String {
    if us == 0 { String::new() } else { day::instant_text(us) }
}

/// Writes where a version stands.
#[must_use]
pub fn flow_out(f: Flow) -> pb::Flow {
    let state = pb::flow::State::from_str_name(&name(&f.state, "STATE_"));
    let taken = f.taken.into_iter().map(|t| pb::Endorsement {
        step: t.step,
        name: t.name,
        at: instant(t.at_us),
    });
    let filing = f.filing.map(|g| pb::Filing {
        filed_with: g.with,
        number: g.number,
        filed_by: g.filed_by,
        filed_at: instant(g.filed_us),
        receipt: g.receipt,
        received_by: g.received_by,
        received_at: instant(g.received_us),
    });
    pb::Flow {
        version: f.version,
        etag: f.etag.to_string(),
        state: state.map_or(0, i32::from),
        reason: f.reason,
        drafted_by: f.drafted_by,
        steps: f.steps.into_iter().map(step_out).collect(),
        taken: taken.collect(),
        returned: f.returned,
        filing,
        approved_at: instant(f.approved_us),
        published_at: instant(f.published_us),
    }
}

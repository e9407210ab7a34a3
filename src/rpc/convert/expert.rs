//! Experts of draws.

use super::super::pb;
use crate::app::experts::{Advisor, Pick, Published};

fn pick(p: Pick) -> pb::ExpertPick {
    pb::ExpertPick {
        rank: p.need.rank,
        unit_ticket: p.need.unit.to_string(),
        profession: p.need.profession,
        expert_ticket: p.expert.map(|ticket| ticket.to_string()).unwrap_or_default(),
    }
}

/// Writes what is published.
#[must_use]
pub fn published(p: Published) -> pb::GetExpertDrawResponse {
    pb::GetExpertDrawResponse {
        attempt: p.attempt,
        pool: p.pool,
        sha256: p.sha256,
        picks: p.picks.into_iter().map(pick).collect(),
    }
}

/// Writes an expert of a visit.
#[must_use]
pub fn advisor(a: Advisor) -> pb::VisitExpert {
    pb::VisitExpert {
        profession: a.profession,
        ticket: a.ticket,
        expert_id: a.person,
        reason: a.reason,
    }
}

//! Visits.

use super::super::pb;
use crate::domain::visit::{Member, Section, SectionItem, Visit};
use crate::merge::explain;

/// Writes a visit with its explanation.
#[must_use]
pub fn out(v: Visit) -> pb::Visit {
    let explanation = explain::visit(&v);
    let stratum = v.stratum;
    pb::Visit {
        campaign_id: v.campaign,
        rank: v.rank,
        ticket: v.ticket,
        subject_id: v.subject,
        subject_name: v.name,
        address: v.address,
        sections: v.sections.into_iter().map(|s| section_out(s, &stratum)).collect(),
        explanation,
        first_day: v.first_day.to_string(),
        last_day: v.last_day.to_string(),
    }
}

fn section_out(s: Section, stratum: &str) -> pb::Section {
    let item = |i: SectionItem| pb::SectionItem { code: i.code, name: i.name };
    let member = |m: Member| pb::TeamMember {
        ticket: m.ticket,
        inspector_id: m.inspector,
        leader: m.leader,
    };
    pb::Section {
        department: s.department,
        drawn: s.drawn,
        rank: s.rank,
        stratum: if s.drawn { stratum.to_owned() } else { String::new() },
        items: s.items.into_iter().map(item).collect(),
        team: s.team.into_iter().map(member).collect(),
        item_list_version: s.item_list_version,
    }
}

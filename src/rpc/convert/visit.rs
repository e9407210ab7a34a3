//! Visits.

use qrcode::QrCode;
use qrcode::render::svg;

use super::super::pb;
use super::signed;
use crate::app::openings::Opened;
use crate::app::{AppError, audit};
use crate::domain::canon;
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
        dropped_by_change: v.dropped,
        stands_for: v.stands_for,
    }
}

/// Writes an opened visit.
///
/// # Errors
/// [`AppError`] when the record has no canonical form or the code no QR code.
pub fn opened_out(opened: Opened) -> Result<pb::OpenVisitResponse, AppError> {
    let file = opened.file()?;
    let Opened { visit, opening, standing, code } = opened;
    let record = canon::to_bytes(&opening.record)?;
    let leaf = standing.as_ref().map_or("", |s| &s.leaf);
    let leaf = hex::decode(leaf).map_err(|_| AppError::Broken("a leaf's bytes"))?;
    let (index, count) = standing.as_ref().map_or((0, 0), |s| (s.index, s.count));
    let path = standing.map_or_else(Vec::new, |s| s.path);
    let qr = QrCode::new(&code).map_err(|_| AppError::Broken("a visit code is too long"))?;
    Ok(pb::OpenVisitResponse {
        visit: Some(out(visit)),
        opening: Some(pb::Opening {
            id: opening.id,
            record: String::from_utf8_lossy(&record).into_owned(),
            salt: opening.salt.to_string(),
            leaf,
            index: signed(index),
            count: signed(count),
            path: path.into_iter().map(|h| h.0.to_vec()).collect(),
        }),
        visit_code_svg: qr.render::<svg::Color<'_>>().build(),
        visit_code: code,
        opening_file: String::from_utf8_lossy(&file).into_owned(),
    })
}

/// Writes an opened unit.
///
/// # Errors
/// [`AppError`] when the record has no canonical form.
pub fn unit_out(unit: audit::Unit) -> Result<pb::OpenedUnit, AppError> {
    let audit::Unit { ticket, stratum, statuses, opening } = unit;
    let record = canon::to_bytes(&opening.record)?;
    let status = |(department, status)| pb::UnitStatus { department, status };
    Ok(pb::OpenedUnit {
        ticket,
        stratum,
        statuses: statuses.into_iter().map(status).collect(),
        opening: Some(pb::Opening {
            id: opening.id,
            record: String::from_utf8_lossy(&record).into_owned(),
            salt: opening.salt.to_string(),
            ..Default::default()
        }),
    })
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

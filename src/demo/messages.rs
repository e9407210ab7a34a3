//! What the demo's departments and office send.

use indicatif::ProgressBar;
use jiff::civil::Date;

use super::district::{DISTRICT, Department, District};
use super::run::{CAMPAIGN, OFFICES};
use crate::domain::day;
use crate::rpc::pb;

/// Rows of one message.
const BATCH_ROWS: usize = 500;
/// Days between today and the last day of visits.
const VISIT_DAYS: i32 = 20;

/// A department's list of subjects as an import; the bar counts its rows.
pub fn subject_stream(
    department: &Department,
    bar: &ProgressBar,
) -> impl tokio_stream::Stream<Item = pb::ImportSubjectsRequest> + Send + 'static {
    use pb::import_subjects_request::Part;
    let part = |part| pb::ImportSubjectsRequest { part: Some(part) };
    let header = pb::ImportHeader {
        request_id: "subjects".to_owned(),
        mode: pb::ImportMode::KeepGoodRows.into(),
        expected_rows: i64::try_from(department.subjects.len()).unwrap_or(0),
    };
    let mut first_row = 1;
    let mut messages = vec![part(Part::Header(header))];
    for entries in department.subjects.chunks(BATCH_ROWS) {
        messages.push(part(Part::Batch(pb::SubjectBatch { first_row, entries: entries.to_vec() })));
        first_row += i64::try_from(entries.len()).unwrap_or(0);
    }
    let bar = bar.clone();
    tokio_stream::iter(messages.into_iter().inspect(move |message| {
        if let Some(Part::Batch(batch)) = &message.part {
            bar.inc(batch.entries.len() as u64);
        }
    }))
}

/// A department's inspectors as an import.
pub fn inspector_stream(
    department: &Department,
) -> impl tokio_stream::Stream<Item = pb::ImportInspectorsRequest> + Send + 'static {
    use pb::import_inspectors_request::Part;
    let header = pb::ImportHeader {
        request_id: "inspectors".to_owned(),
        mode: pb::ImportMode::KeepGoodRows.into(),
        expected_rows: i64::try_from(department.inspectors.len()).unwrap_or(0),
    };
    let batch = pb::InspectorBatch { first_row: 1, inspectors: department.inspectors.clone() };
    let part = |part| pb::ImportInspectorsRequest { part: Some(part) };
    tokio_stream::iter(vec![part(Part::Header(header)), part(Part::Batch(batch))])
}

/// The campaign as the office proposes it.
#[must_use]
pub fn proposal(district: &District, today: Date) -> pb::Campaign {
    let participant = |d: &Department| pb::Participant {
        department: d.id.clone(),
        quotas: vec![pb::StratumQuota {
            stratum: "*".to_owned(),
            basis_points: Some(d.share),
            ..Default::default()
        }],
        ..Default::default()
    };
    let last = (0..VISIT_DAYS).fold(today, |d, _| day::next(d));
    pb::Campaign {
        campaign_id: CAMPAIGN.to_owned(),
        title: "示范区跨部门综合检查".to_owned(),
        jurisdiction: DISTRICT.to_owned(),
        mode: pb::JointMode::Comprehensive.into(),
        lead: "market".to_owned(),
        participants: district.departments.iter().map(participant).collect(),
        join: pb::JoinRule::DrawnOnly.into(),
        first_day: today.to_string(),
        last_day: last.to_string(),
        contributors: OFFICES.map(str::to_owned).to_vec(),
        ..Default::default()
    }
}

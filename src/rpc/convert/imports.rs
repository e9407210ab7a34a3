//! Import headers, summaries and reports.

use super::super::pb;
use super::{name, word};
use crate::app::imports::{Header, Summary};
use crate::domain::Violations;
use crate::domain::row::RowReport;

/// Reads a header.
///
/// # Errors
/// Its violations.
pub fn header(m: pb::ImportHeader) -> Result<Header, Violations> {
    let mut v = Violations::default();
    let mode = pb::ImportMode::try_from(m.mode).ok().map(|x| x.as_str_name());
    let mode = word(&mut v, "header.mode", mode, "IMPORT_MODE_");
    v.finish(Header {
        id: m.request_id,
        all_or_nothing: mode == "ALL_OR_NOTHING",
        expected_rows: m.expected_rows,
    })
}

/// Writes a report.
#[must_use]
pub fn report_out(r: RowReport) -> pb::RowReport {
    let RowReport { row, field, rule, value, rejected } = r;
    pb::RowReport { row, field, rule, value, rejected }
}

/// Writes a summary.
#[must_use]
pub fn summary_out((import, reports): Summary) -> pb::ImportSummary {
    let state = pb::ImportState::from_str_name(&name(&import.state, "IMPORT_STATE_"));
    pb::ImportSummary {
        request_id: import.id,
        state: state.map_or(0, i32::from),
        rows: import.rows,
        inserted: import.inserted,
        updated: import.updated,
        unchanged: import.unchanged,
        rejected: import.rejected,
        mended: import.mended,
        reports: reports.into_iter().map(report_out).collect(),
    }
}

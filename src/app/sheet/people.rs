//! Inspectors and experts.

use super::{Row, Sheet, read};
use crate::app::AppError;
use crate::app::imports::Read;
use crate::domain::inspector::{Inspector, InspectorKind};
use crate::domain::{Violations, day};

const ID: [&str; 3] = ["inspector_id", "人员编号", "编号"];

/// Reads all rows of a table.
///
/// # Errors
/// A violation of `file` when no column holds the person's id.
pub fn rows(sheet: &Sheet) -> Result<Vec<Read<Inspector>>, AppError> {
    sheet.require(&ID)?;
    Ok(sheet.rows().map(one).collect())
}

fn one(row: Row<'_>) -> Read<Inspector> {
    let mut v = Violations::default();
    let kind = match row.get(&["kind", "类型"]) {
        "EXPERT" | "专家" => InspectorKind::Expert,
        _ => InspectorKind::Inspector,
    };
    let until = row.get(&["certificate_valid_until", "执法证有效期至", "有效期"]);
    let cap = row.get(&["cap", "任务上限"]);
    let inspector = Inspector {
        id: row.get(&ID).to_owned(),
        kind,
        certificate_number: row.get(&["certificate_number", "执法证号"]).to_owned(),
        certificate_valid_until: day::parse_optional(&mut v, "certificate_valid_until", until),
        tags: row.list(&["tags", "专业", "资格"]),
        may_lead: matches!(row.get(&["may_lead", "可任组长"]), "1" | "true" | "TRUE" | "是"),
        // A cap that is no number is one that its check refuses.
        cap: if cap.is_empty() { 0 } else { cap.parse().unwrap_or(-1) },
        away: Vec::new(),
        active: !matches!(row.get(&["active", "在岗"]), "0" | "false" | "FALSE" | "否"),
    };
    inspector.check(&mut v);
    read(row, v, inspector, Vec::new())
}

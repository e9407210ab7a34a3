//! Subjects: columns of the contract's names, or the words that registers use for them.

use super::{Row, Sheet, read, word};
use crate::app::AppError;
use crate::app::imports::Read;
use crate::domain::subject::{Entry, EntryDetail, RiskClass, SubjectKind, SubjectState};
use crate::domain::{Violations, day};
use crate::matching::read::{Reading, read_id_or_permit};

/// Columns that may hold the subject's code.
const CODE: [&str; 6] =
    ["subject_id", "uscc", "统一社会信用代码", "信用代码", "uscc_raw", "taxpayer_id_raw"];

/// Reads all rows of a table; `district` is that of rows that give none.
///
/// # Errors
/// A violation of `file` when no column holds the code.
pub fn rows(sheet: &Sheet, district: &str) -> Result<Vec<Read<Entry>>, AppError> {
    sheet.require(&CODE)?;
    Ok(sheet.rows().map(|row| one(row, district)).collect())
}

fn one(row: Row<'_>, district: &str) -> Read<Entry> {
    let mut v = Violations::default();
    let raw = row.get(&CODE);
    let permit = row.get(&["permit", "permit_no_raw", "许可证号"]);
    let registration = row.get(&["reg", "注册号"]);
    let other_ids: Vec<String> = [("permit", permit), ("reg", registration)]
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(scheme, value)| format!("{scheme}:{value}"))
        .collect();
    let reading = read_id_or_permit(raw, &other_ids).unwrap_or_else(|rule| {
        v.add("subject_id", rule, raw);
        Reading { id: String::new(), premises: String::new(), mends: Vec::new() }
    });
    let mends = reading.mends.iter();
    let mends = mends.map(|m| ("subject_id".into(), m.rule().into(), raw.to_owned())).collect();
    let entry = entry(&mut v, row, &reading, other_ids, district);
    entry.check(&mut v);
    read(row, v, entry, mends)
}

fn entry(
    v: &mut Violations,
    row: Row<'_>,
    reading: &Reading,
    other_ids: Vec<String>,
    district: &str,
) -> Entry {
    let kind = match row.get(&["kind", "类型"]) {
        "" => kind_of(&reading.id),
        given => word(v, "kind", given).unwrap_or(SubjectKind::Enterprise),
    };
    let state = match row.get(&["state", "状态"]) {
        "" | "存续" | "在业" => SubjectState::Operating,
        given => word(v, "state", given).unwrap_or(SubjectState::Operating),
    };
    let risk = match row.get(&["risk_class", "风险等级", "信用风险分类"]) {
        "" => None,
        given => word::<RiskClass>(v, "risk_class", given.trim_end_matches(['级', '类'])),
    };
    let premises = match row.get(&["premises", "经营场所编号"]) {
        "" => reading.premises.clone(),
        given => given.to_owned(),
    };
    let own = row.get(&["district", "行政区划"]);
    Entry {
        subject_id: reading.id.clone(),
        premises,
        name: row.get(&["name", "名称", "企业名称", "单位名称"]).to_owned(),
        kind,
        state,
        risk,
        district: if own.is_empty() { district } else { own }.to_owned(),
        more: EntryDetail {
            address: row.get(&["address", "地址", "住所", "经营场所"]).to_owned(),
            risk_on: day::parse_optional(v, "risk_on", row.get(&["risk_on"])),
            risk_source: row.get(&["risk_source"]).to_owned(),
            other_ids,
            items: row.list(&["items", "抽查事项"]),
            tags: row.list(&["tags", "标签"]),
            mends: reading.mends.iter().map(|m| m.rule().to_owned()).collect(),
        },
    }
}

/// The kind that a code's first two characters say (GB 32100, registering authority and category).
fn kind_of(code: &str) -> SubjectKind {
    match code.get(..2) {
        Some("92") => SubjectKind::IndividualBusiness,
        Some("93") => SubjectKind::FarmersCooperative,
        Some("11" | "12") => SubjectKind::PublicBody,
        Some("51" | "52" | "53") => SubjectKind::SocialOrganisation,
        _ => SubjectKind::Enterprise,
    }
}

//! Check items as published lists write them.

use std::collections::BTreeMap;

use super::{Sheet, item_text};
use crate::app::AppError;
use crate::domain::item::{CheckItem, ItemClass};

/// The words of published lists for the columns that [`item`] asks for.
const WORDS: [(&str, &[&str]); 13] = [
    ("item_no", &["item_no", "code", "序号", "事项编号", "编号"]),
    ("item_name", &["item_name", "name", "抽查事项", "事项名称", "检查事项"]),
    ("sub_item", &["sub_item", "子项"]),
    ("basis", &["basis", "抽查依据", "检查依据", "依据"]),
    ("check_body", &["check_body", "body", "抽查主体", "检查主体"]),
    ("object", &["object", "抽查对象", "检查对象"]),
    ("content", &["content", "抽查内容", "检查内容"]),
    ("ratio", &["ratio", "抽查比例"]),
    ("frequency", &["frequency", "抽查频次", "频次"]),
    ("method", &["method", "抽查方式", "检查方式"]),
    ("inspector_requirement", &["inspector_requirement", "人员要求"]),
    ("power", &["power", "权力事项"]),
    ("external_code", &["external_code", "权责清单编码"]),
];

/// Reads all rows of a table.
///
/// # Errors
/// A violation of `file` when no column numbers the items.
pub fn rows(sheet: &Sheet) -> Result<Vec<CheckItem>, AppError> {
    sheet.require(WORDS[0].1)?;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let one = |row: super::Row<'_>| {
        let get = |name: &str| {
            let words = WORDS.iter().find(|(known, _)| *known == name);
            words.map_or("", |(_, words)| row.get(words))
        };
        item(numbered(get("item_no"), &mut seen), get)
    };
    Ok(sheet.rows().map(one).collect())
}

/// Lists repeat a number for each sub-item: the second one becomes NUMBER-2.
pub fn numbered(number: &str, seen: &mut BTreeMap<String, usize>) -> String {
    let nth = seen.entry(number.to_owned()).and_modify(|n| *n += 1).or_insert(1);
    match nth {
        1 => number.to_owned(),
        n => format!("{number}-{n}"),
    }
}

/// One item by its columns; what its words leave open is kept with those words.
pub fn item<'r>(code: String, get: impl Fn(&str) -> &'r str) -> CheckItem {
    let name = match get("sub_item") {
        "" => get("item_name").to_owned(),
        sub => format!("{}：{sub}", get("item_name")),
    };
    let requirement = get("inspector_requirement");
    let competence =
        if requirement.starts_with('需') { &requirement['需'.len_utf8()..] } else { "" };
    CheckItem {
        code,
        content: if get("content").is_empty() { name.clone() } else { get("content").to_owned() },
        name,
        basis: get("basis").to_owned(),
        body: get("check_body").to_owned(),
        object: get("object").to_owned(),
        methods: item_text::methods(get("method")),
        standard: String::new(),
        operating_rule: String::new(),
        operating_steps: Vec::new(),
        ratio: item_text::ratio(get("ratio")),
        frequency: item_text::frequency(get("frequency")),
        class: ItemClass::General,
        competence: competence.to_owned(),
        expert: String::new(),
        joint: false,
        external_code: get("external_code").to_owned(),
        power: get("power").to_owned(),
    }
}

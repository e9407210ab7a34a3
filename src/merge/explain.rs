//! Why this door: the draw in words that follow from the stored numbers alone.

use crate::domain::visit::Visit;

/// One sentence per fact, in Chinese, as the office and the subject read it.
#[must_use]
pub fn visit(visit: &Visit) -> Vec<String> {
    let drew: Vec<&str> =
        visit.sections.iter().filter(|s| s.drawn).map(|s| s.department.as_str()).collect();
    let joined: Vec<&str> =
        visit.sections.iter().filter(|s| !s.drawn).map(|s| s.department.as_str()).collect();
    let mut out = vec![match visit.stands_for {
        0 => format!(
            "第{}次抽取：本对象的签号为 {}，各部门共用同一签号，按签号由小到大排在第 {} 户。",
            visit.attempt, visit.lot, visit.rank
        ),
        other => format!(
            "第{}次抽取：第 {other} 户退出后，本对象（签号 {}）按递补顺序补入。",
            visit.attempt, visit.lot
        ),
    }];
    if visit.dropped > 0 {
        out.push(format!("本户已依第 {} 号变更退出，由递补对象替代。", visit.dropped));
    }
    for section in visit.sections.iter().filter(|s| s.drawn) {
        out.push(format!(
            "部门 {} 在分层 {} 中抽中本对象，排名第 {}，检查 {} 项（清单第 {} 版）。",
            section.department,
            visit.stratum,
            section.rank,
            section.items.len(),
            section.item_list_version
        ));
    }
    if !joined.is_empty() {
        out.push(format!("部门 {} 有权检查本对象，一并加入本次检查。", joined.join("、")));
    }
    if drew.len() + joined.len() > 1 {
        out.push(format!(
            "{} 个部门合并为一次入户（进一次门、查多项事）。",
            drew.len() + joined.len()
        ));
    }
    out
}

//! What stands published of a campaign as tables with the columns of the national double-random platform:
//! one row per task and subject, and one row per item (R111).

use super::public;
use crate::app::{App, AppError, campaigns, papers};
use crate::domain::annual_plan::AnnualPlan;
use crate::domain::approval::Paper;
use crate::domain::csv_cell::line;
use crate::domain::day;
use crate::domain::publication::{Publication, calls_for_joint_punishment, result_text};

/// Columns of the file of tasks.
pub const TASK_COLUMNS: [&str; 13] = [
    "抽查计划编号",
    "抽查计划名称",
    "抽查任务编号",
    "抽查任务名称",
    "抽查类型",
    "抽查机关",
    "抽查完成日期",
    "抽查结果",
    "统一社会信用代码",
    "企业名称",
    "公示编号",
    "公示版本",
    "公示日期",
];
/// Columns of the file of items.
pub const ITEM_COLUMNS: [&str; 12] = [
    "抽查计划编号",
    "抽查任务编号",
    "抽查任务名称",
    "抽查机关",
    "统一社会信用代码",
    "企业名称",
    "抽查事项编号",
    "抽查事项名称",
    "抽查完成日期",
    "抽查结果",
    "公示编号",
    "公示版本",
];

/// Columns of the file for joint punishment.
pub const PUNISHMENT_COLUMNS: [&str; 8] = [
    "统一社会信用代码",
    "企业名称",
    "失信情形",
    "认定机关",
    "认定日期",
    "抽查任务编号",
    "公示编号",
    "公示版本",
];

/// Results read at once.
const PAGE: i64 = 1_000;

/// Which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// One row per task and subject.
    Tasks,
    /// One row per item.
    Items,
    /// One row per subject and finding that others punish too (R126).
    JointPunishment,
}

/// The annual plan that a campaign carries out; empty for one that names none.
#[derive(Default)]
struct Plan {
    number: String,
    name: String,
}

async fn plan_of(app: &App, id: &str) -> Result<Plan, AppError> {
    let campaign = campaigns::get(app, id).await?;
    if campaign.plan.is_empty() {
        return Ok(Plan::default());
    }
    let paper: Paper<AnnualPlan> = papers::published(app, &campaign.plan).await?;
    Ok(Plan { number: paper.id, name: paper.content.title })
}

fn task(p: &Publication, plan: &Plan) -> String {
    let kind = if p.directed { "定向" } else { "不定向" };
    line(&[
        &plan.number,
        &plan.name,
        &p.campaign,
        &p.title,
        kind,
        &p.department_name,
        &p.checked_on.to_string(),
        &p.words(),
        &p.subject,
        &p.name,
        &p.result,
        &p.version.to_string(),
        &day::of_instant(p.published_us).to_string(),
    ])
}

fn items(p: &Publication, plan: &Plan) -> String {
    let row = |item: &crate::domain::publication::ResultItem| {
        line(&[
            &plan.number,
            &p.campaign,
            &p.title,
            &p.department_name,
            &p.subject,
            &p.name,
            &item.code,
            &item.name,
            &p.checked_on.to_string(),
            result_text(item.result),
            &p.result,
            &p.version.to_string(),
        ])
    };
    p.items.iter().map(row).collect()
}

fn punishments(p: &Publication) -> String {
    let mut codes: Vec<_> = p.items.iter().map(|i| i.result).chain(p.ground).collect();
    codes.sort_unstable();
    codes.dedup();
    let row = |code| {
        line(&[
            &p.subject,
            &p.name,
            result_text(code),
            &p.department_name,
            &p.checked_on.to_string(),
            &p.campaign,
            &p.result,
            &p.version.to_string(),
        ])
    };
    codes.into_iter().filter(|c| calls_for_joint_punishment(*c)).map(row).collect()
}

/// A file of what stands published of a campaign; UTF-8 with a mark, so that spreadsheets read it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn export(app: &App, id: &str, table: Table) -> Result<Vec<u8>, AppError> {
    let plan = plan_of(app, id).await?;
    let head = match table {
        Table::Tasks => line(&TASK_COLUMNS),
        Table::Items => line(&ITEM_COLUMNS),
        Table::JointPunishment => line(&PUNISHMENT_COLUMNS),
    };
    let mut out = format!("\u{feff}{head}");
    let mut after = String::new();
    loop {
        let page = public::list(app, [id, ""], &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.result);
        for publication in &page {
            out += &match table {
                Table::Tasks => task(publication, &plan),
                Table::Items => items(publication, &plan),
                Table::JointPunishment => punishments(publication),
            };
        }
    }
    Ok(out.into_bytes())
}

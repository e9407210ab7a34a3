//! Assessments as a workbook (R133). The same assessments give the same bytes, whenever they are exported.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::assessment::Figures;
use crate::app::AppError;
use crate::oversight::assessment::{Assessment, Fulfilment, Measure};

/// Name of the sheet of assessments.
const SHEET: &str = "考核";
/// Name of the sheet of plans.
const PLANS: &str = "计划执行";
/// First year that a workbook can be dated with.
const YEAR_MIN: i16 = 1900;

/// Writes assessments and how plans are carried out.
///
/// # Errors
/// [`AppError::Broken`] when the workbook cannot be written.
pub fn write(
    year: i16,
    assessments: &[Assessment],
    figures: &Figures,
) -> Result<Vec<u8>, AppError> {
    made(year, assessments, figures)
        .map_err(|_| AppError::Broken("a workbook could not be written"))
}

fn made(year: i16, assessments: &[Assessment], figures: &Figures) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // Its last day, whenever it is made: the bytes depend on what stands in it alone.
    let dated = u16::try_from(year.max(YEAR_MIN)).unwrap_or(1900);
    let dated = ExcelDateTime::from_ymd(dated, 12, 31)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&dated));
    let bold = Format::new().set_bold();
    assessed(book.add_worksheet().set_name(SHEET)?, &bold, assessments)?;
    planned(book.add_worksheet().set_name(PLANS)?, &bold, &figures.tasks)?;
    book.save_to_buffer()
}

/// A count as a cell takes it; beyond 2^53 none is exact, and none is counted here.
fn count(sheet: &mut Worksheet, (row, col): (u32, u16), value: u64) -> Result<(), XlsxError> {
    let value = u32::try_from(value).unwrap_or(u32::MAX);
    sheet.write_number(row, col, value).map(|_| ())
}

fn heading(sheet: &mut Worksheet, bold: &Format, titles: &[&str]) -> Result<(), XlsxError> {
    for (col, title) in (0u16..).zip(titles) {
        sheet.write_string_with_format(0, col, *title, bold)?;
    }
    Ok(())
}

fn assessed(
    sheet: &mut Worksheet,
    bold: &Format,
    assessments: &[Assessment],
) -> Result<(), XlsxError> {
    let mut titles = vec!["单位".to_owned(), "年度".to_owned(), "得分（万分）".to_owned()];
    for measure in Measure::ALL {
        let title = measure.title();
        titles.extend([
            format!("{title}：达标"),
            format!("{title}：总数"),
            format!("{title}：权重"),
        ]);
    }
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    heading(sheet, bold, &titles)?;
    for (row, of) in (1u32..).zip(assessments) {
        sheet.write_string(row, 0, &of.department)?;
        sheet.write_number(row, 1, i32::from(of.year))?;
        if let Some(score) = of.score {
            count(sheet, (row, 2), score)?;
        }
        let cells =
            of.measures.iter().flat_map(|(_, share, weight)| [share.part, share.whole, *weight]);
        for (col, value) in (3u16..).zip(cells) {
            count(sheet, (row, col), value)?;
        }
    }
    Ok(())
}

fn planned(sheet: &mut Worksheet, bold: &Format, tasks: &[Fulfilment]) -> Result<(), XlsxError> {
    let titles = ["计划", "任务", "牵头单位", "已抽查次数", "计划次数", "预算（分）", "支出（分）"];
    heading(sheet, bold, &titles)?;
    for (row, task) in (1u32..).zip(tasks) {
        for (col, text) in (0u16..).zip([&task.plan, &task.task, &task.lead]) {
            sheet.write_string(row, col, text)?;
        }
        count(sheet, (row, 3), task.drawn.part)?;
        count(sheet, (row, 4), task.drawn.whole)?;
        // Money is exact in words: a number of a workbook is not, from 2^53 on.
        sheet.write_string(row, 5, task.budget_fen.to_string())?;
        sheet.write_string(row, 6, task.spent_fen.to_string())?;
    }
    Ok(())
}

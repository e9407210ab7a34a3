//! Cells of exported tables: what a spreadsheet would take for a formula is made text (T27).

/// A cell in CSV: quoted, and with an apostrophe before what a spreadsheet would run.
#[must_use]
pub fn cell(text: &str) -> String {
    let runs =
        |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠');
    let mark = if text.trim_start_matches(' ').starts_with(runs) { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

/// A line of cells.
#[must_use]
pub fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|c| cell(c)).collect();
    cells.join(",") + "\r\n"
}

//! Workbooks for tests: the least that is an XLSX file, its parts stored without compression.

use flate2::Crc;

const TYPES: &str = concat!(
    r#"<?xml version="1.0"?><Types"#,
    r#" xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default"#,
    r#" Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml""#,
    r#"/><Default Extension="xml" ContentType="application/xml"/><Override"#,
    r#" PartName="/xl/workbook.xml""#,
    r#" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"#,
    r#""/><Override PartName="/xl/worksheets/sheet1.xml""#,
    r#" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml""#,
    r#"/></Types>"#,
);
const RELS: &str = concat!(
    r#"<?xml version="1.0"?><Relationships"#,
    r#" xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship"#,
    r#" Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/offic"#,
    r#"eDocument" Target="xl/workbook.xml"/></Relationships>"#,
);
const BOOK: &str = concat!(
    r#"<?xml version="1.0"?><workbook"#,
    r#" xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main""#,
    r#" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>"#,
    r#"<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>"#,
);
const BOOK_RELS: &str = concat!(
    r#"<?xml version="1.0"?><Relationships"#,
    r#" xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship"#,
    r#" Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/works"#,
    r#"heet" Target="worksheets/sheet1.xml"/></Relationships>"#,
);

const SHEET: &str = concat!(
    r#"<?xml version="1.0"?><worksheet "#,
    r#"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
);

/// A workbook with one table of texts.
pub fn xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let mut sheet = SHEET.to_owned();
    for (r, row) in rows.iter().enumerate() {
        sheet += &format!("<row r=\"{}\">", r + 1);
        for (c, cell) in (b'A'..).zip(row) {
            let at = format!("{}{}", char::from(c), r + 1);
            let text = escape(cell);
            sheet += &format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
        }
        sheet += "</row>";
    }
    sheet += "</sheetData></worksheet>";
    zip(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut table) = (Vec::new(), Vec::new());
    let length = |n: usize| u32::try_from(n).expect("short").to_le_bytes();
    for (name, text) in files {
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        let at = length(out.len());
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend(length(text.len()));
        common.extend(length(text.len()));
        common.extend(&length(name.len())[..2]);
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
        table.extend(b"PK\x01\x02\x14\x00");
        table.extend(&common);
        table.extend([0; 10]);
        table.extend(at);
        table.extend(name.as_bytes());
    }
    let (start, size) = (length(out.len()), length(table.len()));
    let count = &length(files.len())[..2];
    out.extend(table);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend([count, count].concat());
    out.extend(size);
    out.extend(start);
    out.extend([0, 0]);
    out
}

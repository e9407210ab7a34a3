//! Small made-up lists for tests.

use onevisit::domain::uscc;
use onevisit::rpc::pb;

/// The nth good code.
pub fn code(n: usize) -> String {
    let body = format!("{n:08}");
    let org = uscc::org_check_character(body.as_bytes()).expect("digits");
    let head = format!("91990001{body}{org}");
    let last = uscc::check_character(head.as_bytes()).expect("alphabet");
    format!("{head}{last}")
}

pub fn entry(n: usize) -> pb::SubjectEntry {
    pb::SubjectEntry {
        subject_id: code(n),
        name: format!("测试区第{n}商店"),
        kind: pb::SubjectKind::Enterprise.into(),
        district: "990001".into(),
        address: format!("测试路{n}号"),
        ..Default::default()
    }
}

pub fn item(code: &str) -> pb::CheckItem {
    pb::CheckItem {
        code: code.into(),
        name: format!("{code}检查"),
        basis: "《测试条例》第一条".into(),
        body: "测试局".into(),
        object: "经营主体".into(),
        content: "全部内容".into(),
        methods: vec![pb::Method::OnSite.into()],
        ratio: Some(pb::RatioRule { min_basis_points: Some(500), ..Default::default() }),
        frequency: Some(pb::FrequencyRule { times: 2, window_months: 12, ..Default::default() }),
        item_class: pb::ItemClass::General.into(),
        ..Default::default()
    }
}

pub fn item_list(codes: &[&str]) -> pb::ItemList {
    pb::ItemList {
        effective_from: "2026-01-01".into(),
        reason: "首次公布".into(),
        items: codes.iter().map(|c| item(c)).collect(),
        ..Default::default()
    }
}

pub fn inspector(id: &str) -> pb::Inspector {
    pb::Inspector {
        inspector_id: id.into(),
        kind: pb::InspectorKind::Inspector.into(),
        certificate_number: "ZF001".into(),
        certificate_valid_until: "2030-12-31".into(),
        may_lead: true,
        active: true,
        ..Default::default()
    }
}

pub fn header(id: &str, mode: pb::ImportMode, rows: usize) -> pb::ImportHeader {
    pb::ImportHeader {
        request_id: id.into(),
        mode: mode.into(),
        expected_rows: i64::try_from(rows).expect("few"),
    }
}

/// A whole subject import as one stream, in batches of `batch` rows.
pub fn subjects(
    id: &str,
    mode: pb::ImportMode,
    entries: Vec<pb::SubjectEntry>,
    batch: usize,
) -> impl tokio_stream::Stream<Item = pb::ImportSubjectsRequest> + Send + 'static {
    use pb::import_subjects_request::Part;
    let part = |part| pb::ImportSubjectsRequest { part: Some(part) };
    let mut out = vec![part(Part::Header(header(id, mode, entries.len())))];
    let mut first_row = 1;
    for entries in entries.chunks(batch) {
        out.push(part(Part::Batch(pb::SubjectBatch { first_row, entries: entries.to_vec() })));
        first_row += i64::try_from(entries.len()).expect("few");
    }
    tokio_stream::iter(out)
}

pub fn inspectors(
    id: &str,
    people: Vec<pb::Inspector>,
) -> impl tokio_stream::Stream<Item = pb::ImportInspectorsRequest> + Send + 'static {
    use pb::import_inspectors_request::Part;
    let part = |part| pb::ImportInspectorsRequest { part: Some(part) };
    let header = header(id, pb::ImportMode::AllOrNothing, people.len());
    let batch = pb::InspectorBatch { first_row: 1, inspectors: people };
    tokio_stream::iter(vec![part(Part::Header(header)), part(Part::Batch(batch))])
}

//! Rows of subjects and inspectors from CSV to messages, in batches.

use std::path::Path;

use anyhow::Context;
use csv::StringRecord;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::rpc::pb;

use super::import::{Client, Mode, Source};
use super::table::{self, Table, field};

/// Rows of one message.
const BATCH_ROWS: usize = 500;
/// Messages waiting to be sent.
const QUEUE_MESSAGES: usize = 4;
/// Separates values inside one cell.
const LIST_MARK: char = '|';

/// Arguments of `import subjects`.
#[derive(Debug, clap::Args)]
pub struct Subjects {
    #[command(flatten)]
    source: Source,
    /// Takes a field from a column of another name, as FIELD=COLUMN.
    #[arg(long = "map")]
    maps: Vec<String>,
    /// Kind of subjects whose row and code do not tell, such as ENTERPRISE.
    #[arg(long, default_value = "ENTERPRISE")]
    kind: String,
    /// Division code of rows that give none.
    #[arg(long, default_value = "")]
    district: String,
}

/// Arguments of `import inspectors`.
#[derive(Debug, clap::Args)]
pub struct Inspectors {
    #[command(flatten)]
    source: Source,
}

fn header(request_id: String, source: &Source, rows: u64) -> pb::ImportHeader {
    let mode = match source.mode {
        Mode::KeepGoodRows => pb::ImportMode::KeepGoodRows,
        Mode::AllOrNothing => pb::ImportMode::AllOrNothing,
    };
    let expected_rows = i64::try_from(rows).unwrap_or(0);
    pb::ImportHeader { request_id, mode: mode.into(), expected_rows }
}

/// A progress bar for a number of rows; invisible when nobody watches.
pub fn bar(rows: u64, what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} rows {per_sec}");
    let bar = ProgressBar::new(rows).with_message(what.to_owned());
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Columns of a table by field name.
struct Columns<'t> {
    table: &'t Table,
    maps: &'t [String],
}

impl Columns<'_> {
    fn find(&self, name: &str, others: &[&str]) -> Option<usize> {
        let mapped = self.maps.iter().filter_map(|m| m.split_once('='));
        for (_, column) in mapped.filter(|(field, _)| *field == name) {
            if let Some(at) = self.table.find(&[column]) {
                return Some(at);
            }
        }
        self.table.find(&[name]).or_else(|| self.table.find(others))
    }
}

/// Reads a file on a thread of its own and hands messages on, so that memory stays bounded.
fn messages<M: Send + 'static, R: Send + 'static>(
    path: &Path,
    first: M,
    mut table: Table,
    read: impl Fn(&StringRecord) -> R + Send + 'static,
    batch: impl Fn(i64, Vec<R>) -> M + Send + 'static,
    bar: ProgressBar,
) -> ReceiverStream<M> {
    let (sender, receiver) = mpsc::channel(QUEUE_MESSAGES);
    let name = path.display().to_string();
    std::thread::spawn(move || {
        let mut row = StringRecord::new();
        let (mut rows, mut next) = (Vec::with_capacity(BATCH_ROWS), 1);
        let send = |message: M| sender.blocking_send(message).is_ok();
        let mut open = send(first);
        loop {
            let more = table.next(&mut row).unwrap_or_else(|error| {
                eprintln!("{name}: {error}");
                false
            });
            if more {
                rows.push(read(&row));
            }
            if open && (rows.len() == BATCH_ROWS || !more && !rows.is_empty()) {
                let count = rows.len();
                let full = std::mem::replace(&mut rows, Vec::with_capacity(BATCH_ROWS));
                open = send(batch(next, full));
                next += i64::try_from(count).unwrap_or(0);
                bar.inc(count as u64);
            }
            if !more || !open {
                break;
            }
        }
        bar.finish_and_clear();
    });
    ReceiverStream::new(receiver)
}

/// Sends a subject registry.
pub async fn subjects(
    mut client: Client,
    request_id: String,
    list: Subjects,
) -> anyhow::Result<pb::ImportSummary> {
    use pb::import_subjects_request::Part;
    let path = &list.source.file;
    let rows = table::count(path)?;
    let table = Table::open(path)?;
    let read = subject_reader(&table, &list)?;
    let part = |part| pb::ImportSubjectsRequest { part: Some(part) };
    let first = part(Part::Header(header(request_id, &list.source, rows)));
    let batch =
        move |first_row, entries| part(Part::Batch(pb::SubjectBatch { first_row, entries }));
    let stream = messages(path, first, table, read, batch, bar(rows, "subjects"));
    let reply = client.import_subjects(stream).await?.into_inner();
    reply.summary.context("the service sent no summary")
}

fn subject_reader(
    table: &Table,
    list: &Subjects,
) -> anyhow::Result<impl Fn(&StringRecord) -> pb::SubjectEntry + Send + 'static> {
    let columns = Columns { table, maps: &list.maps };
    let ids = ["uscc", "uscc_raw", "taxpayer_id_raw", "统一社会信用代码"];
    let id = columns.find("subject_id", &ids);
    let id = id.with_context(|| format!("no column for subject_id among {:?}", table.columns()))?;
    let name = columns.find("name", &["名称", "企业名称"]);
    let address = columns.find("address", &["地址", "住所"]);
    let [premises, kind, state, risk, risk_on, risk_source, district, tags, items] = [
        "premises",
        "kind",
        "state",
        "risk_class",
        "risk_on",
        "risk_source",
        "district",
        "tags",
        "items",
    ]
    .map(|f| columns.find(f, &[]));
    let permit = columns.find("permit", &["permit_no_raw"]);
    let reg = columns.find("reg", &["注册号"]);
    let (default_kind, default_district) = (list.kind.clone(), list.district.clone());
    Ok(move |row: &StringRecord| {
        let get = |at| field(row, at);
        let code = get(Some(id));
        let word = [get(kind), kind_of(code), &default_kind].into_iter().find(|w| !w.is_empty());
        let named = |prefix: &str, word: &str| format!("{prefix}_{word}");
        let kind = pb::SubjectKind::from_str_name(&named("SUBJECT_KIND", word.unwrap_or_default()));
        let state = pb::SubjectState::from_str_name(&named("SUBJECT_STATE", get(state)));
        let risk = pb::RiskClass::from_str_name(&named("RISK_CLASS", get(risk)));
        let mut other_ids = Vec::new();
        for (scheme, at) in [("permit", permit), ("reg", reg)] {
            let value = get(at).trim();
            if !value.is_empty() {
                other_ids.push(format!("{scheme}:{value}"));
            }
        }
        let split = |text: &str| -> Vec<String> {
            text.split(LIST_MARK).filter(|t| !t.is_empty()).map(str::to_owned).collect()
        };
        let district = get(district);
        pb::SubjectEntry {
            subject_id: code.to_owned(),
            premises: get(premises).to_owned(),
            name: get(name).to_owned(),
            kind: kind.map_or(0, i32::from),
            state: state.map_or(0, i32::from),
            risk_class: risk.map_or(0, i32::from),
            risk_on: get(risk_on).to_owned(),
            risk_source: get(risk_source).to_owned(),
            district: if district.is_empty() { &default_district } else { district }.to_owned(),
            address: get(address).to_owned(),
            other_ids,
            items: split(get(items)),
            tags: split(get(tags)),
            mends: Vec::new(),
        }
    })
}

/// The kind that a code's first two characters say (GB 32100, registering authority and category).
fn kind_of(code: &str) -> &'static str {
    match code.get(..2) {
        Some("91") => "ENTERPRISE",
        Some("92") => "INDIVIDUAL_BUSINESS",
        Some("93") => "FARMERS_COOPERATIVE",
        Some("11" | "12") => "PUBLIC_BODY",
        Some("51" | "52" | "53") => "SOCIAL_ORGANISATION",
        _ => "",
    }
}

/// Sends an inspector pool.
pub async fn inspectors(
    mut client: Client,
    request_id: String,
    list: Inspectors,
) -> anyhow::Result<pb::ImportSummary> {
    use pb::import_inspectors_request::Part;
    let path = &list.source.file;
    let rows = table::count(path)?;
    let table = Table::open(path)?;
    let columns = Columns { table: &table, maps: &[] };
    let [id, kind, number, until, tags, may_lead, cap] = [
        "inspector_id",
        "kind",
        "certificate_number",
        "certificate_valid_until",
        "tags",
        "may_lead",
        "cap",
    ]
    .map(|f| columns.find(f, &[]));
    let read = move |row: &StringRecord| {
        let get = |at| field(row, at);
        let kind = if get(kind) == "EXPERT" {
            pb::InspectorKind::Expert
        } else {
            pb::InspectorKind::Inspector
        };
        pb::Inspector {
            inspector_id: get(id).to_owned(),
            kind: kind.into(),
            certificate_number: get(number).to_owned(),
            certificate_valid_until: get(until).to_owned(),
            tags: get(tags).split(LIST_MARK).filter(|t| !t.is_empty()).map(str::to_owned).collect(),
            may_lead: matches!(get(may_lead), "1" | "true" | "是"),
            // A cap that is no number is sent as one that the service refuses.
            cap: if get(cap).is_empty() { 0 } else { get(cap).parse().unwrap_or(-1) },
            away: Vec::new(),
            active: true,
        }
    };
    let part = |part| pb::ImportInspectorsRequest { part: Some(part) };
    let first = part(Part::Header(header(request_id, &list.source, rows)));
    let batch = move |first_row, inspectors| {
        part(Part::Batch(pb::InspectorBatch { first_row, inspectors }))
    };
    let stream = messages(path, first, table, read, batch, bar(rows, "inspectors"));
    let reply = client.import_inspectors(stream).await?.into_inner();
    reply.summary.context("the service sent no summary")
}

//! Imports: per-row reports, both modes, resumable, idempotent.

use onevisit::rpc::pb;
use onevisit::rpc::pb::import_subjects_request::Part;
use tonic::Code;

use super::reason;
use crate::harness::client::{As, Service};
use crate::harness::data::{code, entry, header, inspector, inspectors, subjects};
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    good_rows_are_kept_and_bad_ones_reported, all_or_nothing_keeps_nothing_of_a_bad_list,
    a_cut_stream_goes_on_behind_the_last_row, a_repeated_import_changes_nothing,
    the_same_id_with_other_rows_is_refused, a_later_row_wins_and_changes_are_counted,
    a_gap_in_the_rows_is_refused, inspectors_are_checked_row_by_row,
}

const KEEP: pb::ImportMode = pb::ImportMode::KeepGoodRows;
const ALL: pb::ImportMode = pb::ImportMode::AllOrNothing;

async fn send(
    caller: &As<'_>,
    id: &str,
    mode: pb::ImportMode,
    rows: Vec<pb::SubjectEntry>,
) -> Result<pb::ImportSummary, tonic::Status> {
    let reply = caller.registry().import_subjects(subjects(id, mode, rows, 7)).await?;
    Ok(reply.into_inner().summary.expect("summary"))
}

async fn stored(caller: &As<'_>) -> Vec<pb::SubjectEntry> {
    let request = pb::ListSubjectEntriesRequest {
        department: "market".into(),
        page_size: 1_000,
        ..Default::default()
    };
    caller.registry().list_subject_entries(request).await.expect("list").into_inner().entries
}

fn dirty() -> Vec<pb::SubjectEntry> {
    let mut rows: Vec<pb::SubjectEntry> = (1..=20).map(entry).collect();
    rows[2].subject_id = rows[2].subject_id.to_lowercase() + "\u{200b}";
    rows[4].subject_id = "91990001MA00000000".into();
    rows[4].name = String::new();
    rows[9].risk_class = pb::RiskClass::B.into();
    rows
}

async fn good_rows_are_kept_and_bad_ones_reported(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let market = service.with(&keys["market"]);
    let summary = send(&market, "s1", KEEP, dirty()).await.expect("import");
    assert_eq!(summary.state(), pb::ImportState::Finished);
    assert_eq!((summary.rows, summary.inserted, summary.rejected, summary.mended), (20, 18, 2, 1));
    let said: Vec<(i64, String, String, bool)> = summary
        .reports
        .iter()
        .map(|r| (r.row, r.field.clone(), r.rule.clone(), r.rejected))
        .collect();
    let want = [
        (3, "subject_id", "MENDED_ZERO_WIDTH", false),
        (5, "subject_id", "USCC_CHECK_CHARACTER", true),
        (5, "name", "REQUIRED", true),
        (10, "risk_on", "RISK_CLASS_NEEDS_DATE", true),
        (10, "risk_source", "RISK_CLASS_NEEDS_SOURCE", true),
    ];
    assert_eq!(said, want.map(|(n, f, r, b)| (n, f.to_owned(), r.to_owned(), b)));
    let kept = stored(&market).await;
    assert_eq!(kept.len(), 18);
    let mended = kept.iter().find(|e| e.subject_id == code(3)).expect("mended");
    assert_eq!(mended.mends, ["MENDED_ZERO_WIDTH"], "the reason is kept");
    let list = pb::ListImportReportsRequest {
        request_id: "s1".into(),
        page_size: 2,
        ..Default::default()
    };
    let page = market.registry().list_import_reports(list).await.expect("reports").into_inner();
    assert_eq!((page.reports.len(), page.next_page_token.is_empty()), (2, false));
}

async fn all_or_nothing_keeps_nothing_of_a_bad_list(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let market = service.with(&keys["market"]);
    let summary = send(&market, "s1", ALL, dirty()).await.expect("import");
    assert_eq!((summary.state(), summary.rejected), (pb::ImportState::Refused, 2));
    assert!(stored(&market).await.is_empty());
    let good = (1..=20).map(entry).collect();
    let summary = send(&market, "s2", ALL, good).await.expect("import");
    assert_eq!((summary.state(), summary.inserted), (pb::ImportState::Finished, 20));
    assert_eq!(stored(&market).await.len(), 20);
}

fn part(part: Part) -> pb::ImportSubjectsRequest {
    pb::ImportSubjectsRequest { part: Some(part) }
}

fn batch(first_row: i64, entries: Vec<pb::SubjectEntry>) -> pb::ImportSubjectsRequest {
    part(Part::Batch(pb::SubjectBatch { first_row, entries }))
}

async fn a_cut_stream_goes_on_behind_the_last_row(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let market = service.with(&keys["market"]);
    let rows: Vec<pb::SubjectEntry> = (1..=30).map(entry).collect();
    // A stream that ends short of what its header promised is what a cut connection leaves.
    let cut = vec![part(Part::Header(header("s1", KEEP, 30))), batch(1, rows[..12].to_vec())];
    let status =
        market.registry().import_subjects(tokio_stream::iter(cut)).await.expect_err("short");
    assert_eq!(reason(&status), "IMPORT_INCOMPLETE");
    let at = pb::GetImportRequest { request_id: "s1".into() };
    let reply =
        market.registry().get_import(at).await.expect("get").into_inner().summary.expect("summary");
    assert_eq!((reply.state(), reply.rows), (pb::ImportState::Running, 12));
    let rest = vec![part(Part::Header(header("s1", KEEP, 30))), batch(13, rows[12..].to_vec())];
    let reply = market.registry().import_subjects(tokio_stream::iter(rest)).await.expect("resumed");
    let summary = reply.into_inner().summary.expect("summary");
    assert_eq!((summary.rows, summary.inserted), (30, 30));
    assert_eq!(stored(&market).await.len(), 30);
}

async fn a_repeated_import_changes_nothing(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let market = service.with(&keys["market"]);
    let first = send(&market, "s1", KEEP, dirty()).await.expect("import");
    assert_eq!(send(&market, "s1", KEEP, dirty()).await.expect("same id"), first);
    let other = send(&market, "s2", KEEP, dirty()).await.expect("same rows, new id");
    assert_eq!((other.inserted, other.updated, other.unchanged), (0, 0, 18));
}

async fn the_same_id_with_other_rows_is_refused(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let market = service.with(&keys["market"]);
    send(&market, "s1", KEEP, (1..=5).map(entry).collect()).await.expect("import");
    let other = send(&market, "s1", KEEP, (2..=6).map(entry).collect()).await;
    assert_eq!(other.expect_err("other rows").code(), Code::AlreadyExists);
    let more = send(&market, "s1", KEEP, (1..=6).map(entry).collect()).await;
    assert_eq!(more.expect_err("more rows").code(), Code::AlreadyExists);
    let mode = send(&market, "s1", ALL, (1..=5).map(entry).collect()).await;
    assert_eq!(mode.expect_err("another mode").code(), Code::AlreadyExists);
    assert_eq!(stored(&market).await.len(), 5);
}

async fn a_later_row_wins_and_changes_are_counted(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let market = service.with(&keys["market"]);
    let mut renamed = entry(1);
    renamed.name = "改名商店".into();
    let rows = vec![entry(1), entry(2), renamed.clone()];
    let first = send(&market, "s1", KEEP, rows).await.expect("import");
    assert_eq!((first.inserted, first.unchanged), (2, 1));
    assert_eq!(stored(&market).await.iter().filter(|e| e.name == "改名商店").count(), 1);
    let second = send(&market, "s2", KEEP, vec![entry(1), entry(2)]).await.expect("import");
    assert_eq!((second.updated, second.unchanged), (1, 1));
}

async fn a_gap_in_the_rows_is_refused(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let market = service.with(&keys["market"]);
    let gap = vec![part(Part::Header(header("s1", KEEP, 9))), batch(5, vec![entry(1)])];
    let status = market.registry().import_subjects(tokio_stream::iter(gap)).await.expect_err("gap");
    assert_eq!(super::violations(&status), [("batch.first_row".into(), "NEXT_ROW".into())]);
    let headless = vec![batch(1, vec![entry(1)])];
    let status = market.registry().import_subjects(tokio_stream::iter(headless)).await;
    assert_eq!(
        super::violations(&status.expect_err("no header")),
        [("header".into(), "FIRST_MESSAGE".into())]
    );
}

async fn inspectors_are_checked_row_by_row(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let market = service.with(&keys["market"]);
    let mut uncertified = inspector("p2");
    uncertified.certificate_valid_until = String::new();
    let people = vec![inspector("p1"), uncertified];
    let reply =
        market.registry().import_inspectors(inspectors("i1", people)).await.expect("import");
    let summary = reply.into_inner().summary.expect("summary");
    assert_eq!(summary.state(), pb::ImportState::Refused);
    assert_eq!(
        (summary.reports[0].row, summary.reports[0].field.as_str()),
        (2, "certificate_valid_until")
    );
    let reply = market.registry().import_inspectors(inspectors("i2", vec![inspector("p1")])).await;
    assert_eq!(reply.expect("import").into_inner().summary.expect("summary").inserted, 1);
    let request = pb::ListInspectorsRequest { department: "market".into(), ..Default::default() };
    let list = market.registry().list_inspectors(request).await.expect("list").into_inner();
    assert_eq!(list.inspectors, [inspector("p1")]);
}

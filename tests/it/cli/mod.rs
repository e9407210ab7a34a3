//! The real binary, as its user runs it.

mod contribute;
mod crash;
mod export;
mod faults;
mod keys;
mod log_keys;
mod openings;
mod stop;
mod witness;
mod writers;

use std::fmt::Write as _;

use onevisit::rpc::client::{Bearer, connect};
use onevisit::rpc::pb;
use onevisit::rpc::pb::registry_service_client::RegistryServiceClient;

use crate::draw::vectors::load;
use crate::harness::data::{code, entry, header};
use crate::harness::process::{Served, run, said, storage, succeed};
use crate::harness::{Engine, TestDb, on_every_engine};

on_every_engine! { a_killed_import_is_repeated_to_the_same_registry, the_demo_ends_in_a_verified_bundle }

/// A jurisdiction and a department over gRPC; returns the department's key.
pub async fn department(served: &Served, db: &TestDb, key_file: &std::path::Path) -> String {
    let office =
        succeed(&[&["key", "office", "领导小组办公室"][..], &storage(db, key_file)].concat());
    let channel = connect(&served.address).await.expect("connect");
    let bearer = Bearer::new(office.trim()).expect("secret");
    let mut registry = RegistryServiceClient::with_interceptor(channel, bearer);
    let jurisdiction = Some(pb::Jurisdiction {
        code: "990001".into(),
        name: "测试区".into(),
        level: pb::Level::County.into(),
        ..Default::default()
    });
    let request_id = "j".into();
    registry
        .put_jurisdiction(pb::PutJurisdictionRequest { request_id, jurisdiction })
        .await
        .expect("j");
    let department = Some(pb::Department {
        department_id: "market".into(),
        name: "市场局".into(),
        jurisdiction: "990001".into(),
        ..Default::default()
    });
    let request_id = "d".into();
    registry.put_department(pb::PutDepartmentRequest { request_id, department }).await.expect("d");
    succeed(&[&["key", "department", "market"][..], &storage(db, key_file)].concat())
        .trim()
        .to_owned()
}

async fn client(
    address: &str,
    secret: &str,
) -> anyhow::Result<RegistryServiceClient<onevisit::rpc::client::Authorized>> {
    let channel = connect(address).await?;
    Ok(RegistryServiceClient::with_interceptor(channel, Bearer::new(secret)?))
}

const ROWS: usize = 20_000;

/// Sends half of a list and kills the server once a chunk of it has been committed.
async fn cut_off(served: Served, secret: &str) {
    use pb::import_subjects_request::Part;
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let mut first = client(&served.address, secret).await.expect("connect");
    let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let call = tokio::spawn(async move { first.import_subjects(stream).await });
    let part = |part| pb::ImportSubjectsRequest { part: Some(part) };
    let keep = pb::ImportMode::KeepGoodRows;
    sender.send(part(Part::Header(header("s1", keep, ROWS)))).await.expect("header");
    for start in (0..ROWS / 2).step_by(500) {
        let entries = (start..start + 500).map(entry).collect();
        let first_row = i64::try_from(start + 1).expect("few");
        sender
            .send(part(Part::Batch(pb::SubjectBatch { first_row, entries })))
            .await
            .expect("batch");
    }
    let mut watch = client(&served.address, secret).await.expect("connect");
    let committed = loop {
        let request = pb::GetImportRequest { request_id: "s1".into() };
        if let Ok(reply) = watch.get_import(request).await {
            let rows = reply.into_inner().summary.expect("summary").rows;
            if rows > 0 {
                break rows;
            }
        }
        assert!(!call.is_finished(), "the import has ended by itself");
        tokio::task::yield_now().await;
    };
    served.kill();
    assert!(call.await.expect("join").is_err(), "the call was cut");
    assert!(committed < i64::try_from(ROWS).expect("few"));
}

async fn a_killed_import_is_repeated_to_the_same_registry(engine: Engine) {
    let db = TestDb::new(engine).await;
    let key_file = db.folder.path().join("key");
    let served = Served::start(&db, &key_file);
    let secret = department(&served, &db, &key_file).await;
    cut_off(served, &secret).await;
    // The whole list again, by the command, with the same id, against a new server.
    let served = Served::start(&db, &key_file);
    let mut csv = "subject_id,name,address,district\n".to_owned();
    for n in 0..ROWS {
        let row = entry(n);
        writeln!(csv, "{},{},{},{}", row.subject_id, row.name, row.address, row.district)
            .expect("row");
    }
    let file = db.folder.path().join("list.csv");
    std::fs::write(&file, csv).expect("csv");
    let file = file.to_str().expect("path");
    let import = [
        "import",
        "--server",
        &served.address,
        "--key",
        &secret,
        "--request-id",
        "s1",
        "subjects",
        file,
    ];
    let text = succeed(&import);
    assert!(
        text.starts_with("20000 rows: 20000 new, 0 changed, 0 as before, 0 rejected"),
        "{text}"
    );
    let again = succeed(&import);
    assert_eq!(text, again, "and once more");
    let mut tx = db.open().await.read().await.expect("read");
    let stored = tx.entries_all("990001").await.expect("all");
    assert_eq!(stored.len(), ROWS);
    let events = tx.events_of("subjects.import", 10).await.expect("events");
    assert_eq!(events.len(), 1, "one import, one event");
    assert!(stored.iter().any(|(_, e)| e.subject_id == code(ROWS - 1)));
}

async fn the_demo_ends_in_a_verified_bundle(engine: Engine) {
    let db = TestDb::new(engine).await;
    let bundle = db.folder.path().join("bundle.json");
    let bundle = bundle.to_str().expect("path");
    let size = ["--subjects", "900", "--departments", "12", "--inspectors", "80", "--seed", "7"];
    let rest = ["--exit", "--bundle", bundle, "--database", &db.url];
    let text = succeed(&[&["demo"][..], &size, &rest].concat());
    for wanted in
        ["ids mended", "doors", "visits saved", "joint checks", "ok    V11", "verified offline"]
    {
        assert!(text.contains(wanted), "{wanted} is missing in {text}");
    }
    assert!(
        succeed(&["verify", bundle]).contains("VERIFIED campaigns/demo-joint/draws/1 attempt 1")
    );
}

#[test]
fn verify_names_the_first_wrong_step() {
    let folder = tempfile::TempDir::new().expect("folder");
    let path = folder.path().join("bundle.json");
    let good = load("tiny").bundle();
    std::fs::write(&path, &good).expect("write");
    let file = path.to_str().expect("path");
    let text = succeed(&["verify", file]);
    assert_eq!(text.matches("ok    V").count(), 12, "{text}");
    let changed = String::from_utf8(good).expect("text").replacen("\"rank\":1,", "\"rank\":9,", 1);
    std::fs::write(&path, changed).expect("write");
    let output = run(&["verify", file]);
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output);
    assert!(text.contains("WRONG V") && !text.contains("VERIFIED"), "{text}");
    std::fs::write(&path, b"{").expect("write");
    assert!(said(&run(&["verify", file])).contains("WRONG V1"));
}

//! A department's stolen key: what was sent once cannot be sent again to undo what came after.

use onevisit::rpc::pb;
use prost::Message;
use tonic::Code;

use crate::harness::client::{As, Service};
use crate::harness::data::{entry, subjects};
use crate::harness::{Engine, on_every_engine, scaled};

on_every_engine! { t21_an_old_list_changes_nothing }

/// Old lists that are sent again: 1,000 in the long suite.
const REPLAYS: [usize; 2] = [20, 1_000];
/// Lists there are to send again.
const LISTS: usize = 5;
/// Rows of each.
const ROWS: usize = 12;

fn list(nth: usize) -> Vec<pb::SubjectEntry> {
    let row = |n| pb::SubjectEntry { name: format!("第{nth}版第{n}店"), ..entry(n) };
    (1..=ROWS).map(row).collect()
}

async fn send(
    caller: &As<'_>,
    id: &str,
    rows: Vec<pb::SubjectEntry>,
) -> Result<pb::ImportSummary, tonic::Status> {
    let rows = subjects(id, pb::ImportMode::KeepGoodRows, rows, 5);
    let reply = caller.registry().import_subjects(rows).await?;
    Ok(reply.into_inner().summary.expect("summary"))
}

async fn stored(caller: &As<'_>) -> Vec<u8> {
    let request =
        pb::ListSubjectEntriesRequest { department: "market".into(), ..Default::default() };
    let reply = caller.registry().list_subject_entries(request).await.expect("list");
    reply.into_inner().encode_to_vec()
}

async fn recorded(service: &Service) -> usize {
    let mut tx = service.app.db.read().await.expect("read");
    tx.event_rows(0, i64::MAX).await.expect("events").len()
}

async fn t21_an_old_list_changes_nothing(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let market = service.with(&keys["market"]);
    let mut replies = Vec::new();
    for nth in 0..LISTS {
        replies.push(send(&market, &format!("s{nth}"), list(nth)).await.expect("a list"));
    }
    let (before, events) = (stored(&market).await, recorded(&service).await);
    for replay in 0..scaled(REPLAYS[0], REPLAYS[1]) {
        let nth = replay % LISTS;
        let again = send(&market, &format!("s{nth}"), list(nth)).await.expect("the same reply");
        assert_eq!(again, replies[nth]);
        let other = send(&market, &format!("s{nth}"), list(LISTS)).await.expect_err("other rows");
        assert_eq!(other.code(), Code::AlreadyExists);
    }
    assert_eq!(stored(&market).await, before, "no row has changed");
    assert_eq!(recorded(&service).await, events, "and nothing was recorded");
}

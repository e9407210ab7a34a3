//! The storage conformance suite: one name per behaviour, on both engines.

use std::collections::BTreeSet;

use jiff::civil::date;

use onevisit::domain::caller::{Caller, Role};
use onevisit::domain::department::{Department, Jurisdiction, Level};
use onevisit::domain::inspection::{Inspection, Origin};
use onevisit::domain::item::ItemList;
use onevisit::domain::plan::{Task, TaskState};
use onevisit::domain::row::RowReport;
use onevisit::domain::subject::{
    Entry, EntryDetail, RiskFact, RiskFactKind, SubjectKind, SubjectState,
};
use onevisit::store::{
    Db, Decision, Draw, DrawState, EntryRow, Import, ImportState, Kept, KeptRow, LinkRow, NewEvent,
    Page, Request, ReviewRow, Tx,
};

use crate::harness::{Engine, TestDb, on_every_engine};

on_every_engine! {
    migrating_twice_changes_nothing, text_keys_compare_as_bytes, a_request_is_claimed_once,
    concurrent_claims_see_one_reply, a_dropped_transaction_leaves_nothing, events_are_append_only,
    item_lists_are_append_only, the_latest_list_in_force_is_found, keys_are_found_by_hash_and_revoked,
    a_department_is_updated_from_its_version, entries_are_loaded_read_and_replaced,
    bulk_loads_keep_every_row, an_import_advances_from_where_it_was, chunks_come_in_order,
    a_draw_has_one_outcome, an_outcome_can_only_become_void,
    a_decision_is_approved_once,
    a_frozen_draw_does_not_change,
    only_what_is_over_is_erased, commitments_are_never_replaced,
    one_frozen_campaign_per_jurisdiction, history_counts_by_year, links_and_reviews_are_replaced,
    a_task_moves_only_from_where_it_was,
}

async fn fresh(engine: Engine) -> (TestDb, Db) {
    let test_db = TestDb::new(engine).await;
    let db = test_db.open().await;
    (test_db, db)
}

fn jurisdiction(code: &str) -> Jurisdiction {
    Jurisdiction {
        code: code.into(),
        name: "测试区".into(),
        level: Level::County,
        parent: String::new(),
        neighbours: Vec::new(),
    }
}

fn entry(id: &str, name: &str) -> EntryRow {
    let entry = Entry {
        subject_id: id.into(),
        premises: String::new(),
        name: name.into(),
        kind: SubjectKind::Enterprise,
        state: SubjectState::Operating,
        risk: None,
        district: String::new(),
        more: EntryDetail::default(),
    };
    EntryRow { digest: i64::try_from(name.len()).expect("short"), more: "{}".into(), entry }
}

fn draw(attempt: i64) -> Draw {
    Draw {
        wrapped: vec![4],
        campaign: "c".into(),
        attempt,
        state: "FROZEN".into(),
        freeze_bytes: b"{}".to_vec(),
        freeze_hash: "00".into(),
        root_secret: vec![1],
        pool: vec![2],
        openings: vec![3],
        seed: "aa".into(),
        result_root: "bb".into(),
        figures: "{}".into(),
        abort_reason: String::new(),
        frozen_us: 1,
        frozen_by: "办公室".into(),
        commit_by_us: 2,
        reveal_by_us: 3,
        beacon_value: String::new(),
    }
}

async fn refused(result: Result<u64, onevisit::store::StoreError>, what: &str) {
    assert!(result.is_err(), "{what} went through");
}

async fn migrating_twice_changes_nothing(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    db.migrate().await.expect("again");
}

async fn text_keys_compare_as_bytes(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    for code in ["b", "B", "a", "中", "Z"] {
        tx.put_jurisdiction(&jurisdiction(code)).await.expect("put");
    }
    let page = Page { after: "", limit: 10 };
    let found = tx.jurisdictions(&page).await.expect("list");
    let codes: Vec<String> = found.into_iter().map(|j| j.code).collect();
    assert_eq!(codes, ["B", "Z", "a", "b", "中"]);
    let after = tx.jurisdictions(&Page { after: "Z", limit: 2 }).await.expect("page");
    assert_eq!(after.len(), 2);
    assert_eq!(tx.jurisdiction("a").await.expect("get").expect("there").code, "a");
}

fn request(id: &str) -> Request<'_> {
    Request { caller: "k", id, method: "M", payload: &[1, 2] }
}

async fn a_request_is_claimed_once(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    assert_eq!(tx.claim_request(&request("r"), 1).await.expect("claim"), None);
    tx.answer_request(&request("r"), "\"ok\"").await.expect("answer");
    tx.commit().await.expect("commit");
    let mut tx = db.begin().await.expect("begin");
    let earlier = tx.claim_request(&request("r"), 2).await.expect("claim").expect("earlier");
    assert_eq!((earlier.reply.as_str(), &earlier.payload[..]), ("\"ok\"", &[1, 2][..]));
}

async fn concurrent_claims_see_one_reply(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut calls = Vec::new();
    for n in 0..8 {
        let db = db.clone();
        calls.push(tokio::spawn(async move {
            let mut tx = db.begin().await.expect("begin");
            if let Some(earlier) = tx.claim_request(&request("r"), 1).await.expect("claim") {
                return earlier.reply;
            }
            let reply = n.to_string();
            tx.answer_request(&request("r"), &reply).await.expect("answer");
            tx.commit().await.expect("commit");
            reply
        }));
    }
    let mut replies = Vec::new();
    for call in calls {
        replies.push(call.await.expect("call"));
    }
    replies.dedup();
    assert_eq!(replies.len(), 1, "{replies:?}");
}

async fn a_dropped_transaction_leaves_nothing(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    tx.put_jurisdiction(&jurisdiction("990001")).await.expect("put");
    drop(tx);
    let mut tx = db.read().await.expect("read");
    assert!(tx.jurisdiction("990001").await.expect("get").is_none());
}

async fn events_are_append_only(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    let new = NewEvent {
        id: vec![1],
        at_us: 5,
        kind: "k".into(),
        campaign: "c1".into(),
        body: b"{}".to_vec(),
        mac: b"m".to_vec(),
    };
    tx.append_events(&[new]).await.expect("append");
    tx.commit().await.expect("commit");
    for sql in ["UPDATE events SET body = $1", "UPDATE events SET kind = 'x' WHERE id = $1"] {
        let mut tx = db.begin().await.expect("begin");
        refused(tx.query(sql).bind(vec![1u8]).execute().await, sql).await;
    }
    let mut tx = db.begin().await.expect("begin");
    refused(tx.query("DELETE FROM events").execute().await, "deleting").await;
    drop(tx);
    let mut tx = db.begin().await.expect("begin");
    tx.query("UPDATE events SET position = 0").execute_one().await.expect("a position, once");
    refused(tx.query("UPDATE events SET position = 1").execute().await, "a second position").await;
    drop(tx);
    let events = db.read().await.expect("read").events_of("k", 10).await.expect("list");
    assert_eq!((events.len(), events[0].at_us, events[0].body.as_slice()), (1, 5, &b"{}"[..]));
}

fn list(version: i64, from: jiff::civil::Date) -> ItemList {
    let (department, reason) = ("fire".to_owned(), String::new());
    ItemList {
        department,
        version,
        effective_from: from,
        reason,
        consultations: Vec::new(),
        items: Vec::new(),
    }
}

async fn item_lists_are_append_only(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    tx.insert_item_list(&list(1, date(2026, 1, 1)), 1).await.expect("insert");
    tx.commit().await.expect("commit");
    for sql in ["UPDATE item_lists SET doc = ''", "DELETE FROM item_lists"] {
        let mut tx = db.begin().await.expect("begin");
        refused(tx.query(sql).execute().await, sql).await;
    }
    let mut tx = db.begin().await.expect("begin");
    let again = tx.insert_item_list(&list(1, date(2026, 1, 1)), 1).await;
    assert!(again.expect_err("twice").is_conflict());
}

async fn the_latest_list_in_force_is_found(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    tx.insert_item_list(&list(1, date(2026, 1, 1)), 1).await.expect("1");
    tx.insert_item_list(&list(2, date(2026, 7, 1)), 1).await.expect("2");
    assert_eq!(tx.item_list("fire", 0).await.expect("get").expect("there").version, 2);
    assert_eq!(tx.item_list("fire", 1).await.expect("get").expect("there").version, 1);
    let ids = ["fire".to_owned(), "none".to_owned()];
    let june = tx.item_lists_on(&ids, date(2026, 6, 15)).await.expect("june");
    assert_eq!(june.iter().map(|l| l.version).collect::<Vec<_>>(), [1]);
    let july = tx.item_lists_on(&ids, date(2026, 7, 1)).await.expect("july");
    assert_eq!(july.iter().map(|l| l.version).collect::<Vec<_>>(), [2]);
}

async fn keys_are_found_by_hash_and_revoked(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let caller = Caller {
        key_id: "key-1".into(),
        role: Role::Supervisor,
        department: String::new(),
        jurisdiction: String::new(),
        office: "监察室".into(),
        inspector: String::new(),
    };
    let mut tx = db.begin().await.expect("begin");
    tx.insert_key(&caller, &[7], 1).await.expect("insert");
    let found = tx.find_key(&[7]).await.expect("find").expect("there");
    assert_eq!((found.caller, found.revoked), (caller, false));
    assert!(tx.find_key(&[8]).await.expect("find").is_none());
    assert!(tx.revoke_key("key-1", 2).await.expect("revoke").expect("there").revoked);
    assert!(tx.revoke_key("none", 2).await.expect("revoke").is_none());
}

async fn a_department_is_updated_from_its_version(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let department = Department {
        complaint_channel: String::new(),
        id: "fire".into(),
        name: "消防".into(),
        jurisdiction: "990001".into(),
        powers: Vec::new(),
    };
    let mut tx = db.begin().await.expect("begin");
    assert!(tx.put_department(&department, 1).await.expect("new"));
    assert!(tx.put_department(&department, 2).await.expect("next"));
    assert!(!tx.put_department(&department, 2).await.expect("stale"));
    assert_eq!(tx.department("fire").await.expect("get").expect("there").1, 2);
    assert_eq!(tx.departments(&Page { after: "", limit: 5 }).await.expect("list").len(), 1);
    assert_eq!(tx.departments_in(&["990001".into()]).await.expect("in").len(), 1);
    assert!(tx.departments_in(&["990002".into()]).await.expect("in").is_empty());
}

async fn entries_are_loaded_read_and_replaced(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    let rows = [entry("A", "甲'\"\\"), entry("B", "乙")];
    tx.insert_entries("j", "fire", &[&rows[0], &rows[1]], 1).await.expect("insert");
    let stored = tx.stored_entries("j", "fire", &["A", "C"]).await.expect("stored");
    assert_eq!(stored.len(), 1);
    assert!(tx.stored_entries("j", "health", &["A"]).await.expect("other").is_empty());
    tx.update_entry("j", "fire", &entry("A", "甲改"), 2).await.expect("update");
    let missing = tx.update_entry("j", "fire", &entry("Z", "无"), 2).await;
    assert!(missing.is_err(), "an update of nothing");
    let all = tx.entries_all("j").await.expect("all");
    let names: Vec<&str> = all.iter().map(|(_, e)| e.name.as_str()).collect();
    assert_eq!(names, ["甲改", "乙"]);
    assert!(tx.entries_all("k").await.expect("elsewhere").is_empty());
    let page = tx.entries_page("j", "fire", ("A", ""), 5).await.expect("page");
    assert_eq!(page.len(), 1);
}

async fn bulk_loads_keep_every_row(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let rows: Vec<EntryRow> = (0..1_234).map(|i| entry(&format!("{i:05}"), "名")).collect();
    let mut tx = db.begin().await.expect("begin");
    let refs: Vec<&EntryRow> = rows.iter().collect();
    tx.insert_entries("j", "fire", &refs, 1).await.expect("insert");
    tx.commit().await.expect("commit");
    let mut tx = db.read().await.expect("read");
    let found = tx.entries_all("j").await.expect("all");
    assert_eq!(found.len(), rows.len());
    assert!(found.iter().zip(&rows).all(|((_, e), r)| e.subject_id == r.entry.subject_id));
}

fn import(rows: i64) -> Import {
    Import {
        id: "i".into(),
        kind: "subjects".into(),
        all_or_nothing: false,
        state: ImportState::Running,
        rows,
        inserted: 0,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        mended: 0,
        chain: String::new(),
    }
}

async fn an_import_advances_from_where_it_was(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    assert!(tx.begin_import("fire", &import(0), 1).await.expect("begin"));
    assert!(!tx.begin_import("fire", &import(0), 1).await.expect("again"));
    assert!(tx.advance_import("fire", &import(0), &import(5)).await.expect("advance"));
    assert!(!tx.advance_import("fire", &import(0), &import(9)).await.expect("stale"));
    assert_eq!(tx.import("fire", "i").await.expect("get").expect("there").rows, 5);
    let report = |row| RowReport {
        row,
        field: "f".into(),
        rule: "R".into(),
        value: String::new(),
        rejected: true,
    };
    tx.insert_reports("fire", "i", &[report(2), report(2), report(4)]).await.expect("reports");
    assert_eq!(tx.reports("fire", "i", (2, 0), 9).await.expect("page").len(), 2);
    assert_eq!(tx.first_reports("fire", "i", 2).await.expect("first").len(), 2);
}

async fn chunks_come_in_order(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    for first in [1, 5_000, 10_000] {
        tx.insert_chunk("fire", "i", first, &vec![first]).await.expect("chunk");
    }
    let mut at = 0;
    let mut seen = Vec::new();
    while let Some((first, rows)) = tx.next_chunk::<Vec<i64>>("fire", "i", at).await.expect("next")
    {
        assert_eq!(rows, [first]);
        seen.push(first);
        at = first;
    }
    assert_eq!(seen, [1, 5_000, 10_000]);
    tx.delete_chunks("fire", "i").await.expect("delete");
    assert!(tx.next_chunk::<Vec<i64>>("fire", "i", 0).await.expect("next").is_none());
}

async fn a_draw_has_one_outcome(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    tx.insert_draw(&draw(1)).await.expect("insert");
    assert_eq!(tx.bundle("c", 0).await.expect("bundle"), None);
    assert!(tx.finish_draw(&draw(1), vec![9]).await.expect("finish"));
    assert!(!tx.finish_draw(&draw(1), vec![8]).await.expect("twice"));
    let abort = (DrawState::Frozen, DrawState::Aborted);
    assert!(!tx.end_draw(("c", 1), abort, "迟了").await.expect("abort"));
    assert_eq!(tx.bundle("c", 0).await.expect("bundle"), Some(vec![9]));
    assert_eq!(tx.draw("c", 0).await.expect("get").expect("there").seed, "aa");
    assert!(tx.insert_draw(&draw(1)).await.expect_err("twice").is_conflict());
}

async fn a_frozen_draw_does_not_change(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    tx.insert_draw(&draw(1)).await.expect("insert");
    tx.commit().await.expect("commit");
    for sql in ["UPDATE draws SET freeze_bytes = $1", "UPDATE draws SET pool = $1"] {
        let mut tx = db.begin().await.expect("begin");
        refused(tx.query(sql).bind(vec![0u8]).execute().await, sql).await;
    }
    let mut tx = db.begin().await.expect("begin");
    refused(tx.query("DELETE FROM draws").execute().await, "deleting").await;
    drop(tx);
    let mut tx = db.begin().await.expect("begin");
    assert!(tx.put_beacon("c", 1, "aa").await.expect("beacon"));
    assert!(!tx.put_beacon("c", 1, "bb").await.expect("once"));
    let abort = (DrawState::Frozen, DrawState::Aborted);
    assert!(tx.end_draw(("c", 1), abort, "停电").await.expect("abort"));
    tx.commit().await.expect("commit");
    let mut tx = db.begin().await.expect("begin");
    refused(tx.query("UPDATE draws SET state = 'FROZEN'").execute().await, "reviving").await;
}

async fn only_what_is_over_is_erased(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    tx.insert_draw(&draw(1)).await.expect("insert");
    tx.commit().await.expect("commit");
    let mut tx = db.begin().await.expect("begin");
    assert!(tx.erase_draw("c", 1).await.is_err(), "a frozen attempt keeps its names");
    drop(tx);
    let mut tx = db.begin().await.expect("begin");
    assert!(tx.finish_draw(&draw(1), vec![9]).await.expect("finish"));
    tx.commit().await.expect("commit");
    for sql in ["UPDATE draws SET openings = $1", "UPDATE draws SET root_secret = $1"] {
        let mut tx = db.begin().await.expect("begin");
        refused(tx.query(sql).bind(vec![0u8]).execute().await, sql).await;
    }
    let mut tx = db.begin().await.expect("begin");
    tx.erase_draw("c", 1).await.expect("erased");
    let erased = tx.draw("c", 1).await.expect("get").expect("there");
    let gone = [erased.wrapped, erased.root_secret, erased.openings];
    assert!(gone.iter().all(Vec::is_empty) && erased.seed == "aa");
}

async fn an_outcome_can_only_become_void(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    tx.insert_draw(&draw(1)).await.expect("insert");
    assert!(tx.finish_draw(&draw(1), vec![9]).await.expect("finish"));
    tx.commit().await.expect("commit");
    for sql in ["UPDATE draws SET seed = 'cc'", "UPDATE draws SET state = 'FROZEN', seed = ''"] {
        let mut tx = db.begin().await.expect("begin");
        refused(tx.query(sql).execute().await, sql).await;
    }
    let mut tx = db.begin().await.expect("begin");
    let void = (DrawState::Drawn, DrawState::Void);
    assert!(tx.end_draw(("c", 1), void, "名单有误").await.expect("void"));
    assert!(!tx.end_draw(("c", 1), void, "again").await.expect("once"));
    assert_eq!(tx.bundle("c", 1).await.expect("bundle"), Some(vec![9]));
}

async fn a_decision_is_approved_once(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut decision = Decision {
        campaign: "c".into(),
        attempt: 1,
        kind: "ABORT".into(),
        reason: "停电".into(),
        requested_by: "办公室".into(),
        requested_role: "OFFICE".into(),
        requested_us: 1,
        approved_by: String::new(),
        approved_us: 0,
    };
    let mut tx = db.begin().await.expect("begin");
    tx.insert_decision(&decision).await.expect("insert");
    tx.commit().await.expect("commit");
    let mut tx = db.begin().await.expect("begin");
    assert!(tx.insert_decision(&decision).await.expect_err("twice").is_conflict());
    drop(tx);
    decision.approved_by = "法规科".into();
    let mut tx = db.begin().await.expect("begin");
    assert!(tx.approve_decision(&decision).await.expect("approve"));
    assert!(!tx.approve_decision(&decision).await.expect("once"));
    assert_eq!(tx.draw_decisions("c").await.expect("list")[0].approved_by, "法规科");
    tx.commit().await.expect("commit");
    for sql in ["UPDATE decisions SET reason = 'x'", "DELETE FROM decisions"] {
        let mut tx = db.begin().await.expect("begin");
        refused(tx.query(sql).execute().await, sql).await;
    }
}

async fn commitments_are_never_replaced(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let commit = async |tx: &mut Tx, office: &str, value: &str| {
        tx.insert_commitment("c", 1, office, value).await
    };
    let mut tx = db.begin().await.expect("begin");
    commit(&mut tx, "甲", "aa").await.expect("first");
    tx.commit().await.expect("commit");
    for (office, value) in [("甲", "bb"), ("乙", "aa")] {
        let mut tx = db.begin().await.expect("begin");
        let again = commit(&mut tx, office, value).await;
        assert!(again.expect_err("own again, or another's").is_conflict());
    }
    let mut tx = db.begin().await.expect("begin");
    assert!(tx.reveal_number("c", 1, "甲", "11").await.expect("reveal"));
    assert!(!tx.reveal_number("c", 1, "甲", "22").await.expect("twice"));
    assert!(!tx.reveal_number("c", 1, "乙", "22").await.expect("without commitment"));
    let found = tx.contributions("c", 1).await.expect("list");
    assert_eq!((found.len(), found[0].number.as_str()), (1, "11"));
    refused(tx.query("UPDATE contributions SET number = 'x'").execute().await, "another number")
        .await;
}

async fn one_frozen_campaign_per_jurisdiction(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let insert = "INSERT INTO campaigns (id, jurisdiction, state, version, doc, created_us)
                  VALUES ($1, $2, 'FROZEN', 1, '{}', 1)";
    let mut tx = db.begin().await.expect("begin");
    for (id, jurisdiction) in [("a", "990001"), ("b", "990002")] {
        tx.query(insert).bind(id).bind(jurisdiction).execute_one().await.expect("one each");
    }
    let second = tx.query(insert).bind("c").bind("990001").execute_one().await;
    assert!(second.expect_err("a second one").is_conflict());
}

async fn history_counts_by_year(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    let inspection = |on| Inspection {
        subject_id: "s".into(),
        on,
        origin: Origin::Random,
        superior: false,
        clean: true,
        items: Vec::new(),
        body: String::new(),
    };
    let tenant = ["j", "fire"];
    let kept = |on| KeptRow::inspection(tenant, &inspection(on)).expect("row");
    let (june, earlier) = (kept(date(2026, 6, 1)), kept(date(2025, 6, 1)));
    let new = tx.keep(Kept::Inspections, [&june, &june]).await.expect("kept once");
    assert_eq!(new, BTreeSet::from([june.key.clone()]));
    let new = tx.keep(Kept::Inspections, [&june, &earlier]).await.expect("one is known");
    assert_eq!(new, BTreeSet::from([earlier.key.clone()]));
    let since = tx.inspections_since("j", date(2026, 1, 1)).await.expect("since");
    assert_eq!(since.len(), 1);
    let fact = RiskFact {
        subject_id: "s".into(),
        kind: RiskFactKind::Complaint,
        on: date(2026, 1, 1),
        source: "12345".into(),
    };
    let fact = KeptRow::risk_fact(tenant, &fact).expect("row");
    assert_eq!(tx.keep(Kept::RiskFacts, [&fact]).await.expect("new").len(), 1);
    assert!(tx.keep(Kept::RiskFacts, [&fact]).await.expect("known").is_empty());
    let marked = tx.signals("j").await.expect("marked");
    assert_eq!(marked.iter().map(|(subject, _)| subject).collect::<Vec<_>>(), ["s"]);
    assert!(tx.visits_since("j", 2026).await.expect("visits").is_empty());
}

async fn links_and_reviews_are_replaced(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    let link = |id: &str| LinkRow {
        department: "fire".into(),
        id: id.into(),
        canonical: "c".into(),
        evidence: "E".into(),
    };
    tx.replace_links("j", &[link("a"), link("b")]).await.expect("links");
    tx.replace_links("j", &[link("b")]).await.expect("links");
    assert_eq!(tx.links("j", ("", ""), 9).await.expect("page"), [link("b")]);
    let review = |second: &str, decision: &str| ReviewRow {
        first_id: "a".into(),
        second_id: second.into(),
        evidence: "E".into(),
        decision: decision.into(),
        reason: String::new(),
    };
    tx.replace_reviews("j", &[review("x", ""), review("y", "")]).await.expect("reviews");
    tx.decide_review("j", &review("x", "SAME")).await.expect("decide");
    tx.replace_reviews("j", &[review("x", ""), review("z", "")]).await.expect("reviews");
    let seconds: Vec<(String, String)> = tx
        .reviews("j", ("", ""), 9)
        .await
        .expect("page")
        .into_iter()
        .map(|r| (r.second_id, r.decision))
        .collect();
    assert_eq!(seconds, [("x".into(), "SAME".into()), ("z".into(), String::new())]);
    assert!(tx.decisions("j").await.expect("decisions")[0].same);
}

async fn a_task_moves_only_from_where_it_was(engine: Engine) {
    let (_db, db) = fresh(engine).await;
    let mut tx = db.begin().await.expect("begin");
    let window =
        onevisit::domain::inspector::DateRange { first: date(2026, 6, 1), last: date(2026, 6, 9) };
    let task = |state| Task {
        id: "t".into(),
        department: "fire".into(),
        subject_id: "s".into(),
        items: Vec::new(),
        window,
        state,
        unmerged: None,
    };
    assert!(tx.put_task("j", &task(TaskState::Open), TaskState::Open).await.expect("new"));
    assert_eq!(tx.open_tasks("j").await.expect("open").len(), 1);
    assert!(tx.put_task("j", &task(TaskState::Proposed), TaskState::Open).await.expect("move"));
    assert!(!tx.put_task("j", &task(TaskState::Open), TaskState::Open).await.expect("stale"));
    assert!(tx.open_tasks("j").await.expect("open").is_empty());
    assert_eq!(tx.tasks("j", "", ("", ""), 9).await.expect("all").len(), 1);
    assert!(tx.tasks("j", "health", ("", ""), 9).await.expect("other").is_empty());
}

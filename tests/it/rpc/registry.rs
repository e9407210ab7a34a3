//! Lists, versions, policies, links: every violation at once, every change a version.

use onevisit::rpc::pb;
use tonic::Code;

use super::{reason, violations};
use crate::harness::client::{DISTRICT, Service};
use crate::harness::data::{code, entry, item, item_list, subjects};
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    an_invalid_list_says_all_that_is_wrong, a_change_is_a_new_version_with_its_diff,
    a_department_is_changed_from_what_was_read, policies_resolve_by_day_and_level,
    links_have_evidence_and_doubts_wait, pages_go_through_everything,
}

async fn an_invalid_list_says_all_that_is_wrong(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["fire"]).await;
    let mut list = item_list(&["A1", "A1"]);
    list.effective_from = "2026-13-01".into();
    list.items[0].basis = String::new();
    list.items[0].methods = vec![0];
    list.items[1].name = "e\u{301}".into();
    let request_id = "r1".into();
    let request = pb::PutItemListRequest { request_id, item_list: Some(list.clone()) };
    let mut fire = service.with(&keys["fire"]).registry();
    let status = fire.put_item_list(request).await.expect_err("invalid");
    let found = violations(&status);
    assert_eq!(
        found,
        [
            ("item_list.effective_from".into(), "DATE_FORM".into()),
            ("item_list.items[0].methods".to_owned(), "REQUIRED".to_owned()),
        ],
        "what cannot be read is said first"
    );
    list.effective_from = "2026-01-01".into();
    list.items[0].methods.clear();
    let request = pb::PutItemListRequest { request_id: "r2".into(), item_list: Some(list) };
    let status = fire.put_item_list(request).await.expect_err("invalid");
    let want = [
        ("item_list.items[0].basis", "REQUIRED"),
        ("item_list.items[0].methods", "REQUIRED"),
        ("item_list.items[1].name", "NOT_NFC"),
        ("item_list.items[1].code", "DUPLICATE"),
    ];
    assert_eq!(violations(&status), want.map(|(f, r)| (f.to_owned(), r.to_owned())));
}

async fn a_change_is_a_new_version_with_its_diff(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["fire"]).await;
    let mut fire = service.with(&keys["fire"]).registry();
    let mut put = async |id: &str, list: pb::ItemList| {
        let request = pb::PutItemListRequest { request_id: id.into(), item_list: Some(list) };
        fire.put_item_list(request).await.expect("put").into_inner()
    };
    assert_eq!(put("r1", item_list(&["A1", "A2"])).await.version, 1);
    assert_eq!(put("r2", item_list(&["A1", "A2"])).await.version, 1, "nothing changed");
    let mut next = item_list(&["A1", "A3"]);
    next.items[0].content = "新内容".into();
    let changed = put("r3", next.clone()).await;
    let diff = changed.diff.clone().expect("diff");
    assert_eq!(changed.version, 2);
    assert_eq!(
        (diff.added, diff.removed, diff.changed),
        (vec!["A3".into()], vec!["A2".into()], vec!["A1".into()])
    );
    assert_eq!(put("r3", next).await, changed, "the same request again");
    let get = pb::GetItemListRequest { department: "fire".into(), version: 1 };
    let old = fire.get_item_list(get).await.expect("old").into_inner().item_list.expect("list");
    assert_eq!(old.items, vec![item("A1"), item("A2")], "old versions stay resolvable");
    let request =
        pb::PutItemListRequest { request_id: "r3".into(), item_list: Some(item_list(&["B1"])) };
    let status = fire.put_item_list(request).await.expect_err("another payload");
    assert_eq!(status.code(), Code::AlreadyExists);
}

async fn a_department_is_changed_from_what_was_read(engine: Engine) {
    let service = Service::start(engine).await;
    service.district(&["fire"]).await;
    let mut office = service.office().registry();
    let department = |name: &str, etag: &str| pb::Department {
        complaint_channel: String::new(),
        department_id: "fire".into(),
        name: name.into(),
        jurisdiction: DISTRICT.into(),
        powers: vec!["消防监督".into()],
        etag: etag.into(),
    };
    let mut put = async |id: &str, d: pb::Department| {
        office
            .put_department(pb::PutDepartmentRequest { request_id: id.into(), department: Some(d) })
            .await
    };
    let changed = put("r1", department("消防救援大队", "1")).await.expect("put").into_inner();
    assert_eq!(changed.department.expect("department").etag, "2");
    let stale = put("r2", department("消防队", "1")).await.expect_err("stale");
    assert_eq!((stale.code(), reason(&stale)), (Code::Aborted, "CHANGED_MEANWHILE".into()));
    let mut moved = department("消防队", "2");
    moved.jurisdiction = "990009".into();
    assert_eq!(put("r3", moved).await.expect_err("unknown place").code(), Code::NotFound);
}

async fn policies_resolve_by_day_and_level(engine: Engine) {
    let service = Service::start(engine).await;
    service.district(&[]).await;
    let mut office = service.office().registry();
    for (id, value, level, from) in [
        ("r1", "4", pb::Level::County, "2026-01-01"),
        ("r2", "3", pb::Level::Province, "2026-06-01"),
    ] {
        let policy_value = Some(pb::PolicyValue {
            key: "annual_cap".into(),
            value: value.into(),
            level: level.into(),
            effective_from: from.into(),
            jurisdiction: DISTRICT.into(),
            source: "测试文件".into(),
        });
        let request_id = id.into();
        office
            .put_policy_value(pb::PutPolicyValueRequest { request_id, policy_value })
            .await
            .expect("put");
    }
    let mut cap = async |on: &str| {
        let request = pb::ListPolicyValuesRequest { jurisdiction: DISTRICT.into(), on: on.into() };
        let values = office.list_policy_values(request).await.expect("list").into_inner().in_force;
        values.into_iter().find(|v| v.key == "annual_cap").expect("cap").value
    };
    assert_eq!(cap("2025-06-01").await, "2");
    assert_eq!(cap("2026-02-01").await, "4");
    assert_eq!(cap("2026-06-01").await, "3");
}

async fn links_have_evidence_and_doubts_wait(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market", "tax"]).await;
    let rows: Vec<pb::SubjectEntry> = (1..=3).map(entry).collect();
    let mut old = entry(1);
    old.subject_id = format!("990001{}", &code(1)[8..17]);
    let mut named = entry(2);
    named.subject_id = "licence:JY2".into();
    named.address = "别处".into();
    let keep = pb::ImportMode::KeepGoodRows;
    for (department, rows) in [("market", rows), ("tax", vec![old.clone(), named])] {
        let mut client = service.with(&keys[department]).registry();
        client.import_subjects(subjects("s", keep, rows, 10)).await.expect("import");
    }
    let mut matching = service.office().matching();
    let mut resolve = async |id: &str| {
        let request =
            pb::ResolveSubjectsRequest { request_id: id.into(), jurisdiction: DISTRICT.into() };
        matching.resolve_subjects(request).await.expect("resolve").into_inner()
    };
    let first = resolve("r1").await;
    assert_eq!((first.entries, first.subjects, first.links, first.open_reviews), (5, 4, 1, 1));
    let list = pb::ListSubjectLinksRequest { jurisdiction: DISTRICT.into(), ..Default::default() };
    let links = service
        .office()
        .matching()
        .list_subject_links(list)
        .await
        .expect("links")
        .into_inner()
        .links;
    assert_eq!(
        (links[0].canonical_id.clone(), links[0].evidence.as_str()),
        (code(1), "ORGANISATION_CODE")
    );
    let decide = |id: &str, decision: pb::ReviewDecision| pb::DecideReviewRequest {
        request_id: id.into(),
        jurisdiction: DISTRICT.into(),
        first_id: "licence:JY2".into(),
        second_id: code(2),
        decision: decision.into(),
        reason: "电话核实".into(),
    };
    let mut office = service.office().matching();
    office.decide_review(decide("d1", pb::ReviewDecision::Same)).await.expect("decide");
    let same = resolve("r2").await;
    assert_eq!((same.subjects, same.links, same.open_reviews), (3, 2, 0));
    office.decide_review(decide("d2", pb::ReviewDecision::Unspecified)).await.expect("take back");
    let undone = resolve("r3").await;
    assert_eq!((undone.subjects, undone.links, undone.open_reviews), (4, 1, 1));
}

async fn pages_go_through_everything(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    let mut market = service.with(&keys["market"]).registry();
    let rows: Vec<pb::SubjectEntry> = (1..=25).map(entry).collect();
    let keep = pb::ImportMode::KeepGoodRows;
    market.import_subjects(subjects("s", keep, rows, 10)).await.expect("import");
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListSubjectEntriesRequest {
            department: "market".into(),
            page_size: 10,
            page_token,
        };
        let page = market.list_subject_entries(request).await.expect("page").into_inner();
        seen.extend(page.entries.into_iter().map(|e| e.subject_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let mut want: Vec<String> = (1..=25).map(code).collect();
    want.sort();
    assert_eq!(seen, want);
    let request = pb::ListSubjectEntriesRequest {
        department: "market".into(),
        page_size: -1,
        page_token: "zz".into(),
    };
    let status = market.list_subject_entries(request).await.expect_err("bad page");
    assert_eq!(status.code(), Code::InvalidArgument);
}

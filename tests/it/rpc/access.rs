//! Keys: hashed, idempotent, revocable; no write outside one's own department.

use onevisit::domain::caller::Role;
use onevisit::rpc::pb;
use tonic::Code;

use super::{reason, violations};
use crate::harness::client::Service;
use crate::harness::data::{self, item_list};
use crate::harness::{Engine, on_every_engine};

on_every_engine! { a_key_is_made_once_and_revoked, a_department_writes_only_its_own, roles_are_kept_apart }

fn create(request_id: &str, department: &str, office: &str) -> pb::CreateApiKeyRequest {
    pb::CreateApiKeyRequest {
        request_id: request_id.into(),
        role: if office.is_empty() { pb::Role::Department } else { pb::Role::Supervisor }.into(),
        department: department.into(),
        office: office.into(),
        inspector_id: String::new(),
    }
}

async fn a_key_is_made_once_and_revoked(engine: Engine) {
    let service = Service::start(engine).await;
    service.district(&["fire"]).await;
    let mut access = service.office().access();
    let first = access.create_api_key(create("r1", "fire", "")).await.expect("made").into_inner();
    let again = access.create_api_key(create("r1", "fire", "")).await.expect("same").into_inner();
    assert_eq!(first, again, "the same id and payload gives the same reply, secret included");
    let other =
        access.create_api_key(create("r1", "", "监察室")).await.expect_err("another payload");
    assert_eq!(other.code(), Code::AlreadyExists);
    let fire = service.with(&first.secret);
    fire.access().who_am_i(pb::WhoAmIRequest {}).await.expect("the key works");
    let key_id = first.api_key.expect("key").key_id;
    let request_id = "r2".into();
    access.revoke_api_key(pb::RevokeApiKeyRequest { request_id, key_id }).await.expect("revoked");
    let status = fire.access().who_am_i(pb::WhoAmIRequest {}).await.expect_err("revoked");
    assert_eq!(status.code(), Code::Unauthenticated);
    let status = access.create_api_key(create("", "fire", "局")).await.expect_err("both and no id");
    assert!(violations(&status).iter().any(|(f, _)| f == "department"), "{status:?}");
}

async fn a_department_writes_only_its_own(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["fire", "health"]).await;
    let mut fire = service.with(&keys["fire"]).registry();
    // Whatever the message says, the list lands in the caller's department.
    let mut list = item_list(&["A1"]);
    list.department = "health".into();
    let request_id = "r1".into();
    fire.put_item_list(pb::PutItemListRequest { request_id, item_list: Some(list) })
        .await
        .expect("put");
    let get =
        |department: &str| pb::GetItemListRequest { department: department.into(), version: 0 };
    let stored = fire.get_item_list(get("fire")).await.expect("own").into_inner();
    assert_eq!(stored.item_list.expect("list").department, "fire");
    assert_eq!(fire.get_item_list(get("health")).await.expect_err("none").code(), Code::NotFound);
    let request =
        pb::ListSubjectEntriesRequest { department: "health".into(), ..Default::default() };
    let status = fire.list_subject_entries(request).await.expect_err("another's registry");
    assert_eq!(reason(&status), "OWN_DEPARTMENT_OR_OFFICE_ONLY");
}

async fn roles_are_kept_apart(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["fire"]).await;
    let supervisor = service.key(Role::Supervisor, "", "监察室").await;
    let list = || Some(item_list(&["A1"]));
    for secret in [&service.office, &supervisor] {
        let request = pb::PutItemListRequest { request_id: "r".into(), item_list: list() };
        let status = service.with(secret).registry().put_item_list(request).await;
        assert_eq!(reason(&status.expect_err("not a department")), "DEPARTMENT_ONLY");
    }
    for secret in [&keys["fire"], &supervisor] {
        let status = service.with(secret).access().create_api_key(create("r", "fire", "")).await;
        assert_eq!(reason(&status.expect_err("not an office")), "OFFICE_ONLY");
        let request =
            pb::ResolveSubjectsRequest { request_id: "x".into(), jurisdiction: "990001".into() };
        let status = service.with(secret).matching().resolve_subjects(request).await;
        assert_eq!(reason(&status.expect_err("not an office")), "OFFICE_ONLY");
    }
    let stream = data::inspectors("i", vec![data::inspector("p1")]);
    let status = service.office().registry().import_inspectors(stream).await;
    assert_eq!(reason(&status.expect_err("not a department")), "DEPARTMENT_ONLY");
}

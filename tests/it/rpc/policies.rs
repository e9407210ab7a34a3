//! Policy packs: read as they are, adopted as a whole with one event.

use onevisit::rpc::pb;
use tonic::{Code, Status};

use super::{reason, violations};
use crate::harness::client::{DISTRICT, Service};
use crate::harness::process::succeed;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_pack_sets_all_its_values_with_one_event, a_pack_is_adopted_by_offices_from_a_known_day,
}

async fn adopt(
    service: &Service,
    id: &str,
    pack: &str,
    (level, from): (pb::Level, &str),
) -> Result<Vec<pb::PolicyValue>, Status> {
    let request = pb::AdoptPolicyPackRequest {
        request_id: id.into(),
        pack_id: pack.into(),
        jurisdiction: DISTRICT.into(),
        level: level.into(),
        effective_from: from.into(),
    };
    Ok(service.office().policies().adopt_policy_pack(request).await?.into_inner().values)
}

async fn holds(service: &Service, key: &str, on: &str) -> (String, String) {
    let request = pb::ListPolicyValuesRequest { jurisdiction: DISTRICT.into(), on: on.into() };
    let reply = service.office().registry().list_policy_values(request).await.expect("list");
    let value = reply.into_inner().in_force.into_iter().find(|v| v.key == key).expect("key");
    (value.value, value.source)
}

async fn events(service: &Service, kind: &str) -> usize {
    let mut tx = service.app.db.read().await.expect("read");
    let sql = "SELECT kind FROM events WHERE kind = $1";
    let rows: Vec<(String,)> =
        tx.query(sql).bind(kind.to_owned()).fetch_all().await.expect("events");
    rows.len()
}

async fn a_pack_sets_all_its_values_with_one_event(engine: Engine) {
    let service = Service::start(engine).await;
    let unset = pb::Level::Unspecified;
    let set = adopt(&service, "a1", "s3-lingang", (unset, "2026-02-01")).await.expect("adopt");
    assert_eq!(set.len(), 9);
    assert!(set.iter().all(|v| v.level() == pb::Level::County));
    let again = adopt(&service, "a1", "s3-lingang", (unset, "2026-02-01")).await.expect("again");
    assert_eq!(again, set);
    assert_eq!(events(&service, "policy.adopt").await, 1);
    assert_eq!(events(&service, "policy.put").await, 0);
    // It holds from its day on, and says which clause it comes from.
    assert_eq!(holds(&service, "competence", "2026-01-31").await.0, "PROFESSION_MATCH");
    let (value, source) = holds(&service, "competence", "2026-02-01").await;
    assert_eq!((value.as_str(), source.as_str()), ("ANY_ITEM", "临港区实施细则 第六条第五款"));
    // The city's document wins over the district's, and leaves alone what it is silent on.
    adopt(&service, "a2", "s4-quanzhou-2016", (unset, "")).await.expect("adopt");
    assert_eq!(holds(&service, "competence", "2026-02-01").await.0, "PROFESSION_MATCH");
    assert_eq!(holds(&service, "replacement", "2026-02-01").await.0, "APPOINTED");
    // The district can still set a single value over its own pack, from a later day.
    let value = pb::PolicyValue {
        key: "replacement".into(),
        value: "NEXT".into(),
        level: pb::Level::County.into(),
        effective_from: "2026-05-01".into(),
        jurisdiction: DISTRICT.into(),
        source: "本区通知".into(),
    };
    let request_id = "p1".into();
    let request = pb::PutPolicyValueRequest { request_id, policy_value: Some(value) };
    service.office().registry().put_policy_value(request).await.expect("put");
    assert_eq!(holds(&service, "replacement", "2026-05-01").await.0, "NEXT");
}

async fn a_pack_is_adopted_by_offices_from_a_known_day(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["fire"]).await;
    let unset = pb::Level::Unspecified;
    let dayless = adopt(&service, "a1", "s3-lingang", (unset, "")).await.expect_err("no day");
    assert_eq!(violations(&dayless), [("effective_from".into(), "REQUIRED".into())]);
    let unknown = adopt(&service, "a2", "s9", (unset, "2026-01-01")).await.expect_err("unknown");
    assert_eq!(unknown.code(), Code::NotFound);
    let request = pb::AdoptPolicyPackRequest {
        request_id: "a3".into(),
        pack_id: "s4-quanzhou-2016".into(),
        jurisdiction: DISTRICT.into(),
        ..Default::default()
    };
    let fire = service.with(&keys["fire"]);
    let status = fire.policies().adopt_policy_pack(request).await.expect_err("a department");
    assert_eq!(reason(&status), "OFFICE_ONLY");
    // Everybody may read: the packs, one as it is, and the keys.
    let packs = fire.policies().list_policy_packs(pb::ListPolicyPacksRequest {}).await;
    let packs = packs.expect("packs").into_inner().policy_packs;
    assert_eq!(packs.len(), 5);
    for pack in packs {
        let request = pb::GetPolicyPackRequest { pack_id: pack.pack_id.clone() };
        let found = fire.policies().get_policy_pack(request).await.expect("pack").into_inner();
        assert_eq!(found.policy_pack.as_ref(), Some(&pack));
        assert_eq!(found.text, succeed(&["policy", &pack.pack_id]));
    }
    let keys = fire.policies().list_policy_keys(pb::ListPolicyKeysRequest {}).await;
    let keys = keys.expect("keys").into_inner().policy_keys;
    let review = keys.iter().find(|k| k.key == "objection_review_days").expect("key");
    assert_eq!((review.default_value.as_str(), review.source.as_str()), ("20", "R116"));
    assert!(!review.bound && keys.iter().any(|k| k.bound));
    assert_eq!(succeed(&["policy", "--keys"]).lines().count(), keys.len());
}

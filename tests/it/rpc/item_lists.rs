//! Item lists for everybody, changes of lists for those above, the joint list, operating rules
//! (R2, R12, R14, R15, R24, R32).

use onevisit::app::log::{self, Round};
use onevisit::rpc::pb;
use onevisit::rpc::pb::item_list_service_client::ItemListServiceClient;
use onevisit::rpc::pb::registry_change::Registry;
use tonic::{Code, Status};

use super::{quota, reason, violations};
use crate::harness::client::DISTRICT;
use crate::harness::data::{code, entry, inspector, inspectors, item, item_list, subjects};
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    lists_and_their_changes_are_public, changes_of_lists_are_read_from_above,
    a_joint_campaign_is_held_against_the_joint_list, an_operating_rule_has_steps_with_duties,
    who_was_asked_about_a_change_stands_in_the_list,
}

async fn put(joint: &Joint, id: &str, list: pb::ItemList) -> Result<i64, Status> {
    let request = pb::PutItemListRequest { request_id: id.into(), item_list: Some(list) };
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    Ok(market.put_item_list(request).await?.into_inner().version)
}

async fn lists_and_their_changes_are_public(engine: Engine) {
    let joint = Joint::new(engine, &[("market", vec![1])]).await;
    let mut second = item_list(&["A2", "A3"]);
    second.reason = "新《测试条例》".into();
    second.items[0].name = "改名".into();
    assert_eq!(put(&joint, "second", second).await.expect("put"), 2);
    let mut public = ItemListServiceClient::new(joint.service.channel.clone());
    let ask = |page_token: String| pb::ListItemListVersionsRequest {
        department: "market".into(),
        page_size: 1,
        page_token,
    };
    let first = public.list_item_list_versions(ask(String::new())).await.expect("public");
    let first = first.into_inner();
    let added = first.versions[0].diff.as_ref().expect("diff").added.clone();
    assert_eq!((first.versions[0].version, added), (1, vec!["A1".to_owned(), "A2".to_owned()]));
    let next = public.list_item_list_versions(ask(first.next_page_token)).await.expect("next");
    let next = next.into_inner().versions.remove(0);
    let diff = next.diff.expect("diff");
    assert_eq!((next.version, &*next.reason), (2, "新《测试条例》"));
    let said = (diff.added, diff.changed, diff.removed);
    assert_eq!(said, (vec!["A3".to_owned()], vec!["A2".to_owned()], vec!["A1".to_owned()]));
    for (version, codes) in [(1, ["A1", "A2"]), (0, ["A2", "A3"])] {
        let request = pb::GetPublishedItemListRequest { department: "market".into(), version };
        let list = public.get_published_item_list(request).await.expect("public").into_inner();
        let list = list.item_list.expect("list");
        assert_eq!(list.items.iter().map(|i| &*i.code).collect::<Vec<_>>(), codes);
    }
    let json = async |path: &str| {
        let (status, body) = joint.service.get(path).await;
        (status, serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_default())
    };
    let (status, page) = json("/item-lists/market").await;
    assert_eq!((status, &page["versions"][1]["added"][0]), (200, &"A3".into()));
    let address = page["versions"][1]["address"].as_str().expect("an address");
    let (status, list) = json(address).await;
    assert_eq!((status, &list["items"][0]["name"]), (200, &"改名".into()));
    assert_eq!(json("/item-lists/nobody").await.0, 404);
    assert_eq!(json("/item-lists/market/9").await.0, 404);
}

/// All changes from a token on, page by page, and the token to go on from.
async fn changes(joint: &Joint, mut page_token: String) -> (Vec<pb::RegistryChange>, String) {
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
    let mut office = joint.service.office().item_lists();
    let mut all = Vec::new();
    loop {
        let jurisdiction = DISTRICT.into();
        let request = pb::ListRegistryChangesRequest { jurisdiction, page_size: 2, page_token };
        let reply = office.list_registry_changes(request).await.expect("changes").into_inner();
        page_token = reply.next_page_token;
        if reply.changes.is_empty() {
            return (all, page_token);
        }
        all.extend(reply.changes);
    }
}

async fn changes_of_lists_are_read_from_above(engine: Engine) {
    let lists = [("fire", vec![1, 2]), ("market", vec![1, 2, 3])];
    let joint = Joint::new(engine, &lists).await;
    let (first, token) = changes(&joint, String::new()).await;
    let said = |all: &[pb::RegistryChange]| {
        let of = |c: &pb::RegistryChange| {
            (c.department.clone(), c.registry(), c.added, c.changed, c.removed)
        };
        all.iter().map(of).collect::<Vec<_>>()
    };
    let new = |department: &str, registry, added| (department.to_owned(), registry, added, 0, 0);
    let want = [
        new("fire", Registry::Subjects, 2),
        new("fire", Registry::Inspectors, 4),
        new("fire", Registry::Items, 2),
        new("market", Registry::Subjects, 3),
        new("market", Registry::Inspectors, 4),
        new("market", Registry::Items, 2),
    ];
    assert_eq!(said(&first), want);
    assert!(first.iter().all(|c| c.sha256.len() == 64 && c.day == "2026-06-15"), "{first:?}");
    assert!(!format!("{first:?}").contains(&code(1)));
    // What changes nothing is no change; what comes later is found from where the reader stopped.
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    let keep = pb::ImportMode::KeepGoodRows;
    let mut renamed = entry(2);
    renamed.name = "新名".into();
    market.import_subjects(subjects("same", keep, vec![entry(1)], 9)).await.expect("import");
    let rows = vec![renamed, entry(9)];
    market.import_subjects(subjects("more", keep, rows, 9)).await.expect("import");
    let mut gone = inspector("p1");
    gone.active = false;
    market.import_inspectors(inspectors("left", vec![gone])).await.expect("import");
    put(&joint, "fewer", item_list(&["A1"])).await.expect("put");
    let (later, end) = changes(&joint, token).await;
    let change = |registry, added, changed, removed| {
        ("market".to_owned(), registry, added, changed, removed)
    };
    let want = [
        change(Registry::Subjects, 1, 1, 0),
        change(Registry::Inspectors, 0, 1, 0),
        change(Registry::Items, 0, 0, 1),
    ];
    assert_eq!(said(&later), want);
    assert_eq!(changes(&joint, end).await.0, []);
    let request = pb::ListRegistryChangesRequest::default();
    let caller = joint.service.with(&joint.keys["market"]);
    let refused = caller.item_lists().list_registry_changes(request).await.expect_err("below");
    assert_eq!(reason(&refused), "OFFICE_SUPERVISOR_OR_AUDITOR_ONLY");
    let mut office = joint.service.office().item_lists();
    let jurisdiction = "990002".into();
    let request = pb::ListRegistryChangesRequest { jurisdiction, ..Default::default() };
    let other = office.list_registry_changes(request).await.expect("another place");
    assert_eq!(other.into_inner().changes, []);
}

async fn a_joint_campaign_is_held_against_the_joint_list(engine: Engine) {
    let joint = Joint::new(engine, &[("fire", vec![1]), ("market", vec![1])]).await;
    let mut list = item_list(&["A1", "A2", "A3"]);
    list.items[0].joint = true;
    put(&joint, "joint", list).await.expect("put");
    let named = |id: &str, fire: &[&str], market: &[&str]| {
        let mut campaign = joint.campaign(|_| vec![quota("*", 500)]);
        campaign.campaign_id = id.into();
        for (i, items) in [fire, market].iter().enumerate() {
            campaign.participants[i].items = items.iter().map(|i| (*i).to_owned()).collect();
        }
        campaign
    };
    let noted = joint.create(named("c1", &["A1"], &["A1", "A3"])).await.expect("noted");
    assert_eq!(noted.outside_joint_list, ["fire/A1", "market/A3"]);
    let whole = joint.create(named("c2", &["A2"], &[])).await.expect("noted");
    assert_eq!(whole.outside_joint_list, ["fire/A2", "market/A2", "market/A3"]);
    joint.policy("joint_list", "REFUSE").await;
    let refused = joint.create(named("c3", &["A1"], &["A1", "A3"])).await.expect_err("outside");
    let rule = |i: usize| {
        (format!("campaign.participants[{i}].items"), "OUTSIDE_THE_JOINT_LIST".to_owned())
    };
    assert_eq!(violations(&refused), [rule(0), rule(1)]);
    let mut alone = named("c4", &["A1"], &["A3"]);
    alone.participants.remove(0);
    joint.create(alone).await.expect("one department's campaign is no joint one");
    joint.policy("joint_list", "OFF").await;
    let free = joint.create(named("c5", &["A1"], &["A3"])).await.expect("free");
    assert!(free.outside_joint_list.is_empty());
}

async fn an_operating_rule_has_steps_with_duties(engine: Engine) {
    let joint = Joint::new(engine, &[("market", vec![1])]).await;
    let mut ruled = item("A1");
    ruled.operating_rule = "一、出示证件……".into();
    let step = |step: &str, duty: &str| pb::RuleStep { step: step.into(), duty: duty.into() };
    ruled.operating_steps = vec![step("出示证件", "两名执法人员"), step("当场记录", "")];
    let list = |item: pb::CheckItem| pb::ItemList { items: vec![item], ..item_list(&[]) };
    let refused = put(&joint, "bad", list(ruled.clone())).await.expect_err("nobody's duty");
    assert_eq!(refused.code(), Code::InvalidArgument);
    let field = "item_list.items[0].operating_steps[1].duty".to_owned();
    assert_eq!(violations(&refused), [(field, "REQUIRED".to_owned())]);
    ruled.operating_steps[1].duty = "记录人".into();
    assert_eq!(put(&joint, "good", list(ruled.clone())).await.expect("put"), 2);
    let mut public = ItemListServiceClient::new(joint.service.channel.clone());
    let request =
        pb::GetPublishedItemListRequest { department: "market".into(), ..Default::default() };
    let stored = public.get_published_item_list(request).await.expect("public").into_inner();
    assert_eq!(stored.item_list.expect("list").items, [ruled.clone()]);
    // Another order of the steps is another rule.
    ruled.operating_steps.reverse();
    assert_eq!(put(&joint, "other", list(ruled)).await.expect("put"), 3);
}

async fn who_was_asked_about_a_change_stands_in_the_list(engine: Engine) {
    let joint = Joint::new(engine, &[("fire", vec![1]), ("market", vec![1])]).await;
    let said = |department: &str, opinion: &str| pb::Consultation {
        department: department.into(),
        opinion: opinion.into(),
    };
    let list = |consultations| pb::ItemList { consultations, ..item_list(&["A1"]) };
    let wrong = vec![said("nobody", "同意"), said("market", "同意")];
    let refused = put(&joint, "wrong", list(wrong)).await.expect_err("not another department");
    let rules: Vec<String> = violations(&refused).into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, ["UNKNOWN_DEPARTMENT", "OWN_DEPARTMENT"]);
    let refused = put(&joint, "mute", list(vec![said("fire", " ")])).await.expect_err("mute");
    let field = "item_list.consultations[0].opinion".to_owned();
    assert_eq!(violations(&refused), [(field, "REQUIRED".to_owned())]);
    let asked = vec![said("fire", "同意将A2移出，频次不变")];
    assert_eq!(put(&joint, "good", list(asked.clone())).await.expect("put"), 2);
    let mut public = ItemListServiceClient::new(joint.service.channel.clone());
    let request =
        pb::GetPublishedItemListRequest { department: "market".into(), ..Default::default() };
    let stored = public.get_published_item_list(request).await.expect("public").into_inner();
    assert_eq!(stored.item_list.expect("list").consultations, asked);
}

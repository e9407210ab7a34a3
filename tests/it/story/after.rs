//! Results, objections, correction, what follows, and the credit platform that was away.

use onevisit::domain::caller::Role;
use onevisit::push;
use onevisit::rpc::pb::{
    self, FollowUpAction, FollowUpState, ObjectionState, ResultCode, ResultState,
};

use super::visits::Visited;
use super::{DAY_MINUTES, JOINT, PLANNED, SCHEDULED, pass};
use crate::rpc::check::Site;
use crate::rpc::disclosure::{decide_correction, id, submit, versions};
use crate::rpc::follow_ups::{Got, advance, http, platform, pushes, step};
use crate::rpc::objections::{answer, decide, filed, receive};

async fn list(site: &Site, department: &str, campaign: &str) -> Vec<pb::Result> {
    let request = pb::ListResultsRequest { campaign_id: campaign.into(), ..Default::default() };
    let caller = site.joint.service.with(&site.joint.keys[department]);
    caller.disclosure().list_results(request).await.expect("list").into_inner().results
}

/// Every department publishes; one objection is upheld, one rejected; returns the corrected result.
pub async fn results(site: &mut Site, visited: &Visited) -> String {
    for campaign in [PLANNED, SCHEDULED, JOINT] {
        for department in ["fire", "market"] {
            for result in list(site, department, campaign).await {
                assert_eq!((result.state(), result.overdue), (ResultState::Pending, false));
                let (key, at) = (site.joint.keys[department].clone(), result.result_id);
                let done = submit(site, &key, &format!("p-{at}"), (&at, "1"), None).await;
                assert_eq!(done.expect("published").0, ResultState::Published);
            }
        }
        let request = pb::PublishBulletinRequest {
            request_id: format!("b-{campaign}"),
            campaign_id: campaign.into(),
            summary: "抽查情况通报".into(),
        };
        site.joint.service.office().disclosure().publish_bulletin(request).await.expect("bulletin");
    }
    let (_, table) = site.joint.service.get("/results/campaigns/c1/tasks.csv").await;
    let table = String::from_utf8(table).expect("text");
    let named = table
        .lines()
        .filter(|l| l.starts_with("\"plan-1\",\"2026年度抽查工作计划\",\"c1\","))
        .count();
    assert_eq!(named, 2, "each row names its plan: {table}");
    let (_, items) = site.joint.service.get("/results/campaigns/c1/items.csv").await;
    assert!(String::from_utf8(items).expect("text").contains("\"plan-1\",\"c1\","));
    let (fire, office) = (site.joint.keys["fire"].clone(), site.joint.service.office.clone());
    let second = site.joint.service.key(Role::Department, "fire", "").await;
    (site.visit, site.code) = (visited.completed.clone(), visited.codes[0].clone());
    let upheld = id(site, "fire");
    let first = filed(site, &upheld, "f-upheld").await;
    receive(site, &fire, "v-upheld", (&first, "1")).await.expect("received");
    pass(&site.hands, 14);
    // The business shows that the one item of the scheme was in order.
    let wrong = versions(site, &upheld).await.expect("public").remove(0).items;
    let wrong = wrong.iter().find(|i| i.result() == ResultCode::IssuePendingFollowUp);
    let found = uphold(site, &second, &first, &wrong.expect("an issue").item_code).await;
    assert_eq!(found.state(), ObjectionState::Upheld);
    let nth = found.correction;
    decide_correction(site, &office, "k-upheld", (&upheld, nth), true).await.expect("approved");
    answer(site, &fire, "n-upheld", (&first, "3")).await.expect("answered");
    assert_eq!(versions(site, &upheld).await.expect("both").len(), 2);
    (site.visit, site.code) = (visited.substitute.clone(), visited.codes[1].clone());
    let rejected = id(site, "fire");
    let other = filed(site, &rejected, "f-rejected").await;
    receive(site, &fire, "v-rejected", (&other, "1")).await.expect("received");
    let found = decide(site, &second, "d-rejected", (&other, "2"), false).await.expect("decided");
    assert_eq!(found.state(), ObjectionState::Rejected);
    answer(site, &fire, "n-rejected", (&other, "3")).await.expect("answered");
    assert_eq!(versions(site, &rejected).await.expect("one").len(), 1);
    upheld
}

async fn uphold(site: &Site, secret: &str, objection: &str, item: &str) -> pb::Objection {
    let item = pb::ResultItem {
        item_code: item.into(),
        name: String::new(),
        result: ResultCode::NoIssueFound.into(),
    };
    let erratum =
        pb::Erratum { items: vec![item], drop_ground: false, reason: "经复核更正".into() };
    let request = pb::DecideObjectionRequest {
        request_id: "d-upheld".into(),
        objection_id: objection.into(),
        etag: "2".into(),
        uphold: true,
        reason: "材料属实".into(),
        erratum: Some(erratum),
    };
    let caller = site.joint.service.with(secret);
    let reply = caller.objections().decide_objection(request).await.expect("upheld");
    reply.into_inner().objection.expect("objection")
}

/// The refusal is referred to a judicial organ with its receipt; all else is reported back.
pub async fn follow_ups(site: &Site, visited: &Visited) {
    let crime = format!("{PLANNED}.1.{}.fire", visited.refused.rank);
    let organ = |action| pb::FollowUpStep { reference: "区公安分局".into(), ..step(action) };
    let way = [
        step(FollowUpAction::Keep),
        pb::FollowUpStep {
            reference: "消行案〔2026〕7号".into(),
            ..step(FollowUpAction::OpenCase)
        },
        organ(FollowUpAction::Refer),
        organ(FollowUpAction::Receipt),
        step(FollowUpAction::Report),
    ];
    let fire = site.joint.keys["fire"].clone();
    let mut closed = None;
    for (nth, step) in way.into_iter().enumerate() {
        let etag = (nth + 1).to_string();
        closed = Some(advance(site, &fire, (&crime, &etag), step).await.expect("a step").state());
    }
    assert_eq!(closed, Some(FollowUpState::Closed));
    for department in ["fire", "market"] {
        let key = site.joint.keys[department].clone();
        let open =
            pb::ListFollowUpsRequest { state: FollowUpState::Open.into(), ..Default::default() };
        let found = site.joint.service.with(&key).follow_ups().list_follow_ups(open).await;
        for follow_up in found.expect("list").into_inner().follow_ups {
            let at = follow_up.result_id;
            advance(site, &key, (&at, "1"), step(FollowUpAction::Keep)).await.expect("kept");
            let report = step(FollowUpAction::Report);
            advance(site, &key, (&at, "2"), report).await.expect("reported back");
        }
    }
}

/// The platform is away for two months and then gets everything once, in order.
pub async fn credit(site: &Site) {
    let app = &site.joint.service.app;
    let office = site.joint.service.office.clone();
    let (address, _) = platform("127.0.0.1:0", Vec::new());
    let url = format!("http://{address}/results");
    for _ in 0..60 {
        site.hands.forward(DAY_MINUTES);
        assert_eq!(push::round(app, &url).await.expect("noted"), 0);
    }
    let waiting = pushes(site, &office, true).await.len();
    assert!(waiting >= 7, "{waiting} versions wait");
    site.hands.forward(DAY_MINUTES);
    let answers = (0..waiting).map(|n| http("201 Created", &format!("receipt-{n}"))).collect();
    let (_, got) = platform(&address, answers);
    let mut taken = 0;
    while taken < waiting {
        let now = push::round(app, &url).await.expect("taken");
        assert!(now > 0, "{taken} of {waiting}");
        taken += usize::try_from(now).expect("few");
    }
    let mut keys: Vec<String> = got.iter().map(|g: Got| g.key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), waiting, "each version once");
    assert_eq!(pushes(site, &office, true).await, []);
}

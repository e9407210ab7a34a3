//! Experts are picked from the draw's seed and a frozen pool, advise, and never sign (R33, R96).

use std::collections::BTreeMap;

use onevisit::domain::canon;
use onevisit::draw::hash::{Digest, Suite};
use onevisit::draw::verify::verify;
use onevisit::frame::experts::{self, Experts, Need};
use onevisit::rpc::pb;
use onevisit::rpc::pb::expert_service_client::ExpertServiceClient;
use tonic::{Code, Status};

use super::check::key;
use super::{quota, reason, violations};
use crate::harness::data::{code, inspector, inspectors, item, item_list};
use crate::harness::joint::Joint;
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    experts_are_picked_and_anybody_can_pick_again, an_open_need_is_assigned_with_a_reason,
    without_such_items_a_draw_knows_of_no_experts,
}

fn expert(id: &str, professions: &[&str]) -> pb::Inspector {
    pb::Inspector {
        inspector_id: id.into(),
        kind: pb::InspectorKind::Expert.into(),
        tags: professions.iter().map(|p| (*p).to_owned()).collect(),
        active: true,
        ..Default::default()
    }
}

/// A district in which item A2 needs a boiler expert and A3 a fire engineer; e1 may not meet subject 1.
async fn district(engine: Engine, people: Vec<pb::Inspector>) -> Joint {
    let joint = Joint::new(engine, &[("market", (1..=8).collect())]).await;
    let mut list = item_list(&["A1"]);
    for (code, profession) in [("A2", "锅炉"), ("A3", "消防工程")] {
        list.items.push(pb::CheckItem { expert: profession.into(), ..item(code) });
    }
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    let request = pb::PutItemListRequest { request_id: "l2".into(), item_list: Some(list) };
    market.put_item_list(request).await.expect("list");
    let mut all: Vec<pb::Inspector> = (1..=4).map(|n| inspector(&format!("p{n}"))).collect();
    all.extend(people);
    market.import_inspectors(inspectors("experts", all)).await.expect("experts");
    let recusal = pb::Recusal {
        inspector_id: "e1".into(),
        subject_id: code(1),
        reason: "曾任该企业顾问".into(),
    };
    let request = pb::DeclareRecusalsRequest { request_id: "r".into(), recusals: vec![recusal] };
    market.declare_recusals(request).await.expect("recusal");
    joint
}

async fn published(joint: &Joint) -> Result<pb::GetExpertDrawResponse, Status> {
    let mut public = ExpertServiceClient::new(joint.service.channel.clone());
    let request = pb::GetExpertDrawRequest { campaign_id: "c1".into(), attempt: 0 };
    Ok(public.get_expert_draw(request).await?.into_inner())
}

async fn of_visit(joint: &Joint, secret: &str, rank: i64) -> Result<Vec<pb::VisitExpert>, Status> {
    let campaign_id = "c1".into();
    let request = pb::ListVisitExpertsRequest { campaign_id, rank, ..Default::default() };
    let reply = joint.service.with(secret).experts().list_visit_experts(request).await?;
    Ok(reply.into_inner().experts)
}

fn digest(text: &str) -> Digest {
    Digest::from_hex(text).expect("a digest")
}

async fn experts_are_picked_and_anybody_can_pick_again(engine: Engine) {
    let people = vec![
        expert("e1", &["锅炉"]),
        expert("e2", &["锅炉", "电气"]),
        expert("e3", &["消防工程", "锅炉"]),
        pb::Inspector { active: false, ..expert("e4", &["消防工程"]) },
    ];
    let joint = district(engine, people).await;
    joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    let bytes = joint.bundle("c1").await;
    verify(&bytes).expect("the draw is what it was without experts");
    let bundle: serde_json::Value = serde_json::from_slice(&bytes).expect("bundle");
    let freeze: serde_json::Value =
        serde_json::from_str(bundle["freeze"].as_str().expect("text")).expect("freeze");
    let draw = published(&joint).await.expect("public");
    assert_eq!(freeze["context"]["experts"], draw.sha256.as_str(), "bound before the numbers");
    assert_eq!(Suite::Sha256.hash(&draw.pool).to_string(), draw.sha256);
    let pool: Experts = serde_json::from_slice(&draw.pool).expect("pool");
    assert_eq!((pool.experts.len(), pool.avoid.len()), (3, 1), "e4 has left");
    // Anybody picks again from what is public.
    let need = |p: &pb::ExpertPick| Need {
        rank: p.rank,
        unit: digest(&p.unit_ticket),
        profession: p.profession.clone(),
    };
    let needs: Vec<Need> = draw.picks.iter().map(need).collect();
    let seed = digest(bundle["published"]["seed"].as_str().expect("seed"));
    let again = experts::pick(Suite::Sha256, &seed, &pool, &needs);
    let told: Vec<String> = draw.picks.iter().map(|p| p.expert_ticket.clone()).collect();
    let found: Vec<String> =
        again.iter().map(|p| p.expert.map(|t| t.to_string()).unwrap_or_default()).collect();
    assert_eq!(found, told);
    assert_eq!(needs.len(), 16, "two of each of eight visits");
    // Another seed picks others: it is the seed that decides.
    let other = experts::pick(Suite::Sha256, &Digest([7; 32]), &pool, &needs);
    assert_ne!(other, again);
    let mut loads: BTreeMap<&str, usize> = BTreeMap::new();
    for pick in draw.picks.iter().filter(|p| p.profession == "锅炉") {
        *loads.entry(&pick.expert_ticket).or_default() += 1;
    }
    assert!(loads.len() >= 2 && !loads.contains_key(""), "{loads:?}");
    let picks = canon::to_bytes(&serde_json::to_value(&again).expect("json")).expect("canonical");
    let hash = Suite::Sha256.hash(&picks).to_string();
    let mut tx = joint.service.app.db.read().await.expect("read");
    let drawn = tx.events_of("campaign.draw", 9).await.expect("events").remove(0);
    assert!(String::from_utf8_lossy(&drawn.body).contains(&hash), "the log tells what was picked");
    drop(tx);
    names_are_for_the_team(&joint).await;
}

/// The team reads names once the visit is open; e1 is not at subject 1's door; experts do not sign.
async fn names_are_for_the_team(joint: &Joint) {
    let visits = joint.opened("c1").await;
    let visit = visits.iter().find(|v| v.subject_id == code(1)).expect("subject 1");
    let member = &visit.sections[0].team[0].inspector_id;
    let (department, id) = member.split_once('/').expect("a person");
    let team = key(joint, department, id).await;
    let named = of_visit(joint, &team, visit.rank).await.expect("the team");
    let professions: Vec<&str> = named.iter().map(|e| &*e.profession).collect();
    assert_eq!(professions, ["消防工程", "锅炉"]);
    assert_eq!(named[0].expert_id, "market/e3", "the only one");
    assert_eq!(named[1].expert_id, "market/e2", "e1 is recused, e3 is there already");
    let office = of_visit(joint, &joint.service.office, visit.rank).await.expect("the office");
    assert!(office.iter().all(|e| e.expert_id.is_empty() && !e.ticket.is_empty()));
    let department = of_visit(joint, &joint.keys["market"], visit.rank).await;
    assert_eq!(reason(&department.expect_err("a department")), "OFFICE_ONLY");
    let adviser = key(joint, "market", "e3").await;
    let refused = of_visit(joint, &adviser, visit.rank).await.expect_err("no member of the team");
    assert_eq!(reason(&refused), "NOT_OF_THE_TEAM");
    let request = pb::SignSectionRequest {
        request_id: "sign".into(),
        campaign_id: "c1".into(),
        rank: visit.rank,
        department: "market".into(),
        section_sha256: "00".repeat(32),
    };
    let refused = joint.service.with(&adviser).checks().sign_section(request).await;
    assert_eq!(reason(&refused.expect_err("an expert")), "NOT_OF_THE_TEAM");
}

async fn assign(
    joint: &Joint,
    id: &str,
    rank: i64,
    profession: &str,
    expert: &str,
) -> Result<(), Status> {
    let request = pb::AssignExpertRequest {
        request_id: id.into(),
        campaign_id: "c1".into(),
        rank,
        profession: profession.into(),
        department: "market".into(),
        expert_id: expert.into(),
        reason: "库内无可抽取的专家".into(),
    };
    joint.service.office().experts().assign_expert(request).await.map(|_| ())
}

async fn an_open_need_is_assigned_with_a_reason(engine: Engine) {
    let capped = pb::Inspector { cap: 3, ..expert("e2", &["锅炉"]) };
    let joint = district(engine, vec![capped, expert("e1", &["锅炉"])]).await;
    joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    let draw = published(&joint).await.expect("public");
    let open: Vec<i64> =
        draw.picks.iter().filter(|p| p.expert_ticket.is_empty()).map(|p| p.rank).collect();
    assert!(open.len() >= 8, "nobody is a fire engineer: {open:?}");
    let rank = open[0];
    let unknown = assign(&joint, "a1", rank, "消防工程", "e2").await.expect_err("no engineer");
    assert_eq!(violations(&unknown)[0].1, "EXPERT_OF_THE_PROFESSION");
    let mut market = joint.service.with(&joint.keys["market"]).registry();
    let later = vec![expert("e9", &["消防工程"])];
    market.import_inspectors(inspectors("later", later)).await.expect("import");
    assign(&joint, "a2", rank, "消防工程", "e9").await.expect("assigned");
    assign(&joint, "a2", rank, "消防工程", "e9").await.expect("repeated");
    let twice = assign(&joint, "a3", rank, "消防工程", "e9").await.expect_err("once");
    assert_eq!(twice.code(), Code::AlreadyExists);
    let picked = draw.picks.iter().find(|p| !p.expert_ticket.is_empty()).expect("a boiler expert");
    let refused = assign(&joint, "a4", picked.rank, "锅炉", "e1").await.expect_err("picked");
    assert_eq!(reason(&refused), "AN_EXPERT_IS_PICKED");
    let visit = joint.opened("c1").await.into_iter().find(|v| v.rank == rank).expect("visit");
    let (department, id) =
        visit.sections[0].team[0].inspector_id.split_once('/').expect("a person");
    let team = key(&joint, department, id).await;
    let named = of_visit(&joint, &team, rank).await.expect("the team");
    let engineer = named.iter().find(|e| e.profession == "消防工程").expect("the need");
    assert_eq!((&*engineer.expert_id, engineer.ticket.is_empty()), ("market/e9", true));
    assert_eq!(engineer.reason, "库内无可抽取的专家");
    assert_eq!(published(&joint).await.expect("public"), draw, "what was drawn stays");
}

async fn without_such_items_a_draw_knows_of_no_experts(engine: Engine) {
    let joint = Joint::new(engine, &[("market", (1..=4).collect())]).await;
    joint.carry_out(joint.campaign(|_| vec![quota("*", 10_000)])).await;
    assert_eq!(published(&joint).await.expect_err("none").code(), Code::NotFound);
    let bundle = String::from_utf8(joint.bundle("c1").await).expect("text");
    assert!(!bundle.contains("experts"));
}

//! Who sees a name, and when: exactly those the rules name, each time on record.

use onevisit::demo::Random;
use onevisit::domain::caller::Role;
use onevisit::rpc::pb;
use tonic::{Code, Status};

use super::events;
use crate::harness::client::Service;
use crate::harness::data::{item_list, subjects};
use crate::harness::joint::Joint;
use crate::harness::{Engine, Hands, NOW_US, on_every_engine, scaled};
use crate::rpc::quota;

on_every_engine! {
    t20_a_visit_shows_to_those_of_the_rule_and_nobody_else,
    t25_an_auditors_openings_are_the_recorded_ones,
    t25_an_auditor_changes_nothing,
}

/// Tries of the whole property: 100,000 in the long suite.
const TRIES: [usize; 2] = [120, 100_000];
/// Deeds of an auditor: 10,000 in the long suite.
const DEEDS: [usize; 2] = [60, 10_000];
/// Minutes from now to the first moment of the first day.
const MINUTES_TO_THE_DAY: i64 = 14 * 60;
const CASE: &str = "审2026-9";

/// A drawn campaign whose first day is tomorrow.
async fn tomorrow(engine: Engine) -> (Joint, Hands) {
    let hands = Hands::at(NOW_US);
    let lists = [("fire", (1..=30).collect()), ("market", (1..=60).collect())];
    let joint = Joint::of(Service::start_by(engine, &hands).await, &lists).await;
    let mut campaign = joint.campaign(|_| vec![quota("*", 1_000)]);
    campaign.first_day = "2026-06-16".into();
    joint.carry_out(campaign).await;
    (joint, hands)
}

struct Principal {
    secret: String,
    /// Opens everything with a case number.
    audits: bool,
    /// `department/person`, of an inspector.
    person: String,
}

async fn principals(joint: &Joint) -> Vec<Principal> {
    let none = |secret: &String, audits| Principal {
        secret: secret.clone(),
        audits,
        person: String::new(),
    };
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let mut out = vec![
        none(&auditor, true),
        none(&joint.service.office, false),
        none(&joint.keys["fire"], false),
        none(&joint.supervisors[0].1, false),
    ];
    for department in ["fire", "market"] {
        for n in 1..=4 {
            let request = pb::CreateApiKeyRequest {
                request_id: format!("key-{department}-{n}"),
                role: pb::Role::Inspector.into(),
                department: department.into(),
                office: String::new(),
                inspector_id: format!("p{n}"),
            };
            let made = joint.service.office().access().create_api_key(request).await.expect("key");
            let person = format!("{department}/p{n}");
            out.push(Principal { secret: made.into_inner().secret, audits: false, person });
        }
    }
    out
}

async fn open(
    joint: &Joint,
    secret: &str,
    rank: i64,
    case: &str,
    request_id: String,
) -> Result<pb::Visit, Status> {
    let case_number = case.to_owned();
    let request = pb::OpenVisitRequest { request_id, campaign_id: "c1".into(), rank, case_number };
    let reply = joint.service.with(secret).visits().open_visit(request).await?;
    Ok(reply.into_inner().visit.expect("visit"))
}

async fn t20_a_visit_shows_to_those_of_the_rule_and_nobody_else(engine: Engine) {
    let (joint, hands) = tomorrow(engine).await;
    let truth = joint.opened("c1").await;
    let all = principals(&joint).await;
    let tries = scaled(TRIES[0], TRIES[1]);
    let mut random = Random::new(20);
    let (mut minutes, mut shown, mut hidden) = (0_i64, 0, 0);
    for nth in 0..tries {
        // Time goes on, as it does: twice as long as it is to the first day, over all tries.
        let due = 2 * MINUTES_TO_THE_DAY * i64::try_from(nth).expect("few");
        let due = due / i64::try_from(tries).expect("few");
        hands.forward(due - minutes);
        minutes = due;
        let principal = random.pick(&all);
        let rank = 1 + i64::try_from(random.below(truth.len() as u64 + 1)).expect("few");
        let case = if random.chance(700) { CASE } else { "" };
        let visit = truth.iter().find(|v| v.rank == rank);
        let of_team = visit.is_some_and(|v| {
            let team = |s: &pb::Section| s.team.iter().any(|m| m.inspector_id == principal.person);
            !principal.person.is_empty() && v.sections.iter().any(team)
        });
        let by_case = principal.audits && !case.is_empty();
        let may = visit.is_some() && (by_case || of_team && minutes >= MINUTES_TO_THE_DAY);
        let found = open(&joint, &principal.secret, rank, case, format!("try-{nth}")).await;
        match found {
            Ok(opened) => {
                assert!(may, "try {nth}: {} at {minutes}", principal.person);
                assert_eq!(Some(&opened), visit);
                shown += 1;
            }
            Err(status) => {
                assert!(!may, "try {nth}: {status:?}");
                let text = format!("{status:?}");
                let leaks = |v: &pb::Visit| text.contains(&v.subject_name);
                assert!(!truth.iter().any(leaks), "{text}");
                hidden += 1;
            }
        }
    }
    assert!(shown > tries / 20 && hidden > tries / 20, "{shown} shown, {hidden} hidden");
    assert_eq!(events(&joint, "visit.open").await, truth.len() + shown, "each one on record");
    for visit in joint.visits(&joint.service.office, "c1").await.expect("visits") {
        assert_eq!(visit.subject_name, "", "reading shows none before the close");
    }
}

async fn open_unit(joint: &Joint, secret: &str, ticket: &str, id: String) -> Result<(), Status> {
    let request = pb::OpenUnitRequest {
        request_id: id,
        campaign_id: "c1".into(),
        attempt: 0,
        ticket: ticket.into(),
        case_number: CASE.into(),
    };
    joint.service.with(secret).visits().open_unit(request).await.map(|_| ())
}

async fn t25_an_auditors_openings_are_the_recorded_ones(engine: Engine) {
    let (joint, _) = tomorrow(engine).await;
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let visits = joint.visits(&joint.service.office, "c1").await.expect("visits");
    let mut random = Random::new(25);
    let mut opened = 0;
    let mut last = None;
    for nth in 0..scaled(DEEDS[0], DEEDS[1]) {
        let visit = random.pick(&visits);
        let id = format!("deed-{nth}");
        match random.below(6) {
            0 | 1 => {
                open(&joint, &auditor, visit.rank, CASE, id.clone()).await.expect("opened");
                (opened, last) = (opened + 1, Some((visit.rank, id)));
            }
            2 => {
                open_unit(&joint, &auditor, &visit.ticket, id).await.expect("opened");
                opened += 1;
            }
            3 => {
                open(&joint, &auditor, visit.rank, "", id).await.expect_err("without a case");
            }
            4 => {
                open_unit(&joint, &auditor, &"ab".repeat(32), id).await.expect_err("no such unit");
            }
            // The same request again: the same answer, and nothing new to record.
            _ => {
                let Some((rank, id)) = last.clone() else { continue };
                open(&joint, &auditor, rank, CASE, id).await.expect("the same");
            }
        }
    }
    let recorded = events(&joint, "visit.open").await + events(&joint, "unit.open").await;
    assert_eq!(recorded, opened);
    assert!(opened > 0);
}

fn denied<T>(what: &str, reply: Result<T, Status>) {
    let code = reply.err().map(|status| status.code());
    assert_eq!(code, Some(Code::PermissionDenied), "{what}");
}

async fn t25_an_auditor_changes_nothing(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    let secret = joint.service.key(Role::Auditor, "", "审计科").await;
    let before = {
        let mut tx = joint.service.app.db.read().await.expect("read");
        tx.event_rows(0, i64::MAX).await.expect("events").len()
    };
    let auditor = joint.service.with(&secret);
    let (request_id, campaign_id) = ("x".to_owned(), "c1".to_owned());
    let mut campaigns = auditor.campaigns();
    let commitment = joint.commitment(&frozen, 0);
    let (id, c) = (request_id.clone(), campaign_id.clone());
    let request = pb::CommitNumberRequest { request_id: id, campaign_id: c, commitment };
    denied("commit", campaigns.commit_number(request).await);
    let (id, c) = (request_id.clone(), campaign_id.clone());
    let number = hex::encode(joint.number(0));
    let request = pb::RevealNumberRequest { request_id: id, campaign_id: c, number };
    denied("reveal", campaigns.reveal_number(request).await);
    let (id, c) = (request_id.clone(), campaign_id.clone());
    let request = pb::FreezeCampaignRequest { request_id: id, campaign_id: c };
    denied("freeze", campaigns.freeze_campaign(request).await);
    let (id, c) = (request_id.clone(), campaign_id.clone());
    let request = pb::DrawCampaignRequest { request_id: id, campaign_id: c };
    denied("draw", campaigns.draw_campaign(request).await);
    let (id, c) = (request_id.clone(), campaign_id.clone());
    denied(
        "close",
        campaigns.close_campaign(pb::CloseCampaignRequest { request_id: id, campaign_id: c }).await,
    );
    denied("abort", joint.abort(&secret, "停电", "x").await);
    denied("approve an abort", joint.approve_abort(&secret, "x").await);
    denied("approve an attempt", joint.retry(&secret, "", "x").await);
    let etag = joint.read("c1").await.etag;
    denied("approve", joint.approve(&secret, "c1", &etag).await);
    let mut registry = auditor.registry();
    let item_list = Some(item_list(&["A1"]));
    let request = pb::PutItemListRequest { request_id: request_id.clone(), item_list };
    denied("items", registry.put_item_list(request).await);
    let rows = subjects("x", pb::ImportMode::KeepGoodRows, Vec::new(), 5);
    denied("subjects", registry.import_subjects(rows).await);
    let request = pb::CreateApiKeyRequest {
        request_id: request_id.clone(),
        role: pb::Role::Auditor.into(),
        department: String::new(),
        office: "另一科".into(),
        inspector_id: String::new(),
    };
    denied("key", auditor.access().create_api_key(request).await);
    let request = pb::AcknowledgeFaultRequest {
        request_id: request_id.clone(),
        fault: "x".into(),
        reason: "x".into(),
    };
    denied("acknowledge", auditor.ledger().acknowledge_fault(request).await);
    let request = pb::DecideChangeRequest { request_id, campaign_id, nth: 1, approve: true };
    denied("decide a change", auditor.visits().decide_change(request).await);
    let mut tx = joint.service.app.db.read().await.expect("read");
    assert_eq!(tx.event_rows(0, i64::MAX).await.expect("events").len(), before);
}

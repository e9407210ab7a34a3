//! Many short writes at once: they share transactions, and each stands for itself.

use onevisit::rpc::pb;
use onevisit::store::Db;
use tonic::Code;

use crate::harness::client::Service;
use crate::harness::{Engine, on_every_engine};

const CALLERS: usize = 64;

fn facts(request_id: String, subjects: impl Iterator<Item = usize>) -> pb::RecordRiskFactsRequest {
    let fact = |nth: usize| pb::RiskFact {
        subject_id: format!("reg:{nth}"),
        kind: pb::RiskFactKind::Complaint.into(),
        on: "2026-06-01".into(),
        source: "12345".into(),
    };
    pb::RecordRiskFactsRequest { request_id, facts: subjects.map(fact).collect() }
}

/// Events of recorded facts, and requests that were answered.
async fn counted(db: &Db) -> (usize, usize) {
    let mut tx = db.read().await.expect("read");
    let events = tx.events_of("risk_fact.record", 1_000).await.expect("events").len();
    let sql = "SELECT request_id FROM requests WHERE method = 'RecordRiskFacts' AND reply <> ''";
    let requests: Vec<(String,)> = tx.query(sql).fetch_all().await.expect("requests");
    (events, requests.len())
}

/// What each of the calls, made at once, was answered.
async fn at_once(
    service: &Service,
    secret: &str,
    requests: Vec<pb::RecordRiskFactsRequest>,
) -> Vec<Result<i64, Code>> {
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let mut registry = service.with(secret).registry();
            tokio::spawn(async move { registry.record_risk_facts(request).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        let answer = task.await.expect("a call ends");
        answers.push(answer.map(|r| r.into_inner().recorded).map_err(|status| status.code()));
    }
    answers
}

async fn each_of_many_calls_is_recorded_once(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    // Neighbours bring one fact in common.
    let request = |nth: usize| facts(format!("w-{nth}"), nth..nth + 2);
    let first =
        at_once(&service, &keys["market"], (0..CALLERS).map(request).collect::<Vec<_>>()).await;
    let new: i64 = first.iter().map(|answer| answer.expect("recorded")).sum();
    assert_eq!(usize::try_from(new), Ok(CALLERS + 1), "each fact is new to one call");
    assert_eq!(counted(&service.app.db).await, (CALLERS, CALLERS));
    let again =
        at_once(&service, &keys["market"], (0..CALLERS).map(request).collect::<Vec<_>>()).await;
    assert_eq!(again, first, "a repeated call gets the answer it got before");
    assert_eq!(counted(&service.app.db).await, (CALLERS, CALLERS), "and records nothing");
}

async fn one_that_was_done_or_is_refused_does_not_hinder_others(engine: Engine) {
    let service = Service::start(engine).await;
    let keys = service.district(&["market"]).await;
    // The same request twice, one id with two payloads, one without an id, and good ones.
    let mut requests: Vec<_> = (0..CALLERS).map(|n| facts(format!("w-{n}"), n..n + 1)).collect();
    requests.push(facts("w-0".into(), 0..1));
    requests.push(facts("w-1".into(), 500..501));
    requests.push(facts(String::new(), 600..601));
    let answers = at_once(&service, &keys["market"], requests).await;
    assert_eq!(answers[0], Ok(1));
    assert_eq!(answers[CALLERS], Ok(1), "the same call, the same answer");
    let (one, other) = (answers[1], answers[CALLERS + 1]);
    let exists = Err(Code::AlreadyExists);
    assert!([(Ok(1), exists), (exists, Ok(1))].contains(&(one, other)), "{one:?} {other:?}");
    assert_eq!(answers[CALLERS + 2], Err(Code::InvalidArgument));
    assert!(answers[2..CALLERS].iter().all(|answer| *answer == Ok(1)));
    assert_eq!(counted(&service.app.db).await, (CALLERS, CALLERS));
}

on_every_engine!(
    each_of_many_calls_is_recorded_once,
    one_that_was_done_or_is_refused_does_not_hinder_others,
);

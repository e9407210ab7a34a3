//! A thousand subjects whose names sing when they are seen (T09): the real binary carries out a whole
//! campaign and logs all it can; whoever has the database, the logs and every public answer, but not the
//! key file, learns of nobody that he is drawn, nor by whom he is visited, until the campaign is closed.

use std::path::Path;

use onevisit::app::clock::Clock;
use onevisit::app::{log, names};
use onevisit::domain::day;
use onevisit::rpc::pb;
use onevisit::rpc::pb::campaign_service_client::CampaignServiceClient;
use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;
use prost::Message;
use tonic::{Response, Status, Streaming};

use super::{quota, reason};
use crate::harness::client::Service;
use crate::harness::data::{code, entry, inspector, item_list};
use crate::harness::dump::{self, Haystack};
use crate::harness::joint::{Joint, Rows};
use crate::harness::{Engine, on_every_engine};

on_every_engine! { threat_t09_no_canary_sings_before_the_campaign_is_closed }

/// Subjects; every second one is in both departments' lists.
const CANARIES: usize = 1_000;
/// Inspectors of each department.
const PEOPLE: usize = 8;
/// Visits whose names are looked for in the raw files.
const SAMPLE: usize = 8;
/// Part of every canary's name and address.
const SUNG: &str = "金丝雀";
/// Part of every inspector's id and certificate.
const PERSON: &str = "canary-person";
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// The beginning of every canary's code, which is its unit's id too.
fn id_begins() -> String {
    code(CANARIES)[..12].to_owned()
}

fn rows(department: &str, numbers: impl Iterator<Item = usize>) -> Rows {
    let subject = |n| pb::SubjectEntry {
        name: format!("{SUNG}{n:04}号店"),
        address: format!("{SUNG}路{n:04}号"),
        ..entry(n)
    };
    let person = |n| pb::Inspector {
        certificate_number: format!("{PERSON}-ZF-{department}-{n}"),
        certificate_valid_until: "2999-12-31".into(),
        ..inspector(&format!("{PERSON}-{department}-{n}"))
    };
    Rows {
        department: department.to_owned(),
        entries: numbers.map(subject).collect(),
        people: (1..=PEOPLE).map(person).collect(),
        items: pb::ItemList { effective_from: "2000-01-01".into(), ..item_list(&["A1", "A2"]) },
    }
}

/// A drawn campaign that begins today.
async fn drawn(engine: Engine, log: &Path) -> Joint {
    let service = Service::real(engine, log).await;
    let lists = vec![rows("fire", (1..=CANARIES).step_by(2)), rows("market", 1..=CANARIES)];
    let joint = Joint::of_rows(service, lists).await;
    let now_us = Clock::system().now_us();
    let campaign = pb::Campaign {
        first_day: day::of_instant(now_us).to_string(),
        last_day: day::of_instant(now_us + 10 * DAY_US).to_string(),
        ..joint.campaign(|_| vec![quota("*", 500)])
    };
    joint.carry_out(campaign).await;
    joint
}

/// What an answer, or a refusal, carries.
fn carried<M: Message>(out: &mut Vec<u8>, answer: Result<Response<M>, Status>) {
    match answer {
        Ok(reply) => out.extend(reply.into_inner().encode_to_vec()),
        Err(status) => {
            out.extend(format!("{status:?}").bytes());
            out.extend(status.details());
        }
    }
}

async fn streamed<M: Message>(out: &mut Vec<u8>, answer: Result<Response<Streaming<M>>, Status>) {
    let mut stream = answer.expect("a stream").into_inner();
    while let Some(message) = stream.message().await.expect("a message") {
        out.extend(message.encode_to_vec());
    }
}

/// Everything that anybody reads without a key.
async fn public(joint: &Joint) -> Vec<u8> {
    let mut out = joint.bundle("c1").await;
    let mut campaigns = CampaignServiceClient::new(joint.service.channel.clone());
    let (campaign_id, attempt) = ("c1".to_owned(), 0);
    let request = pb::WatchDrawRequest { campaign_id: campaign_id.clone(), attempt };
    streamed(&mut out, campaigns.watch_draw(request).await).await;
    let request = pb::DownloadCertificateRequest { campaign_id, attempt: 1 };
    streamed(&mut out, campaigns.download_certificate(request).await).await;
    let mut ledger = LedgerServiceClient::new(joint.service.channel.clone());
    carried(&mut out, ledger.get_checkpoint(pb::GetCheckpointRequest {}).await);
    let mut first = 0;
    loop {
        let request = pb::ListEntriesRequest { first, page_size: 1_000 };
        let page = ledger.list_entries(request).await.expect("entries").into_inner().entries;
        let Some(last) = page.last() else { break };
        first = last.position + 1;
        out.extend(page.into_iter().flat_map(|entry| entry.body));
    }
    let (full, partial) = (first / 256, first % 256);
    let tiles = |kind: &str| {
        let whole = (0..full).map(|nth| format!("/log/tile/{kind}/{nth:03}"));
        let rest = (partial > 0).then(|| format!("/log/tile/{kind}/{full:03}.p/{partial}"));
        whole.chain(rest).collect::<Vec<_>>()
    };
    let draw = "/campaigns/c1/draws/1";
    let files = [format!("{draw}/bundle.json"), format!("{draw}/certificate.json")];
    let head = ["/log/checkpoint".to_owned()];
    for path in [tiles("entries"), tiles("0"), files.to_vec(), head.to_vec()].concat() {
        let (status, bytes) = joint.service.get(&path).await;
        assert!(status == 200 && !bytes.is_empty(), "{path}");
        out.extend(bytes);
    }
    // Whatever is there one day is searched from that day on.
    for path in ["/", "/metrics", "/traces", "/campaigns/c1", "/campaigns/c1/draws/1/visits.json"] {
        out.extend(joint.service.get(path).await.1);
    }
    out
}

/// What callers with keys are told of the draw, and how they are refused.
async fn told(joint: &Joint) -> Vec<u8> {
    let mut out = Vec::new();
    let campaign_id = "c1".to_owned();
    for secret in [&joint.service.office, &joint.keys["fire"], &joint.keys["market"]] {
        let caller = joint.service.with(secret);
        let (mut visits, mut campaigns) = (caller.visits(), caller.campaigns());
        for visit in joint.visits(secret, "c1").await.expect("visits") {
            let (campaign_id, rank) = (campaign_id.clone(), visit.rank);
            out.extend(visit.encode_to_vec());
            let request = pb::GetVisitRequest { campaign_id, rank };
            carried(&mut out, visits.get_visit(request).await);
        }
        for department in ["fire", "market"] {
            let request = pb::ListReserveRequest {
                campaign_id: campaign_id.clone(),
                department: department.into(),
                stratum: "*".into(),
                ..Default::default()
            };
            carried(&mut out, visits.list_reserve(request).await);
        }
        let request = pb::OpenVisitRequest {
            request_id: "not-mine".into(),
            campaign_id: campaign_id.clone(),
            rank: 1,
            ..Default::default()
        };
        carried(&mut out, visits.open_visit(request).await);
        let request = pb::GetCampaignRequest { campaign_id: campaign_id.clone() };
        carried(&mut out, campaigns.get_campaign(request).await);
        carried(&mut out, campaigns.list_campaigns(pb::ListCampaignsRequest::default()).await);
        let request = pb::GetDrawRequest { campaign_id: campaign_id.clone(), attempt: 0 };
        carried(&mut out, campaigns.get_draw(request).await);
        let campaign_id = campaign_id.clone();
        let request = pb::ListShortagesRequest { campaign_id, ..Default::default() };
        carried(&mut out, campaigns.list_shortages(request).await);
    }
    out
}

/// Every inspector tries to open a visit: its team does, the others are told why not.
async fn visited(joint: &Joint, truth: &pb::Visit) -> Vec<u8> {
    let mut refused = Vec::new();
    let team: Vec<&str> = truth
        .sections
        .iter()
        .flat_map(|section| section.team.iter().map(|member| &*member.inspector_id))
        .collect();
    for department in ["fire", "market"] {
        for n in 1..=PEOPLE {
            let id = format!("{PERSON}-{department}-{n}");
            let request = pb::CreateApiKeyRequest {
                request_id: format!("key-{department}-{n}"),
                role: pb::Role::Inspector.into(),
                department: department.into(),
                inspector_id: id.clone(),
                ..Default::default()
            };
            let key = joint.service.office().access().create_api_key(request).await.expect("key");
            let request = pb::OpenVisitRequest {
                request_id: format!("open-{n}"),
                campaign_id: "c1".into(),
                rank: truth.rank,
                ..Default::default()
            };
            let caller = joint.service.with(&key.into_inner().secret);
            let opened = caller.visits().open_visit(request).await;
            let own = team.contains(&&*format!("{department}/{id}"));
            match &opened {
                Ok(opened) => assert!(own && opened.get_ref().visit.as_ref() == Some(truth)),
                Err(status) => {
                    assert!(!own && reason(status) == "NOT_OF_THE_TEAM");
                    carried(&mut refused, opened);
                }
            }
        }
    }
    assert!(team.len() >= 2 && !refused.is_empty());
    refused
}

/// Tables that say which person holds which key beside the registries.
const KEYS: [&str; 2] = ["api_keys", "requests"];

/// The database but for the registries, as whoever has stolen it reads it.
async fn kept(joint: &Joint, without: &[&str]) -> Haystack {
    let service = &joint.service;
    let text = match service.db.url.starts_with("sqlite:") {
        true => dump::tables(&service.app.db, |table| !without.contains(&table)).await,
        false => dump::pg_dump(&service.db.url, without),
    };
    assert!(text.contains("visit_sections"));
    Haystack::new(text.as_bytes())
}

/// SQLite's files as they are, the registries in them: what was sealed has never been there in clear.
async fn files_hold_no_plain_names(joint: &Joint, truth: &[pb::Visit]) {
    let Some(path) = joint.service.db.url.strip_prefix("sqlite:") else { return };
    let read = |path: String| std::fs::read(path).expect("the file");
    let bytes = [read(path.to_owned()), read(format!("{path}-wal"))].concat();
    let app = &joint.service.app;
    let stored = app.db.read().await.expect("read").visits("c1", "", 0, 10_000).await;
    let stored = stored.expect("visits");
    assert_eq!(stored.len(), truth.len());
    let files = Haystack::new(&bytes);
    assert!(files.find(SUNG).is_some(), "the registries are in it");
    // One way to store them leaks all or none.
    for visit in stored.iter().take(SAMPLE) {
        let plain =
            serde_json::to_vec(&names::of(&app.sealer, visit).expect("names")).expect("json");
        let plain = String::from_utf8(plain).expect("text");
        assert!(plain.contains(SUNG) && plain.contains(PERSON));
        assert_eq!(
            files.find(&plain[..plain.find(SUNG).expect("it") + SUNG.len()]),
            None,
            "{plain}"
        );
    }
}

async fn threat_t09_no_canary_sings_before_the_campaign_is_closed(engine: Engine) {
    let folder = tempfile::TempDir::new().expect("folder");
    let log_file = folder.path().join("log");
    let mut joint = drawn(engine, &log_file).await;
    let truth = joint.opened("c1").await;
    assert!(truth.len() >= CANARIES / 20, "{} visits", truth.len());
    let refused = visited(&joint, &truth[0]).await;
    while log::round_now(&joint.service.app).await.expect("round") != log::Round::Idle {}
    let id = id_begins();
    let words = [SUNG, &id, PERSON];
    let logged = std::fs::read(&log_file).expect("log");
    assert!(String::from_utf8_lossy(&logged).contains("TRACE"), "all is logged");
    for (what, bytes) in [
        ("a log", logged),
        ("a public answer", public(&joint).await),
        ("an answer", told(&joint).await),
        ("a refusal", refused),
    ] {
        let found = Haystack::new(&bytes);
        for word in words {
            assert_eq!(found.find(word), None, "{word} is in {what} of {}", found.len());
        }
    }
    let beside = kept(&joint, &dump::REGISTRIES).await;
    assert_eq!([beside.find(SUNG), beside.find(&id)], [None, None], "at rest");
    let beside = kept(&joint, &[&dump::REGISTRIES[..], &KEYS].concat()).await;
    assert_eq!(beside.find(PERSON), None, "at rest");
    let all = kept(&joint, &[]).await;
    assert!(words.iter().all(|word| all.find(word).is_some()), "what is there is found");
    files_hold_no_plain_names(&joint, &truth).await;
    // Closed: now they sing.
    joint.service.go_on_at(Clock::system().now_us() + 20 * DAY_US).await;
    let request = pb::CloseCampaignRequest { request_id: "end".into(), campaign_id: "c1".into() };
    joint.service.office().campaigns().close_campaign(request).await.expect("closed");
    let sung = Haystack::new(&told(&joint).await);
    for visit in &truth {
        let people = visit.sections.iter().flat_map(|s| &s.team).map(|m| &m.inspector_id);
        for word in
            [&visit.subject_id, &visit.subject_name, &visit.address].into_iter().chain(people)
        {
            assert_eq!(sung.find(word), Some("text"), "{word} shows");
        }
    }
    assert_eq!(kept(&joint, &dump::REGISTRIES).await.find(SUNG), None, "still sealed at rest");
}

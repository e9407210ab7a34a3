//! Results become public: by their department, on time, for ever, corrected in the open.

use onevisit::app::fsck;
use onevisit::app::log::{self, Round};
use onevisit::domain::caller::Role;
use onevisit::rpc::pb::disclosure_service_client::DisclosureServiceClient;
use onevisit::rpc::pb::{self, ResultCode, ResultState};
use onevisit::store::Db;
use serde_json::Value;
use tonic::{Code, Status};

use super::check::{NOW, SHA, Site, evidence, finding};
use super::{reason, violations};
use crate::harness::dump::{self, Haystack};
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_result_is_published_by_its_department_and_read_by_everybody,
    another_key_reviews_where_the_policy_says_so,
    a_result_is_lawfully_withheld_on_its_ground,
    a_published_result_is_corrected_by_two_and_both_versions_stay,
    an_ended_check_is_published_with_its_ground,
    a_draw_has_one_bulletin,
    the_database_keeps_what_is_published,
    two_keys_at_once_publish_once,
    the_lead_publishes_and_major_decisions_are_reviewed_by_policy,
}

const DAY_MINUTES: i64 = 24 * 60;

/// The visit is carried out: clean in one section, with a pending issue in the other.
pub async fn checked(engine: Engine) -> Site {
    let site = Site::new(engine).await;
    carry_out(&site).await;
    site
}

pub async fn carry_out(site: &Site) {
    site.all_start().await;
    let mut last = None;
    for (department, second) in
        [("fire", ResultCode::IssuePendingFollowUp), ("market", ResultCode::NoIssueFound)]
    {
        let mut findings = vec![finding(department, "A1"), finding(department, "A2")];
        findings[1].result = second.into();
        let id = format!("found-{department}");
        last = Some(site.record(site.of(department)[0], &id, NOW, findings).await.expect("kept"));
    }
    let sections = last.expect("two").sections.into_iter();
    let digests: Vec<_> = sections.map(|s| (s.department, s.sha256)).collect();
    site.all_sign(&digests).await;
    site.complete(site.leader(), "done").await.expect("completed");
}

pub fn id(site: &Site, department: &str) -> String {
    format!("{}.1.{}.{department}", site.visit.campaign_id, site.visit.rank)
}

pub async fn get(site: &Site, secret: &str, id: &str) -> Result<pb::GetResultResponse, Status> {
    let request = pb::GetResultRequest { result_id: id.into() };
    Ok(site.joint.service.with(secret).disclosure().get_result(request).await?.into_inner())
}

pub type Moved = Result<(ResultState, String), Status>;

pub async fn submit(
    site: &Site,
    secret: &str,
    request_id: &str,
    (id, etag): (&str, &str),
    withhold: Option<pb::Withholding>,
) -> Moved {
    let request = pb::SubmitResultRequest {
        request_id: request_id.into(),
        result_id: id.into(),
        etag: etag.into(),
        withhold,
    };
    let reply = site.joint.service.with(secret).disclosure().submit_result(request).await?;
    let reply = reply.into_inner();
    Ok((reply.state(), reply.etag))
}

async fn decide(
    site: &Site,
    secret: &str,
    request_id: &str,
    (id, etag): (&str, &str),
    approve: bool,
) -> Moved {
    let request = pb::DecideResultRequest {
        request_id: request_id.into(),
        result_id: id.into(),
        etag: etag.into(),
        approve,
        note: "请再核对".into(),
    };
    let reply = site.joint.service.with(secret).disclosure().decide_result(request).await?;
    let reply = reply.into_inner();
    Ok((reply.state(), reply.etag))
}

/// What everybody reads of a result, without a key.
pub async fn versions(site: &Site, id: &str) -> Result<Vec<pb::PublishedResult>, Status> {
    let mut anybody = DisclosureServiceClient::new(site.joint.service.channel.clone());
    let request = pb::GetPublishedResultRequest { result_id: id.into() };
    Ok(anybody.get_published_result(request).await?.into_inner().versions)
}

async fn published(site: &Site, campaign: &str, subject: &str) -> Vec<pb::PublishedResult> {
    let mut anybody = DisclosureServiceClient::new(site.joint.service.channel.clone());
    let request = pb::ListPublishedResultsRequest {
        campaign_id: campaign.into(),
        subject_id: subject.into(),
        ..Default::default()
    };
    anybody.list_published_results(request).await.expect("list").into_inner().results
}

pub async fn json(site: &Site, path: &str) -> (u16, Value) {
    let (status, body) = site.joint.service.get(path).await;
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

pub async fn sound(site: &Site) {
    let app = &site.joint.service.app;
    while log::round_now(app).await.expect("round") != Round::Idle {}
    assert_eq!(fsck::check(app).await.expect("check").findings, []);
}

async fn list(site: &Site, secret: &str, overdue: bool) -> Vec<pb::Result> {
    let request =
        pb::ListResultsRequest { campaign_id: "c1".into(), overdue, ..Default::default() };
    let reply = site.joint.service.with(secret).disclosure().list_results(request).await;
    reply.expect("list").into_inner().results
}

async fn a_result_is_published_by_its_department_and_read_by_everybody(engine: Engine) {
    let site = checked(engine).await;
    let (fire, office) = (&site.joint.keys["fire"], &site.joint.service.office);
    let own = list(&site, fire, false).await;
    let ids: Vec<&str> = own.iter().map(|r| r.result_id.as_str()).collect();
    assert_eq!(ids, [id(&site, "fire")], "who checked publishes, and sees no other's");
    assert_eq!(list(&site, office, false).await.len(), 2);
    let result = &own[0];
    assert_eq!((result.state(), result.wants_follow_up), (ResultState::Pending, true));
    // Twenty working days after 15 June, with the Dragon Boat Festival on Friday the 19th.
    assert_eq!((&*result.finished_on, &*result.due_on), ("2026-06-15", "2026-07-14"));
    assert_eq!(result.subject_id, site.visit.subject_id);
    let here = (ids[0], "1");
    for secret in [office, &site.joint.keys["market"]] {
        let refused = submit(&site, secret, "p0", here, None).await.expect_err("not its own");
        assert!(["DEPARTMENT_ONLY", "NOT_FOUND"].contains(&&*reason(&refused)));
    }
    let stale = submit(&site, fire, "p1", (ids[0], "7"), None).await.expect_err("another version");
    assert_eq!(stale.code(), Code::Aborted);
    hidden(&site, ids[0]).await;
    let all = dump::tables(&site.joint.service.app.db, |t| !dump::REGISTRIES.contains(&t)).await;
    for word in [&*site.visit.subject_name, &*site.visit.subject_id, "ISSUE_PENDING_FOLLOW_UP"] {
        assert_eq!(Haystack::new(all.as_bytes()).find(word), None, "{word} is at rest");
    }
    let done = submit(&site, fire, "p2", here, None).await.expect("published");
    assert_eq!(done, (ResultState::Published, "2".into()));
    assert_eq!(submit(&site, fire, "p2", here, None).await.expect("the stored reply"), done);
    let twice = submit(&site, fire, "p3", (ids[0], "2"), None).await.expect_err("once");
    assert_eq!(reason(&twice), "RESULT_STATE");
    shown(&site, ids[0]).await;
    site.hands.forward(29 * DAY_MINUTES);
    assert_eq!(list(&site, office, true).await.len(), 0, "14 July is still in time");
    site.hands.forward(DAY_MINUTES);
    let late = list(&site, office, true).await;
    assert_eq!(late.iter().map(|r| &*r.department).collect::<Vec<_>>(), ["market"]);
    sound(&site).await;
}

/// Nothing of what is not published shows to the public.
async fn hidden(site: &Site, id: &str) {
    assert_eq!(versions(site, id).await.expect_err("hidden").code(), Code::NotFound);
    assert_eq!(published(site, "c1", "").await, []);
    assert_eq!(published(site, "", &site.visit.subject_id).await, []);
    assert_eq!(json(site, &format!("/results/{id}")).await.0, 404);
    assert_eq!(json(site, &format!("/results/{id}/1")).await.0, 404);
    let (status, page) = json(site, "/results/campaigns/c1").await;
    assert_eq!((status, &page["results"]), (200, &Value::Array(Vec::new())));
    let (_, table) = site.joint.service.get("/results/campaigns/c1/items.csv").await;
    assert_eq!(String::from_utf8(table).expect("text").lines().count(), 1, "the head alone");
}

async fn shown(site: &Site, id: &str) {
    let standing = versions(site, id).await.expect("public").remove(0);
    assert_eq!((&*standing.words, standing.version), ("未发现问题；发现问题待后续处理", 1));
    assert_eq!(published(site, "c1", "").await, std::slice::from_ref(&standing));
    assert_eq!(published(site, "", &site.visit.subject_id).await, std::slice::from_ref(&standing));
    assert_eq!(published(site, "other", &site.visit.subject_id).await, []);
    let (status, page) = json(site, &format!("/results/{id}")).await;
    assert_eq!((status, page["versions"][0]["version"].as_i64()), (200, Some(1)));
    let address = page["versions"][0]["address"].as_str().expect("address").to_owned();
    let (_, alone) = json(site, &address).await;
    assert_eq!(alone, page["versions"][0], "its permanent address");
    let subject = format!("/results/subjects/{}", site.visit.subject_id);
    assert_eq!(json(site, &subject).await.1["results"][0], alone);
    assert_eq!(alone["items"][1]["result_text"], "发现问题待后续处理");
    let (status, table) = site.joint.service.get("/results/campaigns/c1/tasks.csv").await;
    let table = String::from_utf8(table).expect("text");
    let mut lines = table.trim_start_matches('\u{feff}').lines();
    let head = lines.next().expect("head");
    assert!(
        status == 200 && head.starts_with("\"抽查计划编号\",\"抽查计划名称\",\"抽查任务编号\"")
    );
    let row = lines.next().expect("a row");
    assert!(
        row.contains(&standing.subject_id) && row.contains("\"不定向\"") && lines.next().is_none()
    );
    let mut anybody = DisclosureServiceClient::new(site.joint.service.channel.clone());
    let table = pb::ResultTable::Items.into();
    let request = pb::ExportResultsRequest { campaign_id: "c1".into(), table };
    let mut stream = anybody.export_results(request).await.expect("export").into_inner();
    let piece = stream.message().await.expect("piece").expect("one").chunk;
    let (_, same) = site.joint.service.get("/results/campaigns/c1/items.csv").await;
    assert!(piece == same && String::from_utf8(same).expect("text").lines().count() == 3);
}

async fn another_key_reviews_where_the_policy_says_so(engine: Engine) {
    let site = Site::new(engine).await;
    site.joint.policy("publication_review", "ALL").await;
    site.joint.policy("publication_days", "3").await;
    site.all_start().await;
    let digests = site.record_all().await;
    site.all_sign(&digests).await;
    site.complete(site.leader(), "done").await.expect("completed");
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    let other = site.joint.service.key(Role::Department, "fire", "").await;
    let result = get(&site, &fire, &at).await.expect("own").result.expect("result");
    assert_eq!((result.reviewed, &*result.due_on), (true, "2026-06-18"));
    let asked = submit(&site, &fire, "p1", (&at, "1"), None).await.expect("asked");
    assert_eq!(asked, (ResultState::InReview, "2".into()));
    assert!(versions(&site, &at).await.is_err(), "not public before it is agreed to");
    let own = decide(&site, &fire, "d1", (&at, "2"), true).await.expect_err("four eyes");
    assert_eq!(reason(&own), "REVIEWER_IS_REQUESTER");
    let back = decide(&site, &other, "d2", (&at, "2"), false).await.expect("given back");
    assert_eq!(back, (ResultState::Pending, "3".into()));
    let again = decide(&site, &other, "d3", (&at, "3"), true).await.expect_err("nothing asked");
    assert_eq!(reason(&again), "RESULT_STATE");
    submit(&site, &fire, "p2", (&at, "3"), None).await.expect("asked again");
    let done = decide(&site, &other, "d4", (&at, "4"), true).await.expect("agreed");
    assert_eq!(done.0, ResultState::Published);
    assert_eq!(versions(&site, &at).await.expect("public").len(), 1);
    sound(&site).await;
}

async fn a_result_is_lawfully_withheld_on_its_ground(engine: Engine) {
    let site = checked(engine).await;
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    let why = |ground: pb::WithholdingGround, basis: &str| {
        Some(pb::Withholding { ground: ground.into(), basis: basis.into() })
    };
    let unsaid = why(pb::WithholdingGround::Unspecified, "");
    let refused = submit(&site, &fire, "w1", (&at, "1"), unsaid).await.expect_err("no ground");
    assert_eq!(violations(&refused), [("withhold.ground".into(), "REQUIRED".into())]);
    let unsaid = why(pb::WithholdingGround::TradeSecret, "");
    let refused = submit(&site, &fire, "w2", (&at, "1"), unsaid).await.expect_err("no law");
    assert_eq!(violations(&refused), [("withhold.basis".into(), "REQUIRED".into())]);
    let lawful = why(pb::WithholdingGround::TradeSecret, "《政府信息公开条例》第十五条");
    let kept = submit(&site, &fire, "w3", (&at, "1"), lawful).await.expect("withheld");
    assert_eq!(kept.0, ResultState::Withheld);
    hidden(&site, &at).await;
    site.hands.forward(60 * DAY_MINUTES);
    let result = get(&site, &fire, &at).await.expect("own").result.expect("result");
    let ground = result.withheld.as_ref().map(|w| w.ground());
    assert_eq!((ground, result.overdue), (Some(pb::WithholdingGround::TradeSecret), false));
    let later = submit(&site, &fire, "w4", (&at, "2"), None).await.expect("the ground has ceased");
    assert_eq!(later.0, ResultState::Published);
    sound(&site).await;
}

pub async fn correction(
    site: &Site,
    secret: &str,
    request_id: &str,
    at: &str,
    items: &[(&str, ResultCode)],
) -> Result<pb::Correction, Status> {
    let item = |(code, result): &(&str, ResultCode)| pb::ResultItem {
        item_code: (*code).into(),
        name: String::new(),
        result: (*result).into(),
    };
    let erratum = pb::Erratum {
        items: items.iter().map(item).collect(),
        drop_ground: false,
        reason: "录入有误".into(),
    };
    let request = pb::RequestCorrectionRequest {
        request_id: request_id.into(),
        result_id: at.into(),
        erratum: Some(erratum),
    };
    let reply = site.joint.service.with(secret).disclosure().request_correction(request).await?;
    Ok(reply.into_inner().correction.expect("correction"))
}

pub async fn decide_correction(
    site: &Site,
    secret: &str,
    request_id: &str,
    (at, nth): (&str, i64),
    approve: bool,
) -> Result<pb::Correction, Status> {
    let request = pb::DecideCorrectionRequest {
        request_id: request_id.into(),
        result_id: at.into(),
        nth,
        approve,
    };
    let reply = site.joint.service.with(secret).disclosure().decide_correction(request).await?;
    Ok(reply.into_inner().correction.expect("correction"))
}

async fn a_published_result_is_corrected_by_two_and_both_versions_stay(engine: Engine) {
    let site = checked(engine).await;
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    let office = site.joint.service.office.clone();
    let clean = [("A2", ResultCode::NoIssueFound)];
    let early = correction(&site, &fire, "k0", &at, &clean).await.expect_err("not published");
    assert_eq!(reason(&early), "RESULT_STATE");
    submit(&site, &fire, "p1", (&at, "1"), None).await.expect("published");
    let outside = [("B7", ResultCode::NoIssueFound)];
    let refused = correction(&site, &fire, "k1", &at, &outside).await.expect_err("not published");
    let wanted = ("erratum.items[0].code".to_owned(), "NOT_PUBLISHED".to_owned());
    assert_eq!(violations(&refused), [wanted]);
    let asked = correction(&site, &office, "k2", &at, &clean).await.expect("asked");
    let second = correction(&site, &fire, "k3", &at, &clean).await.expect_err("one at a time");
    assert_eq!(reason(&second), "CORRECTION_IS_OPEN");
    let own = decide_correction(&site, &office, "a1", (&at, asked.nth), true).await;
    assert_eq!(reason(&own.expect_err("another decides")), "APPROVER_IS_REQUESTER");
    let by = decide_correction(&site, &fire, "a2", (&at, asked.nth), true).await;
    assert_eq!(reason(&by.expect_err("offices")), "OFFICE_ONLY");
    let approver = site.joint.approver.clone();
    let done = decide_correction(&site, &approver, "a3", (&at, asked.nth), true).await;
    assert_eq!(done.expect("approved").publication, 2);
    let both = versions(&site, &at).await.expect("public");
    let words: Vec<(&str, &str)> = both.iter().map(|v| (&*v.words, &*v.reason)).collect();
    assert_eq!(words, [("未发现问题；发现问题待后续处理", ""), ("未发现问题", "录入有误")]);
    assert_eq!(published(&site, "c1", "").await, both[1..], "the last one stands");
    let (_, page) = json(&site, &format!("/results/{at}")).await;
    assert_eq!(
        (page["standing_version"].as_i64(), &page["versions"][1]["reason"]),
        (Some(2), &"录入有误".into())
    );
    let late = decide_correction(&site, &approver, "a4", (&at, asked.nth), false).await;
    assert_eq!(reason(&late.expect_err("once")), "ALREADY_DECIDED");
    let asked = correction(&site, &fire, "k4", &at, &[("A1", ResultCode::NotDisclosed)]).await;
    let nth = asked.expect("asked").nth;
    decide_correction(&site, &office, "a5", (&at, nth), false).await.expect("declined");
    assert_eq!(versions(&site, &at).await.expect("public").len(), 2);
    let kept = get(&site, &fire, &at).await.expect("own").corrections;
    assert_eq!(kept.len(), 2);
    sound(&site).await;
}

/// The check is ended by two on a ground.
async fn ended(site: &Site) {
    site.all_start().await;
    let leader = site.leader();
    let other = site.team.iter().find(|(.., s)| s != leader).expect("another").2.clone();
    let kept = vec![finding("fire", "A1")];
    site.record(site.of("fire")[0], "r1", NOW, kept).await.expect("recorded before the end");
    let video = evidence("", pb::EvidenceKind::Video);
    site.attach(leader, "e1", video).await.expect("attached");
    let request = pb::TerminateCheckRequest {
        request_id: "t1".into(),
        campaign_id: "c1".into(),
        rank: site.visit.rank,
        ground: ResultCode::SeriousNonCooperation.into(),
        evidence_sha256: vec![SHA.into()],
        note: String::new(),
    };
    let mut checks = site.joint.service.with(leader).checks();
    let asked = checks.terminate_check(request).await.expect("asked").into_inner().check;
    let request = pb::DecideTerminationRequest {
        request_id: "t2".into(),
        campaign_id: "c1".into(),
        rank: site.visit.rank,
        confirm: true,
        termination_sha256: asked.expect("check").termination_sha256,
    };
    site.joint.service.with(&other).checks().decide_termination(request).await.expect("ended");
}

async fn an_ended_check_is_published_with_its_ground(engine: Engine) {
    let site = Site::new(engine).await;
    // A year ahead whose holidays nobody has announced keeps nobody on site.
    site.joint.policy("publication_days", "250").await;
    ended(&site).await;
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    let result = get(&site, &fire, &at).await.expect("own").result.expect("result");
    assert_eq!((&*result.due_on, result.overdue), ("", false), "2027 is not known yet");
    let codes: Vec<ResultCode> = result.items.iter().map(|i| i.result()).collect();
    assert_eq!(codes, [ResultCode::NoIssueFound, ResultCode::SeriousNonCooperation]);
    assert_eq!(result.ground(), ResultCode::SeriousNonCooperation);
    assert!(result.wants_follow_up, "R107");
    submit(&site, &fire, "p1", (&at, "1"), None).await.expect("published");
    let standing = versions(&site, &at).await.expect("public").remove(0);
    assert_eq!((&*standing.words, standing.ground()), ("不配合检查情节严重", result.ground()));
    let (_, page) = json(&site, &format!("/results/{at}")).await;
    assert_eq!(page["versions"][0]["ground"], "SERIOUS_NON_COOPERATION");
    sound(&site).await;
}

async fn a_draw_has_one_bulletin(engine: Engine) {
    let site = checked(engine).await;
    let publish = async |secret: &str, id: &str| {
        let request = pb::PublishBulletinRequest {
            request_id: id.into(),
            campaign_id: "c1".into(),
            summary: "本次联合抽查总体情况".into(),
        };
        let reply = site.joint.service.with(secret).disclosure().publish_bulletin(request).await?;
        Ok::<_, Status>(reply.into_inner().bulletin.expect("bulletin"))
    };
    let market = site.joint.keys["market"].clone();
    let early = publish(&market, "b1").await.expect_err("visits are open");
    assert_eq!(reason(&early), "VISITS_ARE_OPEN");
    let other = publish(&site.joint.keys["fire"], "b2").await.expect_err("not the lead");
    assert_eq!(reason(&other), "OFFICE_OR_LEAD_ONLY");
    site.hands.forward(40 * DAY_MINUTES);
    let close = pb::CloseCampaignRequest { request_id: "c".into(), campaign_id: "c1".into() };
    site.joint.service.office().campaigns().close_campaign(close).await.expect("closed");
    let open = publish(&market, "b3").await.expect_err("results are open");
    assert_eq!(reason(&open), "RESULTS_ARE_OPEN");
    for department in ["fire", "market"] {
        let (key, at) = (&site.joint.keys[department], id(&site, department));
        submit(&site, key, "p", (&at, "1"), None).await.expect("published");
    }
    assert_eq!(json(&site, "/results/campaigns/c1/bulletin").await.0, 404);
    let bulletin = publish(&market, "b4").await.expect("published");
    assert_eq!((bulletin.examined, bulletin.terminated, bulletin.wanting_follow_up), (1, 0, 1));
    let fire = &bulletin.departments[0];
    assert_eq!((&*fire.department, fire.results, fire.published), ("fire", 1, 1));
    assert_eq!(fire.items["发现问题待后续处理"], 1);
    let twice = publish(&site.joint.service.office, "b5").await.expect_err("one per draw");
    assert_eq!(twice.code(), Code::AlreadyExists);
    let (status, page) = json(&site, "/results/campaigns/c1/bulletin").await;
    assert_eq!((status, page["figures"]["examined"].as_i64()), (200, Some(1)));
    let mut anybody = DisclosureServiceClient::new(site.joint.service.channel.clone());
    let request = pb::GetBulletinRequest { campaign_id: "c1".into() };
    let read = anybody.get_bulletin(request).await.expect("read").into_inner().bulletin;
    assert_eq!(read, Some(bulletin));
    sound(&site).await;
}

async fn the_database_keeps_what_is_published(engine: Engine) {
    let site = checked(engine).await;
    let (fire, at) = (site.joint.keys["fire"].clone(), id(&site, "fire"));
    submit(&site, &fire, "p1", (&at, "1"), None).await.expect("published");
    let asked = correction(&site, &fire, "k1", &at, &[("A2", ResultCode::NoIssueFound)]).await;
    let nth = asked.expect("asked").nth;
    let office = site.joint.service.office.clone();
    decide_correction(&site, &office, "a1", (&at, nth), true).await.expect("approved");
    let refused = async |sql: &'static str| match &site.joint.service.app.db {
        Db::Sqlite(pool) => sqlx::query(sql).execute(pool).await.is_err(),
        Db::Postgres(pool) => sqlx::query(sql).execute(pool).await.is_err(),
    };
    for sql in [
        "UPDATE publications SET doc = '{}'",
        "DELETE FROM publications",
        "UPDATE results SET state = 'PENDING', version = version + 1 WHERE state = 'PUBLISHED'",
        "UPDATE results SET version = version + 1, sealed = (SELECT o.sealed FROM results o \
         WHERE o.department = 'market') WHERE department = 'fire'",
        "UPDATE results SET state = 'GONE', version = version + 1",
        "DELETE FROM results",
        "UPDATE corrections SET state = 'DECLINED'",
        "DELETE FROM corrections",
    ] {
        assert!(refused(sql).await, "{sql}");
    }
    let listed =
        "UPDATE results SET state = 'IN_REVIEW', version = version + 1 WHERE state = 'PENDING'";
    assert!(!refused(listed).await);
}

async fn two_keys_at_once_publish_once(engine: Engine) {
    let site = checked(engine).await;
    let (market, at) = (site.joint.keys["market"].clone(), id(&site, "market"));
    let other = site.joint.service.key(Role::Department, "market", "").await;
    let both = tokio::join!(
        submit(&site, &market, "m1", (&at, "1"), None),
        submit(&site, &other, "m2", (&at, "1"), None)
    );
    assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
    assert_eq!(versions(&site, &at).await.expect("public").len(), 1);
    sound(&site).await;
}

async fn the_lead_publishes_and_major_decisions_are_reviewed_by_policy(engine: Engine) {
    let site = Site::new(engine).await;
    site.joint.policy("publisher", "LEAD").await;
    site.joint.policy("publication_review", "MAJOR_DECISIONS").await;
    carry_out(&site).await;
    let (fire, market) = (&site.joint.keys["fire"], &site.joint.keys["market"]);
    let at = id(&site, "fire");
    let ids: Vec<String> =
        list(&site, market, false).await.into_iter().map(|r| r.result_id).collect();
    assert_eq!(ids, [at.clone(), id(&site, "market")], "the lead sees what it has to publish");
    assert_eq!(list(&site, fire, false).await.len(), 1);
    let own = submit(&site, fire, "p0", (&at, "1"), None).await.expect_err("the lead publishes");
    assert_eq!(reason(&own), "PUBLISHER_ONLY");
    let asked = submit(&site, market, "p1", (&at, "1"), None).await.expect("asked");
    assert_eq!(asked.0, ResultState::InReview, "an issue is a major decision");
    let other = site.joint.service.key(Role::Department, "market", "").await;
    let done = decide(&site, &other, "d1", (&at, "2"), true).await.expect("agreed");
    assert_eq!(done.0, ResultState::Published);
    let clean = id(&site, "market");
    let done = submit(&site, market, "p2", (&clean, "1"), None).await.expect("published");
    assert_eq!(done.0, ResultState::Published, "a clean one is not reviewed");
    sound(&site).await;
}

//! Who may do what at a check, who sees what of it, and what stays sealed.

use onevisit::app::fsck::{self, Kind};
use onevisit::app::log::{self, Round};
use onevisit::domain::caller::Role;
use onevisit::domain::check::undertaking_sha256;
use onevisit::rpc::pb::{
    self, CheckState, EvidenceKind, FindingBasis, Method, ResultCode,
    check_operation_outcome::Became,
};
use onevisit::store::{Db, SealedCheck};
use tonic::{Code, Status};

use super::check::{NOW, SHA, Site, evidence, finding, key};
use super::{reason, violations};
use crate::harness::client::DISTRICT;
use crate::harness::dump::{self, Haystack};
use crate::harness::{Engine, on_every_engine};

on_every_engine! {
    a_check_starts_with_its_code_on_its_day_by_its_team,
    the_form_has_a_section_per_department,
    what_is_outside_the_visit_or_unsaid_is_refused,
    each_sees_what_is_its_own,
    threat_t09_what_was_recorded_is_sealed_and_logged_by_digest,
    a_check_ends_on_a_ground_by_two_and_is_reported_apart,
    what_was_done_offline_is_done_once_and_overwrites_nothing,
    two_who_record_at_once_lose_nothing,
    a_visit_under_check_does_not_change,
    the_database_refuses_what_the_rules_refuse,
}

async fn a_check_starts_with_its_code_on_its_day_by_its_team(engine: Engine) {
    let site = Site::new(engine).await;
    let leader = site.leader().to_owned();
    let said = undertaking_sha256().to_string();
    let unsaid = site.start_with(&leader, "s1", &site.code, "").await.expect_err("R104");
    let wanted = ("undertaking_sha256".to_owned(), "UNDERTAKING_IN_FORCE".to_owned());
    assert_eq!(violations(&unsaid), [wanted]);
    let forged = site.code.replace("2026-07-15", "2026-08-15");
    let refused = site.start_with(&leader, "s2", &forged, &said).await.expect_err("forged");
    let rule = |rule: &str| [("visit_code".to_owned(), rule.to_owned())];
    assert_eq!(violations(&refused), rule("VISIT_CODE_SIGNATURE"));
    let auditor = site.joint.service.key(Role::Auditor, "", "审计科").await;
    let request = pb::OpenVisitRequest {
        request_id: "other".into(),
        campaign_id: "c1".into(),
        rank: if site.visit.rank == 1 { 2 } else { 1 },
        case_number: "审".into(),
    };
    let other = site.joint.service.with(&auditor).visits().open_visit(request).await;
    let other = other.expect("opened").into_inner().visit_code;
    let refused = site.start_with(&leader, "s3", &other, &said).await.expect_err("another's");
    assert_eq!(violations(&refused), rule("VISIT_CODE_OF_ANOTHER_VISIT"));
    for secret in [&site.joint.service.office, &site.joint.keys["fire"], &auditor] {
        let refused = site.start(secret, "s4").await.expect_err("not of the team");
        assert_eq!(reason(&refused), "TEAM_ONLY");
    }
    let members: Vec<&str> = site.team.iter().map(|(.., secret)| secret.as_str()).collect();
    let mut strangers = Vec::new();
    for n in 1..=4 {
        let secret = key(&site.joint, "fire", &format!("p{n}")).await;
        let refused = site.start(&secret, "s5").await;
        match refused {
            Ok(_) => assert!(members.contains(&secret.as_str())),
            Err(status) => strangers.push(reason(&status)),
        }
    }
    assert_eq!(strangers, ["NOT_OF_THE_TEAM"; 2]);
    site.hands.forward(31 * 24 * 60);
    let late = site.start(&leader, "s6").await.expect_err("after the last day");
    assert_eq!(reason(&late), "OUTSIDE_THE_WINDOW");
}

async fn the_form_has_a_section_per_department(engine: Engine) {
    let site = Site::new(engine).await;
    let form = async |secret: &str| {
        let request = pb::GetCheckFormRequest { campaign_id: "c1".into(), rank: site.visit.rank };
        let reply = site.joint.service.with(secret).checks().get_check_form(request).await;
        reply.map(tonic::Response::into_inner)
    };
    let whole = form(site.leader()).await.expect("form");
    assert_eq!(whole, form(&site.joint.service.office).await.expect("form"));
    assert!(whole.undertaking.contains("12345") && whole.undertaking_sha256.len() == 64);
    let departments: Vec<&str> = whole.sections.iter().map(|s| s.department.as_str()).collect();
    assert_eq!(departments, ["fire", "market"]);
    for section in &whole.sections {
        let codes: Vec<&str> = section.items.iter().map(|i| i.code.as_str()).collect();
        assert_eq!((codes, section.item_list_version), (vec!["A1", "A2"], 1));
        let item = &section.items[0];
        assert!(item.content == "全部内容" && item.methods == [i32::from(Method::OnSite)]);
    }
    assert!(whole.sections.iter().all(|s| s.complaint_channel.is_empty()), "nobody has told one");
    let department = Some(pb::Department {
        department_id: "fire".into(),
        name: "fire局".into(),
        jurisdiction: DISTRICT.into(),
        complaint_channel: "0316-12350".into(),
        etag: "1".into(),
        ..Default::default()
    });
    let request = pb::PutDepartmentRequest { request_id: "channel".into(), department };
    site.joint.service.office().registry().put_department(request).await.expect("department");
    let whole = form(site.leader()).await.expect("form");
    let channels: Vec<&str> = whole.sections.iter().map(|s| &*s.complaint_channel).collect();
    assert_eq!(channels, ["0316-12350", ""]);
    let own = form(&site.joint.keys["fire"]).await.expect("own section");
    assert_eq!(own.sections, whole.sections[..1]);
    let stranger = site.joint.service.key(Role::Supervisor, "", "监察室").await;
    assert_eq!(reason(&form(&stranger).await.expect_err("no part")), "TEAM_ONLY");
}

async fn what_is_outside_the_visit_or_unsaid_is_refused(engine: Engine) {
    let site = Site::new(engine).await;
    site.all_start().await;
    let fire = site.of("fire")[0];
    let unsaid = pb::Finding { result: 0, method: 0, basis: 0, ..finding("fire", "A1") };
    let refused = site.record(fire, "r1", NOW, vec![unsaid]).await.expect_err("no default");
    let required = |field: &str| (format!("findings[0].{field}"), "REQUIRED".to_owned());
    assert_eq!(violations(&refused), ["result", "method", "basis"].map(required));
    let ahead = site.record(fire, "r9", 99, vec![finding("fire", "A1")]).await;
    let wanted = ("version".to_owned(), "VERSION_OF_THE_CHECK".to_owned());
    assert_eq!(violations(&ahead.expect_err("nobody has read it")), [wanted]);
    let outside = vec![finding("fire", "A1"), finding("fire", "B7")];
    let refused = site.record(fire, "r2", NOW, outside).await.expect_err("R18");
    let wanted = ("findings[1].item_code".to_owned(), "OUTSIDE_THE_VISIT".to_owned());
    assert_eq!(violations(&refused), [wanted]);
    let reused = pb::Finding {
        basis: FindingBasis::ThirdPartyReport.into(),
        basis_issuer: "某检测公司".into(),
        basis_sha256: SHA.into(),
        ..finding("fire", "A1")
    };
    let refused = site.record(fire, "r3", NOW, vec![reused.clone()]).await.expect_err("R102");
    let wanted = ("findings[0].basis_sha256".to_owned(), "NOT_ATTACHED".to_owned());
    assert_eq!(violations(&refused), [wanted]);
    let report = evidence("fire", EvidenceKind::ThirdPartyReport);
    site.attach(fire, "e1", report).await.expect("attached");
    let kept = site.record(fire, "r4", NOW, vec![reused]).await.expect("with its report");
    assert_eq!(kept.sections[0].recorded_items, 1, "nothing of what was refused is kept");
    let early = site.sign(fire, "g1", "fire", &kept.sections[0].sha256).await;
    assert_eq!(reason(&early.expect_err("A2 is missing")), "ITEMS_WITHOUT_RESULT");
}

async fn each_sees_what_is_its_own(engine: Engine) {
    let site = Site::new(engine).await;
    site.all_start().await;
    site.attach(site.of("market")[0], "e1", evidence("market", EvidenceKind::Photo))
        .await
        .expect("attached");
    site.record_all().await;
    let team = site.read(site.of("market")[0]).await.expect("own visit");
    assert!(team.sections.len() == 2 && team.evidence[0].evidence.is_some());
    let note = |check: &pb::Check| {
        let first = check.sections[0].findings[0].finding.clone();
        first.expect("finding").note
    };
    assert_eq!(note(&team), "查看了现场");
    let office = site.read(&site.joint.service.office).await.expect("all");
    assert_eq!((office.sections.len(), note(&office)), (2, String::new()));
    let kept = office.evidence[0].evidence.clone().expect("evidence");
    assert!(kept.uri.is_empty() && kept.sha256 == SHA);
    let fire = site.read(&site.joint.keys["fire"]).await.expect("own section");
    let names: Vec<&str> = fire.sections.iter().map(|s| s.department.as_str()).collect();
    assert_eq!((names, fire.evidence.len()), (vec!["fire"], 0));
    assert_eq!(fire.summary.expect("summary").sections.len(), 1);
    let mut stranger = None;
    for n in 1..=4 {
        let secret = key(&site.joint, "fire", &format!("p{n}")).await;
        if site.read(&secret).await.is_err() {
            stranger = Some(secret);
        }
    }
    let list = async |secret: &str, state: CheckState, page_size: i32, token: &str| {
        let request = pb::ListChecksRequest {
            campaign_id: "c1".into(),
            department: String::new(),
            state: state.into(),
            page_size,
            page_token: token.into(),
        };
        let reply = site.joint.service.with(secret).checks().list_checks(request).await;
        reply.expect("list").into_inner()
    };
    let any = CheckState::Unspecified;
    assert_eq!(list(&stranger.expect("one"), any, 0, "").await.checks, []);
    let own = list(site.of("fire")[0], any, 0, "").await.checks;
    assert_eq!(own.iter().map(|c| c.rank).collect::<Vec<_>>(), [site.visit.rank]);
    let all = list(&site.joint.service.office, any, 0, "").await.checks;
    let counts = site.counts().await;
    assert_eq!((all.len() as i64, counts.under_way), (counts.visits, 1));
    let mut paged = Vec::new();
    let mut token = String::new();
    loop {
        let page = list(&site.joint.service.office, CheckState::Scheduled, 2, &token).await;
        paged.extend(page.checks);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(paged.len(), all.len() - 1);
    site.hands.forward(40 * 24 * 60);
    let close = pb::CloseCampaignRequest { request_id: "c".into(), campaign_id: "c1".into() };
    site.joint.service.office().campaigns().close_campaign(close).await.expect("closed");
    let office = site.read(&site.joint.service.office).await.expect("closed");
    assert_eq!(note(&office), "查看了现场", "a closed campaign is open");
    let late = site.record(site.of("fire")[0], "r9", NOW, vec![finding("fire", "A1")]).await;
    assert_eq!(reason(&late.expect_err("counted already")), "CAMPAIGN_STATE");
}

async fn threat_t09_what_was_recorded_is_sealed_and_logged_by_digest(engine: Engine) {
    let site = Site::new(engine).await;
    site.all_start().await;
    let fire = site.of("fire")[0];
    let sung = "金丝雀";
    let mut noted = finding("fire", "A1");
    noted.result = ResultCode::FalseDisclosure.into();
    noted.note = format!("{sung}商店的账");
    let mut kept = evidence("fire", EvidenceKind::Photo);
    kept.uri = format!("evidence://{sung}");
    site.attach(fire, "e1", kept).await.expect("attached");
    let operation = pb::CheckOperation {
        request_id: "op1".into(),
        version: 1,
        operation: Some(pb::check_operation::Operation::Finding(noted)),
    };
    sync(&site, fire, "y1", vec![operation]).await.expect("synced");
    while log::round_now(&site.joint.service.app).await.expect("round") != Round::Idle {}
    let all = dump::tables(&site.joint.service.app.db, |t| !dump::REGISTRIES.contains(&t)).await;
    assert!(all.contains("check.sync"), "the dump has the deeds");
    for word in [sung, "FALSE_DISCLOSURE"] {
        assert_eq!(Haystack::new(all.as_bytes()).find(word), None, "{word} is at rest");
    }
    let app = &site.joint.service.app;
    assert_eq!(fsck::check(app).await.expect("check").findings, []);
    let mut tx = app.db.begin().await.expect("begin");
    let row = tx.all_checks("c1").await.expect("rows").remove(0);
    let worse = SealedCheck { version: row.version + 1, digest: "0".into(), ..row.clone() };
    assert!(tx.update_check(&worse, row.version).await.expect("a raw change"));
    let report = fsck::check_in(app, &mut tx).await.expect("check");
    assert!(report.findings.iter().all(|f| f.kind == Kind::Check) && report.findings.len() == 1);
}

pub async fn terminate(
    site: &Site,
    secret: &str,
    id: &str,
    ground: ResultCode,
) -> Result<String, Status> {
    let request = pb::TerminateCheckRequest {
        request_id: id.into(),
        campaign_id: site.visit.campaign_id.clone(),
        rank: site.visit.rank,
        ground: ground.into(),
        evidence_sha256: vec![SHA.into()],
        note: "登记住所查无此企业".into(),
    };
    let reply = site.joint.service.with(secret).checks().terminate_check(request).await?;
    Ok(reply.into_inner().check.expect("check").termination_sha256)
}

pub async fn confirm(
    site: &Site,
    secret: &str,
    id: &str,
    sha256: &str,
) -> Result<CheckState, Status> {
    let request = pb::DecideTerminationRequest {
        request_id: id.into(),
        campaign_id: site.visit.campaign_id.clone(),
        rank: site.visit.rank,
        confirm: true,
        termination_sha256: sha256.into(),
    };
    let reply = site.joint.service.with(secret).checks().decide_termination(request).await?;
    Ok(reply.into_inner().check.expect("check").state())
}

async fn a_check_ends_on_a_ground_by_two_and_is_reported_apart(engine: Engine) {
    let site = Site::new(engine).await;
    site.all_start().await;
    let leader = site.leader();
    let other = site.team.iter().find(|(.., s)| s != leader).expect("another").2.clone();
    let bare = terminate(&site, leader, "t0", ResultCode::SeriousNonCooperation).await;
    let wanted = ("evidence_sha256[0]".to_owned(), "NOT_ATTACHED".to_owned());
    assert_eq!(violations(&bare.expect_err("no evidence")), [wanted]);
    site.attach(&other, "e1", evidence("", EvidenceKind::Video)).await.expect("attached");
    let none = terminate(&site, leader, "t1", ResultCode::NoIssueFound).await;
    let wanted = ("ground".to_owned(), "TERMINATION_GROUND".to_owned());
    assert_eq!(violations(&none.expect_err("no ground")), [wanted]);
    let by_other = terminate(&site, &other, "t2", ResultCode::SeriousNonCooperation).await;
    assert_eq!(reason(&by_other.expect_err("not the leader")), "LEADER_ONLY");
    let sha256 =
        terminate(&site, leader, "t3", ResultCode::SeriousNonCooperation).await.expect("asked");
    let alone = confirm(&site, leader, "t4", &sha256).await.expect_err("two");
    assert_eq!(reason(&alone), "LEADER_HAS_SIGNED");
    assert_eq!(site.counts().await.completed, 0);
    let ended = confirm(&site, &other, "t5", &sha256).await.expect("ended");
    assert_eq!(ended, CheckState::Terminated);
    let counts = site.counts().await;
    assert_eq!((counts.completed, counts.examined, counts.terminated), (1, 0, 1));
    let share = 10_000 / counts.visits;
    let rates = (counts.completion_basis_points, counts.examination_basis_points);
    assert_eq!(rates, (share, 0), "completed and examined are two figures");
    site.joint.policy("completion", "EXAMINED_ONLY").await;
    let counts = site.counts().await;
    assert_eq!((counts.completed, counts.terminated), (0, 1), "tension 6");
    let list = async |secret: &str| {
        let request =
            pb::ListTerminationsRequest { campaign_id: "c1".into(), ..Default::default() };
        let reply = site.joint.service.with(secret).checks().list_terminations(request).await?;
        Ok::<_, Status>(reply.into_inner().checks)
    };
    let ended = list(&site.joint.service.office).await.expect("the office's list").remove(0);
    assert_eq!((ended.rank, &ended.ticket), (site.visit.rank, &site.visit.ticket));
    assert!(ended.subject_name.is_empty(), "sealed until the campaign is closed");
    let why = ended.termination.expect("why");
    assert!(why.ground() == ResultCode::SeriousNonCooperation && why.wants_follow_up, "R107");
    assert!(why.note.is_empty() && why.evidence_sha256 == [SHA] && why.leader != why.second);
    let refused = list(&site.joint.keys["fire"]).await.expect_err("offices");
    assert_eq!(reason(&refused), "OFFICE_ONLY");
}

async fn sync(
    site: &Site,
    secret: &str,
    id: &str,
    operations: Vec<pb::CheckOperation>,
) -> Result<pb::SyncCheckResponse, Status> {
    let request = pb::SyncCheckRequest {
        request_id: id.into(),
        campaign_id: "c1".into(),
        rank: site.visit.rank,
        operations,
    };
    let reply = site.joint.service.with(secret).checks().sync_check(request).await?;
    Ok(reply.into_inner())
}

fn found(id: &str, version: i64, item: &str, result: ResultCode) -> pb::CheckOperation {
    let finding = pb::Finding { result: result.into(), ..finding("fire", item) };
    let operation = Some(pb::check_operation::Operation::Finding(finding));
    pb::CheckOperation { request_id: id.into(), version, operation }
}

async fn what_was_done_offline_is_done_once_and_overwrites_nothing(engine: Engine) {
    use ResultCode::{IssuePendingFollowUp, NoIssueFound, NotDisclosed};
    let site = Site::new(engine).await;
    site.all_start().await;
    let [a, b] = [site.of("fire")[0], site.of("fire")[1]];
    let base = site.read(a).await.expect("read").summary.expect("summary").version;
    let online = pb::Finding { result: NotDisclosed.into(), ..finding("fire", "A1") };
    site.record(b, "r1", base, vec![online]).await.expect("recorded while a was offline");
    let did = vec![
        found("op1", base, "A1", NoIssueFound),
        found("op2", base, "A2", IssuePendingFollowUp),
        found("op3", base, "A2", NoIssueFound),
        found("op4", base, "B9", NoIssueFound),
    ];
    let first = sync(&site, a, "y1", did.clone()).await.expect("synced");
    let became: Vec<Became> = first.outcomes.iter().map(|o| o.became()).collect();
    use Became::{Applied, Conflict, Refused};
    assert_eq!(became, [Conflict, Applied, Applied, Refused], "one's own is no conflict");
    let conflict = first.outcomes[0].conflict.clone().expect("both results");
    let result = |f: Option<pb::RecordedFinding>| f.and_then(|f| f.finding).expect("f").result();
    assert_eq!(result(conflict.kept), NotDisclosed);
    assert_eq!(result(conflict.offered), NoIssueFound);
    assert!(first.outcomes[3].reason.contains("OUTSIDE_THE_VISIT"));
    assert_eq!(sync(&site, a, "y1", did.clone()).await.expect("the stored reply"), first);
    let mut more = did.clone();
    more.push(found("op5", base, "A2", NotDisclosed));
    let version = first.check.clone().expect("check").version;
    let again = sync(&site, a, "y2", more).await.expect("sent again with one more");
    assert_eq!(again.outcomes[..4], first.outcomes, "each is done once");
    assert_eq!(again.outcomes[4].became(), Applied, "based on what it had made itself");
    assert_eq!(again.check.expect("check").version, version + 1);
    let mut other = did;
    other[0] = found("op1", base, "A1", NotDisclosed);
    let reused = sync(&site, a, "y3", other).await.expect_err("an id for something else");
    assert_eq!(reused.code(), Code::AlreadyExists);
    let check = site.read(b).await.expect("read");
    let summary = check.summary.expect("summary");
    assert_eq!((check.conflicts.len(), summary.open_conflicts), (1, 1), "everybody sees it");
    let sha256 = &summary.sections[0].sha256;
    let blocked = site.sign(b, "g1", "fire", sha256).await.expect_err("nobody signs over it");
    assert_eq!(reason(&blocked), "OPEN_CONFLICT");
    let stale = site.record(a, "r2", base, vec![finding("fire", "A1")]).await;
    assert_eq!(stale.expect_err("unseen").code(), Code::Aborted);
    let seen = site.record(a, "r3", summary.version, vec![finding("fire", "A1")]).await;
    assert_eq!(seen.expect("after reading both").open_conflicts, 0);
}

async fn two_who_record_at_once_lose_nothing(engine: Engine) {
    let site = Site::new(engine).await;
    site.all_start().await;
    let [a, b] = [site.of("fire")[0], site.of("market")[0]];
    for n in 0..4 {
        let (left, right) = (format!("a{n}"), format!("b{n}"));
        let note = |d: &str| {
            let note = format!("第{n}次");
            vec![pb::Finding { note, ..finding(d, "A1") }]
        };
        let both = tokio::join!(
            site.record(a, &left, NOW, note("fire")),
            site.record(b, &right, NOW, note("market"))
        );
        assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    }
    let check = site.read(a).await.expect("read");
    for section in check.sections {
        assert_eq!(section.findings[0].finding.as_ref().expect("f").note, "第3次");
    }
}

async fn a_visit_under_check_does_not_change(engine: Engine) {
    let site = Site::new(engine).await;
    site.start(site.leader(), "s1").await.expect("started");
    let request = pb::RequestSubstitutionRequest {
        request_id: "c1".into(),
        campaign_id: "c1".into(),
        rank: site.visit.rank,
        reason: pb::ChangeReason::NotFound.into(),
        evidence_sha256: SHA.into(),
    };
    let mut office = site.joint.service.office().visits();
    office.request_substitution(request).await.expect("asked");
    let request = pb::DecideChangeRequest {
        request_id: "d1".into(),
        campaign_id: "c1".into(),
        nth: 1,
        approve: true,
    };
    let approver = &site.joint.approver;
    let decided = site.joint.service.with(approver).visits().decide_change(request).await;
    assert_eq!(reason(&decided.expect_err("under check")), "CHECK_STARTED");
    site.start(site.of("fire")[0], "s2").await.expect("the visit is as it was");
}

async fn the_database_refuses_what_the_rules_refuse(engine: Engine) {
    let site = Site::new(engine).await;
    site.all_start().await;
    let digests = site.record_all().await;
    let app = &site.joint.service.app;
    let row = app.db.read().await.expect("read").all_checks("c1").await.expect("rows").remove(0);
    let moved = async |state: &str, version: i64| {
        let to = SealedCheck { state: state.into(), version, ..row.clone() };
        let mut tx = app.db.begin().await.expect("begin");
        tx.update_check(&to, row.version).await.is_ok()
    };
    assert!(moved("SIGNED", row.version + 1).await);
    assert!(!moved("SIGNED", row.version).await, "a version only grows");
    for state in ["COMPLETED", "TERMINATED", "SCHEDULED", "DONE"] {
        assert!(!moved(state, row.version + 1).await, "{state} does not follow STARTED");
    }
    site.all_sign(&digests).await;
    site.complete(site.leader(), "done").await.expect("complete");
    for sql in ["UPDATE checks SET version = version + 1", "DELETE FROM checks"] {
        let refused = match &app.db {
            Db::Sqlite(pool) => sqlx::query(sql).execute(pool).await.is_err(),
            Db::Postgres(pool) => sqlx::query(sql).execute(pool).await.is_err(),
        };
        assert!(refused, "{sql}");
    }
}

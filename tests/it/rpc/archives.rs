//! Archives: made once everything has ended, checked by two programs, without names for everybody, and
//! without what was erased for all.

use onevisit::app::fsck::{self, Kind};
use onevisit::app::log::{self, Round};
use onevisit::certificate::Trust;
use onevisit::certificate::archive::Header;
use onevisit::certificate::archived::{Archived, Bad, verify};
use onevisit::domain::caller::Role;
use onevisit::domain::hash::Suite;
use onevisit::rpc::pb::archive_service_client::ArchiveServiceClient;
use onevisit::rpc::pb::{self, FollowUpAction};
use serde_json::Value;
use tonic::{Code, Status};

use super::check::Site;
use super::disclosure::{checked, id, sound, submit};
use super::follow_ups::{advance, step};
use super::fsck::{run as raw, unguard};
use super::{objections, reason};
use crate::harness::dump::Haystack;
use crate::harness::process::{run, said, succeed};
use crate::harness::{Engine, on_every_engine, python};

on_every_engine! {
    an_archive_is_made_once_everything_has_ended,
    an_archive_verifies_offline_by_two_programs,
    a_changed_archive_is_found_at_its_step,
    one_visit_has_an_archive_of_its_own,
    what_is_erased_leaves_its_archives_too,
    a_raw_change_of_an_archive_is_found,
    the_command_makes_an_archive_and_another_checks_it,
}

const DAY_MINUTES: i64 = 24 * 60;

pub async fn settle(site: &Site) {
    while log::round_now(&site.joint.service.app).await.expect("round") != Round::Idle {}
}

pub async fn close(site: &Site, campaign: &str) -> Result<(), Status> {
    let request = pb::CloseCampaignRequest {
        request_id: format!("close-{campaign}"),
        campaign_id: campaign.into(),
    };
    site.joint.service.office().campaigns().close_campaign(request).await.map(|_| ())
}

/// Both results published, the pending issue followed up, the campaign closed.
async fn ended(engine: Engine) -> Site {
    let site = checked(engine).await;
    for department in ["fire", "market"] {
        let (key, at) = (&site.joint.keys[department], id(&site, department));
        submit(&site, key, "p", (&at, "1"), None).await.expect("published");
    }
    follow(&site).await;
    site.hands.forward(31 * DAY_MINUTES);
    close(&site, "c1").await.expect("closed");
    settle(&site).await;
    site
}

async fn follow(site: &Site) {
    let (fire, at) = (site.joint.keys["fire"].clone(), id(site, "fire"));
    advance(site, &fire, (&at, "1"), step(FollowUpAction::Keep)).await.expect("kept");
    advance(site, &fire, (&at, "2"), step(FollowUpAction::Report)).await.expect("reported");
}

pub async fn archive(
    site: &Site,
    secret: &str,
    request_id: &str,
    campaign: &str,
) -> Result<pb::Archive, Status> {
    let request =
        pb::ArchiveCampaignRequest { request_id: request_id.into(), campaign_id: campaign.into() };
    let reply = site.joint.service.with(secret).archives().archive_campaign(request).await?;
    Ok(reply.into_inner().archive.expect("archive"))
}

async fn archive_visit(site: &Site, request_id: &str, rank: i64) -> Result<pb::Archive, Status> {
    let request =
        pb::ArchiveVisitRequest { request_id: request_id.into(), campaign_id: "c1".into(), rank };
    let reply = site.joint.service.office().archives().archive_visit(request).await?;
    Ok(reply.into_inner().archive.expect("archive"))
}

/// What everybody may have, without a key.
pub async fn public(site: &Site, campaign: &str, rank: i64) -> Vec<u8> {
    let mut anybody = ArchiveServiceClient::new(site.joint.service.channel.clone());
    let request = pb::DownloadArchiveRequest { campaign_id: campaign.into(), rank, nth: 0 };
    let mut stream = anybody.download_archive(request).await.expect("public").into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = stream.message().await.expect("piece") {
        bytes.extend(piece.chunk);
    }
    bytes
}

pub async fn whole(
    site: &Site,
    secret: &str,
    campaign: &str,
    rank: i64,
) -> Result<Vec<u8>, Status> {
    let request = pb::DownloadWholeArchiveRequest { campaign_id: campaign.into(), rank, nth: 0 };
    let caller = site.joint.service.with(secret);
    let mut stream = caller.archives().download_whole_archive(request).await?.into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = stream.message().await? {
        bytes.extend(piece.chunk);
    }
    Ok(bytes)
}

pub fn trust(site: &Site) -> Trust {
    Trust { key: Some(site.joint.service.app.log.signer().public().to_string()), policy: None }
}

fn sha(bytes: &[u8]) -> String {
    Suite::Sha256.hash(bytes).to_string()
}

async fn an_archive_is_made_once_everything_has_ended(engine: Engine) {
    let site = checked(engine).await;
    let office = site.joint.service.office.clone();
    let (fire, market) = (site.joint.keys["fire"].clone(), site.joint.keys["market"].clone());
    let open = archive(&site, &office, "a0", "c1").await.expect_err("not closed");
    assert_eq!(reason(&open), "NOT_EVERYTHING_HAS_ENDED");
    assert!(open.message().contains("campaign c1 is DRAWN"), "{}", open.message());
    let other = archive(&site, &fire, "a0", "c1").await.expect_err("an office's");
    assert_eq!(reason(&other), "OFFICE_ONLY");
    submit(&site, &fire, "p", (&id(&site, "fire"), "1"), None).await.expect("published");
    let filed = objections::filed(&site, &id(&site, "fire"), "f1").await;
    site.hands.forward(31 * DAY_MINUTES);
    close(&site, "c1").await.expect("closed");
    let open = archive(&site, &office, "a1", "c1").await.expect_err("much is open");
    let pending = format!("result {} is PENDING", id(&site, "market"));
    let follows = format!("what follows from result {} is OPEN", id(&site, "fire"));
    for named in [pending, follows, format!("objection {filed} is FILED")] {
        assert!(open.message().contains(&named), "{named}: {}", open.message());
    }
    submit(&site, &market, "p", (&id(&site, "market"), "1"), None).await.expect("published");
    follow(&site).await;
    let second = site.joint.service.key(Role::Department, "fire", "").await;
    objections::receive(&site, &fire, "r1", (&filed, "1")).await.expect("received");
    objections::decide(&site, &second, "d1", (&filed, "2"), false).await.expect("rejected");
    objections::answer(&site, &fire, "n1", (&filed, "3")).await.expect("answered");
    settle(&site).await;
    let made = archive(&site, &office, "a2", "c1").await.expect("made");
    assert_eq!((made.nth, made.rank, made.months), (1, 0, 360));
    assert_eq!(made.keep_until, "2056-07-15");
    assert_eq!(archive(&site, &office, "a2", "c1").await.expect("the same"), made);
    settle(&site).await;
    let again = archive(&site, &office, "a3", "c1").await.expect_err("nothing new");
    assert_eq!(reason(&again), "NOTHING_NEW_TO_ARCHIVE");
    let late = objections::filed(&site, &id(&site, "market"), "f2").await;
    let open = archive(&site, &office, "a4", "c1").await.expect_err("a late objection");
    assert!(open.message().contains(&format!("objection {late} is FILED")));
    sound(&site).await;
}

async fn an_archive_verifies_offline_by_two_programs(engine: Engine) {
    let site = ended(engine).await;
    let office = site.joint.service.office.clone();
    let made = archive(&site, &office, "a1", "c1").await.expect("made");
    let bytes = whole(&site, &office, "c1", 0).await.expect("an office's");
    assert_eq!((sha(&bytes), bytes.len()), (made.sha256.clone(), made.length as usize));
    assert_eq!(bytes, whole(&site, &office, "c1", 0).await.expect("the same"), "byte by byte");
    let known = trust(&site);
    let found = verify(&bytes, &known).expect("every step");
    assert_eq!(found.header_sha256, made.header_sha256);
    let visits = site.joint.visits(&office, "c1").await.expect("visits").len() as u64;
    assert_eq!((found.visits, found.records, found.left_out), (visits, visits, 0));
    let open = public(&site, "c1", 0).await;
    assert_eq!(sha(&open), made.public_sha256);
    let bare: Archived = verify(&open, &known).expect("every step without names");
    assert_eq!((bare.records, bare.left_out), (0, visits));
    assert_eq!(bare.header_sha256, found.header_sha256);
    let mut secrets = vec![site.visit.subject_id.clone(), site.visit.address.clone()];
    secrets.extend(site.team.iter().map(|(_, d, _)| format!("{d}/p")));
    for secret in secrets {
        assert_eq!(Haystack::new(&open).find(&secret), None, "{secret} is in the public file");
        assert!(Haystack::new(&bytes).find(&secret).is_some(), "{secret} is in the whole file");
    }
    let own =
        whole(&site, &site.joint.keys["fire"], "c1", 0).await.expect_err("not a department's");
    assert_eq!(reason(&own), "OFFICE_OR_AUDITOR_ONLY");
    let auditor = site.joint.service.key(Role::Auditor, "", "审计科").await;
    assert_eq!(whole(&site, &auditor, "c1", 0).await.expect("an auditor's"), bytes);
    let folder = tempfile::TempDir::new().expect("folder");
    for (name, file) in [("whole", &bytes), ("public", &open)] {
        let path = folder.path().join(name);
        std::fs::write(&path, file).expect("write");
        let (holds, text) = python::archive(&path);
        assert!(holds && text.contains("ok    A7 records"), "{text}");
    }
    sound(&site).await;
}

/// A file as the lines of an archive whose first line names what the others are.
fn lines(bytes: &[u8], change: impl Fn(&mut Vec<Value>)) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    let mut lines: Vec<Value> =
        text.lines().map(|l| serde_json::from_str(l).expect("json")).collect();
    change(&mut lines);
    let line = |v: &Value| onevisit::domain::canon::to_bytes(v).expect("canonical");
    let rest: Vec<Vec<u8>> = lines[1..].iter().map(line).collect();
    for (named, line) in
        lines[0]["sections"].as_array_mut().expect("sections").iter_mut().zip(&rest)
    {
        named["sha256"] = sha(line).into();
        named["size"] = line.len().into();
    }
    let first = line(&lines[0]);
    let all = std::iter::once(&first).chain(&rest);
    onevisit::certificate::archive::file(all.map(Vec::as_slice))
}

/// The first step that does not hold, as both programs name it.
fn first_wrong(bytes: &[u8]) -> [String; 2] {
    let ours = match verify(bytes, &Trust::default()) {
        Err(Bad::Archive(step, _)) => step.to_string()[..2].to_owned(),
        Err(Bad::Certificate(_)) => "certificate".to_owned(),
        Ok(_) => "ok".to_owned(),
    };
    let file = tempfile::NamedTempFile::new().expect("file");
    std::fs::write(file.path(), bytes).expect("write");
    let (holds, text) = python::archive(file.path());
    let wrong = text.lines().find_map(|l| l.strip_prefix("WRONG "));
    let theirs = wrong.and_then(|l| l.split(' ').next()).unwrap_or("ok");
    assert_eq!(holds, theirs == "ok", "{text}");
    [ours, theirs.to_owned()]
}

type Change = fn(&mut Vec<Value>);

async fn a_changed_archive_is_found_at_its_step(engine: Engine) {
    let site = ended(engine).await;
    let office = site.joint.service.office.clone();
    archive(&site, &office, "a1", "c1").await.expect("made");
    let bytes = whole(&site, &office, "c1", 0).await.expect("whole");
    assert_eq!(lines(&bytes, |_| ()), bytes, "nothing is changed by the change itself");
    let changes: [(&str, Change); 9] = [
        ("A1", |l| l[0]["format"] = "onevisit-archive/2".into()),
        ("A2", |l| {
            l.pop();
            l[0]["sections"][4]["name"] = "visit".into();
        }),
        ("certificate", |l| l[3]["content"]["bundle"]["published"]["seed"] = "00".into()),
        ("A3", |l| l[1]["content"]["campaign"]["id"] = "c2".into()),
        ("A4", |l| l[4]["content"]["entries"][0]["position"] = 1.into()),
        ("A6", |l| l[5]["content"]["visits"][0]["ticket"] = "00".into()),
        ("A6", |l| {
            let visits = l[5]["content"]["visits"].as_array_mut().expect("visits");
            let with = visits.iter_mut().find(|v| !v["check"].is_null()).expect("a check");
            with["results"][0]["state"] = "WITHHELD".into();
        }),
        ("A7", |l| l[7]["content"]["opening"]["record"]["name"] = "别的商店".into()),
        ("A7", |l| {
            let with = l.iter_mut().skip(7).find(|r| !r["content"]["check"].is_null());
            let check = &mut with.expect("a check")["content"]["check"];
            check["sections"][0]["findings"][1]["given"]["note"] = "改过".into();
        }),
    ];
    for (nth, (step, change)) in changes.into_iter().enumerate() {
        assert_eq!(first_wrong(&lines(&bytes, change)), [step, step], "change {nth}");
    }
    // A line that is not the named one, and one that is gone.
    let text = String::from_utf8(bytes.clone()).expect("text");
    let gone: Vec<&str> =
        text.lines().enumerate().filter(|(n, _)| *n != 2).map(|(_, l)| l).collect();
    assert_eq!(first_wrong(format!("{}\n", gone.join("\n")).as_bytes()), ["A2", "A2"]);
    let changed = text.replacen("\"first_day\":\"2026", "\"first_day\":\"2027", 1);
    assert_eq!(first_wrong(changed.as_bytes()), ["A2", "A2"]);
    assert_eq!(first_wrong(&bytes), ["ok", "ok"]);
}

async fn one_visit_has_an_archive_of_its_own(engine: Engine) {
    let site = ended(engine).await;
    let office = site.joint.service.office.clone();
    let rank = site.visit.rank;
    let missing = archive_visit(&site, "v0", 99_999).await.expect_err("no such visit");
    assert_eq!(missing.code(), Code::NotFound);
    let made = archive_visit(&site, "v1", rank).await.expect("made");
    assert_eq!((made.rank, made.nth, made.personal_sections), (rank, 1, 1));
    let bytes = whole(&site, &office, "c1", rank).await.expect("whole");
    let found = verify(&bytes, &trust(&site)).expect("every step");
    assert_eq!((found.header.visit, found.visits, found.records), (rank, 1, 1));
    assert_eq!(first_wrong(&bytes), ["ok", "ok"]);
    archive(&site, &office, "a1", "c1").await.expect("the campaign's too");
    // What is the same in both is the same byte by byte.
    let all = whole(&site, &office, "c1", 0).await.expect("whole");
    let of = |file: &[u8], name: &str| {
        let text = String::from_utf8(file.to_vec()).expect("text");
        let named = format!("\"name\":\"{name}\",\"salt\"");
        text.lines().find(|l| l.contains(&named)).map(str::to_owned).expect("a section")
    };
    for name in ["campaign", "papers", &format!("record/{rank}")] {
        assert_eq!(of(&bytes, name), of(&all, name));
    }
    let request =
        pb::ListArchivesRequest { campaign_id: "c1".into(), page_size: 1, ..Default::default() };
    let page = site.joint.service.office().archives().list_archives(request.clone()).await;
    let page = page.expect("list").into_inner();
    let next = pb::ListArchivesRequest { page_token: page.next_page_token, ..request };
    let rest = site.joint.service.office().archives().list_archives(next).await.expect("list");
    let ranks = [page.archives[0].rank, rest.into_inner().archives[0].rank];
    assert_eq!(ranks, [0, rank]);
    sound(&site).await;
}

async fn erase(site: &Site, request: pb::RequestErasureRequest) {
    let reply = site.joint.service.office().erasures().request_erasure(request).await;
    let nth = reply.expect("asked").into_inner().erasure.expect("erasure").nth;
    let request = pb::DecideErasureRequest { request_id: format!("e{nth}"), nth, approve: true };
    let caller = site.joint.service.with(&site.joint.approver);
    caller.erasures().decide_erasure(request).await.expect("erased");
}

async fn what_is_erased_leaves_its_archives_too(engine: Engine) {
    let site = ended(engine).await;
    let office = site.joint.service.office.clone();
    let made = archive(&site, &office, "a1", "c1").await.expect("made");
    let before = whole(&site, &office, "c1", 0).await.expect("whole");
    site.hands.forward(800 * DAY_MINUTES);
    let subject = pb::RequestErasureRequest {
        request_id: "erase-a-subject".into(),
        kind: pb::ErasureKind::Subject.into(),
        jurisdiction: "990001".into(),
        person_id: site.visit.subject_id.clone(),
        ground: pb::ErasureGround::KeptLongEnough.into(),
        ..Default::default()
    };
    erase(&site, subject).await;
    let after = whole(&site, &office, "c1", 0).await.expect("what is left");
    assert_eq!(Haystack::new(&after).find(&site.visit.subject_id), None);
    assert!(Haystack::new(&before).find(&site.visit.subject_id).is_some());
    let found = verify(&after, &trust(&site)).expect("every step of what is left");
    assert_eq!((found.left_out, &found.header_sha256), (1, &made.header_sha256));
    assert_eq!(first_wrong(&after), ["ok", "ok"]);
    settle(&site).await;
    sound(&site).await;
    let campaign = pb::RequestErasureRequest {
        request_id: "erase-c1".into(),
        kind: pb::ErasureKind::Campaign.into(),
        campaign_id: "c1".into(),
        ground: pb::ErasureGround::PurposeAchieved.into(),
        ..Default::default()
    };
    erase(&site, campaign).await;
    let left = whole(&site, &office, "c1", 0).await.expect("what is left");
    assert_eq!(left, public(&site, "c1", 0).await, "no name is in it any more");
    settle(&site).await;
    // The erasure is new: a later archive tells of it, and holds no name either.
    let later = archive(&site, &office, "a2", "c1").await.expect("made again");
    assert_eq!(later.nth, 2);
    let bytes = whole(&site, &office, "c1", 0).await.expect("whole");
    assert_eq!(first_wrong(&bytes), ["ok", "ok"]);
    let erased = String::from_utf8(bytes).expect("text").matches("\"erased\":true").count();
    assert!(erased > 0, "it says that names were erased");
    sound(&site).await;
}

async fn a_raw_change_of_an_archive_is_found(engine: Engine) {
    let site = ended(engine).await;
    archive(&site, &site.joint.service.office, "a1", "c1").await.expect("made");
    sound(&site).await;
    let app = &site.joint.service.app;
    for (table, sql) in [
        ("archives", "UPDATE archives SET file = substr(file, 2)"),
        ("archives", "UPDATE archives SET doc = replace(doc, '2056', '2027')"),
        ("archives", "DELETE FROM archives"),
        ("archive_parts", "UPDATE archive_parts SET sealed = substr(sealed, 2)"),
        ("archive_parts", "UPDATE archive_parts SET sealed = CAST('' AS BYTES)"),
        ("archive_parts", "DELETE FROM archive_parts"),
    ] {
        let mut tx = app.db.begin().await.expect("begin");
        unguard(&mut tx, table).await;
        assert!(raw(&mut tx, sql, 0, 0).await > 0, "{sql} changes nothing");
        let report = fsck::check_in(app, &mut tx).await.expect("check");
        assert!(report.findings.iter().any(|f| f.kind == Kind::Archive), "{sql}");
    }
}

async fn the_command_makes_an_archive_and_another_checks_it(engine: Engine) {
    let site = ended(engine).await;
    let folder = tempfile::TempDir::new().expect("folder");
    let file = folder.path().join("c1.archive").display().to_string();
    let (address, office) = (site.joint.service.address.clone(), site.joint.service.office.clone());
    let out = file.clone();
    let made = tokio::task::spawn_blocking(move || {
        let common = ["archive", "--server", &address, "--key", &office, "--campaign", "c1"];
        let first = succeed(&[&common[..], &["--out", &out]].concat());
        (first, succeed(&[&common[..], &["--out", &out, "--public"]].concat()))
    });
    let (first, second) = made.await.expect("made");
    assert!(
        first.starts_with("archive 1 of c1") && second.starts_with("archive 1 of c1"),
        "{second}"
    );
    std::fs::write(&file, whole(&site, &site.joint.service.office, "c1", 0).await.expect("whole"))
        .expect("write");
    let key = site.joint.service.app.log.signer().public().to_string();
    let text = succeed(&["verify", "--log-key", &key, &file]);
    for step in
        ["ok    A1", "ok    V12", "ok    L10", "ok    A7", "VERIFIED archive 1 of campaign c1"]
    {
        assert!(text.contains(step), "{step}: {text}");
    }
    let bytes = std::fs::read(&file).expect("read");
    assert!(Header::begins(&bytes));
    let changed = lines(&bytes, |l| l[1]["content"]["campaign"]["id"] = "c2".into());
    std::fs::write(&file, changed).expect("write");
    let output = run(&["verify", &file]);
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output);
    assert!(text.contains("WRONG A3") && !text.contains("VERIFIED"), "{text}");
}

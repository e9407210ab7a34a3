//! The log goes over New Year: each year is closed once, and can be put away as a file that proves itself.

use std::path::PathBuf;

use onevisit::app::log::{self, Older, Round};
use onevisit::app::{App, AppError, Event, Log, access, fsck, succession, year_file};
use onevisit::domain::caller::{Caller, Role};
use onevisit::ledger::note::{NoteKey, NoteSigner, Purpose};
use onevisit::ledger::quorum::Policy;
use onevisit::ledger::year::{KIND, YearClose};
use onevisit::ledger::year_file::{Check, Failure, Step};
use onevisit::rpc::pb;
use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;
use onevisit::store::ClosedYear;

use super::fsck::{run as sql, unguard};
use crate::harness::client::Service;
use crate::harness::process::{run, said, succeed};
use crate::harness::python::Python;
use crate::harness::{
    Engine, Hands, LOG_NAME, LOG_SEED, SEAL_KEY, TestDb, app_by, on_every_engine, scaled, soon,
};

on_every_engine! {
    a_year_is_closed_once_by_whoever_is_first,
    the_service_closes_the_year_by_itself,
    a_year_is_a_file_that_proves_itself,
    a_year_leads_on_from_an_older_key,
    a_forged_close_is_found,
}

/// 2026-12-31 23:59 in China.
const EVE_US: i64 = 1_798_732_740_000_000;
const YEAR_MINUTES: i64 = 365 * 24 * 60;

fn signer(seed: [u8; 32]) -> NoteSigner {
    NoteSigner::new(LOG_NAME, Purpose::Log, &seed)
}

async fn key(app: &App, office: &str) {
    access::create_local(app, Role::Office, "", office).await.expect("key");
}

async fn settle(app: &App) {
    while log::round_now(app).await.expect("round") != Round::Idle {}
}

/// Kinds of the entries, with the year that a close is of.
async fn kinds(app: &App) -> Vec<String> {
    let entries = app.db.read().await.expect("read").log_entries(0, 1_000).await.expect("read");
    let kind = |body: &[u8]| match YearClose::read(body) {
        Some(close) => close.year.to_string(),
        None => serde_json::from_slice::<serde_json::Value>(body).expect("json")["actor"]["name"]
            .as_str()
            .expect("a name")
            .to_owned(),
    };
    entries.iter().map(|e| kind(&e.body)).collect()
}

async fn closes(app: &App) -> Vec<YearClose> {
    let mut tx = app.db.read().await.expect("read");
    let found = tx.entries_of_kind(KIND, i64::MAX).await.expect("read");
    found.iter().map(|e| YearClose::read(&e.body).expect("a close")).collect()
}

async fn findings(app: &App) -> Vec<fsck::Finding> {
    fsck::check(app).await.expect("check").findings
}

async fn a_year_is_closed_once_by_whoever_is_first(engine: Engine) {
    let (db, hands) = (TestDb::new(engine).await, Hands::at(EVE_US));
    let app = app_by(&db, hands.clock()).await;
    settle(&app).await;
    assert_eq!(kinds(&app).await, [""; 0], "a log without entries has no years");
    key(&app, "甲").await;
    settle(&app).await;
    assert_eq!(kinds(&app).await, ["甲"], "the year goes on to its last minute");
    // One waits from the old year when the new one has begun, and one of the new year behind it.
    key(&app, "乙").await;
    hands.forward(1);
    key(&app, "丙").await;
    let mut replicas = Vec::new();
    for _ in 0..scaled(4, 8) {
        replicas.push(app_by(&db, hands.clock()).await);
    }
    let rounds = replicas.into_iter().map(|app| tokio::spawn(async move { settle(&app).await }));
    for round in rounds.collect::<Vec<_>>() {
        round.await.expect("round");
    }
    assert_eq!(kinds(&app).await, ["甲", "乙", "2026", "丙"]);
    // Nobody looked for two years and more.
    // The second of them has 366 days.
    hands.forward(2 * YEAR_MINUTES + 24 * 60);
    key(&app, "丁").await;
    settle(&app).await;
    assert_eq!(kinds(&app).await, ["甲", "乙", "2026", "丙", "2027", "2028", "丁"]);
    let [first, second, third] = &closes(&app).await[..] else { panic!("three years") };
    assert_eq!([first.first, first.size, first.entries], [0, 2, 2]);
    assert_eq!([second.first, second.size, second.entries], [2, 4, 2]);
    assert_eq!([third.first, third.size, third.entries], [4, 5, 1]);
    settle(&app).await;
    assert_eq!(closes(&app).await.len(), 3, "nothing is closed again");
    assert_eq!(findings(&app).await, []);
    // The second wall.
    let mut tx = app.db.begin().await.expect("begin");
    let again = ClosedYear { year: 2027, first: 9, size: 9 };
    assert!(tx.close_year(again).await.expect_err("closed").is_conflict());
}

async fn the_service_closes_the_year_by_itself(engine: Engine) {
    let hands = Hands::at(EVE_US);
    let service = Service::start_by(engine, &hands).await;
    hands.forward(2);
    let mut ledger = LedgerServiceClient::new(service.channel.clone());
    soon("the close of the year", async {
        loop {
            let request = pb::ListEntriesRequest { first: 0, page_size: 1_000 };
            let found = ledger.list_entries(request).await.expect("entries").into_inner().entries;
            if found.iter().filter_map(|e| YearClose::read(&e.body)).count() == 1 {
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Whoever writes goes on in the new year.
    service.district(&["market"]).await;
    settle(&service.app).await;
    assert_eq!(closes(&service.app).await.len(), 1);
    assert_eq!(findings(&service.app).await, []);
}

async fn file(app: &App, year: i64) -> Vec<u8> {
    let mut out = Vec::new();
    year_file::write(app, year, &mut out).await.expect("written");
    out
}

fn check(file: &[u8], kept: &NoteKey) -> Result<YearClose, Failure> {
    let unread = |step| Failure { step, why: "no line" };
    let body = file.strip_suffix(b"\n").ok_or(unread(Step::Format))?;
    let mut lines = body.split(|b| *b == b'\n');
    let mut check = Check::begin(lines.next().unwrap_or_default(), kept)?;
    for line in lines {
        check.take(line)?;
    }
    check.finish()
}

/// The first wrong step as the programs write it, or "ok".
fn verdict(file: &[u8], kept: &NoteKey) -> String {
    check(file, kept).map_or_else(|f| f.step.to_string()[..2].to_owned(), |_| "ok".to_owned())
}

/// Three offices in each of two years, and one behind them.
async fn two_years(db: &TestDb, hands: &Hands) -> App {
    let app = app_by(db, hands.clock()).await;
    for minutes in [2, YEAR_MINUTES, 0] {
        for name in ["甲", "乙", "丙"] {
            key(&app, name).await;
        }
        settle(&app).await;
        hands.forward(minutes);
        settle(&app).await;
    }
    app
}

/// Where the binary finds what a test's app was made with.
fn storage(db: &TestDb) -> Vec<String> {
    let path = |name: &str, text: String| -> PathBuf {
        let path = db.folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let key = path("key", hex::encode(SEAL_KEY)).display().to_string();
    let log = path("log.key", hex::encode(LOG_SEED)).display().to_string();
    let pin = db.folder.path().join("pin").display().to_string();
    let given = [
        "--database",
        &db.url,
        "--key-file",
        &key,
        "--log-key-file",
        &log,
        "--log-pin",
        &pin,
        "--log-name",
        LOG_NAME,
    ];
    given.map(str::to_owned).to_vec()
}

async fn a_year_is_a_file_that_proves_itself(engine: Engine) {
    let (db, hands) = (TestDb::new(engine).await, Hands::at(EVE_US));
    let app = two_years(&db, &hands).await;
    let (kept, [first, second]) = (signer(LOG_SEED).public().clone(), [2026, 2027]);
    let files = [file(&app, first).await, file(&app, second).await];
    assert_eq!(findings(&app).await, []);
    let sizes = files.iter().map(|f| check(f, &kept).map(|c| [c.first, c.size]));
    assert_eq!(sizes.collect::<Vec<_>>(), [Ok([0, 3]), Ok([3, 7])]);
    let missing = year_file::write(&app, 2028, &mut Vec::new()).await.expect_err("it goes on");
    assert!(matches!(missing, AppError::NotFound { .. }), "{missing:?}");

    // The binary writes the same, later and elsewhere, and checks it; so does the program in Python.
    let at = storage(&db);
    let key = kept.to_string();
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/year.py");
    for (year, wanted) in [first, second].into_iter().zip(&files) {
        let out = db.folder.path().join(format!("{year}.jsonl"));
        let (out, year) = (out.to_str().expect("path"), year.to_string());
        let mut args = vec!["archive-year", "--year", &year, "--out", out];
        args.extend(at.iter().map(String::as_str));
        succeed(&args);
        assert_eq!(std::fs::read(out).expect("file"), *wanted);
        let text = succeed(&["verify-year", out, "--log-key", &key]);
        assert_eq!(text.matches("ok    Y").count(), 6, "{text}");
        assert!(text.contains(&format!("VERIFIED {year} ")), "{text}");
        let mut command = std::process::Command::new("python3");
        let output = command.args([python, out, "--log-key", &key]).output().expect("python3");
        let text = said(&output);
        assert!(output.status.success() && text.matches("ok    Y").count() == 6, "{text}");
        // A file cut short, and a key of another log.
        std::fs::write(out, &wanted[..wanted.len() - 1]).expect("written");
        let cut = run(&["verify-year", out, "--log-key", &key]);
        assert!(cut.status.code() == Some(1) && said(&cut).contains("WRONG Y5"), "{}", said(&cut));
        let other = signer([11; 32]).public().to_string();
        let other = run(&["verify-year", out, "--log-key", &other]);
        assert!(other.status.code() == Some(1) && said(&other).contains("WRONG Y2"));
    }
    let later = std::env::temp_dir().join("never-written.jsonl");
    let mut args = vec!["archive-year", "--year", "2028", "--out", later.to_str().expect("path")];
    args.extend(at.iter().map(String::as_str));
    assert!(!run(&args).status.success() && !later.exists());
    tampered(&files, &kept);
}

/// Every changed byte is found, and so is every line that is lost, moved or written twice.
fn tampered(files: &[Vec<u8>], kept: &NoteKey) {
    let mut python = Python::of("year.py", &["--log-key", &kept.to_string()]);
    for file in files {
        assert_eq!(python.verdict(file), "ok");
        for at in (0..file.len()).step_by(scaled(11, 1)) {
            let mut changed = file.clone();
            changed[at] ^= 1 << (at % 8);
            let found = verdict(&changed, kept);
            assert_ne!(found, "ok", "byte {at}");
            if at % scaled(1331, 7) == 0 {
                assert_ne!(python.verdict(&changed), "ok", "byte {at}, {found} in Rust");
            }
        }
        let lines: Vec<&[u8]> = file.split_inclusive(|b| *b == b'\n').collect();
        let mut swapped = lines.clone();
        swapped.swap(2, 3);
        let cuts = [
            lines[..lines.len() - 1].concat(),
            [&lines[..2], &lines[3..]].concat().concat(),
            [&lines[..], &lines[3..4]].concat().concat(),
            swapped.concat(),
        ];
        for cut in cuts {
            assert_eq!(verdict(&cut, kept), "Y5");
            assert_eq!(python.verdict(&cut), "Y5");
        }
    }
    // The entries of one year under the close of another.
    let head = |file: &[u8]| file.split_inclusive(|b| *b == b'\n').next().expect("a line").to_vec();
    let other = [&head(&files[1])[..], &files[0][head(&files[0]).len()..]].concat();
    assert_eq!(verdict(&other, kept), "Y4");
    assert_eq!(python.verdict(&other), "Y4");
}

async fn a_year_leads_on_from_an_older_key(engine: Engine) {
    let (old, new) = (signer(LOG_SEED), signer([10; 32]));
    let (db, hands) = (TestDb::new(engine).await, Hands::at(EVE_US));
    let mut app = app_by(&db, hands.clock()).await;
    key(&app, "甲").await;
    settle(&app).await;
    let older = Older::signing(old.clone());
    let log = Log::new(new.clone(), db.folder.path().join("pin"), Policy::default());
    app.log = log.with_older(vec![older]);
    succession::announce(&app, "网信办").await.expect("announced").expect("new");
    for minutes in [2, YEAR_MINUTES, 0] {
        hands.forward(minutes);
        key(&app, "乙").await;
        settle(&app).await;
    }
    assert_eq!(findings(&app).await, []);
    for year in [2026, 2027] {
        let file = file(&app, year).await;
        for kept in [&old, &new] {
            check(&file, kept.public()).expect("every step");
            let key = kept.public().to_string();
            assert_eq!(Python::of("year.py", &["--log-key", &key]).verdict(&file), "ok");
        }
        let stranger = signer([11; 32]);
        assert_eq!(verdict(&file, stranger.public()), "Y2");
        // Both keys signed the first close; either line may not be changed.
        for at in (0..file.len()).step_by(scaled(29, 1)) {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert_ne!(verdict(&changed, old.public()), "ok", "byte {at}");
        }
    }
}

async fn a_forged_close_is_found(engine: Engine) {
    let (db, hands) = (TestDb::new(engine).await, Hands::at(EVE_US));
    let app = two_years(&db, &hands).await;
    let changes = [
        "UPDATE log_years SET size = size + 1 + $1",
        "UPDATE log_years SET year = year + 10",
        "DELETE FROM log_years",
        "INSERT INTO log_years (year, first, size) VALUES (2028, 7, 10)",
    ];
    for (nth, change) in (0..).zip(changes) {
        let mut tx = app.db.begin().await.expect("begin");
        if nth < 3 {
            unguard(&mut tx, "log_years").await;
        }
        assert!(sql(&mut tx, change, 100, 0).await > 0);
        let report = fsck::check_in(&app, &mut tx).await.expect("check");
        assert!(report.findings.iter().any(|f| f.kind == fsck::Kind::Year), "{change}");
    }
    let guarded = app.db.begin().await.expect("begin").closed_years().await.expect("years");
    assert_eq!(guarded.len(), 2);
    // Somebody with the service's own mark writes a close that is not true.
    let [_, last] = &closes(&app).await[..] else { panic!("two years") };
    let caller = Caller::holder(Role::Service, "", "onevisit", "");
    let body = YearClose { year: 2028, first: last.size, ..last.clone() };
    let body = YearClose { entries: body.size - body.first + 1, size: body.size + 1, ..body }
        .body()
        .expect("body");
    let event = Event { kind: KIND, caller: &caller, request_id: "", body, signature: None };
    let mut tx = app.db.begin().await.expect("begin");
    app.record(&mut tx, &event, app.clock.now_us()).await.expect("recorded");
    tx.commit().await.expect("commit");
    settle(&app).await;
    let found = findings(&app).await;
    assert!(found.iter().any(|f| f.kind == fsck::Kind::Year), "{found:?}");
}

//! The page that verifies a draw agrees with the other verifiers and talks to nobody.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use onevisit::app::log::{self, Round};
use onevisit::certificate::verify as certificate;
use onevisit::certificate::{Certificate, Trust, Wrong};
use onevisit::demo::Random;
use onevisit::domain::caller::Role;
use onevisit::ledger::note::{NoteSigner, Purpose};
use onevisit::rpc::pb;
use serde_json::{Value, json};

use crate::draw::python::verdict;
use crate::draw::random::bundle;
use crate::draw::vectors::load;
use crate::harness::browser::Browser;
use crate::harness::joint::Joint;
use crate::harness::process::{Served, run, said as said_by};
use crate::harness::python::Python;
use crate::harness::{Engine, TestDb, on_every_engine, scaled};
use crate::rpc::supplements::supplemented;

on_every_engine! {
    the_browser_checks_certificates,
    the_browser_checks_supplements,
    a_business_checks_a_visit_code,
}

/// Files handed to the page at once.
const BATCH: usize = 25;
/// Random draws: 10,000 in the long suite.
const BUNDLES: [usize; 2] = [50, 10_000];
/// Bits of a bundle that are flipped, one after the other.
const FLIPS: usize = 60;

/// The first wrong step of each file as the page finds it, or "ok".
pub fn verdicts(browser: &Browser, files: &[Vec<u8>]) -> Vec<String> {
    let files: Vec<String> = files.iter().map(|f| BASE64.encode(f)).collect();
    let found = browser.run(
        "import(new URL('verify.js', document.baseURI).href).then(({ verdict }) => done(given.map(
           (file) => verdict(Uint8Array.from(atob(file), (c) => c.charCodeAt(0))))));",
        &json!(files),
    );
    serde_json::from_value(found).expect("a list of steps")
}

/// Waits until the page has a verdict; returns how it is shown, in what words.
fn shown(browser: &Browser) -> (String, String) {
    let found = browser.run(
        "const verdict = document.getElementById('verdict');
         const look = () => verdict.className && done([verdict.className, verdict.textContent]);
         new MutationObserver(look).observe(verdict, { attributes: true, childList: true });
         look();",
        &Value::Null,
    );
    serde_json::from_value(found).expect("class and text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_checks_a_file() {
    let db = TestDb::new(Engine::Sqlite).await;
    tokio::task::block_in_place(|| {
        let served = Served::start(&db, &db.folder.path().join("key"));
        let browser = Browser::start();
        browser.open(&format!("{}/verify", served.address));
        let good = db.folder.path().join("good.json");
        std::fs::write(&good, load("small").bundle()).expect("written");
        browser.type_into("#file", good.to_str().expect("path"));
        assert_eq!(shown(&browser).0, "holds");
        let count = "document.querySelectorAll('#steps li.holds').length";
        assert_eq!(browser.read(count), 12);
        let before = shown(&browser).1;
        browser.click("#other");
        assert_ne!(shown(&browser).1, before, "in the other language");
        let mut text = String::from_utf8(load("small").bundle()).expect("text");
        let at = text.find("\"seed\":\"").expect("a seed") + 8;
        text.replace_range(at..=at, if &text[at..=at] == "0" { "1" } else { "0" });
        let bad = db.folder.path().join("bad.json");
        std::fs::write(&bad, text).expect("written");
        browser.type_into("#file", bad.to_str().expect("path"));
        // The page is still showing the file before until it has read this one.
        browser.run(
            "const steps = document.getElementById('steps');
             const look = () => steps.querySelector('.fails') && done(null);
             new MutationObserver(look).observe(steps, { childList: true });
             look();",
            &Value::Null,
        );
        assert_eq!(shown(&browser).0, "fails");
        assert_eq!(browser.read("document.querySelector('#steps li.fails b').textContent"), "V8");
        // Nothing was fetched but the page's own files.
        let names = "performance.getEntriesByType('resource').map((r) => r.name)";
        let names: Vec<String> = serde_json::from_value(browser.read(names)).expect("names");
        let own = format!("{}/verify/", served.address);
        assert!(names.len() == 12 && names.iter().all(|n| n.starts_with(&own)), "{names:?}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_agrees_on_random_draws() {
    let db = TestDb::new(Engine::Sqlite).await;
    tokio::task::block_in_place(|| {
        let served = Served::start(&db, &db.folder.path().join("key"));
        let browser = Browser::start();
        browser.open(&format!("{}/verify/", served.address));
        let names = ["tiny", "small", "tight", "repair", "sm3", "city"];
        let vectors: Vec<Vec<u8>> = names.iter().map(|name| load(name).bundle()).collect();
        // The vectors' beacon is no round of the real network.
        let wanted = ["ok", "ok", "ok", "ok", "ok", "V12"];
        assert_eq!(verdicts(&browser, &vectors), wanted);
        let mut random = Random::new(20_261_125);
        let mut python = Python::start();
        let count = scaled(BUNDLES[0], BUNDLES[1]);
        for from in (0..count).step_by(BATCH) {
            let good: Vec<Vec<u8>> = (0..BATCH).map(|_| bundle(&mut random)).collect();
            let found = verdicts(&browser, &good);
            assert!(found.iter().all(|step| step == "ok"), "from {from}: {found:?}");
            let changed = |file: &Vec<u8>| {
                let mut file = file.clone();
                let is_digit = |i: &usize| file[*i].is_ascii_digit();
                let digits: Vec<usize> = (0..file.len()).filter(is_digit).collect();
                let at = *random.pick(&digits);
                file[at] = b'0' + (file[at] - b'0' + 1) % 10;
                file
            };
            let bad: Vec<Vec<u8>> = good.iter().map(changed).collect();
            let found = verdicts(&browser, &bad);
            for (step, file) in found.iter().zip(&bad) {
                assert!(step != "ok" && verdict(file) != "ok", "from {from}: {step}");
                assert_eq!(*step, python.verdict(file), "from {from}");
            }
        }
        let good = load("tiny").bundle();
        let stride = (good.len() * 8 / FLIPS) | 1;
        let flipped = |bit: usize| {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            bad
        };
        let bad: Vec<Vec<u8>> = (0..good.len() * 8).step_by(stride).map(flipped).collect();
        let found = verdicts(&browser, &bad);
        assert!(found.iter().all(|step| step != "ok"), "{found:?}");
    });
}

async fn the_browser_checks_certificates(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
    let (status, good) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    assert_eq!(status, 200);
    let changed = |change: fn(&mut Certificate)| {
        let mut file: Certificate = serde_json::from_slice(&good).expect("json");
        change(&mut file);
        file.to_bytes().expect("canonical")
    };
    let witness = NoteSigner::new("w.test", Purpose::Witness, &[3; 32]).public().to_string();
    let policy = |lines: &str| {
        let mut file: Certificate = serde_json::from_slice(&good).expect("json");
        file.log.policy = format!("witness w {witness}\n{lines}");
        file.to_bytes().expect("canonical")
    };
    let files = [
        good.clone(),
        changed(|c| c.guarantees[0].push('!')),
        changed(|c| c.log.checkpoint = c.log.checkpoint.replacen('A', "B", 1)),
        changed(|c| c.entries[0].event = c.entries[0].event.replacen("campaign", "campaigm", 1)),
        changed(|c| c.entries.retain(|e| !e.event.contains("number.reveal"))),
        changed(|c| c.entries.retain(|e| !e.event.contains("campaign.draw"))),
        // A policy that asks for nobody without saying so is none.
        policy("group g 0 w\nquorum g\n"),
        policy("group g -1 w\nquorum g\n"),
        policy("group g 1x w\nquorum g\n"),
        policy("group g all\nquorum g\n"),
        policy("group\nquorum none\n"),
        policy("quorum w\u{2028}quorum none\n"),
        policy("quorum none\n"),
    ];
    let wanted = ["ok", "L1", "L2", "L3", "L5", "L6", "L2", "L2", "L2", "L2", "L2", "L2", "ok"];
    let mut python = Python::start();
    for (file, step) in files.iter().zip(wanted) {
        let rust = match certificate::verify(file, &Trust::default()) {
            Ok(_) => "ok".to_owned(),
            Err(Wrong::Log(step, _)) => step.to_string()[..2].to_owned(),
            Err(Wrong::Draw(failure)) => failure.step.to_string(),
        };
        assert_eq!((rust.as_str(), python.verdict(file).as_str()), (step, step));
    }
    let address = joint.service.address.clone();
    let found = tokio::task::spawn_blocking(move || {
        let browser = Browser::start();
        browser.open(&format!("{address}/verify/"));
        verdicts(&browser, &files)
    });
    assert_eq!(found.await.expect("found"), wanted);
}

async fn the_browser_checks_supplements(engine: Engine) {
    let (joint, files) = supplemented(engine).await;
    let (files, wanted): (Vec<Vec<u8>>, Vec<&str>) = files.into_iter().unzip();
    let address = joint.service.address.clone();
    let found = tokio::task::spawn_blocking(move || {
        let browser = Browser::start();
        browser.open(&format!("{address}/verify/"));
        verdicts(&browser, &files)
    });
    assert_eq!(found.await.expect("found"), wanted);
}

async fn a_business_checks_a_visit_code(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let request = pb::OpenVisitRequest {
        request_id: "o".into(),
        campaign_id: "c1".into(),
        rank: 1,
        case_number: "审2026-1".into(),
    };
    let opened = joint.service.with(&auditor).visits().open_visit(request).await.expect("opened");
    let opened = opened.into_inner();
    let (code, address) = (opened.visit_code.clone(), joint.service.address.clone());
    let person = opened.visit.expect("visit").sections[0].team[0].inspector_id.clone();
    let folder = joint.service.db.folder.path().to_owned();
    let key = joint.service.app.log.visit_signer().public().to_string();
    let checked = tokio::task::spawn_blocking(move || {
        let browser = Browser::start();
        browser.open(&format!("{address}/verify/visit"));
        let put = "const box = document.getElementById('code'); box.value = given;
            box.dispatchEvent(new Event('input')); done(document.getElementById('verdict').className);";
        // The days of the test's visit are not today.
        assert_eq!(browser.run(put, &json!(code)), "voided");
        let said = browser.read("document.getElementById('summary').textContent");
        assert!(said.as_str().is_some_and(|text| text.contains(&person)), "{said}");
        let forged = code.replacen("2026-07-15", "2026-12-31", 1);
        assert_eq!(browser.run(put, &json!(forged)), "fails");
        for (name, text, good) in [("good", &code, true), ("forged", &forged, false)] {
            let file = folder.join(name);
            std::fs::write(&file, text).expect("written");
            let output = run(&["verify", "--visit-key", &key, file.to_str().expect("path")]);
            assert_eq!(output.status.success(), good, "{}", said_by(&output));
            assert_eq!(said_by(&output).contains(&person), good);
        }
    });
    checked.await.expect("checked");
}

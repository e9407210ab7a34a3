//! Whoever keeps an opening, or a visit code, shows without the service that the subject was drawn (T17).

use std::collections::BTreeSet;
use std::process::{Command, Output};

use onevisit::app::log::{self, Round};
use onevisit::domain::caller::Role;
use onevisit::draw::bundle::Bundle;
use onevisit::rpc::pb;
use serde_json::{Value, json};

use crate::harness::joint::Joint;
use crate::harness::process::{run, said};
use crate::harness::{Engine, on_every_engine};

on_every_engine! { threat_t17_an_opening_shows_offline_that_a_subject_was_drawn }

/// Files of a test, and the two programs that hold one of them against a draw.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn put(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.display().to_string()
    }

    fn python(arguments: &[&str]) -> Output {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/opening.py");
        Command::new("python3").arg(script).args(arguments).output().expect("python3")
    }

    /// What both programs say: the lines of the outcome, or the step that is wrong.
    fn both(&self, opening: &[u8], draw: &str, more: &[&str]) -> Vec<String> {
        let file = self.put("opening", opening);
        let rust = run(&[&["verify-opening", &file, "--draw", draw], more].concat());
        let python = Self::python(&[&[file.as_str(), draw], more].concat());
        let lines = |output: &Output| -> Vec<String> {
            let text = said(output);
            let words = |line: &str| match line.strip_prefix("WRONG ") {
                Some(rest) => format!("WRONG {}", rest.split(' ').next().expect("a step")),
                None => line.to_owned(),
            };
            let kept = ["DRAWN", "NOT DRAWN", "WRONG"];
            let lines = text.lines().filter(|l| kept.iter().any(|k| l.starts_with(k)));
            let lines: Vec<String> = lines.map(words).collect();
            let wrong = lines.iter().any(|l| l.starts_with("WRONG"));
            assert_eq!(output.status.success(), !wrong && !lines.is_empty(), "{text}");
            lines
        };
        let (rust, python) = (lines(&rust), lines(&python));
        assert_eq!(rust, python);
        rust
    }
}

async fn threat_t17_an_opening_shows_offline_that_a_subject_was_drawn(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    joint.execute("c1", "d1").await.expect("draw");
    while log::round_now(&joint.service.app).await.expect("round") != Round::Idle {}
    let auditor = joint.service.key(Role::Auditor, "", "审计科").await;
    let mut visits = joint.service.with(&auditor).visits();
    let request = |rank| pb::OpenVisitRequest {
        request_id: format!("o{rank}"),
        campaign_id: "c1".into(),
        rank,
        case_number: "审2026-1".into(),
    };
    let opened = visits.open_visit(request(1)).await.expect("opened").into_inner();
    let second = visits.open_visit(request(2)).await.expect("opened").into_inner();
    let bundle: Bundle = serde_json::from_slice(&joint.bundle("c1").await).expect("json");
    let ticket = &opened.visit.as_ref().expect("visit").ticket;
    let winners = bundle.published.winners.iter().filter(|w| w.ticket.to_string() == *ticket);
    let wanted: Vec<String> = winners
        .map(|w| format!("DRAWN {} rank {} for {}", w.stratum, w.rank, w.department))
        .collect();
    assert!(!wanted.is_empty());
    // A subject that was not drawn, opened by an auditor.
    let drawn: BTreeSet<_> = bundle.published.winners.iter().map(|w| w.ticket).collect();
    let other = bundle.pool.units.tickets().iter().find(|t| !drawn.contains(t)).expect("many");
    let request = pb::OpenUnitRequest {
        request_id: "u".into(),
        campaign_id: "c1".into(),
        ticket: other.to_string(),
        case_number: "审2026-2".into(),
        ..Default::default()
    };
    let unit = visits.open_unit(request).await.expect("opened").into_inner().unit.expect("unit");
    let opening = unit.opening.expect("opening");
    let record: Value = serde_json::from_str(&opening.record).expect("json");
    let spared = json!({
        "draw_id": "campaigns/c1/draws/1",
        "format": "onevisit-opening/1",
        "opening": { "id": opening.id, "record": record, "salt": opening.salt },
    });
    let spared = onevisit::domain::canon::to_bytes(&spared).expect("canonical");
    let (_, certificate) = joint.service.get("/campaigns/c1/draws/1/certificate.json").await;
    let keys = joint.service.app.log.visit_keys();
    let key = keys[0].to_string();
    let log_key = joint.service.app.log.signer().public().to_string();
    let bundle = joint.bundle("c1").await;
    tokio::task::block_in_place(|| {
        let desk = Desk { folder: tempfile::TempDir::new().expect("folder") };
        let file = opened.opening_file.as_bytes();
        let draws = [desk.put("certificate", &certificate), desk.put("bundle", &bundle)];
        for draw in &draws {
            assert_eq!(desk.both(file, draw, &[]), wanted);
            assert_eq!(desk.both(&spared, draw, &[]), [format!("NOT DRAWN {}", unit.stratum)]);
            let code = desk.both(opened.visit_code.as_bytes(), draw, &["--visit-key", &key]);
            assert_eq!(code, wanted);
        }
        assert_eq!(desk.both(file, &draws[0], &["--log-key", &log_key]), wanted);
        assert_eq!(desk.both(file, &draws[0], &["--log-key", &key]), ["WRONG L2"]);
        changed(&desk, &draws[0], &opened, &second);
        let rank = "\"rank\":1,";
        let text = String::from_utf8(certificate).expect("text").replacen(rank, "\"rank\":9,", 1);
        let redrawn = desk.put("redrawn", text.as_bytes());
        assert!(desk.both(file, &redrawn, &[])[0].starts_with("WRONG V"));
    });
}

/// What somebody does to an opening, with another one at hand.
type Changed = fn(&mut Value, &Value);

/// Nothing in an opening or a code may be another's.
fn changed(
    desk: &Desk,
    draw: &str,
    opened: &pb::OpenVisitResponse,
    second: &pb::OpenVisitResponse,
) {
    let parse = |text: &str| -> Value { serde_json::from_str(text).expect("json") };
    let write = |value: &Value| onevisit::domain::canon::to_bytes(value).expect("canonical");
    let (file, other) = (parse(&opened.opening_file), parse(&second.opening_file));
    let changes: [(&str, Changed); 7] = [
        ("WRONG O1", |f, _| f["format"] = "onevisit-opening/2".into()),
        ("WRONG O1", |f, _| f["more"] = 1.into()),
        ("WRONG O2", |f, _| f["draw_id"] = "campaigns/c1/draws/2".into()),
        ("WRONG O2", |f, _| f["opening"]["record"]["name"] = "另一家".into()),
        ("WRONG O2", |f, o| f["opening"]["salt"] = o["opening"]["salt"].clone()),
        ("WRONG O3", |f, o| f["standing"] = o["standing"].clone()),
        ("WRONG O3", |f, _| f["standing"]["index"] = 0.into()),
    ];
    for (step, change) in changes {
        let mut value = file.clone();
        change(&mut value, &other);
        assert_eq!(desk.both(&write(&value), draw, &[]), [step]);
    }
    let spaced = opened.opening_file.replacen(':', ": ", 1);
    assert_eq!(desk.both(spaced.as_bytes(), draw, &[]), ["WRONG O1"]);
    let keys = ["--visit-key", "onevisit.test/log+00000000+AQ=="];
    let stranger = desk.put("code", opened.visit_code.as_bytes());
    let refused = run(&[&["verify-opening", &stranger, "--draw", draw], &keys[..]].concat());
    assert!(!refused.status.success());
}

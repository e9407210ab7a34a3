//! The draw by itself: no choice of numbers, rounds, days or versions moves it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use onevisit::app::{Call, draws};
use onevisit::domain::caller::{Caller, Role};
use onevisit::draw::bundle::Bundle;
use onevisit::draw::frame::{Beacon, Frame, Inspector, Join, Slot, Unit};
use onevisit::draw::freeze::{Sealed, freeze_hash, seal};
use onevisit::draw::quota::{QuotaRule, RatioBase};
use onevisit::draw::seed::{Number, Seed, commitment};
use onevisit::draw::verify::{Step, verify};
use onevisit::draw::{Digest, Suite, beacon, draw, lot};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::draw::vectors;
use crate::harness::joint::Joint;
use crate::harness::{Engine, TestDb, app_at, on_every_engine, scaled};
use crate::rpc::attempts::{ROUND, VALUE};
use crate::rpc::backups::backup;

on_every_engine! { t11_no_day_draws_otherwise }

const OFFICES: [&str; 2] = ["甲", "乙"];
/// Units of the small frame, and how many are drawn.
const UNITS: usize = 8;
const DRAWN: u64 = 2;
/// A deadline after which [`ROUND`] comes, and one after which the round behind it comes.
const DEADLINES_US: [u64; 2] = [
    (1_692_803_367 + (ROUND as u64 - 2) * 3) * 1_000_000,
    (1_692_803_367 + (ROUND as u64 - 1) * 3) * 1_000_000,
];

fn frame(beacon: Option<Beacon>, deadline_us: u64) -> Frame {
    let unit = |n: usize| Unit {
        id: format!("unit-{n}"),
        record: json!({ "n": n }),
        stratum: "risk:U".into(),
        departments: BTreeMap::from([("market".to_owned(), "in:default".to_owned())]),
    };
    let person = |n: usize| Inspector {
        id: format!("person-{n}"),
        record: json!({ "n": n }),
        department: "market".into(),
        tier: 0,
        may_lead: true,
        cap: 100,
        tags: Vec::new(),
    };
    let slot = || Slot { lead: false, requires: Vec::new() };
    let rule = QuotaRule { count: Some(DRAWN), ..Default::default() };
    let rules = BTreeMap::from([("risk:U".to_owned(), rule)]);
    Frame {
        alg: Suite::Sha256,
        draw_id: "campaigns/threat/draws/1".into(),
        attempt: 1,
        lead: "market".into(),
        join: Join::DrawnOnly,
        ratio_base: RatioBase::Eligible,
        profiles: BTreeMap::from([("default".to_owned(), vec![slot(), slot()])]),
        quotas: BTreeMap::from([("market".to_owned(), rules)]),
        units: (0..UNITS).map(unit).collect(),
        inspectors: (0..4).map(person).collect(),
        avoid: Vec::new(),
        keep: Vec::new(),
        contributors: OFFICES.map(str::to_owned).to_vec(),
        beacon,
        context: BTreeMap::from([(beacon::DEADLINE.to_owned(), deadline_us.to_string())]),
    }
}

/// The seed of some numbers; an office that gives none withholds.
fn mix(sealed: &Sealed, committed: &[Number; 2], given: [bool; 2], beacon: &[u8]) -> Seed {
    let hash = freeze_hash(Suite::Sha256, &sealed.freeze_bytes);
    let of = |j: usize| commitment(Suite::Sha256, &hash, OFFICES[j], &committed[j]);
    let reveals = [0, 1].map(|j| given[j].then_some(committed[j]));
    Seed::mix(&sealed.freeze, &hash, &[of(0), of(1)], &reveals, beacon).expect("seed")
}

#[test]
fn t02_every_changed_bit_of_a_number_is_named() {
    let good: Value = serde_json::from_slice(&vectors::load("tiny").bundle()).expect("json");
    let offices = good["reveals"].as_array().expect("numbers").len();
    for office in 0..offices {
        for bit in 0..256 {
            let mut bad = good.clone();
            let mut number =
                hex::decode(bad["reveals"][office].as_str().expect("hex")).expect("hex");
            number[bit / 8] ^= 1 << (bit % 8);
            bad["reveals"][office] = json!(hex::encode(number));
            let bytes = onevisit::domain::canon::to_bytes(&bad).expect("canonical");
            let found = verify(&bytes).expect_err("another number").step;
            assert_eq!(found, Step::Reveals, "office {office}, bit {bit}");
        }
    }
}

#[test]
fn t02_a_round_that_the_rule_does_not_give_is_named() {
    let round = Beacon { chain: beacon::CHAIN.to_owned(), round: ROUND as u64 };
    let value = hex::decode(VALUE).expect("hex");
    let numbers = [[1; 32], [2; 32]];
    let found = DEADLINES_US.map(|deadline_us| {
        // All of it fits together: only the rule says that it is another round's turn.
        let sealed = seal(&frame(Some(round.clone()), deadline_us), &[7; 32]).expect("seal");
        let hash = freeze_hash(Suite::Sha256, &sealed.freeze_bytes);
        let of = |j: usize| commitment(Suite::Sha256, &hash, OFFICES[j], &numbers[j]);
        let seed = mix(&sealed, &numbers, [true, true], &value);
        let outcome = draw(&sealed.freeze, &sealed.pool, &seed);
        let reveals = numbers.map(Some);
        let bundle = Bundle::new(&sealed, &[of(0), of(1)], &reveals, &value, &seed, &outcome);
        verify(&bundle.expect("bundle").to_bytes().expect("canonical")).map_err(|f| f.step)
    });
    assert!(found[0].is_ok(), "{found:?}");
    assert_eq!(found[1], Err(Step::Beacon));
}

/// Days of the sweep that the ordinary suite draws on, among them those of the Hot Lotto.
const DAYS: [Date; 6] = [
    date(2026, 11, 23),
    date(2026, 12, 29),
    date(2027, 5, 27),
    date(2028, 2, 29),
    date(2029, 12, 29),
    date(2030, 5, 27),
];
/// Days of the whole sweep: four years.
const SWEEP: usize = 1_461;

/// Each day draws from a copy of the same frozen database.
async fn t11_no_day_draws_otherwise(engine: Engine) {
    let (joint, frozen) = Joint::frozen(engine).await;
    joint.contribute(&frozen).await;
    let db = &joint.service.db;
    joint.service.app.db.close().await;
    let all = scaled(DAYS.len(), SWEEP);
    let days: Vec<Date> = match all == SWEEP {
        true => date(2026, 6, 15).series(jiff::Span::new().days(1)).take(SWEEP).collect(),
        false => DAYS.to_vec(),
    };
    let mut outcomes = BTreeSet::new();
    for (nth, day) in days.iter().enumerate() {
        let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).expect("a time");
        let folder = TempDir::new().expect("folder");
        let copy = TestDb { url: backup(db, nth).await, folder };
        let app = app_at(&copy, noon.timestamp().as_microsecond()).await;
        let call = Call {
            caller: Caller::holder(Role::Office, "", "领导小组办公室", ""),
            request_id: "d1".into(),
            method: "DrawCampaign",
            payload: [0; 32],
            signature: None,
        };
        let drawn = draws::execute(&app, &call, "c1").await.expect("draw").draw;
        outcomes.insert((drawn.seed, drawn.result_root, drawn.figures));
        app.db.close().await;
    }
    assert_eq!(outcomes.len(), 1, "{} days", days.len());
}

/// Crates that the draw is made of.
const CRATES: [&str; 9] =
    ["drand_verify", "hex", "hmac", "pulp", "serde", "serde_json", "sha2", "sm3", "thiserror"];

#[test]
fn t11_the_draw_is_made_of_nothing_that_knows_time_or_chance() {
    let root = env!("CARGO_MANIFEST_DIR");
    let manifest = std::fs::read_to_string(format!("{root}/Cargo.toml")).expect("manifest");
    let known = manifest.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let known: BTreeSet<String> = known.map(|name| name.replace('-', "_")).collect();
    assert!(known.contains("getrandom") && known.contains("jiff"), "{known:?}");
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(format!("{root}/src/draw")).expect("folder").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("text");
        let code = text.lines().filter(|l| !l.trim_start().starts_with("//"));
        let code: String = code.flat_map(|l| [l, "\n"]).collect();
        let names = |name: &&String| {
            let path = format!("{name}::");
            code.match_indices(&path).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
            })
        };
        let strange = known.iter().filter(names).filter(|name| !CRATES.contains(&name.as_str()));
        wrong.extend(strange.map(|name| format!("{}: {name}", entry.path().display())));
        for word in ["std::time", "std::env", "std::net", "std::fs", "Instant", "now("] {
            if code.contains(word) {
                wrong.push(format!("{}: {word}", entry.path().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn t12_every_alg_has_its_vectors() {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(format!("{root}/tests/vectors")).expect("folder").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("vector");
        let vector: Value = serde_json::from_str(&text).expect("json");
        found.insert(vector["inputs"]["alg"].as_str().expect("an alg").to_owned());
    }
    let code = include_str!("../../../src/domain/hash.rs");
    let names = code.split("rename = \"").skip(1).filter_map(|rest| rest.split('"').next());
    let released: BTreeSet<String> = names.map(str::to_owned).collect();
    assert_eq!(found, released);
    assert!(released.len() > 1 && released.iter().all(|alg| alg.starts_with("DR1-")));
}

/// Simulated campaigns: 100,000 in the long suite.
const CAMPAIGNS: [usize; 2] = [1_500, 100_000];
/// Attempts before all have to meet.
const ATTEMPTS: usize = 2;

fn number(campaign: usize, attempt: usize, office: usize) -> Number {
    Suite::Sha256.hash(format!("{campaign} {attempt} {office}").as_bytes()).0
}

/// Whether the unit that the withholder wants is drawn.
fn wanted(sealed: &Sealed, seed: &Seed) -> bool {
    let lots = lot::lots(&sealed.pool, &seed.subject_key());
    let target: Digest = sealed.unit_tickets["unit-0"];
    let winners = lot::select(&sealed.freeze, &sealed.pool, &lots, 0);
    winners.iter().any(|w| sealed.pool.units.ticket(w.unit) == target)
}

/// How far a rate is off, in standard deviations of what it should be.
fn off(count: usize, of: usize, chance: f64) -> f64 {
    let (count, of) = (count as f64, of as f64);
    (count / of - chance) / (chance * (1.0 - chance) / of).sqrt()
}

#[test]
fn t13_a_withholder_gains_one_visible_retry_and_with_a_beacon_nothing() {
    let campaigns = scaled(CAMPAIGNS[0], CAMPAIGNS[1]);
    let chance = DRAWN as f64 / UNITS as f64;
    let bare = seal(&frame(None, DEADLINES_US[0]), &[7; 32]).expect("seal");
    let round = beacon::after(DEADLINES_US[0]);
    let with = seal(&frame(Some(round), DEADLINES_US[0]), &[7; 32]).expect("seal");
    let (mut got, mut aborts, mut got_with) = (0, 0, 0);
    for campaign in 0..campaigns {
        // Without a beacon the last office knows the outcome before it reveals.
        for attempt in 1..=ATTEMPTS {
            let numbers = [0, 1].map(|office| number(campaign, attempt, office));
            match wanted(&bare, &mix(&bare, &numbers, [true, true], &[])) {
                true => {
                    got += 1;
                    break;
                }
                false if attempt < ATTEMPTS => aborts += 1,
                false => {}
            }
        }
        // With one it can only guess what the round will be, and withhold by its guess.
        let numbers = [0, 1].map(|office| number(campaign, 0, office));
        let reveals = wanted(&with, &mix(&with, &numbers, [true, true], b"a guess"));
        let value = Suite::Sha256.hash(format!("round {campaign}").as_bytes());
        let seed = mix(&with, &numbers, [true, reveals], value.bytes());
        got_with += usize::from(wanted(&with, &seed));
    }
    let retried = 1.0 - (1.0 - chance).powi(ATTEMPTS as i32);
    println!(
        "of {campaigns}: {got} without a beacon ({} expected with {aborts} visible aborts), \
         {got_with} with one ({} expected)",
        retried * campaigns as f64,
        chance * campaigns as f64,
    );
    assert!(off(got, campaigns, retried).abs() < 4.0, "{got} of {campaigns}, {retried} expected");
    assert!(off(got, campaigns, chance) > 4.0, "the retry is worth something");
    assert!(off(aborts, campaigns, 1.0 - chance).abs() < 4.0, "and shows: {aborts} aborts");
    assert!(off(got_with, campaigns, chance).abs() < 4.0, "{got_with} of {campaigns}");
}

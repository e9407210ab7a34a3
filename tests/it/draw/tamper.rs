//! One flipped bit anywhere in a bundle is found, and the step is named.

use onevisit::draw::verify::{Step, verify};
use serde_json::{Value, json};

use super::vectors::load;
use crate::harness::scaled;

/// Flips per vector, spread over the file: 100,000 over both in the long suite.
const FLIPS: [usize; 2] = [2_000, 50_000];

fn every_flip_is_found(name: &str) {
    let good = load(name).bundle();
    assert!(verify(&good).is_ok());
    let bits = good.len() * 8;
    let stride = (bits / scaled(FLIPS[0], FLIPS[1])).max(1);
    for bit in (0..bits).step_by(stride) {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&bad).is_err(), "bit {bit} of {name} may be flipped unnoticed");
    }
}

#[test]
fn flips_in_tiny() {
    every_flip_is_found("tiny");
}

#[test]
fn flips_in_sm3() {
    every_flip_is_found("sm3");
}

/// Changes the bundle as canonical JSON, so that only its meaning is wrong.
fn step_after(change: impl FnOnce(&mut Value)) -> Step {
    let mut bundle: Value = serde_json::from_slice(&load("tiny").bundle()).expect("json");
    change(&mut bundle);
    let bytes = onevisit::domain::canon::to_bytes(&bundle).expect("canonical");
    verify(&bytes).expect_err("a changed bundle").step
}

#[test]
fn the_first_wrong_step_is_named() {
    assert_eq!(step_after(|b| b["format"] = json!("onevisit-bundle/2")), Step::Format);
    assert_eq!(step_after(|b| b["freeze"] = json!("{}")), Step::Freeze);
    assert_eq!(step_after(|b| b["pool"]["units"][3]["stratum"] = json!("risk:A+")), Step::Units);
    assert_eq!(step_after(|b| b["pool"]["inspectors"][0]["cap"] = json!(1)), Step::Inspectors);
    assert_eq!(
        step_after(|b| {
            b["pool"]["avoid"].as_array_mut().expect("list").pop();
        }),
        Step::Pairs
    );
    assert_eq!(step_after(|b| b["reveals"][0] = json!("02".repeat(32))), Step::Reveals);
    assert_eq!(step_after(|b| b["published"]["seed"] = json!("00".repeat(32))), Step::Seed);
    assert_eq!(step_after(|b| b["published"]["winners"][0]["rank"] = json!(2)), Step::Winners);
    assert_eq!(
        step_after(|b| b["published"]["visits"][0]["sections"][0]["team"][0] = json!(null)),
        Step::Visits
    );
    assert_eq!(
        step_after(|b| b["published"]["result_root"] = json!("00".repeat(32))),
        Step::Result
    );
}

#[test]
fn a_quota_that_does_not_follow_from_its_rule_is_named() {
    let step = step_after(|b| {
        let mut freeze: Value =
            serde_json::from_str(b["freeze"].as_str().expect("text")).expect("json");
        freeze["quotas"]["fire"]["risk:A"]["draw"] = json!(1);
        let bytes = onevisit::domain::canon::to_bytes(&freeze).expect("canonical");
        b["freeze"] = json!(String::from_utf8(bytes).expect("text"));
    });
    assert_eq!(step, Step::Quotas);
}

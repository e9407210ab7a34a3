//! Two verifiers, written apart from each other, say the same of every bundle.

use onevisit::draw::verify::verify;

use onevisit::demo::Random;

use super::random::bundle;
use super::vectors::load;
use crate::harness::python::Python;
use crate::harness::scaled;

/// Bits of a bundle that are flipped, one after the other.
const FLIPS: usize = 60;

/// The first wrong step by Rust, written as the Python program writes it.
pub fn verdict(file: &[u8]) -> String {
    match verify(file) {
        Ok(_) => "ok".to_owned(),
        Err(failure) => failure.step.to_string().split(' ').next().expect("a number").to_owned(),
    }
}

#[test]
fn python_agrees_on_the_vectors() {
    let mut python = Python::start();
    for name in ["tiny", "small", "tight", "repair", "sm3"] {
        assert_eq!(python.verdict(&load(name).bundle()), "ok", "{name}");
    }
    // The vectors' beacon is no round of the real network.
    assert_eq!(python.verdict(&load("city").bundle()), "V12");
}

/// Random draws: 10,000 in the long suite.
const BUNDLES: [usize; 2] = [150, 10_000];

#[test]
fn python_agrees_on_random_draws() {
    let mut python = Python::start();
    let mut random = Random::new(20_261_124);
    for nth in 0..scaled(BUNDLES[0], BUNDLES[1]) {
        let mut file = bundle(&mut random);
        assert_eq!((verdict(&file), python.verdict(&file)), ("ok".into(), "ok".into()), "{nth}");
        // One digit changed, where JSON stays JSON: both find it, in the same step.
        let digits: Vec<usize> = (0..file.len()).filter(|i| file[*i].is_ascii_digit()).collect();
        let at = *random.pick(&digits);
        file[at] = b'0' + (file[at] - b'0' + 1) % 10;
        let (rust, theirs) = (verdict(&file), python.verdict(&file));
        assert!(rust != "ok" && theirs != "ok", "{nth}: {rust} and {theirs}");
    }
}

#[test]
fn python_agrees_on_flipped_bits() {
    let mut python = Python::start();
    let good = load("tiny").bundle();
    let stride = (good.len() * 8 / FLIPS) | 1;
    for bit in (0..good.len() * 8).step_by(stride) {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let (rust, theirs) = (verdict(&bad), python.verdict(&bad));
        assert!(rust != "ok" && theirs != "ok", "bit {bit}: {rust} and {theirs}");
    }
}

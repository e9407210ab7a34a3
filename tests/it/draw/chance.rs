//! Many simulated draws: everybody has the same chance, alone and in pairs, and the load is even.

use std::collections::BTreeMap;

use onevisit::draw::frame::{Frame, Inspector, Join, Slot, Unit};
use onevisit::draw::freeze::seal;
use onevisit::draw::quota::{QuotaRule, RatioBase};
use onevisit::draw::seed::Seed;
use onevisit::draw::{Digest, Suite, draw};
use serde_json::json;

use crate::harness::scaled;

/// Draws: 100,000 in the long suite.
const DRAWS: [usize; 2] = [5_000, 100_000];
/// Draws under one freeze; tickets change with the freeze, lots with the seed.
const PER_FREEZE: usize = 500;
/// Units of each stratum.
const UNITS: usize = 24;
/// (department, units drawn of each stratum, every how many units it holds).
const DEPARTMENTS: [(&str, u64, usize); 3] = [("fire", 3, 2), ("health", 4, 3), ("market", 6, 1)];
/// Quantile of 0.999 of the standard normal distribution.
const Z_999: f64 = 3.0902;

fn frame() -> Frame {
    let unit = |n: usize| {
        let holds = DEPARTMENTS.iter().filter(|(.., every)| n.is_multiple_of(*every));
        Unit {
            id: format!("unit-{n:03}"),
            record: json!({ "n": n }),
            stratum: format!("risk:{}", n % 2),
            departments: holds.map(|(d, ..)| ((*d).into(), "in:default".into())).collect(),
        }
    };
    let person = |n: usize| Inspector {
        id: format!("person-{n}"),
        record: json!({ "n": n }),
        department: DEPARTMENTS[n % 3].0.into(),
        tier: 0,
        may_lead: true,
        cap: 1_000,
        tags: Vec::new(),
    };
    let slot = || Slot { lead: false, requires: Vec::new() };
    let count = |k: u64| QuotaRule { count: Some(k), basis_points: None, min: None, max: None };
    let rules = |k| (0..2).map(|s| (format!("risk:{s}"), count(k))).collect();
    Frame {
        alg: Suite::Sha256,
        draw_id: "campaigns/chance/draws/1".into(),
        attempt: 1,
        lead: "market".into(),
        join: Join::DrawnOnly,
        ratio_base: RatioBase::Eligible,
        profiles: BTreeMap::from([("default".to_owned(), vec![slot(), slot()])]),
        quotas: DEPARTMENTS.iter().map(|(d, k, _)| ((*d).to_owned(), rules(*k))).collect(),
        units: (0..2 * UNITS).map(unit).collect(),
        inspectors: (0..15).map(person).collect(),
        avoid: Vec::new(),
        keep: Vec::new(),
        contributors: vec!["甲".into(), "乙".into()],
        beacon: None,
        context: BTreeMap::new(),
    }
}

/// How often each unit, and each pair, was drawn by one department in one stratum.
#[derive(Default)]
struct Counted {
    units: BTreeMap<usize, f64>,
    pairs: BTreeMap<(usize, usize), f64>,
}

/// The standard normal score of a chi-square value (Wilson and Hilferty).
fn score(chi_square: f64, freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    ((chi_square / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
}

#[test]
fn chances_are_equal_alone_and_in_pairs() {
    let frame = frame();
    let draws = scaled(DRAWS[0], DRAWS[1]);
    let mut counted: BTreeMap<(String, String), Counted> = BTreeMap::new();
    for freeze in 0..draws / PER_FREEZE {
        let secret = Suite::Sha256.hash(format!("secret {freeze}").as_bytes());
        let sealed = seal(&frame, &secret.0).expect("seal");
        let names: BTreeMap<Digest, usize> = sealed
            .unit_tickets
            .iter()
            .map(|(id, ticket)| (*ticket, id[5..].parse().expect("a number")))
            .collect();
        for nth in 0..PER_FREEZE {
            let number = Suite::Sha256.hash(format!("number {nth}").as_bytes());
            let seed = Seed::preview(Suite::Sha256, &secret, &number.0);
            let outcome = draw(&sealed.freeze, &sealed.pool, &seed);
            let mut drawn: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
            for w in &outcome.winners {
                let key = (w.department.to_string(), w.stratum.to_string());
                drawn.entry(key).or_default().push(names[&sealed.pool.units.ticket(w.unit)]);
            }
            for (key, mut units) in drawn {
                units.sort_unstable();
                let counted = counted.entry(key).or_default();
                for (i, a) in units.iter().enumerate() {
                    *counted.units.entry(*a).or_default() += 1.0;
                    for b in &units[i + 1..] {
                        *counted.pairs.entry((*a, *b)).or_default() += 1.0;
                    }
                }
            }
            even(&sealed.pool.inspectors, &outcome.visits);
        }
    }
    assert_eq!(counted.len(), 5, "health holds units of both strata, fire of one");
    for ((department, stratum), counted) in counted {
        check(&format!("{department} {stratum}"), &counted, draws as f64);
    }
}

fn check(what: &str, counted: &Counted, draws: f64) {
    let n = counted.units.len() as f64;
    let k = counted.units.values().sum::<f64>() / draws;
    let chance = k / n;
    let deviation: f64 = counted.units.values().map(|found| (found - draws * chance).powi(2)).sum();
    // Each draw takes exactly k of n, which is why the variance is that of sampling without return.
    let chi_square = deviation * (n - 1.0) / (n * draws * chance * (1.0 - chance));
    let z = score(chi_square, n - 1.0);
    assert!(z.abs() < Z_999, "{what}: chances of {n} units, z = {z}");
    let pairs = n * (n - 1.0) / 2.0;
    assert_eq!(counted.pairs.len() as f64, pairs, "{what}: every pair was drawn");
    let chance = k * (k - 1.0) / (n * (n - 1.0));
    let spread = (draws * chance * (1.0 - chance)).sqrt();
    let far = counted.pairs.values().map(|found| ((found - draws * chance) / spread).abs());
    // The farthest of so many pairs: Z for 0.001 over all of them together, by Bonferroni.
    let bound = (2.0 * (2.0 * pairs / 0.001).ln()).sqrt();
    let farthest = far.fold(0.0, f64::max);
    assert!(farthest < bound, "{what}: a pair is {farthest} spreads off, bound {bound}");
}

/// Interchangeable inspectors of a department differ by one visit at most.
fn even(people: &[onevisit::draw::pool::InspectorLeaf], visits: &[onevisit::draw::visits::Visit]) {
    let mut loads = vec![0_u64; people.len()];
    for member in visits.iter().flat_map(|v| &v.sections).flat_map(|s| &s.team).flatten() {
        loads[*member] += 1;
    }
    for (department, ..) in DEPARTMENTS {
        let own = || people.iter().zip(&loads).filter(|(p, _)| p.department == department);
        let (least, most) = (own().map(|o| o.1).min(), own().map(|o| o.1).max());
        assert!(most <= least.map(|l| l + 1).as_ref(), "{department}: {least:?} to {most:?}");
    }
}

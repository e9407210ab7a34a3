//! Dealing teams against a min-cost-flow model of the same case.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use onevisit::domain::profile::{Join, Slot};
use onevisit::draw::deal::deal;
use onevisit::draw::frame::{Frame, Inspector, Unit};
use onevisit::draw::freeze::{Sealed, seal};
use onevisit::draw::lot::{lots, select};
use onevisit::draw::quota::{QuotaRule, RatioBase};
use onevisit::draw::seed::Seed;
use onevisit::draw::visits::{Visit, merge};
use onevisit::draw::{Digest, Suite};
use serde_json::{Value, json};

use super::{Measured, RUNS, time};

const DEPARTMENTS: [&str; 3] = ["fire", "health", "market"];
/// One unit in so many is avoided by each inspector.
const AVOID_EVERY: usize = 100;

/// Three departments a visit; the lead sends two, the others one; 1 % of pairs may not meet.
fn frame(visits: usize, people: usize) -> Frame {
    let slot = |lead| Slot { lead, requires: Vec::new() };
    let unit = |i: usize| Unit {
        id: format!("u{i}"),
        record: Value::Null,
        stratum: "risk:U".into(),
        departments: DEPARTMENTS
            .iter()
            .map(|d| ((*d).to_owned(), if *d == "market" { "in:two" } else { "in:one" }.to_owned()))
            .collect(),
    };
    let person = |i: usize| Inspector {
        id: format!("p{i}"),
        record: Value::Null,
        department: DEPARTMENTS[i % 3].to_owned(),
        tier: 0,
        may_lead: true,
        cap: 1_000_000,
        tags: Vec::new(),
    };
    let rule = BTreeMap::from([("risk:U".to_owned(), QuotaRule::share(10_000))]);
    let pairs = (0..people).flat_map(|p| {
        (0..visits).filter(move |u| (u * 31 + p * 17) % AVOID_EVERY == 0).map(move |u| (u, p))
    });
    Frame {
        alg: Suite::Sha256,
        draw_id: "campaigns/bench/draws/1".into(),
        attempt: 1,
        lead: "market".into(),
        join: Join::DrawnOnly,
        ratio_base: RatioBase::Eligible,
        profiles: BTreeMap::from([
            ("one".to_owned(), vec![slot(false)]),
            ("two".to_owned(), vec![slot(true), slot(false)]),
        ]),
        quotas: DEPARTMENTS.iter().map(|d| ((*d).to_owned(), rule.clone())).collect(),
        units: (0..visits).map(unit).collect(),
        inspectors: (0..people).map(person).collect(),
        avoid: pairs.map(|(u, p)| (format!("u{u}"), format!("p{p}"))).collect(),
        keep: Vec::new(),
        contributors: vec!["a".into(), "b".into()],
        beacon: None,
        context: BTreeMap::new(),
    }
}

fn case(sealed: &Sealed, visits: &[Visit]) -> Value {
    let department = |d: &&str| {
        let own: Vec<usize> = (0..sealed.pool.inspectors.len())
            .filter(|i| sealed.pool.inspectors[*i].department == **d)
            .collect();
        let part = |v: &Visit| {
            let unit = sealed.pool.units.ticket(v.unit);
            let banned: Vec<usize> = (0..own.len())
                .filter(|p| {
                    let pair = (unit, sealed.pool.inspectors[own[*p]].ticket);
                    sealed.pool.avoid.binary_search(&pair).is_ok()
                })
                .collect();
            let slots = v.sections.iter().find(|s| s.department == **d).map_or(0, |s| s.team.len());
            json!({ "slots": slots, "banned": banned })
        };
        json!({ "people": own.len(), "parts": visits.iter().map(part).collect::<Vec<_>>() })
    };
    DEPARTMENTS.iter().map(department).collect()
}

fn flow(case: &Value) -> (Duration, i64) {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut python = Command::new(format!("{root}/.tools/bench/bin/python"))
        .arg(format!("{root}/tests/bench/flow.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python, which tests/bench/run installs");
    let bytes = serde_json::to_vec(case).expect("json");
    python.stdin.take().expect("stdin").write_all(&bytes).expect("case");
    let output = python.wait_with_output().expect("flow.py");
    assert!(output.status.success(), "flow.py failed");
    let said: Value = serde_json::from_slice(&output.stdout).expect("json");
    let seconds = said["seconds"].as_f64().expect("seconds");
    (Duration::from_secs_f64(seconds), said["squares"].as_i64().expect("squares"))
}

fn one(visits: usize, people: usize) -> Measured {
    let sealed = seal(&frame(visits, people), &[1; 32]).expect("seal");
    let seed = Seed::preview(Suite::Sha256, &Digest::default(), &[1; 32]);
    let lots = lots(&sealed.pool, &seed.subject_key());
    let winners = select(&sealed.freeze, &sealed.pool, &lots, 0);
    let empty = merge(&sealed.freeze, &sealed.pool, &lots, &winners);
    let case = case(&sealed, &empty);
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    let (mut squares, mut least) = (0, 0);
    for _ in 0..RUNS {
        let mut filled = empty.clone();
        let (took, count) = time(|| deal(&sealed.freeze, &sealed.pool, &seed, &mut filled));
        assert_eq!(count.short, 0);
        ours.push(took);
        let mut load = vec![0i64; sealed.pool.inspectors.len()];
        let members = filled.iter().flat_map(|v| &v.sections).flat_map(|s| &s.team);
        members.flatten().for_each(|i| load[*i] += 1);
        squares = load.iter().map(|n| n * n).sum();
        let (took, optimum) = flow(&case);
        reference.push(took);
        least = optimum;
    }
    Measured {
        what: format!(
            "dealing {visits} visits to {people} inspectors, against OR-Tools min-cost flow (solve only)"
        ),
        ours,
        reference,
        aim: "50 x",
        note: format!("sum of squared loads {squares}, optimum {least}"),
    }
}

pub fn against_min_cost_flow() -> Vec<Measured> {
    vec![one(1_000, 300), one(5_000, 1_000)]
}

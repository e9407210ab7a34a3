//! Small frames of every shape, from a seed.

use std::collections::BTreeMap;

use onevisit::demo::Random;
use onevisit::draw::bundle::Bundle;
use onevisit::draw::frame::{Frame, Inspector, Join, Slot, Unit};
use onevisit::draw::freeze::{freeze_hash, seal};
use onevisit::draw::quota::{QuotaRule, RatioBase};
use onevisit::draw::seed::{Seed, commitment};
use onevisit::draw::{Suite, draw};
use serde_json::json;

const DEPARTMENTS: [&str; 4] = ["消防", "fire", "health", "market"];
const TAGS: [&str; 3] = ["food", "特种设备", "tax"];

fn number(random: &mut Random) -> [u8; 32] {
    std::array::from_fn(|_| u8::try_from(random.below(256)).expect("a byte"))
}

fn slots(random: &mut Random) -> Vec<Slot> {
    (0..1 + random.below(3))
        .map(|n| Slot {
            lead: n == 0 && random.chance(700),
            requires: TAGS.iter().filter(|_| random.chance(150)).map(|t| (*t).into()).collect(),
        })
        .collect()
}

fn rule(random: &mut Random) -> QuotaRule {
    let mut some = |most: u64| random.chance(400).then(|| random.below(most));
    let (min, max) = (some(4), some(6));
    match random.chance(600) {
        true => QuotaRule { min, max, ..QuotaRule::share(random.below(10_001)) },
        false => QuotaRule { count: Some(random.below(8)), basis_points: None, min, max },
    }
}

fn unit(random: &mut Random, nth: u64, profiles: &[&str]) -> Unit {
    let mut departments = BTreeMap::new();
    for department in DEPARTMENTS {
        if random.chance(600) {
            let status = match random.chance(850) {
                true => format!("in:{}", random.pick(profiles)),
                false => "x:ANNUAL_CAP".to_owned(),
            };
            departments.insert(department.to_owned(), status);
        }
    }
    let id = format!("单位-{nth}");
    let record = json!({ "id": id, "n": nth });
    Unit { id, record, stratum: format!("risk:{}", random.below(2)), departments }
}

fn inspector(random: &mut Random, nth: u64) -> Inspector {
    Inspector {
        id: format!("person-{nth}"),
        record: json!({ "n": nth }),
        department: (*random.pick(&DEPARTMENTS)).to_owned(),
        tier: random.below(2),
        may_lead: random.chance(500),
        cap: random.below(5),
        tags: TAGS.iter().filter(|_| random.chance(600)).map(|t| (*t).into()).collect(),
    }
}

fn pairs(random: &mut Random, units: &[Unit], people: &[Inspector]) -> Vec<(String, String)> {
    let count = random.below(6);
    (0..count).map(|_| (random.pick(units).id.clone(), random.pick(people).id.clone())).collect()
}

fn frame(random: &mut Random) -> Frame {
    let profiles = ["default", "food"];
    let units: Vec<Unit> = (0..1 + random.below(24)).map(|n| unit(random, n, &profiles)).collect();
    let inspectors: Vec<Inspector> =
        (0..1 + random.below(14)).map(|n| inspector(random, n)).collect();
    let rules = |random: &mut Random| {
        (0..2).map(|s| (format!("risk:{s}"), rule(random))).collect::<BTreeMap<_, _>>()
    };
    Frame {
        alg: if random.chance(250) { Suite::Sm3 } else { Suite::Sha256 },
        draw_id: "campaigns/随机/draws/1".into(),
        attempt: 1,
        lead: (*random.pick(&DEPARTMENTS)).to_owned(),
        join: if random.chance(500) { Join::DrawnOnly } else { Join::AllApplicable },
        ratio_base: if random.chance(500) { RatioBase::Eligible } else { RatioBase::Registered },
        profiles: profiles.iter().map(|p| ((*p).to_owned(), slots(random))).collect(),
        quotas: DEPARTMENTS[1..].iter().map(|d| ((*d).to_owned(), rules(random))).collect(),
        avoid: pairs(random, &units, &inspectors),
        keep: pairs(random, &units, &inspectors),
        units,
        inspectors,
        contributors: vec!["甲".into(), "乙".into()],
        beacon: None,
        context: BTreeMap::from([("scope".to_owned(), "全部".to_owned())]),
    }
}

/// The bundle of a random draw.
pub fn bundle(random: &mut Random) -> Vec<u8> {
    let frame = frame(random);
    let sealed = seal(&frame, &number(random)).expect("seal");
    let hash = freeze_hash(frame.alg, &sealed.freeze_bytes);
    let numbers: Vec<[u8; 32]> = frame.contributors.iter().map(|_| number(random)).collect();
    let commitments: Vec<_> = frame
        .contributors
        .iter()
        .zip(&numbers)
        .map(|(office, number)| commitment(frame.alg, &hash, office, number))
        .collect();
    let reveals: Vec<_> = numbers.into_iter().map(Some).collect();
    let seed = Seed::mix(&sealed.freeze, &hash, &commitments, &reveals, &[]).expect("seed");
    let outcome = draw(&sealed.freeze, &sealed.pool, &seed);
    let bundle = Bundle::new(&sealed, &commitments, &reveals, &[], &seed, &outcome);
    bundle.and_then(|b| b.to_bytes()).expect("bundle")
}

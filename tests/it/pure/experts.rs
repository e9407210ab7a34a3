//! The pick of experts, without a database.

use std::collections::{BTreeMap, BTreeSet};

use onevisit::draw::hash::{Digest, Suite};
use onevisit::frame::experts::{Expert, Experts, Need, pick};

fn digest(n: u8) -> Digest {
    Digest([n; 32])
}

fn pool(experts: &[(u8, u64, &[&str])]) -> Experts {
    let expert = |(n, cap, professions): &(u8, u64, &[&str])| Expert {
        cap: *cap,
        professions: professions.iter().map(|p| (*p).to_owned()).collect(),
        ticket: digest(*n),
    };
    Experts { avoid: BTreeSet::new(), experts: experts.iter().map(expert).collect() }
}

fn needs(visits: u8, professions: &[&str]) -> Vec<Need> {
    let of = |rank: u8| {
        professions.iter().map(move |p| Need {
            rank: i64::from(rank),
            unit: digest(100 + rank),
            profession: (*p).to_owned(),
        })
    };
    (1..=visits).flat_map(of).collect()
}

#[test]
fn experts_share_the_visits_evenly() {
    let pool = pool(&[(1, 0, &["a"]), (2, 0, &["a"]), (3, 0, &["a"])]);
    let needs = needs(60, &["a"]);
    let picks = pick(Suite::Sha256, &digest(9), &pool, &needs);
    let mut loads: BTreeMap<Digest, usize> = BTreeMap::new();
    for expert in picks.iter().filter_map(|p| p.expert) {
        *loads.entry(expert).or_default() += 1;
    }
    assert_eq!(loads.into_values().collect::<Vec<_>>(), [20, 20, 20]);
    assert_eq!(pick(Suite::Sha256, &digest(9), &pool, &needs), picks, "the same again");
    assert_ne!(pick(Suite::Sha256, &digest(8), &pool, &needs), picks, "by the seed");
    assert_ne!(pick(Suite::Sm3, &digest(9), &pool, &needs), picks, "by the suite");
}

#[test]
fn caps_professions_and_pairs_are_kept() {
    let mut pool = pool(&[(1, 2, &["a"]), (2, 0, &["b"])]);
    let found = |pool: &Experts| -> Vec<Option<Digest>> {
        let picks = pick(Suite::Sha256, &digest(9), pool, &needs(3, &["a", "b"]));
        picks.into_iter().map(|p| p.expert).collect()
    };
    let (one, two) = (Some(digest(1)), Some(digest(2)));
    assert_eq!(found(&pool), [one, two, one, two, None, two], "two visits and no more");
    pool.avoid.insert((digest(101), digest(2)));
    assert_eq!(found(&pool), [one, None, one, two, None, two]);
    // Nobody stands for two professions at one door.
    pool.experts[1].professions = vec!["a".into(), "b".into()];
    pool.experts.remove(0);
    pool.avoid.clear();
    assert_eq!(found(&pool), [two, None, two, None, two, None]);
}

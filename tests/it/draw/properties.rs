//! What a shared draw promises, for any frame.

use std::collections::BTreeMap;

use onevisit::draw::frame::{Frame, Inspector, Join, Slot, Unit};
use onevisit::draw::freeze::{freeze_hash, seal};
use onevisit::draw::lot::{lots, select};
use onevisit::draw::pool::Pool;
use onevisit::draw::quota::{QuotaRule, RatioBase};
use onevisit::draw::seed::Seed;
use onevisit::draw::{Digest, Freeze, Outcome, Sealed, Suite, draw, result};
use proptest::prelude::*;
use serde_json::json;

const SECRET: [u8; 32] = [9; 32];
const DEPARTMENTS: [&str; 3] = ["fire", "health", "market"];

/// (which departments hold the unit, as bits; stratum; excluded for the first of them)
type Shape = Vec<(u8, u8, bool)>;

fn shapes() -> impl Strategy<Value = Shape> {
    prop::collection::vec((1..8u8, 0..2u8, prop::bool::weighted(0.1)), 1..120)
}

fn frame(shape: &Shape, share: u64) -> Frame {
    let unit = |(i, (bits, stratum, out)): (usize, &(u8, u8, bool))| {
        let held = DEPARTMENTS.iter().enumerate().filter(|(d, _)| bits & (1 << d) != 0);
        let status = |n: usize| if *out && n == 0 { "x:ANNUAL_CAP" } else { "in:default" };
        let id = format!("unit-{i:04}");
        Unit {
            record: json!({ "id": id }),
            id,
            stratum: format!("risk:{stratum}"),
            departments: held
                .enumerate()
                .map(|(n, (_, d))| ((*d).to_owned(), status(n).to_owned()))
                .collect(),
        }
    };
    let person = |i: usize| Inspector {
        id: format!("person-{i}"),
        record: json!({ "i": i }),
        department: DEPARTMENTS[i % 3].to_owned(),
        tier: 0,
        may_lead: i.is_multiple_of(2),
        cap: 1_000,
        tags: Vec::new(),
    };
    let slot = |lead| Slot { lead, requires: Vec::new() };
    let rules: BTreeMap<String, QuotaRule> =
        (0..2).map(|s| (format!("risk:{s}"), QuotaRule::share(share))).collect();
    Frame {
        alg: Suite::Sha256,
        draw_id: "campaigns/p/draws/1".into(),
        attempt: 1,
        lead: "market".into(),
        join: Join::DrawnOnly,
        ratio_base: RatioBase::Eligible,
        profiles: BTreeMap::from([("default".to_owned(), vec![slot(true), slot(false)])]),
        quotas: DEPARTMENTS.iter().map(|d| ((*d).to_owned(), rules.clone())).collect(),
        units: shape.iter().enumerate().map(unit).collect(),
        inspectors: (0..12).map(person).collect(),
        avoid: Vec::new(),
        keep: Vec::new(),
        contributors: vec!["甲".into(), "乙".into()],
        beacon: None,
        context: BTreeMap::new(),
    }
}

fn drawn(frame: &Frame) -> (Sealed, Seed, Outcome) {
    let sealed = seal(frame, &SECRET).expect("seal");
    // A fixed seed: what is compared is what the pool does, not what the freeze hash does.
    let seed = Seed::preview(Suite::Sha256, &Digest::default(), &[3; 32]);
    let outcome = draw(&sealed.freeze, &sealed.pool, &seed);
    (sealed, seed, outcome)
}

/// (department, stratum) to the drawn unit ids in rank order, with `reserves` more.
fn ranked(frame: &Frame, reserves: u64) -> BTreeMap<(String, String), Vec<String>> {
    let (sealed, seed, _) = drawn(frame);
    let names: BTreeMap<Digest, &String> =
        sealed.unit_tickets.iter().map(|(id, t)| (*t, id)).collect();
    let lots = lots(&sealed.pool, &seed.subject_key());
    let mut out: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for w in select(&sealed.freeze, &sealed.pool, &lots, reserves) {
        let id = names[&sealed.pool.units.ticket(w.unit)].clone();
        out.entry((w.department.to_string(), w.stratum.to_string())).or_default().push(id);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_of_input_changes_nothing(shape in shapes(), turn in 0..100usize) {
        let frame_a = frame(&shape, 1_500);
        let mut frame_b = frame_a.clone();
        let middle = turn % frame_b.units.len();
        frame_b.units.rotate_left(middle);
        frame_b.units.reverse();
        frame_b.inspectors.reverse();
        let (a, _, first) = drawn(&frame_a);
        let (b, _, second) = drawn(&frame_b);
        prop_assert_eq!(a.freeze_bytes, b.freeze_bytes);
        prop_assert_eq!(first, second);
    }

    #[test]
    fn a_unit_that_was_not_drawn_may_go(shape in shapes(), which in 0..100usize) {
        // Fixed numbers, so that the quota does not move with the size of the registry.
        let mut whole = frame(&shape, 0);
        for rule in whole.quotas.values_mut().flat_map(BTreeMap::values_mut) {
            *rule = QuotaRule { count: Some(3), ..QuotaRule::default() };
        }
        let before = ranked(&whole, 0);
        let gone = whole.units[which % whole.units.len()].id.clone();
        let reserve = ranked(&whole, 1);
        let mut rest = whole.clone();
        rest.units.retain(|u| u.id != gone);
        let after = ranked(&rest, 0);
        for (key, winners) in &before {
            let now = after.get(key).cloned().unwrap_or_default();
            if winners.contains(&gone) {
                // Exactly the next rank comes in, at the end.
                let want: Vec<String> = reserve[key].iter().filter(|id| **id != gone).cloned().collect();
                prop_assert_eq!(&now, &want);
            } else {
                prop_assert_eq!(&now, winners);
            }
        }
    }

    #[test]
    fn one_more_extends_the_draw(shape in shapes(), k in 1..6u64) {
        let mut few = frame(&shape, 0);
        let set = |frame: &mut Frame, k: u64| {
            for rule in frame.quotas.values_mut().flat_map(BTreeMap::values_mut) {
                *rule = QuotaRule { count: Some(k), ..QuotaRule::default() };
            }
        };
        set(&mut few, k);
        let mut more = few.clone();
        set(&mut more, k + 1);
        let (few, more) = (ranked(&few, 0), ranked(&more, 0));
        for (key, winners) in &few {
            prop_assert_eq!(&more[key][..winners.len()], &winners[..]);
        }
    }

    #[test]
    fn everybody_drawn_is_visited_once_by_a_whole_team(shape in shapes()) {
        let (sealed, _, outcome) = drawn(&frame(&shape, 3_000));
        let sections: usize = outcome.visits.iter().map(|v| v.sections.len()).sum();
        prop_assert_eq!(sections, outcome.winners.len());
        prop_assert_eq!(outcome.dealt.short, 0);
        for section in outcome.visits.iter().flat_map(|v| &v.sections) {
            let team: Vec<usize> = section.team.iter().flatten().copied().collect();
            prop_assert_eq!(team.len(), 2);
            prop_assert_ne!(team[0], team[1]);
            for person in &team {
                prop_assert_eq!(&sealed.pool.inspectors[*person].department, &section.department);
            }
            if section.department == sealed.freeze.lead {
                prop_assert!(sealed.pool.inspectors[team[0]].may_lead);
            }
        }
    }

    // Nobody stands twice at one door, so the last slots may cost one visit more than an even deal.
    #[test]
    fn load_is_even(shape in shapes()) {
        let mut even = frame(&shape, 4_000);
        even.inspectors.iter_mut().for_each(|i| i.may_lead = true);
        let (sealed, _, outcome) = drawn(&even);
        for department in DEPARTMENTS {
            let load = load(&sealed.pool, &outcome, department);
            let (least, most) = (load.iter().min(), load.iter().max());
            prop_assert!(most.zip(least).is_none_or(|(m, l)| m - l <= 2), "{department}: {load:?}");
        }
    }
}

fn load(pool: &Pool, outcome: &Outcome, department: &str) -> Vec<usize> {
    let own = |i: &usize| pool.inspectors[*i].department == department;
    let members =
        || outcome.visits.iter().flat_map(|v| &v.sections).flat_map(|s| &s.team).flatten();
    (0..pool.inspectors.len()).filter(own).map(|i| members().filter(|m| **m == i).count()).collect()
}

#[test]
fn freezing_refuses_what_is_not_nfc() {
    let mut bad = frame(&vec![(1, 0, false)], 1_000);
    bad.units[0].id = "e\u{301}".into();
    assert!(seal(&bad, &SECRET).is_err());
}

#[test]
fn freezing_refuses_a_repeated_unit_and_an_unknown_profile() {
    let mut twice = frame(&vec![(1, 0, false), (1, 0, false)], 1_000);
    twice.units[1].id = twice.units[0].id.clone();
    assert!(seal(&twice, &SECRET).is_err());
    let mut unknown = frame(&vec![(1, 0, false)], 1_000);
    unknown.units[0].departments.insert("fire".into(), "in:nobody".into());
    assert!(seal(&unknown, &SECRET).is_err());
}

#[test]
fn freeze_bytes_are_read_back_only_when_canonical() {
    let (sealed, ..) = drawn(&frame(&vec![(7, 0, false); 5], 1_000));
    assert_eq!(Freeze::from_bytes(&sealed.freeze_bytes).expect("canonical"), sealed.freeze);
    let spaced = [&sealed.freeze_bytes[..1], b" ", &sealed.freeze_bytes[1..]].concat();
    assert!(Freeze::from_bytes(&spaced).is_err());
}

#[test]
fn a_preview_seed_is_of_another_domain() {
    let (sealed, ..) = drawn(&frame(&vec![(7, 0, false); 5], 1_000));
    let hash = freeze_hash(Suite::Sha256, &sealed.freeze_bytes);
    let number = [1; 32];
    let commitments: Vec<Digest> = ["甲", "乙"]
        .map(|name| onevisit::draw::seed::commitment(Suite::Sha256, &hash, name, &number))
        .to_vec();
    let reveals = [Some(number), Some(number)];
    let real = Seed::mix(&sealed.freeze, &hash, &commitments, &reveals, &[]).expect("seed");
    assert_ne!(real.value, Seed::preview(Suite::Sha256, &hash, &number).value);
    let root = result::root(Suite::Sha256, &sealed.pool, &[], &[]);
    assert_eq!(root, Suite::Sha256.hash(&[]), "an empty tree hashes the empty string");
}

#[test]
fn blocks_are_those_of_the_library() {
    use onevisit::draw::chacha::{Blocks, lot};
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};
    for n in 0..200u64 {
        let ticket = Suite::Sha256.hash(&n.to_be_bytes());
        let key = Suite::Sha256.hash(&ticket.0);
        let half = |at: usize| u64::from_le_bytes(ticket.0[at..at + 8].try_into().expect("8"));
        let at = |nonce: u64, counter: u64| {
            let mut library = ChaCha20Rng::from_seed(key.0);
            library.set_stream(nonce);
            library.set_word_pos(16 * u128::from(counter));
            library
        };
        let mut want = [0; 16];
        at(half(8), half(0)).fill_bytes(&mut want);
        assert_eq!(lot(&key, &ticket), want);
        for (i, number) in Blocks::new(&key).numbers(n, n * 3).into_iter().enumerate() {
            assert_eq!(number, at(n, n * 3 + i as u64).next_u64());
        }
    }
}

#[test]
fn lots_that_all_lie_high_are_drawn_all_the_same() {
    let mut many = frame(&vec![(1, 0, false); 3_000], 0);
    for rule in many.quotas.values_mut().flat_map(BTreeMap::values_mut) {
        *rule = QuotaRule { count: Some(5), ..QuotaRule::default() };
    }
    let sealed = seal(&many, &SECRET).expect("seal");
    // No ceiling lets these through: only the second pass can find them.
    let lots = vec![[0xff; 16]; 3_000];
    let winners = select(&sealed.freeze, &sealed.pool, &lots, 0);
    assert_eq!(winners.iter().map(|w| w.unit).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

//! Who is who: mended by named rules, linked with evidence, symmetric and reversible.

use onevisit::matching::cluster::{Decision, Row, resolve};
use onevisit::matching::evidence::Evidence;
use onevisit::matching::read::{Mend, read_id, read_id_or_permit};
use proptest::prelude::*;

use crate::harness::data::code;

fn row(id: &str, name: &str, address: &str) -> Row {
    Row { id: id.into(), name: name.into(), address: address.into(), other_ids: Vec::new() }
}

/// A tax id of the old kind for a code.
fn tax(code: &str) -> String {
    format!("tax:990001{}", &code[8..17])
}

#[test]
fn ids_are_mended_by_named_rules_only() {
    let good = code(7);
    let wide: String =
        good.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).expect("wide")).collect();
    let cases = [
        (good.clone(), vec![]),
        (wide, vec![Mend::FullWidth]),
        (format!(" {good}\u{a0}"), vec![Mend::Space]),
        (format!("{}\u{200b}{}", &good[..5], &good[5..]), vec![Mend::ZeroWidth]),
        (format!("L{good}"), vec![Mend::LeadingL]),
        (format!("{good}(01）"), vec![Mend::FullWidth, Mend::SiteSuffix]),
    ];
    for (raw, mends) in cases {
        let reading = read_id(&raw).expect("readable");
        assert_eq!((reading.id.as_str(), &reading.mends), (good.as_str(), &mends), "{raw:?}");
    }
    assert_eq!(read_id(&format!("{good}(01)")).expect("site").premises, "01");
}

#[test]
fn what_is_wrong_is_named_and_never_guessed() {
    let good = code(7);
    let last = if good.ends_with('0') { '1' } else { '0' };
    assert_eq!(read_id(&format!("{}{last}", &good[..17])), Err("USCC_CHECK_CHARACTER"));
    assert_eq!(read_id(&format!("{}O", &good[..17])), Err("USCC_ALPHABET"));
    assert_eq!(read_id("12345"), Err("USCC_LENGTH"));
    assert_eq!(read_id(""), Err("REQUIRED"));
    assert_eq!(read_id("licence:"), Err("SUBJECT_ID_FORM"));
    assert_eq!(read_id("-"), Err("USCC_LENGTH"));
}

#[test]
fn old_numbers_keep_their_kind() {
    assert_eq!(read_id("230223129428572").expect("legacy").mends, []);
    assert_eq!(read_id("3303021012389").expect("13 digits").id, "reg:3303021012389");
    let id = format!("990001{}", &code(7)[8..17]);
    let scheme = read_id(&id).expect("15").id;
    assert!(scheme == format!("tax:{id}") || scheme == format!("legacy:{id}"), "{scheme}");
}

#[test]
fn a_permit_gives_code_and_site() {
    let permit = vec![format!("permit:{}002P", code(9))];
    let reading = read_id_or_permit("-", &permit).expect("permit");
    assert_eq!((reading.id, reading.premises), (code(9), "002".to_owned()));
    assert_eq!(reading.mends, [Mend::FromPermit]);
    assert_eq!(read_id_or_permit("-", &[]), Err("USCC_LENGTH"));
}

#[test]
fn each_link_has_its_evidence() {
    let (a, b, c) = (code(1), code(2), code(3));
    let mut declared = row("licence:JY1", "丙店铺营业部", "");
    declared.other_ids.push(format!("{c}(01)"));
    let rows = [
        row(&a, "甲商贸有限公司", ""),
        row(&tax(&a), "甲商贸公司旧名", ""),
        row(&b, "乙商贸有限公司", "路2号"),
        row("licence:JY2", "乙商贸有限公司", "路２号"),
        row(&c, "丙商贸有限公司", ""),
        declared,
    ];
    let found = resolve(&rows, &[]);
    let link = |id: &str| found.links.get(id).cloned();
    assert_eq!(link(&tax(&a)), Some((a, Evidence::OrganisationCode)));
    assert_eq!(link("licence:JY2"), Some((b, Evidence::NameAndAddress)));
    assert_eq!(link("licence:JY1"), Some((c, Evidence::DeclaredId)));
    assert!(found.doubtful.is_empty());
}

#[test]
fn doubtful_pairs_wait_for_a_decision_that_can_be_taken_back() {
    let rows =
        [row(&code(1), "甲商贸有限公司", "路1号"), row("licence:JY2", "甲商贸有限公司", "路9号")];
    let pair = (code(1), "licence:JY2".to_owned());
    let open = resolve(&rows, &[]);
    assert!(open.links.is_empty());
    assert_eq!(open.doubtful.get(&pair), Some(&Evidence::SameName));
    let decision = |same| Decision { first: pair.0.clone(), second: pair.1.clone(), same };
    let same = resolve(&rows, &[decision(true)]);
    assert_eq!(same.canonical("licence:JY2"), code(1));
    let different = resolve(&rows, &[decision(false)]);
    assert!(different.links.is_empty() && different.doubtful.is_empty());
    assert_eq!(resolve(&rows, &[]), open);
}

#[test]
fn two_codes_are_never_united_by_evidence_alone() {
    let mut both = row("licence:JY1", "丁店铺营业部", "");
    both.other_ids = vec![code(1), code(2)];
    let rows = [row(&code(1), "甲商贸有限公司", ""), row(&code(2), "乙商贸有限公司", ""), both];
    let found = resolve(&rows, &[]);
    assert_ne!(found.canonical(&code(1)), found.canonical(&code(2)));
    assert!(found.doubtful.values().any(|e| *e == Evidence::JoinsTwoCodes));
}

#[test]
fn masked_names_identify_nobody() {
    let rows =
        [row(&code(1), "五常市某某合作社", "村1号"), row("licence:X", "五常市某某合作社", "村1号")];
    let found = resolve(&rows, &[]);
    assert!(found.links.is_empty() && found.doubtful.is_empty());
}

/// (subject, name, kind of id) per row.
fn picks() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0..6usize, 0..4usize, 0..3usize), 2..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_changes_nothing(picks in picks(), turn in 0..24usize) {
        let names = ["甲商贸有限公司", "乙商贸有限公司", "丙餐饮店铺", "丁某某社"];
        let rows: Vec<Row> = picks.iter().map(|(n, name, kind)| {
            let id = match kind { 0 => code(*n), 1 => tax(&code(*n)), _ => format!("licence:{n}") };
            row(&id, names[*name], if n % 2 == 0 { "路1号" } else { "" })
        }).collect();
        let mut turned = rows.clone();
        let by = turn % turned.len();
        turned.rotate_left(by);
        turned.reverse();
        prop_assert_eq!(resolve(&rows, &[]), resolve(&turned, &[]));
    }
}

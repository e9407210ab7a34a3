//! Two departments' lists of a province, and one firm's several sites.

use std::collections::{BTreeMap, BTreeSet};

use onevisit::matching::cluster::{Row, resolve};
use onevisit::matching::evidence::Evidence;
use onevisit::matching::read::read_id_or_permit;
use onevisit::matching::read_id;

use super::rows;
use crate::harness::real_data;

fn row(id: String, name: &str, address: &str) -> Row {
    Row { id, name: name.to_owned(), address: address.to_owned(), other_ids: Vec::new() }
}

#[test]
fn two_lists_resolve_to_their_common_subjects() {
    let Some(data) = real_data() else { return };
    let market = rows(&data.join("registries/hlj_samr_registry.csv.gz"));
    let tax = rows(&data.join("registries/hlj_tax_class_a_2018.csv"));
    let mut all = Vec::new();
    let mut in_market = BTreeSet::new();
    for r in &market {
        let id = read_id(&r[0]).expect("every code of the registry can be read").id;
        in_market.insert(id.clone());
        all.push(row(id, &r[3], &r[9]));
    }
    let mut tax_ids = BTreeSet::new();
    let mut unread = Vec::new();
    for r in &tax {
        match read_id(&r[0]) {
            Ok(reading) => {
                tax_ids.insert(reading.id.clone());
                all.push(row(reading.id, &r[4], ""));
            }
            Err(rule) => unread.push((r[0].to_owned(), rule)),
        }
    }
    // A code whose check character is wrong, and one that lost a digit: reported, never guessed.
    let want =
        [("91230200828466230G", "USCC_CHECK_CHARACTER"), ("91230103127722678", "USCC_LENGTH")];
    assert_eq!(unread, want.map(|(id, rule)| (id.to_owned(), rule)));
    all.sort();
    let found = resolve(&all, &[]);
    let common: BTreeSet<&str> = tax_ids
        .iter()
        .map(|id| found.canonical(id))
        .filter(|subject| in_market.contains(*subject))
        .collect();
    let linked: Vec<(&String, &(String, Evidence))> =
        found.links.iter().filter(|(id, _)| tax_ids.contains(*id)).collect();
    println!("{} common subjects; links: {linked:?}", common.len());
    assert_eq!(common.len(), 1_961);
    // One number could be a registration number by chance: there the name had to agree as well.
    let by = |evidence| linked.iter().filter(|(_, (_, e))| *e == evidence).count();
    let linked_by = (by(Evidence::OrganisationCode), by(Evidence::OrganisationCodeAndName));
    assert_eq!(linked_by, (linked.len() - 1, 1), "{linked:?}");
}

#[test]
fn sites_of_one_firm_stay_apart() {
    let Some(data) = real_data() else { return };
    let polluters = rows(&data.join("registries/nx_eco_key_polluters.csv"));
    let mut sites: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut recovered = 0;
    for r in &polluters {
        let permit = vec![format!("permit:{}", &r[3])];
        if let Ok(reading) = read_id_or_permit(&r[2], &permit)
            && !reading.id.contains(':')
        {
            assert_eq!(reading.id, r[4], "recovered as the data's own compiler did: {r:?}");
            recovered += 1;
            sites.entry(reading.id).or_default().insert(reading.premises);
        }
    }
    assert_eq!((recovered, sites.len()), (167, 156));
    let several = |id: &str| sites[id].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(several("916400005541616821"), ["01", "03"]);
    assert_eq!(several("916400007106647920"), ["001", "002"]);
    assert_eq!(several("91640000564143891B"), ["001", "002", "003", "004"]);
    assert_eq!(several("91640521694309204K"), ["001"], "one site, listed twice");
}

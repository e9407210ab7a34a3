//! `src/THREATS.md` has every threat, and names only tests and files that there are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../../src/THREATS.md");
/// Threats of the table.
const THREATS: usize = 27;
/// Cells of a row: number, who, attack, what stands against it, tests.
const CELLS: usize = 5;
/// What a row says that has no test, or whose tests are not all there is to do.
const OPEN: &str = "not met yet:";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Vec<&'static str>> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| T"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The text of the file of `tests/it` that holds a module.
fn module(path: &[&str]) -> Option<String> {
    let file = root().join("tests/it").join(path.join("/"));
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    read(&file.with_extension("rs")).or_else(|| read(&file.join("mod.rs")))
}

/// Whether a test runs: on every engine, or by itself.
fn runs(text: &str, name: &str) -> bool {
    let listed = text.split("on_every_engine! {").skip(1).any(|list| {
        let names = list.split('}').next().unwrap_or_default();
        names.split([',', '\n', ' ']).any(|found| found == name)
    });
    let alone = |attribute: &str| {
        text.split(attribute).skip(1).any(|after| {
            let after = after.split('{').next().unwrap_or_default();
            after.contains(&format!("fn {name}("))
        })
    };
    let defined = text.contains(&format!("fn {name}("));
    defined && (listed || alone("#[test]") || alone("#[tokio::test"))
}

fn exists(test: &str) -> bool {
    let parts: Vec<&str> = test.split("::").collect();
    let Some((name, path)) = parts.split_last() else { return false };
    module(path).is_some_and(|text| runs(&text, name))
}

#[test]
fn every_threat_is_on_the_page_with_tests_that_exist() {
    let rows = rows();
    let numbers: Vec<String> = rows.iter().map(|r| r[0].to_owned()).collect();
    let wanted: Vec<String> = (1..=THREATS).map(|n| format!("T{n:02}")).collect();
    assert_eq!(numbers, wanted);
    let mut wrong = Vec::new();
    for row in &rows {
        if row.len() != CELLS || row.iter().any(|cell| cell.is_empty()) {
            wrong.push(format!("{} has not {CELLS} full cells", row[0]));
            continue;
        }
        let tests: Vec<&str> = quoted(row[4]).filter(|q| q.contains("::")).collect();
        if tests.is_empty() && !row[4].contains(OPEN) {
            wrong.push(format!("{} names no test and does not say why", row[0]));
        }
        let lost = tests.iter().filter(|test| !exists(test));
        wrong.extend(lost.map(|test| format!("{}: no test {test}", row[0])));
        let files = quoted(row[3]).filter(|q| q.contains('/'));
        let lost = files.filter(|file| !root().join("src").join(file).exists());
        wrong.extend(lost.map(|file| format!("{}: no file src/{file}", row[0])));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_test_of_a_threat_is_on_the_page() {
    let named: BTreeSet<&str> =
        quoted(PAGE).filter_map(|q| q.rsplit("::").next().filter(|_| q.contains("::"))).collect();
    let mut wrong = Vec::new();
    let mut folders = vec![root().join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let defined = text.lines().filter_map(|l| l.trim_start().split("fn ").nth(1));
            let names = defined.filter_map(|l| l.split('(').next());
            let threat = |name: &&str| {
                let number = name.strip_prefix("threat_").unwrap_or(name);
                let number = number.as_bytes();
                number.len() > 4
                    && number[0] == b't'
                    && number[1..3].iter().all(u8::is_ascii_digit)
                    && number[3] == b'_'
            };
            let lost = names.filter(threat).filter(|name| !named.contains(name));
            wrong.extend(lost.map(|name| format!("{}: {name}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_missing_test_is_noticed() {
    assert!(exists("rpc::fsck::threat_t06_every_raw_change_is_found_and_named"));
    assert!(exists("threat::page::a_missing_test_is_noticed"));
    assert!(!exists("rpc::fsck::threat_t06_every_raw_change"));
    assert!(!exists("rpc::fsck::unguard"), "not a test");
    assert!(!exists("rpc::nowhere::threat_t06_every_raw_change_is_found_and_named"));
}

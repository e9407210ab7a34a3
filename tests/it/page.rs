//! `src/THREATS.md` has every threat and `src/REQUIREMENTS.md` every requirement; both name only tests,
//! files and RPCs that there are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A page with a table of numbered rows.
struct Page {
    text: &'static str,
    /// Numbers that have a row each, in order.
    numbers: fn() -> Vec<String>,
    /// Cells of a row; the last ones say what stands where, and name tests.
    cells: usize,
    /// What a row says that has no test, or whose tests are not all there is to do.
    open: &'static str,
}

const THREATS: Page = Page {
    text: include_str!("../../src/THREATS.md"),
    numbers: || (1..=27).map(|n| format!("T{n:02}")).collect(),
    cells: 5,
    open: "not met yet:",
};

const REQUIREMENTS: Page = Page {
    text: include_str!("../../src/REQUIREMENTS.md"),
    numbers: || (1..=139).map(|n| format!("R{n}")).collect(),
    cells: 4,
    open: "not met:",
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rows(text: &str) -> Vec<Vec<&str>> {
    let numbered = |line: &&str| {
        let digits = line.strip_prefix("| T").or_else(|| line.strip_prefix("| R"));
        digits.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let rows = text.lines().filter(numbered);
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

/// The contract, as one text.
fn contract() -> String {
    let folder = root().join("proto/onevisit/v1");
    let files = std::fs::read_dir(folder).expect("proto").flatten();
    files.map(|file| std::fs::read_to_string(file.path()).expect("proto")).collect()
}

/// What is wrong with a page.
fn faults(page: &Page, text: &str, contract: &str) -> Vec<String> {
    let rows = rows(text);
    let numbers: Vec<&str> = rows.iter().map(|r| r[0]).collect();
    let wanted = (page.numbers)();
    let mut wrong: Vec<String> = Vec::new();
    if numbers != wanted {
        let lost = wanted.iter().filter(|n| !numbers.contains(&n.as_str()));
        wrong.push(format!("rows are out of order, or missing: {:?}", lost.collect::<Vec<_>>()));
    }
    for row in &rows {
        if row.len() != page.cells || row.iter().any(|cell| cell.is_empty()) {
            wrong.push(format!("{} has not {} full cells", row[0], page.cells));
            continue;
        }
        let [.., place, shown] = row[..] else { continue };
        let tests: Vec<&str> = quoted(shown).filter(|q| q.contains("::")).collect();
        if tests.is_empty() && !shown.contains(page.open) {
            wrong.push(format!("{} names no test and does not say why", row[0]));
        }
        let lost = tests.iter().filter(|test| !exists(test));
        wrong.extend(lost.map(|test| format!("{}: no test {test}", row[0])));
        let files = quoted(place).filter(|q| q.contains('/'));
        let lost = files.filter(|file| !root().join("src").join(file).exists());
        wrong.extend(lost.map(|file| format!("{}: no file src/{file}", row[0])));
        let calls = quoted(place).filter(|q| q.bytes().all(|b| b.is_ascii_alphabetic()));
        let lost = calls.filter(|call| !contract.contains(&format!("rpc {call}(")));
        wrong.extend(lost.map(|call| format!("{}: no RPC {call}", row[0])));
    }
    wrong
}

#[test]
fn every_threat_is_on_the_page_with_tests_that_exist() {
    let wrong = faults(&THREATS, THREATS.text, &contract());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_requirement_is_on_the_page_with_tests_that_exist() {
    let wrong = faults(&REQUIREMENTS, REQUIREMENTS.text, &contract());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_missing_row_file_or_call_is_noticed() {
    let contract = contract();
    let faults = |text: &str| faults(&REQUIREMENTS, text, &contract);
    let page = REQUIREMENTS.text;
    let row = page.lines().find(|l| l.starts_with("| R7 |")).expect("a row");
    assert!(faults(&page.replace(row, ""))[0].contains("R7"));
    assert_eq!(faults(&page.replace(row, "| R7 | w | nowhere | |")), ["R7 has not 4 full cells"]);
    let said = "R7 names no test and does not say why";
    assert_eq!(faults(&page.replace(row, "| R7 | w | nowhere | later |")), [said]);
    let gone = "| R7 | w | `app/none.rs`, `CreateNothing` | not met: all |";
    let said = ["R7: no file src/app/none.rs", "R7: no RPC CreateNothing"];
    assert_eq!(faults(&page.replace(row, gone)), said);
    let gone = "| R7 | w | nowhere | `rpc::plans::nothing_at_all` |";
    assert_eq!(faults(&page.replace(row, gone)), ["R7: no test rpc::plans::nothing_at_all"]);
}

#[test]
fn every_test_of_a_threat_is_on_the_page() {
    let named: BTreeSet<&str> = quoted(THREATS.text)
        .filter_map(|q| q.rsplit("::").next().filter(|_| q.contains("::")))
        .collect();
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
    assert!(exists("page::a_missing_test_is_noticed"));
    assert!(!exists("rpc::fsck::threat_t06_every_raw_change"));
    assert!(!exists("rpc::fsck::unguard"), "not a test");
    assert!(!exists("rpc::nowhere::threat_t06_every_raw_change_is_found_and_named"));
}

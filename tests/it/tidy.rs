//! Rules of the house that a compiler does not know.

use std::fs;
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 400;
const TEST_FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
const LINE_CHARS_MAX: usize = 110;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, ending, out);
            } else if path.extension().is_some_and(|e| e == ending) {
                out.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join(folder), ending, &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "no {ending} files in {folder}");
    let text = |p: &PathBuf| fs::read_to_string(p).expect("text");
    let name = |p: &PathBuf| p.strip_prefix(root()).expect("inside").display().to_string();
    paths.iter().map(|p| (name(p), text(p))).collect()
}

/// Which modules of the crate each module may name. Everything points one way.
const MAY_IMPORT: [(&str, &[&str]); 16] = [
    ("domain", &[]),
    ("draw", &["domain"]),
    ("matching", &["domain"]),
    ("ledger", &["domain"]),
    ("certificate", &["domain", "draw", "ledger"]),
    ("merge", &["domain", "draw"]),
    ("frame", &["domain", "draw", "matching"]),
    ("oversight", &["domain", "draw", "frame"]),
    ("store", &["domain", "matching"]),
    (
        "app",
        &[
            "domain",
            "draw",
            "matching",
            "ledger",
            "certificate",
            "merge",
            "frame",
            "oversight",
            "store",
        ],
    ),
    ("rpc", &["domain", "matching", "merge", "oversight", "app"]),
    ("web", &["domain", "ledger", "merge", "oversight", "app"]),
    ("witness", &["domain", "ledger", "app"]),
    ("push", &["domain", "app"]),
    ("demo", &["domain", "draw", "matching", "app", "rpc", "config", "server"]),
    (
        "cli",
        &[
            "domain",
            "draw",
            "ledger",
            "certificate",
            "app",
            "rpc",
            "witness",
            "config",
            "server",
            "demo",
        ],
    ),
];

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for (name, text) in files("src", "rs") {
        let Some((module, allowed)) =
            MAY_IMPORT.iter().find(|(m, _)| name.starts_with(&format!("src/{m}/")))
        else {
            continue;
        };
        for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for part in line.split("crate::").skip(1) {
                let named: String = part.chars().take_while(|c| c.is_ascii_lowercase()).collect();
                if !named.is_empty() && named != *module && !allowed.contains(&named.as_str()) {
                    wrong.push(format!("{name} names {named}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn crates_stay_where_they_belong() {
    let homes = [
        ("sqlx::", vec!["src/store/"]),
        ("tonic::", vec!["src/rpc/", "src/server", "src/cli/", "src/demo/"]),
        ("axum::", vec!["src/web/", "src/witness/http.rs", "src/server.rs", "src/cli/witness.rs"]),
        ("ureq::", vec!["src/witness/client.rs", "src/push/client.rs"]),
        (
            "tokio::",
            vec![
                "src/app/",
                "src/rpc/",
                "src/witness/http.rs",
                "src/push/mod.rs",
                "src/server",
                "src/cli/",
                "src/demo/",
            ],
        ),
        ("AssertSqlSafe", vec!["src/store/db.rs", "src/store/bulk.rs", "src/store/portable.rs"]),
        ("SystemTime", vec!["src/app/clock.rs"]),
        ("getrandom", vec!["src/app/clock.rs"]),
    ];
    let mut wrong = Vec::new();
    for (name, text) in files("src", "rs") {
        for (word, allowed) in &homes {
            if text.contains(word) && !allowed.iter().any(|home| name.starts_with(home)) {
                wrong.push(format!("{name} names {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A request id is bound to the method it came by: two methods of one name would answer for each other.
#[test]
fn a_method_enters_by_its_own_name() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (name, text) in files("src/rpc", "rs") {
        let mut method = String::new();
        for line in text.lines() {
            let word = |l: &str| -> String {
                l.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
            };
            if let Some((_, after)) = line.split_once("async fn ") {
                method = word(after).replace('_', "");
            }
            let entered = line.split_once("request, \"").filter(|(l, _)| l.contains("enter"));
            if let Some((_, after)) = entered {
                count += 1;
                if !word(after).eq_ignore_ascii_case(&method) {
                    wrong.push(format!("{name}: {method} enters as {}", word(after)));
                }
            }
        }
    }
    assert!(wrong.is_empty() && count > 100, "{count} {wrong:#?}");
}

#[test]
fn the_pure_core_has_no_hidden_order_and_no_floats() {
    let banned = ["HashMap", "HashSet", "f32", "f64", "shuffle", "choose(", "async fn", "std::env"];
    let mut wrong = Vec::new();
    for module in
        ["domain", "draw", "matching", "merge", "frame", "oversight", "ledger", "certificate"]
    {
        for (name, text) in files(&format!("src/{module}"), "rs") {
            wrong.extend(
                banned.iter().filter(|w| text.contains(**w)).map(|w| format!("{name}: {w}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_and_functions_stay_small() {
    let mut wrong = Vec::new();
    for (folder, max) in [("src", FILE_LINES_MAX), ("tests", TEST_FILE_LINES_MAX)] {
        for (name, text) in files(folder, "rs") {
            let lines = text.lines().count();
            if lines > max {
                wrong.push(format!("{name} has {lines} lines"));
            }
            for (i, line) in text.lines().enumerate() {
                if line.chars().count() > LINE_CHARS_MAX && !name.ends_with("demo/departments.rs") {
                    wrong.push(format!("{name}:{} is long", i + 1));
                }
            }
            wrong.extend(long_functions(&name, &text));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Functions by rustfmt's indentation: from `fn` to the brace that closes at its column.
fn long_functions(name: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut wrong = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let starts =
            ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(super) fn ", "const fn "];
        if !starts.iter().any(|s| body.starts_with(s)) {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        let length = lines[start..].iter().position(|l| *l == close).map_or(0, |n| n + 1);
        if length > FUNCTION_LINES_MAX {
            wrong.push(format!("{name}:{} is a function of {length} lines", start + 1));
        }
    }
    wrong
}

#[test]
fn nothing_is_left_behind() {
    let banned = [
        "TO".to_owned() + "DO",
        "FIX".to_owned() + "ME",
        "#[ig".to_owned() + "nore",
        "#[al".to_owned() + "low",
    ];
    let mut wrong = Vec::new();
    for (name, text) in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        wrong.extend(
            banned.iter().filter(|w| text.contains(w.as_str())).map(|w| format!("{name}: {w}")),
        );
        if name.starts_with("tests/it") && text.contains(&("sl".to_owned() + "eep(")) {
            wrong.push(format!("{name} sleeps"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_say_something() {
    let vague = ["utils", "helpers", "common", "types", "manager"];
    let bad: Vec<String> = files("src", "rs")
        .into_iter()
        .map(|(name, _)| name)
        .filter(|n| vague.iter().any(|v| n.contains(&format!("/{v}"))))
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
}

#[test]
fn migrations_are_paired() {
    let names = |engine: &str| -> Vec<String> {
        let folder = format!("migrations/{engine}");
        files(&folder, "sql").into_iter().map(|(n, _)| n.replace(&folder, "")).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn the_law_and_its_vectors_change_together() {
    use sha2::{Digest, Sha256};
    let mut all = Sha256::new();
    all.update(fs::read(root().join("src/draw/SPEC.md")).expect("SPEC.md"));
    for (_, text) in files("tests/vectors", "json") {
        all.update(text);
    }
    // A change of either is a new `alg`: never re-record this together with code.
    assert_eq!(hex::encode(all.finalize()), LAW);
}

const LAW: &str = "5f6e7b9004b89fddd6ef263efc29fd3e74d893549e55a625ace55aa8d5617ec9";

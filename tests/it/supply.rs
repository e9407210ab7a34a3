//! What the build is made of, held against `.deny.toml` (T26).

use std::collections::BTreeSet;
use std::process::Command;

use semver::{Version, VersionReq};
use serde::Deserialize;

#[derive(Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    name: String,
    #[serde(default)]
    version: VersionReq,
}

#[derive(Clone, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Clone, Deserialize)]
struct Package {
    name: String,
    version: Version,
    license: Option<String>,
    source: Option<String>,
}

fn root() -> &'static str {
    env!("CARGO_MANIFEST_DIR")
}

fn rules() -> Rules {
    let text = std::fs::read_to_string(format!("{}/.deny.toml", root())).expect("rules");
    toml::from_str(&text).expect("rules")
}

/// Every package of Cargo.lock that is built for this target.
fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .expect("cargo");
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("metadata");
    assert!(metadata.packages.len() > 100, "{}", metadata.packages.len());
    metadata.packages
}

/// What is wrong with packages, by the rules.
fn wrong(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut out = Vec::new();
    for package in packages {
        let Package { name, version, license, source } = package;
        let here = name == env!("CARGO_PKG_NAME") && source.is_none();
        if !here && !source.as_deref().is_some_and(|s| s.starts_with("registry+")) {
            out.push(format!("{name} comes from {source:?}"));
        }
        let text = license.as_deref().unwrap_or_default();
        let parsed = spdx::Expression::parse_mode(text, spdx::ParseMode::LAX);
        let allowed = parsed.is_ok_and(|license| {
            license.evaluate(|asked| rules.licenses.allow.contains(&asked.to_string()))
        });
        if !allowed {
            out.push(format!("{name} is under {text:?}"));
        }
        for ban in rules.bans.deny.iter().filter(|ban| ban.name == *name) {
            if ban.version.matches(version) {
                out.push(format!("{name} {version} is not wanted"));
            }
        }
    }
    out
}

#[test]
fn threat_t26_the_build_is_made_of_what_is_allowed() {
    let found = wrong(&rules(), &packages());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn threat_t26_what_is_planted_is_found() {
    let (rules, packages) = (rules(), packages());
    let h2 = packages.iter().find(|p| p.name == "h2").expect("h2").clone();
    let git = Some("git+https://example.test/h2".to_owned());
    let gpl = Some("GPL-3.0-only".to_owned());
    let planted = [
        (Package { source: git, ..h2.clone() }, "comes from"),
        (Package { source: None, ..h2.clone() }, "comes from"),
        (Package { license: gpl, ..h2.clone() }, "is under"),
        (Package { license: None, ..h2.clone() }, "is under"),
        (Package { version: Version::new(0, 4, 17), ..h2.clone() }, "h2 0.4.17 is not wanted"),
        (Package { name: "openssl".to_owned(), ..h2.clone() }, "is not wanted"),
    ];
    for (package, wanted) in planted {
        let found = wrong(&rules, &[package]);
        assert!(found.len() == 1 && found[0].contains(wanted), "{wanted}: {found:?}");
    }
    assert!(wrong(&rules, &[h2]).is_empty());
}

//! Every word of the pages stands in the message files, in both languages; every page bears the headers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use onevisit::web::messages::Lang;

use crate::harness::client::Service;
use crate::harness::person::Person;
use crate::harness::{Engine, on_every_engine};

on_every_engine! { every_page_bears_the_headers, a_page_that_is_not_there_is_a_page }

fn files(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files(&path, ending, out),
            false if path.extension().is_some_and(|e| e == ending) => out.push(path),
            false => {}
        }
    }
}

fn texts(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder), ending, &mut found);
    found.into_iter().map(|p| (p.clone(), fs::read_to_string(p).expect("text"))).collect()
}

#[test]
fn both_languages_have_the_same_keys() {
    let keys = |lang: Lang| lang.table().keys().copied().collect::<BTreeSet<_>>();
    let (zh, en) = (keys(Lang::Zh), keys(Lang::En));
    assert_eq!(zh.symmetric_difference(&en).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert!(zh.len() > 600);
    for lang in Lang::ALL {
        for (key, text) in lang.table() {
            assert!(!text.is_empty(), "{key} has no words");
            let other = Lang::ALL.into_iter().find(|l| *l != lang).expect("two");
            let places = |text: &str| (0..4).filter(|n| text.contains(&format!("{{{n}}}"))).count();
            assert_eq!(places(text), places(other.t(key)), "{key} says other things");
        }
    }
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let left = |(key, text): (&&str, &&str)| text.contains(chinese).then(|| (*key).to_owned());
    let mixed: Vec<String> = Lang::En.table().iter().filter_map(left).collect();
    // Names that are typed as they are.
    assert_eq!(mixed, ["account.office.hint"]);
    // A key that stands twice hides its first words.
    for tag in ["zh", "en"] {
        let lines: Vec<String> = texts(&format!("src/web/messages/{tag}"), "txt")
            .into_iter()
            .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter(|line| !line.starts_with('#'))
            .collect();
        assert_eq!(lines.len(), Lang::En.table().len(), "{tag}");
    }
}

/// The text between tags, without what is put in.
fn bare(template: &str) -> String {
    let mut text = template.to_owned();
    for (open, close) in [("{#", "#}"), ("{{", "}}"), ("{%", "%}"), ("<", ">")] {
        while let Some(from) = text.find(open) {
            let to = text[from..].find(close).map_or(text.len(), |at| from + at + close.len());
            text.replace_range(from..to, "");
        }
    }
    text
}

#[test]
fn no_template_holds_bare_text() {
    for (path, text) in texts("src/web/templates", "html") {
        let bare: String = bare(&text).chars().filter(|c| c.is_alphanumeric()).collect();
        assert_eq!(bare, "", "{}", path.display());
        for word in ["style=\"", "onclick", "<script>", "<style", "http://", "https://"] {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
        let attributes = ["aria-label=\"", "title=\"", "placeholder=\"", "alt=\""];
        for attribute in attributes {
            for after in text.split(attribute).skip(1) {
                assert!(after.starts_with("{{"), "{}: {attribute}", path.display());
            }
        }
    }
}

#[test]
fn every_key_that_is_used_has_words() {
    let mut missing = BTreeSet::new();
    let sources = texts("src/web", "rs").into_iter().chain(texts("src/web/templates", "html"));
    for (path, text) in sources {
        for call in [".t(\"", ".f(\""] {
            for after in text.split(call).skip(1) {
                let key = after.split('"').next().unwrap_or_default();
                if !Lang::Zh.table().contains_key(key) {
                    missing.insert(format!("{}: {key}", path.display()));
                }
            }
        }
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let words = code.filter(|line| line.contains(chinese)).count();
        let own = ["results.rs", "recusal.rs"].iter().any(|f| path.ends_with(format!("web/{f}")));
        assert!(words == 0 || own || path.ends_with("form.html"), "{} holds words", path.display());
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

async fn every_page_bears_the_headers(engine: Engine) {
    let service = Service::start(engine).await;
    let person = Person::new(&service.address);
    for path in ["/office/sign-in", "/office", "/", "/assets/page.css", "/assets/page.js"] {
        let page = person.get(path).await;
        let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        let wanted = [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
        ];
        for (name, value) in wanted {
            assert_eq!(page.header(name), value, "{name} of {path}");
        }
    }
}

async fn a_page_that_is_not_there_is_a_page(engine: Engine) {
    let service = Service::start(engine).await;
    let page = Person::new(&service.address).get("/no/such%3Cscript%3Epage").await;
    assert!(page.status == 404 && page.text.contains("<h1>"), "{}", page.text);
    assert!(!page.text.contains("<script>page"));
    assert!(page.header("content-security-policy").contains("'none'"));
    let (status, body) = service.get("/no/such").await;
    assert_eq!((status, body.len()), (404, 0), "whoever asks for no page gets none");
}

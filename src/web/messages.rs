//! Every word of the pages, by key: Chinese first, English complete. A page holds no word of its own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::{HeaderMap, header};

/// Cookie that holds the language somebody has chosen.
pub const COOKIE: &str = "onevisit-language";

/// Lines `key = words` of each language; those that begin with `#` are comments.
const FILES: [(Lang, [&str; 3]); 2] = [
    (
        Lang::Zh,
        [
            include_str!("messages/zh/pages.txt"),
            include_str!("messages/zh/figures.txt"),
            include_str!("messages/zh/words.txt"),
        ],
    ),
    (
        Lang::En,
        [
            include_str!("messages/en/pages.txt"),
            include_str!("messages/en/figures.txt"),
            include_str!("messages/en/words.txt"),
        ],
    ),
];

type Table = BTreeMap<&'static str, &'static str>;

static TABLES: LazyLock<[Table; 2]> = LazyLock::new(|| FILES.map(|(_, files)| parse(&files)));

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

fn parse(files: &[&'static str]) -> Table {
    let lines = files.iter().flat_map(|file| file.lines()).filter(|l| !l.starts_with('#'));
    let pair = |line: &'static str| line.split_once('=').map(|(k, v)| (k.trim(), v.trim()));
    lines.filter_map(pair).collect()
}

impl Lang {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Its tag (BCP 47), as pages and cookies name it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language that a tag names.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    /// The language of a request: what was chosen, else what the browser asks for first, else Chinese.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let chosen = super::cookies::get(headers, COOKIE).and_then(|tag| Self::of_tag(&tag));
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
        let first = asked.unwrap_or_default().trim_start();
        let english = first.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("en"));
        chosen.unwrap_or(if english { Self::En } else { Self::Zh })
    }

    /// All its words by key.
    #[must_use]
    pub fn table(self) -> &'static BTreeMap<&'static str, &'static str> {
        &TABLES[usize::from(self == Self::En)]
    }

    /// The words of a key; the key itself where there are none, so that it is seen.
    #[must_use]
    pub fn t(self, key: &str) -> &str {
        self.table().get(key).copied().unwrap_or(key)
    }

    /// The words of a key with `{0}`, `{1}` .. in their places.
    #[must_use]
    pub fn f(self, key: &str, values: &[&str]) -> String {
        let mut text = self.t(key).to_owned();
        for (i, value) in values.iter().enumerate() {
            text = text.replace(&format!("{{{i}}}"), value);
        }
        text
    }

    /// The word of a state, a role, a rule: `GROUP.WORD`, or the word itself.
    #[must_use]
    pub fn word(self, group: &str, word: &str) -> String {
        let key = format!("{group}.{word}");
        self.table().get(key.as_str()).map_or_else(|| word.to_owned(), |text| (*text).to_owned())
    }
}

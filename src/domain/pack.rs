//! Policy packs: what one policy document says, as values with the clause behind each (R46).
//!
//! A pack is a data file an office can read, in `packs/`. It holds only what its document says; a
//! key it is silent on keeps whatever else is in force.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::department::Level;
use super::policy::PolicyValue;

/// The packs that come with the program, as text, oldest document number first.
const TEXTS: [&str; 5] = [
    include_str!("packs/s0.json"),
    include_str!("packs/s1.json"),
    include_str!("packs/s2.json"),
    include_str!("packs/s3.json"),
    include_str!("packs/s4.json"),
];

/// One value of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackValue {
    /// The policy key.
    pub key: String,
    /// The value.
    pub value: String,
    /// Where the document says it.
    pub clause: String,
    /// What the document says there.
    pub says: String,
}

/// What one document says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Name.
    pub id: String,
    /// Title of the document.
    pub title: String,
    /// Its number, or its day where it has none.
    pub document: String,
    /// Level of the body that issued it.
    pub level: Level,
    /// Day from which it holds; `None` where the document does not say.
    pub effective_from: Option<Date>,
    /// The values.
    pub values: Vec<PackValue>,
    /// The data file itself.
    #[serde(skip)]
    pub text: &'static str,
}

impl Pack {
    /// All packs that come with the program.
    ///
    /// # Panics
    /// Never: a test reads the data files.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let read = |text: &'static str| {
            #[expect(clippy::expect_used, reason = "compiled in, and read by a test")]
            let pack: Self = serde_json::from_str(text).expect("a pack");
            Self { text, ..pack }
        };
        TEXTS.into_iter().map(read).collect()
    }

    /// A pack by name.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        Self::all().into_iter().find(|pack| pack.id == id)
    }

    /// Its values as issued for a jurisdiction, at a level and from a day on.
    #[must_use]
    pub fn issued(&self, jurisdiction: &str, level: Level, from: Date) -> Vec<PolicyValue> {
        let issue = |value: &PackValue| PolicyValue {
            key: value.key.clone(),
            value: value.value.clone(),
            level,
            effective_from: from,
            jurisdiction: jurisdiction.to_owned(),
            source: format!("{} {}", self.document, value.clause),
        };
        self.values.iter().map(issue).collect()
    }
}

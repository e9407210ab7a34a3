//! Doors: one per subject, or one per premises where a subject has several.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::campaign::{MARKED, RISK_STRATUM};
use crate::domain::subject::{Entry, PREMISES_MARK, RiskClass, UNCLASSIFIED};
use crate::matching::Resolution;

/// A door with the rows that lead to it.
#[derive(Clone, Debug)]
pub struct Door<'a> {
    /// The subject's id, with `#premises` where it has several.
    pub id: String,
    /// The subject's id.
    pub subject: String,
    /// Rows by department.
    pub rows: BTreeMap<&'a str, Vec<&'a Entry>>,
}

/// What is opened at the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The unit's id.
    pub id: String,
    /// The subject's id.
    pub subject: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// Division code.
    pub district: String,
}

impl Opening {
    /// The record bound into the unit's ticket.
    #[must_use]
    pub fn record(&self) -> Value {
        json!({
            "address": self.address,
            "district": self.district,
            "id": self.id,
            "name": self.name,
            "subject": self.subject,
        })
    }
}

impl<'a> Door<'a> {
    /// All rows, by department.
    pub fn all(&self) -> impl Iterator<Item = &'a Entry> + '_ {
        self.rows.values().flatten().copied()
    }

    /// The class last given; of several on one day the heavier.
    #[must_use]
    pub fn risk(&self) -> Option<RiskClass> {
        self.all().filter_map(|e| e.risk.map(|r| (e.more.risk_on, r))).max().map(|(_, r)| r)
    }

    /// The stratum: class, and whether the subject is marked for heavier attention.
    #[must_use]
    pub fn stratum(&self, marked: bool) -> String {
        let class = self.risk().map_or(UNCLASSIFIED, RiskClass::word);
        format!("{RISK_STRATUM}{class}{}", if marked { MARKED } else { "" })
    }

    /// What is opened at the door: the first row that has a name and an address, else any.
    #[must_use]
    pub fn opening(&self) -> Opening {
        let located = self.all().find(|e| !e.more.address.is_empty());
        let first = located.or_else(|| self.all().next());
        let text = |f: fn(&Entry) -> &String| first.map(f).cloned().unwrap_or_default();
        Opening {
            id: self.id.clone(),
            subject: self.subject.clone(),
            name: text(|e| &e.name),
            address: text(|e| &e.more.address),
            district: text(|e| &e.district),
        }
    }
}

/// A subject's rows with their departments, by premises.
type ByPremises<'a> = BTreeMap<&'a str, Vec<(&'a str, &'a Entry)>>;

/// Groups rows into doors, by id. A row for the subject as a whole goes to its first premises.
#[must_use]
pub fn doors<'a>(entries: &'a [(String, Entry)], resolution: &Resolution) -> Vec<Door<'a>> {
    let mut subjects: BTreeMap<&str, ByPremises<'a>> = BTreeMap::new();
    for (department, entry) in entries {
        let subject = match resolution.links.get(&entry.subject_id) {
            Some((canonical, _)) => canonical.as_str(),
            None => entry.subject_id.as_str(),
        };
        let premises = subjects.entry(subject).or_default();
        premises.entry(&entry.premises).or_default().push((department, entry));
    }
    let mut out = Vec::with_capacity(subjects.len());
    for (subject, mut premises) in subjects {
        let whole = premises.remove("").unwrap_or_default();
        let several = premises.len() > 1;
        match premises.first_entry() {
            Some(mut first) => first.get_mut().extend(whole),
            None => {
                premises.insert("", whole);
            }
        }
        for (key, rows) in premises {
            let id = match several {
                true => format!("{subject}{PREMISES_MARK}{key}"),
                false => subject.to_owned(),
            };
            let mut door = Door { id, subject: subject.to_owned(), rows: BTreeMap::new() };
            for (department, entry) in rows {
                door.rows.entry(department).or_default().push(entry);
            }
            out.push(door);
        }
    }
    out
}

//! Uniting what is certain, queueing what is doubtful, naming each subject.
//!
//! The outcome depends on the set of rows and decisions only, never on their order: ids are
//! sorted first, and two clusters that each hold a code are united by a decision alone.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{self, Evidence};

/// What matching looks at in a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Code or `scheme:value`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Address; empty when not known.
    pub address: String,
    /// Other ids of the same subject.
    pub other_ids: Vec<String>,
}

/// An office's decision on a pair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decision {
    /// The smaller id.
    pub first: String,
    /// The greater id.
    pub second: String,
    /// One subject, or two.
    pub same: bool,
}

/// Who is who.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Ids that belong to a subject of another id, with the strongest evidence.
    pub links: BTreeMap<String, (String, Evidence)>,
    /// Doubtful pairs (smaller id first) without a decision.
    pub doubtful: BTreeMap<(String, String), Evidence>,
}

impl Resolution {
    /// The subject an id belongs to.
    #[must_use]
    pub fn canonical<'a>(&'a self, id: &'a str) -> &'a str {
        self.links.get(id).map_or(id, |(subject, _)| subject)
    }
}

/// Resolves rows to subjects.
#[must_use]
pub fn resolve(rows: &[Row], decisions: &[Decision]) -> Resolution {
    let index = Index::new(rows);
    let mut pairs = index.pairs();
    let decided: BTreeMap<(&str, &str), bool> =
        decisions.iter().map(|d| ((&*d.first, &*d.second), d.same)).collect();
    for (&(a, b), &same) in &decided {
        if same && index.ids.contains(a) && index.ids.contains(b) {
            pairs.insert((a.to_owned(), b.to_owned()), Evidence::Decision);
        }
    }
    let mut strong: Vec<(Evidence, String, String)> = Vec::new();
    let mut resolution = Resolution::default();
    for ((a, b), evidence) in pairs {
        match decided.get(&(a.as_str(), b.as_str())) {
            Some(false) => {}
            _ if evidence <= Evidence::NameAndAddress => strong.push((evidence, a, b)),
            _ => {
                resolution.doubtful.insert((a, b), evidence);
            }
        }
    }
    strong.sort_unstable();
    unite(strong, &mut resolution);
    resolution
}

struct Index<'a> {
    ids: BTreeSet<&'a str>,
    rows: BTreeMap<&'a str, Vec<&'a Row>>,
    by_name: BTreeMap<String, BTreeSet<&'a str>>,
    codes_by_organisation: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

type Pairs = BTreeMap<(String, String), Evidence>;

fn note(pairs: &mut Pairs, a: &str, b: &str, evidence: Evidence) {
    if a == b {
        return;
    }
    let key = if a < b { (a.to_owned(), b.to_owned()) } else { (b.to_owned(), a.to_owned()) };
    let strongest = pairs.get(&key).map_or(evidence, |e| (*e).min(evidence));
    pairs.insert(key, strongest);
}

impl<'a> Index<'a> {
    fn new(rows: &'a [Row]) -> Self {
        let mut index = Self {
            ids: BTreeSet::new(),
            rows: BTreeMap::new(),
            by_name: BTreeMap::new(),
            codes_by_organisation: BTreeMap::new(),
        };
        for row in rows {
            index.ids.insert(&row.id);
            index.rows.entry(&row.id).or_default().push(row);
            if let Some(key) = evidence::name_key(&row.name) {
                index.by_name.entry(key).or_default().insert(&row.id);
            }
            if evidence::is_code(&row.id)
                && let Some(organisation) = evidence::organisation_code(&row.id)
            {
                index.codes_by_organisation.entry(organisation).or_default().insert(&row.id);
            }
        }
        index
    }

    fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::new();
        for row in self.rows.values().flatten() {
            self.declared(row, &mut pairs);
        }
        for id in &self.ids {
            self.bridged(id, &mut pairs);
        }
        self.named(&mut pairs);
        for codes in self.codes_by_organisation.values().filter(|codes| codes.len() > 1) {
            let codes: Vec<&str> = codes.iter().copied().collect();
            for pair in codes.windows(2) {
                note(&mut pairs, pair[0], pair[1], Evidence::SameOrganisationCode);
            }
        }
        pairs
    }

    fn declared(&self, row: &Row, pairs: &mut Pairs) {
        for other in &row.other_ids {
            let read = super::read_id(other).map_or_else(|_| other.clone(), |r| r.id);
            if self.ids.contains(read.as_str()) {
                note(pairs, &row.id, &read, Evidence::DeclaredId);
            }
        }
    }

    fn bridged(&self, id: &str, pairs: &mut Pairs) {
        if evidence::is_code(id) {
            return;
        }
        let codes = evidence::organisation_code(id)
            .and_then(|organisation| self.codes_by_organisation.get(organisation));
        let Some(codes) = codes.filter(|codes| codes.len() == 1) else { return };
        for code in codes {
            let evidence = match (evidence::is_bridge(id), self.share_name(id, code)) {
                (true, _) => Evidence::OrganisationCode,
                (false, true) => Evidence::OrganisationCodeAndName,
                (false, false) => Evidence::SameOrganisationCode,
            };
            note(pairs, id, code, evidence);
        }
    }

    fn share_name(&self, a: &str, b: &str) -> bool {
        let keys = |id: &str| -> BTreeSet<String> {
            self.rows[id].iter().filter_map(|row| evidence::name_key(&row.name)).collect()
        };
        !keys(a).is_disjoint(&keys(b))
    }

    /// Ids that bear one name: certain when one address agrees too and only two bear it.
    fn named(&self, pairs: &mut Pairs) {
        for ids in self.by_name.values().filter(|ids| ids.len() > 1) {
            let ids: Vec<&str> = ids.iter().copied().collect();
            let codes = ids.iter().filter(|id| evidence::is_code(id)).count();
            for pair in ids.windows(2) {
                let certain = ids.len() == 2 && codes < 2 && self.share_address(pair[0], pair[1]);
                let evidence = if certain { Evidence::NameAndAddress } else { Evidence::SameName };
                note(pairs, pair[0], pair[1], evidence);
            }
        }
    }

    fn share_address(&self, a: &str, b: &str) -> bool {
        let keys = |id: &str| -> BTreeSet<String> {
            let known = |row: &&&Row| !row.address.is_empty();
            self.rows[id].iter().filter(known).map(|row| evidence::fold(&row.address)).collect()
        };
        !keys(a).is_disjoint(&keys(b))
    }
}

fn unite(strong: Vec<(Evidence, String, String)>, resolution: &mut Resolution) {
    let mut clusters: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut home: BTreeMap<String, String> = BTreeMap::new();
    let mut best: BTreeMap<String, Evidence> = BTreeMap::new();
    for (evidence, a, b) in strong {
        let (root_a, root_b) = (root(&home, &a), root(&home, &b));
        let members = |root: &String| {
            clusters.get(root).cloned().unwrap_or_else(|| BTreeSet::from([root.clone()]))
        };
        let (mut all, more) = (members(&root_a), members(&root_b));
        let codes = |ids: &BTreeSet<String>| ids.iter().any(|id| evidence::is_code(id));
        let two_codes = root_a != root_b && codes(&all) && codes(&more);
        if two_codes && evidence != Evidence::Decision {
            resolution.doubtful.insert((a, b), Evidence::JoinsTwoCodes);
            continue;
        }
        for id in [&a, &b] {
            let strongest = best.get(id).map_or(evidence, |e| (*e).min(evidence));
            best.insert(id.clone(), strongest);
        }
        all.extend(more);
        clusters.remove(&root_a);
        clusters.remove(&root_b);
        let root = root_a.min(root_b);
        for id in &all {
            home.insert(id.clone(), root.clone());
        }
        clusters.insert(root, all);
    }
    for members in clusters.into_values() {
        // A code names the subject if there is one; among equals the smallest does.
        let name = members.iter().min_by_key(|id| (!evidence::is_code(id), *id)).cloned();
        let Some(name) = name else { continue };
        for id in members.into_iter().filter(|id| *id != name) {
            let evidence = best[&id];
            resolution.links.insert(id, (name.clone(), evidence));
        }
    }
    // What a stronger link has settled is doubtful no longer.
    let links = &resolution.links;
    let canonical = |id: &String| links.get(id).map_or(id, |(name, _)| name).clone();
    resolution.doubtful.retain(|(a, b), _| canonical(a) != canonical(b));
}

fn root(home: &BTreeMap<String, String>, id: &str) -> String {
    home.get(id).cloned().unwrap_or_else(|| id.to_owned())
}

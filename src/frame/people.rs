//! Who may be sent: certified, present, not too loaded; who may not meet whom (R28–R35, R91, R95).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::domain::campaign::Campaign;
use crate::domain::inspector::{Inspector, InspectorKind, Recusal};
use crate::domain::policy::{self, Policy};
use crate::domain::training::{Gate, Trained};
use crate::domain::visit::Visit;
use crate::draw::frame;

/// Separates the department from the person in an inspector's id within a frame.
pub const PERSON_MARK: char = '/';

/// The id of a person within a frame.
#[must_use]
pub fn frame_id(department: &str, inspector: &str) -> String {
    format!("{department}{PERSON_MARK}{inspector}")
}

/// What is bound into a person's ticket.
#[must_use]
pub fn record(department: &str, frame_id: &str) -> Value {
    json!({ "department": department, "id": frame_id })
}

/// People who would be in the pool, had they a training that covers all days of the visits (R136); nobody
/// where the policy excludes nobody for that.
#[must_use]
pub fn untrained<'a>(
    campaign: &Campaign,
    policy: &Policy,
    inspectors: &'a [(String, Inspector)],
    trained: &Trained,
) -> BTreeSet<(&'a str, &'a str)> {
    if Gate::of(policy) != Gate::Exclude {
        return BTreeSet::new();
    }
    let (first, last) = (campaign.first_day, campaign.last_day);
    let lacks = |(d, i): &&(String, Inspector)| !trained.during(d, &i.id, first, last);
    let fit = inspectors
        .iter()
        .filter(|(_, i)| i.kind == InspectorKind::Inspector && i.fit(first, last).is_ok());
    fit.filter(lacks).map(|(d, i)| (d.as_str(), i.id.as_str())).collect()
}

/// Who was left out for want of a training, by department, as the freeze binds it: names nobody.
#[must_use]
pub fn untrained_text(campaign: &Campaign, untrained: &BTreeSet<(&str, &str)>) -> String {
    let of = |department: &str| untrained.iter().filter(|(d, _)| *d == department).count();
    let parts = campaign.accepted().map(|p| format!("{}={}", p.department, of(&p.department)));
    let mut parts: Vec<String> = parts.collect();
    parts.sort_unstable();
    parts.join(";")
}

/// The pool of a campaign. Experts are not in it: they are asked for per item (R33, R96).
#[must_use]
pub fn pool(
    campaign: &Campaign,
    policy: &Policy,
    inspectors: &[(String, Inspector)],
    trained: &Trained,
) -> Vec<frame::Inspector> {
    let untrained = untrained(campaign, policy, inspectors, trained);
    let taking_part: BTreeSet<&str> = campaign.accepted().map(|p| p.department.as_str()).collect();
    let default_cap = policy.number(policy::INSPECTOR_CAP);
    inspectors
        .iter()
        .filter(|(d, i)| {
            taking_part.contains(d.as_str())
                && i.kind == InspectorKind::Inspector
                && i.fit(campaign.first_day, campaign.last_day).is_ok()
                && !untrained.contains(&(d.as_str(), i.id.as_str()))
        })
        .map(|(department, inspector)| {
            let id = frame_id(department, &inspector.id);
            let cap = if inspector.cap > 0 { inspector.cap } else { default_cap };
            frame::Inspector {
                record: record(department, &id),
                id,
                department: department.clone(),
                tier: 0,
                may_lead: inspector.may_lead,
                cap: u64::try_from(cap).unwrap_or(0),
                tags: inspector.tags.clone(),
            }
        })
        .collect()
}

/// Pairs of (unit id, inspector id).
pub type Pairs = Vec<(String, String)>;

/// Recusals as pairs of units and people that are in the frame.
#[must_use]
pub fn avoidances(
    recusals: &[(String, Recusal)],
    people: &[frame::Inspector],
    units_of: &BTreeMap<&str, Vec<&str>>,
    canonical: impl Fn(&str) -> String,
) -> Pairs {
    let known: BTreeSet<&str> = people.iter().map(|p| p.id.as_str()).collect();
    let mut pairs = Pairs::new();
    for (department, recusal) in recusals {
        let person = frame_id(department, &recusal.inspector_id);
        let subject = canonical(&recusal.subject_id);
        let units = units_of.get(subject.as_str()).map_or(&[][..], Vec::as_slice);
        if known.contains(person.as_str()) {
            pairs.extend(units.iter().map(|unit| ((*unit).to_owned(), person.clone())));
        }
    }
    pairs
}

/// Who went to each subject last, as pairs of units and people that are in the frame (R95).
#[must_use]
pub fn last_teams(
    visits: &[Visit],
    people: &[frame::Inspector],
    units_of: &BTreeMap<&str, Vec<&str>>,
    canonical: impl Fn(&str) -> String,
) -> Pairs {
    let known: BTreeSet<&str> = people.iter().map(|p| p.id.as_str()).collect();
    let mut last: BTreeMap<String, &Visit> = BTreeMap::new();
    for visit in visits {
        let subject = canonical(&visit.subject);
        let later = last.get(&subject).is_none_or(|v| v.first_day <= visit.first_day);
        if later {
            last.insert(subject, visit);
        }
    }
    let mut pairs = Pairs::new();
    for (subject, visit) in last {
        let units = units_of.get(subject.as_str()).map_or(&[][..], Vec::as_slice);
        let members = visit.sections.iter().flat_map(|s| &s.team).map(|m| m.inspector.as_str());
        for person in members.filter(|id| known.contains(id)) {
            pairs.extend(units.iter().map(|unit| ((*unit).to_owned(), person.to_owned())));
        }
    }
    pairs
}

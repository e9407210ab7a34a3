//! Items that nobody plans to check, or nobody can (R16, R30); lists that are not renewed (R23).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::warning::{About, Warning, WarningKind};
use crate::domain::annual_plan::AnnualPlan;
use crate::domain::campaign::{Campaign, State};
use crate::domain::inspector::{Inspector, InspectorKind};
use crate::domain::item::{CheckItem, ItemList};
use crate::domain::policy::{self, Policy};

/// Which items are covered in a year: by department, its codes; `None` for its whole list.
#[derive(Clone, Debug, Default)]
pub struct Covered(BTreeMap<String, Option<BTreeSet<String>>>);

impl Covered {
    /// What published plans and campaigns that were approved cover.
    #[must_use]
    pub fn of(plans: &[AnnualPlan], campaigns: &[Campaign]) -> Self {
        let mut covered = Self::default();
        for item in plans.iter().flat_map(|p| &p.tasks).flat_map(|t| &t.items) {
            covered.add(&item.department, std::slice::from_ref(&item.code));
        }
        for campaign in campaigns.iter().filter(|c| c.state != State::Proposed) {
            for participant in campaign.accepted() {
                match participant.items.is_empty() {
                    true => drop(covered.0.insert(participant.department.clone(), None)),
                    false => covered.add(&participant.department, &participant.items),
                }
            }
        }
        covered
    }

    fn add(&mut self, department: &str, codes: &[String]) {
        let kept = self.0.entry(department.to_owned()).or_insert_with(|| Some(BTreeSet::new()));
        if let Some(kept) = kept {
            kept.extend(codes.iter().cloned());
        }
    }

    fn holds(&self, department: &str, code: &str) -> bool {
        match self.0.get(department) {
            None => false,
            Some(None) => true,
            Some(Some(codes)) => codes.contains(code),
        }
    }
}

fn about(list: &ItemList, item: &CheckItem) -> About {
    let (department, item) = (list.department.clone(), item.code.clone());
    About { department, item, ..About::default() }
}

fn own(department: &str) -> BTreeSet<String> {
    BTreeSet::from([department.to_owned()])
}

/// Items that nothing covers.
#[must_use]
pub fn uncovered(today: Date, lists: &[ItemList], covered: &Covered) -> Vec<Warning> {
    let new_year = date(today.year(), 1, 1);
    let all = lists.iter().flat_map(|l| l.items.iter().map(move |i| (l, i)));
    all.filter(|(list, item)| !covered.holds(&list.department, &item.code))
        .map(|(list, item)| Warning {
            kind: WarningKind::ItemUncovered,
            about: about(list, item),
            since: list.effective_from.max(new_year),
            detail: item.name.clone(),
            seen_by: own(&list.department),
        })
        .collect()
}

/// Items for which nobody of their department may be sent today.
#[must_use]
pub fn without_inspector(
    policy: &Policy,
    today: Date,
    lists: &[ItemList],
    people: &[(String, Inspector)],
) -> Vec<Warning> {
    let any = policy.word(policy::COMPETENCE) == "ANY_ITEM";
    let suits = |department: &str, item: &CheckItem| {
        people.iter().any(|(d, person)| {
            let needs = any || item.competence.is_empty();
            d == department
                && person.kind == InspectorKind::Inspector
                && person.active
                && person.certificate_valid_until.is_some_and(|until| until >= today)
                && (needs || person.tags.contains(&item.competence))
        })
    };
    let all = lists.iter().flat_map(|l| l.items.iter().map(move |i| (l, i)));
    all.filter(|(list, item)| !suits(&list.department, item))
        .map(|(list, item)| Warning {
            kind: WarningKind::NoCompetentInspector,
            about: about(list, item),
            since: list.effective_from.min(today),
            detail: match item.competence.as_str() {
                "" => "nobody with a valid certificate".to_owned(),
                needed => format!("nobody with a valid certificate for {needed}"),
            },
            seen_by: own(&list.department),
        })
        .collect()
}

/// A list of a department that is renewed from time to time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// The department.
    pub department: String,
    /// `subjects` or `inspectors`.
    pub kind: &'static str,
    /// The last time; `None` for never.
    pub on: Option<Date>,
}

/// Lists that were not renewed for the policy's days; those that never came are told since today.
#[must_use]
pub fn stale(policy: &Policy, today: Date, lists: &[Renewed]) -> Vec<Warning> {
    let days = policy.number(policy::STALE_DAYS);
    let age = |on: Date| today.since(on).map_or(0, |span| i64::from(span.get_days()));
    lists
        .iter()
        .filter(|l| l.on.is_none_or(|on| age(on) > days))
        .map(|l| Warning {
            kind: WarningKind::ListStale,
            about: About { department: l.department.clone(), ..About::default() },
            since: l.on.map_or(today, |on| {
                on.checked_add(jiff::Span::new().days(days + 1)).unwrap_or(today)
            }),
            detail: match l.on {
                Some(on) => format!("{}: {on}, {} days ago", l.kind, age(on)),
                None => format!("{}: never", l.kind),
            },
            seen_by: own(&l.department),
        })
        .collect()
}

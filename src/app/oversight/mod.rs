//! Oversight: read over everything that is stored, for offices and for the departments concerned.
//!
//! Names of drawn visits are read of closed campaigns only, whose tickets anybody can open. A visit
//! whose names are secret still counts nowhere here: a figure that moved would tell who is visited.

pub mod assessment;
pub mod burden;
pub mod deadlines;
pub mod fairness;
pub mod warnings;
pub mod workbook;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{AppError, Sealer, matching, names};
use crate::domain::caller::{Caller, Role};
use crate::domain::campaign::State;
use crate::domain::day;
use crate::domain::policy::Policy;
use crate::oversight::burden::{Contact, Known, Source, Subjects};
use crate::oversight::deeds::Campaigns;
use crate::store::Tx;

/// Longest time before the new year of which contacts are looked at, in months: as far as the policy
/// values can look back.
const LOOK_BACK_MONTHS: i64 = 60;

/// Who sees what: everything, or what concerns a department.
///
/// # Errors
/// [`AppError::Forbidden`] for inspectors and subjects.
pub fn scope(caller: &Caller) -> Result<Option<&str>, AppError> {
    match caller.role {
        Role::Office | Role::Supervisor | Role::Auditor => Ok(None),
        Role::Department => Ok(Some(&caller.department)),
        Role::Inspector | Role::Subject | Role::Service => {
            Err(AppError::Forbidden("OFFICE_OR_DEPARTMENT_ONLY"))
        }
    }
}

/// What is read once for everything of a jurisdiction.
pub struct View {
    /// Today.
    pub today: Date,
    /// The policy in force today.
    pub policy: Policy,
    /// All campaigns.
    pub campaigns: Campaigns,
}

/// Reads what everything needs.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown jurisdiction.
pub async fn view(tx: &mut Tx, jurisdiction: &str, now_us: i64) -> Result<View, AppError> {
    if tx.jurisdiction(jurisdiction).await?.is_none() {
        return Err(AppError::not_found("jurisdiction", jurisdiction));
    }
    let today = day::of_instant(now_us);
    let issued = tx.policies(jurisdiction).await?;
    let policy = Policy::resolve(jurisdiction, &issued, today);
    let campaigns = tx.campaigns_in(jurisdiction).await?;
    let campaigns = campaigns.into_iter().map(|c| (c.id.clone(), c)).collect();
    Ok(View { today, policy, campaigns })
}

/// Contacts of a jurisdiction's subjects, and the ids that belong to another subject.
///
/// # Errors
/// [`AppError`].
pub async fn subjects(
    sealer: &Sealer,
    tx: &mut Tx,
    jurisdiction: &str,
    view: &View,
) -> Result<(Subjects, BTreeMap<String, String>), AppError> {
    let entries = tx.entries_all(jurisdiction).await?;
    let decisions = tx.decisions(jurisdiction).await?;
    let resolution = tokio::task::block_in_place(|| matching::derive(&entries, &decisions));
    let mut subjects = Subjects::new();
    for (department, entry) in &entries {
        let known = subjects.entry(resolution.canonical(&entry.subject_id).to_owned()).or_default();
        known.holders.insert(department.clone());
        known.risk = known.risk.max(entry.risk);
    }
    let mut add = |subject: &str, contact: Contact| {
        let known: &mut Known =
            subjects.entry(resolution.canonical(subject).to_owned()).or_default();
        known.contacts.push(contact);
    };
    let new_year = jiff::civil::date(view.today.year(), 1, 1);
    let since = day::months_before(new_year, LOOK_BACK_MONTHS);
    for (department, inspection) in tx.inspections_since(jurisdiction, since).await? {
        add(&inspection.subject_id, Contact::of_inspection(&department, &inspection));
    }
    let is_open = |id: &str| view.campaigns.get(id).is_some_and(|c| c.state == State::Closed);
    for stored in tx.visits_since(jurisdiction, i64::from(view.today.year()) - 1).await? {
        let place = &stored.visit;
        if place.dropped > 0 || !is_open(&place.campaign) {
            continue;
        }
        let visit = names::open(sealer, stored)?;
        if visit.subject.is_empty() {
            continue;
        }
        let source = Source::Visit(visit.campaign, visit.attempt, visit.rank);
        let departments: BTreeSet<String> =
            visit.sections.into_iter().map(|s| s.department).collect();
        add(&visit.subject, Contact { on: visit.first_day, source, departments });
    }
    for task in tx.open_tasks(jurisdiction).await? {
        if task.window.last >= view.today {
            let departments = BTreeSet::from([task.department]);
            let source = Source::Task(task.id);
            add(&task.subject_id, Contact { on: task.window.first, source, departments });
        }
    }
    subjects.values_mut().for_each(|known| known.contacts.sort());
    let links = resolution.links.into_iter().map(|(id, (subject, _))| (id, subject)).collect();
    Ok((subjects, links))
}

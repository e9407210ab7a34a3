//! What a subject bears in a year: who came or is to come, how much of the cap is left, from which
//! day on a department may draw it again (R51, R53, R59).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::warning::{About, Warning, WarningKind};
use crate::domain::day;
use crate::domain::inspection::{Inspection, Origin};
use crate::domain::policy::{self, Policy};
use crate::domain::subject::RiskClass;
use crate::frame::rules::is_over_cap;

/// How a contact is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A drawn visit whose names are open to everybody: campaign, attempt, rank.
    Visit(String, i64, i64),
    /// A recorded inspection (R45); clean or not.
    Inspection {
        /// How it came about counts against the cap.
        random: bool,
        /// A superior ordered it.
        superior: bool,
        /// Nothing was found.
        clean: bool,
    },
    /// A task that a department plans for the subject, by its id.
    Task(String),
}

/// One contact of authorities with a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// The day, or the first day on which it may be.
    pub on: Date,
    /// How it is known.
    pub source: Source,
    /// The departments.
    pub departments: BTreeSet<String>,
}

impl Contact {
    /// A recorded inspection.
    #[must_use]
    pub fn of_inspection(department: &str, inspection: &Inspection) -> Self {
        let Inspection { on, origin, superior, clean, .. } = inspection;
        let (superior, clean) = (*superior, *clean);
        let source = Source::Inspection { random: *origin == Origin::Random, superior, clean };
        Self { on: *on, source, departments: BTreeSet::from([department.to_owned()]) }
    }

    /// Whether it counts against the cap.
    #[must_use]
    pub fn is_random(&self) -> bool {
        match &self.source {
            Source::Visit(..) => true,
            Source::Inspection { random, .. } => *random,
            Source::Task(_) => false,
        }
    }

    /// Whether two contacts disturb the subject twice: one day's are one, unless one is a plan that
    /// nothing joins to the other yet.
    fn is_apart(&self, other: &Self) -> bool {
        let planned = |c: &Self| matches!(c.source, Source::Task(_));
        self.on != other.on || planned(self) || planned(other)
    }
}

/// Random visits of a year. A day's recorded inspections are one visit, as in the draw's own rule.
#[must_use]
pub fn random_visits(contacts: &[Contact], year: i16) -> i64 {
    let of_year = || contacts.iter().filter(|c| c.on.year() == year && c.is_random());
    let drawn = of_year().filter(|c| matches!(c.source, Source::Visit(..))).count();
    let days: BTreeSet<Date> =
        of_year().filter(|c| !matches!(c.source, Source::Visit(..))).map(|c| c.on).collect();
    i64::try_from(drawn + days.len()).unwrap_or(i64::MAX)
}

/// Random visits left in the year; `None` for a subject whose class the policy exempts (R52).
#[must_use]
pub fn cap_left(policy: &Policy, risk: Option<RiskClass>, visits: i64) -> Option<i64> {
    let cap = policy.number(policy::ANNUAL_CAP);
    is_over_cap(policy, risk, cap).then(|| (cap - visits).max(0))
}

/// From which day on a department may draw a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextLawful {
    /// The department.
    pub department: String,
    /// The first such day, from today on.
    pub day: Date,
    /// Rules that keep it away until then; empty when it may be drawn today.
    pub rules: Vec<&'static str>,
}

/// The first day whose look-back of some months does not reach a day any more.
fn months_after(on: Date, months: i64) -> Date {
    let span = jiff::Span::new().months(months);
    let mut at = on.checked_add(span).unwrap_or(Date::MAX);
    // The last of a shorter month looks back further than to the same day.
    while at < Date::MAX && day::months_before(at, months) < on {
        at = day::next(at);
    }
    at
}

/// From which day on each department may draw a subject, by the cap and by superiors' clean checks.
#[must_use]
pub fn next_lawful(
    policy: &Policy,
    (today, risk): (Date, Option<RiskClass>),
    contacts: &[Contact],
    departments: &BTreeSet<String>,
) -> Vec<NextLawful> {
    let capped = is_over_cap(policy, risk, random_visits(contacts, today.year()));
    let by_cap = if capped { date(today.year() + 1, 1, 1) } else { today };
    let months = policy.number(policy::SUPERIOR_CLEAN_MONTHS);
    let by_superior = |department: &String| {
        let own = contacts.iter().filter(|c| c.departments.contains(department));
        let clean = own.filter(|c| {
            let kept = Source::Inspection { random: true, superior: true, clean: true };
            months > 0 && c.source == kept
        });
        clean.map(|c| months_after(c.on, months)).max().unwrap_or(today)
    };
    let of = |department: &String| {
        let superior = by_superior(department);
        let mut rules = Vec::new();
        if by_cap > today {
            rules.push("ANNUAL_CAP");
        }
        if superior > today {
            rules.push("SUPERIOR_CLEAN_6M");
        }
        let day = today.max(by_cap).max(superior);
        NextLawful { department: department.clone(), day, rules }
    };
    departments.iter().map(of).collect()
}

/// What is known of a subject.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Its contacts, in order.
    pub contacts: Vec<Contact>,
    /// The departments that keep it in their registries.
    pub holders: BTreeSet<String>,
    /// Its highest class.
    pub risk: Option<RiskClass>,
}

/// Warnings about one subject: contacts too close to each other, and the cap.
#[must_use]
pub fn warnings(policy: &Policy, today: Date, subject: &str, known: &Known) -> Vec<Warning> {
    let mut out = Vec::new();
    let about = || About { subject: subject.to_owned(), ..About::default() };
    let seen_by = |more: &BTreeSet<String>| known.holders.union(more).cloned().collect();
    let days = policy.number(policy::REPEAT_DAYS);
    for pair in known.contacts.windows(2) {
        let [sooner, later] = pair else { continue };
        let gap = later.on.since(sooner.on).map_or(i64::MAX, |span| i64::from(span.get_days()));
        if later.on.year() < today.year() || gap > days || !sooner.is_apart(later) {
            continue;
        }
        let both: BTreeSet<String> =
            sooner.departments.union(&later.departments).cloned().collect();
        let names: Vec<&str> = both.iter().map(String::as_str).collect();
        out.push(Warning {
            kind: WarningKind::RepeatedVisit,
            about: about(),
            since: later.on,
            detail: format!("{} and {}: {}", sooner.on, later.on, names.join(", ")),
            seen_by: seen_by(&both),
        });
    }
    let visits = random_visits(&known.contacts, today.year());
    let left = cap_left(policy, known.risk, visits);
    if let (1.., Some(left @ 0..=1)) = (visits, left) {
        let random = known.contacts.iter().filter(|c| c.is_random() && c.on <= today);
        out.push(Warning {
            kind: WarningKind::AnnualCapNear,
            about: about(),
            since: random.map(|c| c.on).max().unwrap_or(today),
            detail: format!("{visits} in {}, {left} left", today.year()),
            seen_by: seen_by(&BTreeSet::new()),
        });
    }
    out
}

/// Contacts by subject.
pub type Subjects = BTreeMap<String, Known>;

//! Why a department may not draw a unit: each exclusion carries its rule id (R36–R46, R51–R54).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::domain::campaign::{Campaign, Participant, Scope};
use crate::domain::day;
use crate::domain::department::Department;
use crate::domain::exception::{Exception, Ground};
use crate::domain::inspection::{Inspection, Origin};
use crate::domain::item::{CheckItem, ItemList};
use crate::domain::policy::{self, Policy};
use crate::domain::subject::{Entry, RiskClass, RiskFactKind, SubjectState};

use super::units::Door;

/// Why a unit is out for a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Outside the campaign's scope.
    OutOfScope,
    /// Deregistered, annulled, revoked or moved out (R27).
    NotOperating,
    /// None of the participant's items applies to the unit, or is within its power.
    NoItem,
    /// An exception of the department leaves the subject or the items out (R36–R44).
    Excepted(Ground),
    /// The subject has had its visits of the year, over all departments (R51).
    AnnualCap,
    /// A superior's random check was clean lately (R53).
    SuperiorClean,
    /// A fresh clean result covers every item (R101).
    Recognised,
    /// The draw that this one supplements has drawn the unit already (R83).
    DrawnBefore,
}

impl Rule {
    /// The rule's id, as it stands after `x:`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::OutOfScope => "OUT_OF_SCOPE",
            Self::NotOperating => "NOT_OPERATING",
            Self::NoItem => "NO_ITEM",
            Self::Excepted(ground) => ground.word(),
            Self::AnnualCap => "ANNUAL_CAP",
            Self::SuperiorClean => "SUPERIOR_CLEAN_6M",
            Self::Recognised => "RECOGNISED",
            Self::DrawnBefore => "DRAWN_BEFORE",
        }
    }
}

/// What happened to subjects before, by subject.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Random visits of the year, over all departments.
    random_visits: BTreeMap<String, i64>,
    /// Recorded inspections with their department.
    inspections: BTreeMap<String, Vec<(String, Inspection)>>,
    /// Exceptions that hold, by subject; those of items of every subject under the empty one.
    exceptions: BTreeMap<String, Vec<Exception>>,
}

impl History {
    /// Gathers history under subjects. A day's random inspections of several departments are one
    /// visit.
    #[must_use]
    pub fn new(
        year: i16,
        inspections: Vec<(String, Inspection)>,
        drawn: Vec<(String, i64)>,
        canonical: impl Fn(&str) -> String,
    ) -> Self {
        let mut history = Self::default();
        let mut days: BTreeSet<(String, Date)> = BTreeSet::new();
        for (department, inspection) in inspections {
            let subject = canonical(&inspection.subject_id);
            if inspection.origin == Origin::Random && inspection.on.year() == year {
                days.insert((subject.clone(), inspection.on));
            }
            history.inspections.entry(subject).or_default().push((department, inspection));
        }
        for (subject, _) in days {
            *history.random_visits.entry(subject).or_default() += 1;
        }
        for (subject, visits) in drawn {
            *history.random_visits.entry(canonical(&subject)).or_default() += visits;
        }
        history
    }

    /// Adds the exceptions that hold on a day (R36–R44, R52).
    #[must_use]
    pub fn with_exceptions(
        mut self,
        exceptions: Vec<Exception>,
        on: Date,
        canonical: impl Fn(&str) -> String,
    ) -> Self {
        for exception in exceptions.into_iter().filter(|e| e.holds(on)) {
            let subject = canonical(&exception.subject);
            self.exceptions.entry(subject).or_default().push(exception);
        }
        self
    }

    fn exceptions<'s>(
        &'s self,
        department: &'s str,
        subject: &'s str,
    ) -> impl Iterator<Item = &'s Exception> {
        let of = |key: &str| self.exceptions.get(key).map_or(&[][..], Vec::as_slice);
        let all = of(subject).iter().chain(of(""));
        all.filter(move |e| e.department == department)
    }

    /// Whether a department may draw a subject beyond the cap (R52).
    #[must_use]
    pub fn is_beyond_cap(&self, department: &str, subject: &str) -> bool {
        self.exceptions(department, subject).any(|e| e.ground.is_beyond_cap())
    }

    /// Random visits of the year.
    #[must_use]
    pub fn visits(&self, subject: &str) -> i64 {
        self.random_visits.get(subject).copied().unwrap_or(0)
    }
}

/// Everything the rules look at besides the unit.
pub struct Rules<'a> {
    /// The campaign.
    pub campaign: &'a Campaign,
    /// The policy in force on its first day.
    pub policy: &'a Policy,
    /// What happened before.
    pub history: &'a History,
    /// Kinds of risk facts by subject.
    pub signals: &'a BTreeMap<String, BTreeSet<RiskFactKind>>,
    /// Item lists by department.
    pub lists: &'a BTreeMap<String, ItemList>,
    /// Departments by id.
    pub departments: &'a BTreeMap<String, Department>,
}

impl Rules<'_> {
    /// The items a department checks at a door, or the rule that keeps it away.
    ///
    /// `sooner` counts the doors of the same subject that come before this one.
    ///
    /// # Errors
    /// The first [`Rule`] that excludes, in the order of its variants.
    pub fn items(
        &self,
        participant: &Participant,
        door: &Door<'_>,
        rows: &[&Entry],
        sooner: i64,
    ) -> Result<Vec<&CheckItem>, Rule> {
        if !in_scope(&self.campaign.scope, door, self.signals.get(&door.subject)) {
            return Err(Rule::OutOfScope);
        }
        if door.all().any(|e| e.state != SubjectState::Operating) {
            return Err(Rule::NotOperating);
        }
        let items = self.applicable(participant, rows);
        if items.is_empty() {
            return Err(Rule::NoItem);
        }
        let items = self.unexcepted(&participant.department, door, items)?;
        if self.over_cap(&participant.department, door, sooner) {
            return Err(Rule::AnnualCap);
        }
        if self.superior_clean(&participant.department, door) {
            return Err(Rule::SuperiorClean);
        }
        let items = self.unrecognised(&participant.department, door, items);
        if items.is_empty() { Err(Rule::Recognised) } else { Ok(items) }
    }

    fn applicable(&self, participant: &Participant, rows: &[&Entry]) -> Vec<&CheckItem> {
        let department = &participant.department;
        let powers = self.departments.get(department).map_or(&[][..], |d| &d.powers);
        let Some(list) = self.lists.get(department) else { return Vec::new() };
        list.items
            .iter()
            .filter(|i| participant.items.is_empty() || participant.items.contains(&i.code))
            .filter(|i| i.power.is_empty() || powers.contains(&i.power))
            .filter(|i| {
                rows.iter().any(|r| r.more.items.is_empty() || r.more.items.contains(&i.code))
            })
            .collect()
    }

    /// Drops the items that an exception leaves out; none left is the first ground that left one out.
    fn unexcepted<'i>(
        &self,
        department: &str,
        door: &Door<'_>,
        items: Vec<&'i CheckItem>,
    ) -> Result<Vec<&'i CheckItem>, Rule> {
        let out: Vec<&Exception> = self
            .history
            .exceptions(department, &door.subject)
            .filter(|e| !e.ground.is_beyond_cap())
            .collect();
        let grounds =
            |item: &CheckItem| out.iter().filter(|e| e.is_of(&item.code)).map(|e| e.ground).min();
        let ground = items.iter().filter_map(|item| grounds(item)).min();
        let left: Vec<&CheckItem> = items.into_iter().filter(|i| grounds(i).is_none()).collect();
        match ground {
            Some(ground) if left.is_empty() => Err(Rule::Excepted(ground)),
            _ => Ok(left),
        }
    }

    fn over_cap(&self, department: &str, door: &Door<'_>, sooner: i64) -> bool {
        !self.history.is_beyond_cap(department, &door.subject)
            && is_over_cap(self.policy, door.risk(), self.history.visits(&door.subject) + sooner)
    }

    fn fresh(&self, door: &Door<'_>, months: i64) -> impl Iterator<Item = &(String, Inspection)> {
        let since = day::months_before(self.campaign.first_day, months);
        let all = self.history.inspections.get(&door.subject).map_or(&[][..], Vec::as_slice);
        all.iter().filter(move |(_, i)| months > 0 && i.clean && i.on > since)
    }

    fn superior_clean(&self, department: &str, door: &Door<'_>) -> bool {
        let months = self.policy.number(policy::SUPERIOR_CLEAN_MONTHS);
        self.fresh(door, months)
            .any(|(d, i)| d == department && i.superior && i.origin == Origin::Random)
    }

    /// Drops items that a fresh clean result covers: the department's own by code, others' by the
    /// catalogue code that both lists carry.
    fn unrecognised<'i>(
        &self,
        department: &str,
        door: &Door<'_>,
        items: Vec<&'i CheckItem>,
    ) -> Vec<&'i CheckItem> {
        let months = self.policy.number(policy::RECOGNITION_MONTHS);
        let fresh: Vec<&(String, Inspection)> = self.fresh(door, months).collect();
        let covers = |item: &CheckItem, other: &str, checked: &str| {
            if other == department {
                return item.code == checked;
            }
            let list = self.lists.get(other);
            let theirs = list.and_then(|l| l.items.iter().find(|i| i.code == checked));
            !item.external_code.is_empty()
                && theirs.is_some_and(|t| t.external_code == item.external_code)
        };
        items
            .into_iter()
            .filter(|item| {
                !fresh.iter().any(|(other, i)| i.items.iter().any(|c| covers(item, other, c)))
            })
            .collect()
    }
}

/// Whether a subject that had so many random visits in the year may have no further one (R51).
#[must_use]
pub fn is_over_cap(policy: &Policy, risk: Option<RiskClass>, visits: i64) -> bool {
    let exempt = match policy.word(policy::CAP_EXEMPT_RISK) {
        "D" => risk == Some(RiskClass::D),
        "C_D" => risk >= Some(RiskClass::C),
        _ => false,
    };
    !exempt && visits >= policy.number(policy::ANNUAL_CAP)
}

fn in_scope(scope: &Scope, door: &Door<'_>, signals: Option<&BTreeSet<RiskFactKind>>) -> bool {
    let any = |e: &dyn Fn(&Entry) -> bool| door.all().any(e);
    let class = door.risk().map_or(crate::domain::subject::UNCLASSIFIED, RiskClass::word);
    let districts = scope.districts.is_empty()
        || any(&|e| scope.districts.iter().any(|d| e.district.starts_with(d.as_str())));
    let kinds = scope.kinds.is_empty() || any(&|e| scope.kinds.contains(&e.kind));
    let tags =
        scope.tags.is_empty() || any(&|e| e.more.tags.iter().any(|t| scope.tags.contains(t)));
    let classes = scope.risk_classes.is_empty() || scope.risk_classes.iter().any(|c| c == class);
    let marked = scope.marked_by.is_empty()
        || signals.is_some_and(|kinds| scope.marked_by.iter().any(|kind| kinds.contains(kind)));
    districts && kinds && tags && classes && marked
}

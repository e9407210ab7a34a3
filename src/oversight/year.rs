//! A year's drawn visits in figures: the joint rate by month, and what each department carries (R55, R134).

use std::collections::BTreeMap;

use crate::domain::joint_rate::JointRate;
use crate::domain::quota::BASIS_POINTS;
use crate::domain::visit::Visit;

/// What a department carries in the year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Checks it makes.
    pub checks: u64,
    /// Of them, those that share their visit.
    pub joint: u64,
    /// People it sends, over all draws: a person has another ticket in each.
    pub people: u64,
    /// Most visits of one person in one draw.
    pub most: u64,
    /// Empty slots.
    pub short: u64,
}

/// A year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Year {
    /// The joint rate of all visits that take place.
    pub rate: JointRate,
    /// The same by the month of their first day.
    pub months: [JointRate; 12],
    /// Each department's load; those without any are there with zeros.
    pub loads: BTreeMap<String, Load>,
    /// Visits that dropped out.
    pub dropped: u64,
    /// The joint rate that is to be reached, in basis points.
    pub target: u64,
}

impl Year {
    /// Counts visits; `departments` are all there are, `target` is in basis points.
    #[must_use]
    pub fn of(visits: &[Visit], departments: &[String], target: u64) -> Self {
        let mut year = Self { target, ..Self::default() };
        for department in departments {
            year.loads.entry(department.clone()).or_default();
        }
        let mut people: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
        for visit in visits {
            if visit.dropped > 0 {
                year.dropped += 1;
                continue;
            }
            let sections = visit.sections.len();
            year.rate.add(sections);
            let month = usize::try_from(visit.first_day.month() - 1).unwrap_or(0);
            year.months[month].add(sections);
            for section in &visit.sections {
                let load = year.loads.entry(section.department.clone()).or_default();
                load.checks += 1;
                load.joint += u64::from(sections > 1);
                for member in &section.team {
                    if member.ticket.is_empty() {
                        load.short += 1;
                    } else {
                        let key = (&*section.department, &*visit.campaign, &*member.ticket);
                        *people.entry(key).or_default() += 1;
                    }
                }
            }
        }
        for ((department, ..), visits) in people {
            let load = year.loads.entry(department.to_owned()).or_default();
            load.people += 1;
            load.most = load.most.max(visits);
        }
        year
    }

    /// Checks that would have to share a visit, beyond those that do, for the rate to reach its target.
    #[must_use]
    pub fn missing(&self) -> u64 {
        let wanted = self.rate.checks.saturating_mul(self.target).div_ceil(BASIS_POINTS);
        wanted.saturating_sub(self.rate.joint_checks)
    }

    /// Visits saved against one visit per check.
    #[must_use]
    pub fn saved(&self) -> u64 {
        self.rate.checks.saturating_sub(self.rate.visits)
    }
}

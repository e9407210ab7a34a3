//! The share of random checks among all checks, month by month (R56).

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::domain::joint_rate::JointRate;
use crate::domain::visit::Visit;

/// Checks of one month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// The month, from 1.
    pub month: i8,
    /// Random ones: sections of drawn visits whose check is over, and recorded random inspections.
    pub random: u64,
    /// All of them.
    pub all: u64,
}

impl Checks {
    /// The share of random ones in basis points; `None` of nothing.
    #[must_use]
    pub const fn basis_points(self) -> Option<u64> {
        JointRate::share(self.random, self.all)
    }
}

/// Checks of a year by month. `recorded`: day and whether it was random; a visit counts in the month in
/// which it begins, once its check is over.
#[must_use]
pub fn by_month(
    year: i16,
    recorded: impl IntoIterator<Item = (Date, bool)>,
    visits: &[Visit],
    over: &BTreeSet<(String, i64, i64)>,
) -> Vec<Checks> {
    let mut months: Vec<Checks> =
        (1..=12).map(|month| Checks { month, ..Checks::default() }).collect();
    let mut add = |on: Date, random: bool, count: u64| {
        if on.year() != year {
            return;
        }
        let at = usize::try_from(on.month() - 1).unwrap_or(0);
        months[at].all += count;
        months[at].random += if random { count } else { 0 };
    };
    for (on, random) in recorded {
        add(on, random, 1);
    }
    for visit in visits.iter().filter(|v| v.dropped == 0) {
        if over.contains(&(visit.campaign.clone(), visit.attempt, visit.rank)) {
            let checks = u64::try_from(visit.sections.len()).unwrap_or(u64::MAX);
            add(visit.first_day, true, checks);
        }
    }
    months
}

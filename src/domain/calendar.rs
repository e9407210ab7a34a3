//! Working days (工作日) with swapped days (调休): year tables, and counting in them.
//!
//! Which weekdays are holidays and which weekend days are worked is decided anew each year, so a
//! year that is in no table has no answer: [`UnknownYear`], never "weekends only". A table is
//! never changed; a later version of the same year supersedes it, and a [`Due`] says which versions
//! it was counted with.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Violations, day, id, text};

/// First year a table can be of.
pub const YEAR_MIN: i16 = 2000;
/// Last year a table can be of.
pub const YEAR_MAX: i16 = 2199;
/// Most holidays of a year.
pub const HOLIDAYS_MAX: usize = 40;
/// Longest holiday, in days.
pub const HOLIDAY_DAYS_MAX: i32 = 31;
/// Most swapped working days of a year.
pub const SWAPPED_MAX: usize = 60;
/// Longest count of working days.
pub const COUNT_MAX: i64 = 2_000;

/// What the notices of the State Council say, by year.
const BUILT_IN: &str = include_str!("calendar.json");

/// A year that is in no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the calendar of {year} is not known; import it before days in it are counted")]
pub struct UnknownYear {
    /// The year.
    pub year: i16,
}

/// Days off in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Name, such as 春节.
    pub name: String,
    /// First day off.
    pub first: Date,
    /// Last day off.
    pub last: Date,
}

/// One year as one notice fixes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearTable {
    /// The year.
    pub year: i16,
    /// Counts the tables of the same year and scope, from 1.
    pub version: i64,
    /// Code of the jurisdiction it is for; empty for the whole country.
    #[serde(default)]
    pub scope: String,
    /// The notice it comes from.
    pub source: String,
    /// Day on which the notice was published.
    pub published_on: Date,
    /// Days off, in order.
    pub holidays: Vec<Holiday>,
    /// Weekend days that are worked (调休上班), in order.
    pub swapped: Vec<Date>,
}

/// Which table a count used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Counted {
    /// The year.
    pub year: i16,
    /// The table's scope; empty for the whole country.
    pub scope: String,
    /// The table's version.
    pub version: i64,
}

/// A deadline in working days, with the tables it was counted with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The day it ends on; that day is still in time.
    pub day: Date,
    /// The tables, by year.
    pub counted_with: Vec<Counted>,
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

impl YearTable {
    /// Checks forms, bounds and the rules between days.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        let known = (YEAR_MIN..=YEAR_MAX).contains(&self.year);
        violations.require(known, format!("{at}.year"), "YEAR_RANGE", &self.year.to_string());
        if !self.scope.is_empty() {
            id::check_division(violations, &format!("{at}.jurisdiction"), &self.scope);
        }
        text::require(violations, &format!("{at}.source"), &self.source, text::SHORT_CHARS_MAX);
        let count = self.holidays.len();
        let field = format!("{at}.holidays");
        violations.require((1..=HOLIDAYS_MAX).contains(&count), &field, "COUNT", "");
        let mut before: Option<Date> = None;
        for (i, holiday) in self.holidays.iter().enumerate() {
            let at = format!("{field}[{i}]");
            let Holiday { name, first, last } = holiday;
            text::require(violations, &format!("{at}.name"), name, text::SHORT_CHARS_MAX);
            for (name, date) in [("first_day", first), ("last_day", last)] {
                let inside = date.year() == self.year;
                let field = format!("{at}.{name}");
                violations.require(inside, field, "OUTSIDE_YEAR", &date.to_string());
            }
            let field = format!("{at}.last_day");
            violations.require(first <= last, &field, "BEFORE_FIRST_DAY", &last.to_string());
            let days = last.since(*first).map_or(0, |span| span.get_days());
            violations.require(days < HOLIDAY_DAYS_MAX, &field, "TOO_LONG", &last.to_string());
            let after = before.is_none_or(|b| b < *first);
            violations.require(
                after,
                format!("{at}.first_day"),
                "NOT_IN_ORDER",
                &first.to_string(),
            );
            before = Some(*last);
        }
        self.check_swapped(violations, &format!("{at}.swapped_days"));
    }

    fn check_swapped(&self, violations: &mut Violations, field: &str) {
        violations.require(self.swapped.len() <= SWAPPED_MAX, field, "TOO_MANY", "");
        for (i, date) in self.swapped.iter().enumerate() {
            let at = format!("{field}[{i}]");
            let given = date.to_string();
            violations.require(date.year() == self.year, &at, "OUTSIDE_YEAR", &given);
            violations.require(is_weekend(*date), &at, "SWAPPED_DAY_IS_A_WEEKDAY", &given);
            violations.require(!self.is_off(*date), &at, "SWAPPED_DAY_IS_A_HOLIDAY", &given);
            let after = i == 0 || self.swapped[i - 1] < *date;
            violations.require(after, &at, "NOT_IN_ORDER", &given);
        }
    }

    fn is_off(&self, date: Date) -> bool {
        self.holidays.iter().any(|h| (h.first..=h.last).contains(&date))
    }

    fn is_working_day(&self, date: Date) -> bool {
        self.swapped.contains(&date) || (!is_weekend(date) && !self.is_off(date))
    }

    fn counted(&self) -> Counted {
        Counted { year: self.year, scope: self.scope.clone(), version: self.version }
    }
}

/// The tables in force for one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, YearTable>,
}

impl Calendar {
    /// The tables that come with the program, of the whole country, version 1 each.
    ///
    /// # Panics
    /// Never: a test reads the data file.
    #[must_use]
    pub fn built_in() -> Vec<YearTable> {
        #[expect(clippy::expect_used, reason = "compiled in, and read by a test")]
        let tables = serde_json::from_str(BUILT_IN).expect("the built-in calendar");
        tables
    }

    /// Takes tables in force from those given: of each year, the one of the nearest scope, and of
    /// those the latest version. `scopes` lists what applies to the place, the nearest first; the
    /// whole country is the empty scope.
    #[must_use]
    pub fn of(tables: Vec<YearTable>, scopes: &[String]) -> Self {
        let far = |table: &YearTable| scopes.iter().position(|s| *s == table.scope);
        let mut years: BTreeMap<i16, YearTable> = BTreeMap::new();
        for table in tables {
            let Some(distance) = far(&table) else { continue };
            let better = years.get(&table.year).is_none_or(|other| {
                let other = (far(other), std::cmp::Reverse(other.version));
                (Some(distance), std::cmp::Reverse(table.version)) < other
            });
            if better {
                years.insert(table.year, table);
            }
        }
        Self { years }
    }

    /// The tables in force, by year.
    pub fn tables(&self) -> impl Iterator<Item = &YearTable> {
        self.years.values()
    }

    fn table(&self, year: i16) -> Result<&YearTable, UnknownYear> {
        self.years.get(&year).ok_or(UnknownYear { year })
    }

    /// Whether a day is worked.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn is_working_day(&self, date: Date) -> Result<bool, UnknownYear> {
        Ok(self.table(date.year())?.is_working_day(date))
    }

    /// The day itself when it is worked, or the next that is.
    ///
    /// # Errors
    /// [`UnknownYear`] of the first year that has to be asked and is in no table.
    pub fn on_or_after(&self, date: Date) -> Result<Date, UnknownYear> {
        let mut at = date;
        while !self.is_working_day(at)? {
            at = day::next(at);
        }
        Ok(at)
    }

    /// The `n`th working day after a day, which itself does not count; for 0 the day itself when it
    /// is worked, or the next that is.
    ///
    /// # Errors
    /// [`UnknownYear`] of the first year that has to be asked and is in no table.
    pub fn add_working_days(&self, date: Date, n: i64) -> Result<Date, UnknownYear> {
        let mut at = if n <= 0 { self.on_or_after(date)? } else { date };
        for _ in 0..n {
            at = self.on_or_after(day::next(at))?;
        }
        Ok(at)
    }

    /// The `n`th working day before a day, which itself does not count; for 0 the day itself.
    ///
    /// # Errors
    /// [`UnknownYear`] of the first year that has to be asked and is in no table.
    pub fn working_days_before(&self, date: Date, n: i64) -> Result<Date, UnknownYear> {
        let mut at = date;
        for _ in 0..n {
            at = at.yesterday().unwrap_or(at);
            while !self.is_working_day(at)? {
                at = at.yesterday().unwrap_or(at);
            }
        }
        Ok(at)
    }

    /// [`Calendar::add_working_days`], with the tables it was counted with.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn due(&self, from: Date, n: i64) -> Result<Due, UnknownYear> {
        let day = self.add_working_days(from, n)?;
        // The day after which counting begins need not be known itself.
        let first = if n > 0 { day::next(from) } else { from };
        let years = self.years.range(first.year()..=day.year());
        Ok(Due { day, counted_with: years.map(|(_, table)| table.counted()).collect() })
    }

    /// Working days after `from` up to and including `to`; negative when `to` comes first.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<i64, UnknownYear> {
        if to < from {
            return Ok(-self.working_days_between(to, from)?);
        }
        let (mut at, mut count) = (from, 0);
        while at < to {
            at = day::next(at);
            count += i64::from(self.is_working_day(at)?);
        }
        Ok(count)
    }
}

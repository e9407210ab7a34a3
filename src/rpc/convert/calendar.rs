//! Years of the calendar.

use super::super::pb;
use super::department::etag;
use super::present;
use crate::domain::calendar::{Counted, Due, Holiday, YearTable};
use crate::domain::{Violations, day};

/// Reads a year with its etag.
///
/// # Errors
/// Its violations.
pub fn year(message: Option<pb::CalendarYear>) -> Result<(YearTable, i64), Violations> {
    let mut v = Violations::default();
    let at = "calendar_year";
    let m = present(&mut v, at, message);
    let etag = etag(&mut v, &format!("{at}.etag"), &m.etag);
    let published = day::parse(&mut v, &format!("{at}.published_on"), &m.published_on);
    let holiday = |(i, m): (usize, pb::CalendarHoliday)| {
        let at = format!("{at}.holidays[{i}]");
        let first = day::parse(&mut v, &format!("{at}.first_day"), &m.first_day);
        let last = day::parse(&mut v, &format!("{at}.last_day"), &m.last_day);
        Holiday { name: m.name, first: first.unwrap_or_default(), last: last.unwrap_or_default() }
    };
    let holidays = m.holidays.into_iter().enumerate().map(holiday).collect();
    let swapped = m.swapped_days.iter().enumerate().map(|(i, text)| {
        day::parse(&mut v, &format!("{at}.swapped_days[{i}]"), text).unwrap_or_default()
    });
    let swapped = swapped.collect();
    let year = i16::try_from(m.year).unwrap_or(i16::MAX);
    let published_on = published.unwrap_or_default();
    let (version, scope, source) = (0, m.jurisdiction, m.source);
    v.finish((YearTable { year, version, scope, source, published_on, holidays, swapped }, etag))
}

/// Writes a year.
#[must_use]
pub fn year_out(t: YearTable) -> pb::CalendarYear {
    let holiday = |h: Holiday| pb::CalendarHoliday {
        name: h.name,
        first_day: h.first.to_string(),
        last_day: h.last.to_string(),
    };
    pb::CalendarYear {
        year: i32::from(t.year),
        version: t.version,
        jurisdiction: t.scope,
        source: t.source,
        published_on: t.published_on.to_string(),
        holidays: t.holidays.into_iter().map(holiday).collect(),
        swapped_days: t.swapped.iter().map(ToString::to_string).collect(),
        etag: t.version.to_string(),
    }
}

/// Writes which version was counted with.
#[must_use]
pub fn counted_out(c: Counted) -> pb::CalendarVersion {
    pb::CalendarVersion { year: i32::from(c.year), jurisdiction: c.scope, version: c.version }
}

/// Writes a count.
#[must_use]
pub fn due_out(due: Due) -> pb::CountWorkingDaysResponse {
    pb::CountWorkingDaysResponse {
        day: due.day.to_string(),
        counted_with: due.counted_with.into_iter().map(counted_out).collect(),
    }
}

//! Days, without time of day: everything a rule counts in.

use jiff::civil::{Date, DateTime};

use super::Violations;

/// Time zone in which days begin and end.
pub const TIME_ZONE: &str = "Asia/Shanghai";
/// Offset of [`TIME_ZONE`] from UTC; China has kept it without daylight saving since 1991.
const OFFSET_HOURS: i8 = 8;

/// Reads `YYYY-MM-DD`; notes `DATE_FORM` and returns `None` otherwise.
pub fn parse(violations: &mut Violations, field: &str, text: &str) -> Option<Date> {
    let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    violations.require(date.is_some(), field, "DATE_FORM", text);
    date
}

/// [`parse`], where an empty text means no date.
pub fn parse_optional(violations: &mut Violations, field: &str, text: &str) -> Option<Date> {
    if text.is_empty() { None } else { parse(violations, field, text) }
}

/// The day on which an instant falls.
///
/// # Panics
/// Never: the instants this program stores lie within the calendar.
#[must_use]
pub fn of_instant(us: i64) -> Date {
    let instant = jiff::Timestamp::from_microsecond(us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::fixed(jiff::tz::offset(OFFSET_HOURS)).to_datetime(instant).date()
}

/// The instant of a local day and time, in microseconds UTC.
#[must_use]
pub fn instant(local: DateTime) -> i64 {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(OFFSET_HOURS));
    zone.to_timestamp(local).map_or(0, |t| t.as_microsecond())
}

/// When a day begins, in microseconds UTC.
#[must_use]
pub fn start_us(day: Date) -> i64 {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(OFFSET_HOURS));
    day.to_zoned(zone).map_or(i64::MIN, |start| start.timestamp().as_microsecond())
}

/// An instant in words: RFC 3339 in [`TIME_ZONE`].
#[must_use]
pub fn instant_text(us: i64) -> String {
    let instant = jiff::Timestamp::from_microsecond(us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    instant.display_with_offset(jiff::tz::offset(OFFSET_HOURS)).to_string()
}

/// The day `months` before `date`, or the last of that month.
#[must_use]
pub fn months_before(date: Date, months: i64) -> Date {
    date.checked_sub(jiff::Span::new().months(months)).unwrap_or(Date::MIN)
}

/// The day after.
#[must_use]
pub fn next(date: Date) -> Date {
    date.tomorrow().unwrap_or(date)
}

//! Days on which a whole team can make a visit. The same calendars always give the same days.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::appointment::{Blackout, CLOSES, Hours, OPENS};
use crate::domain::calendar::{Calendar, UnknownYear};
use crate::domain::day;
use crate::domain::inspector::DateRange;

/// Shortest time for a visit, in minutes.
pub const VISIT_MINUTES_MIN: i64 = 120;

/// What stands against days.
#[derive(Clone, Debug, Default)]
pub struct Against {
    /// Days on which a member has no time, over all members.
    pub busy: BTreeSet<Date>,
    /// Days and hours at which a member is at another door of the campaign already.
    pub taken: Vec<(Date, Hours)>,
    /// When the subject is not to be visited.
    pub blackouts: Vec<Blackout>,
}

impl Against {
    fn blacked_out(&self, day: Date) -> impl Iterator<Item = Hours> {
        let on = move |b: &&Blackout| b.days.first <= day && day <= b.days.last;
        self.blackouts.iter().filter(on).map(|b| b.hours)
    }

    fn elsewhere(&self, day: Date) -> impl Iterator<Item = Hours> {
        self.taken.iter().filter(move |(on, _)| *on == day).map(|(_, hours)| *hours)
    }
}

/// A day with the hours that are free on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    /// The day.
    pub day: Date,
    /// The longest free hours of it.
    pub hours: Hours,
}

/// The first days of a window, `most` of them, on which everybody is free and the subject may be
/// visited long enough, in working days of the calendar.
///
/// # Errors
/// [`UnknownYear`] when a day that has to be asked is in no calendar.
pub fn propose(
    window: DateRange,
    against: &Against,
    calendar: &Calendar,
    most: usize,
) -> Result<Vec<Slot>, UnknownYear> {
    let mut out = Vec::new();
    let mut day = window.first;
    while day <= window.last && out.len() < most {
        let kept = !calendar.is_working_day(day)? || against.busy.contains(&day);
        let free = (!kept).then(|| free(day, against)).flatten();
        out.extend(free.map(|hours| Slot { day, hours }));
        let next = day::next(day);
        if next == day {
            break;
        }
        day = next;
    }
    Ok(out)
}

/// The longest hours of a day that nothing touches, the earlier of two equally long ones.
fn free(day: Date, against: &Against) -> Option<Hours> {
    let mut taken: Vec<Hours> = against.blacked_out(day).collect();
    taken.extend(against.elsewhere(day));
    taken.sort();
    let mut best: Option<Hours> = None;
    let mut from = OPENS;
    for until in taken.iter().map(Some).chain([None]) {
        let gap = Hours { from, until: until.map_or(CLOSES, |t| t.from.min(CLOSES)) };
        if gap.minutes() > best.map_or(VISIT_MINUTES_MIN - 1, |b| b.minutes()) {
            best = Some(gap);
        }
        from = from.max(until.map_or(CLOSES, |t| t.until));
    }
    best
}

/// Why a day with its hours cannot be fixed; `None` when it can.
#[must_use]
pub fn against(window: DateRange, slot: Slot, against: &Against) -> Option<&'static str> {
    let Slot { day, hours } = slot;
    let meets = |other: Hours| other.from < hours.until && hours.from < other.until;
    if day < window.first || day > window.last {
        return Some("OUTSIDE_THE_WINDOW");
    }
    if against.blacked_out(day).any(meets) {
        return Some("BLACKOUT");
    }
    if against.busy.contains(&day) {
        return Some("MEMBER_BUSY");
    }
    against.elsewhere(day).any(meets).then_some("MEMBER_AT_ANOTHER_DOOR")
}

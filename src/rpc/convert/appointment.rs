//! Calendars and the days of visits.

use super::super::pb;
use crate::domain::appointment::{Appointment, Blackout, Hours};
use crate::domain::inspector::DateRange;
use crate::domain::{Violations, day};
use crate::merge::dates::Slot;

/// Reads blackouts.
pub fn blackouts(v: &mut Violations, messages: Vec<pb::Blackout>) -> Vec<Blackout> {
    let mut out = Vec::with_capacity(messages.len());
    for (i, m) in messages.into_iter().enumerate() {
        let at = format!("blackouts[{i}]");
        let first = day::parse(v, &format!("{at}.first_day"), &m.first_day);
        let last = day::parse(v, &format!("{at}.last_day"), &m.last_day);
        let hours = Hours::parse(v, &at, &m.from, &m.until);
        if let (Some(first), Some(last)) = (first, last) {
            out.push(Blackout { days: DateRange { first, last }, hours, reason: m.reason });
        }
    }
    out
}

/// Reads the day to be fixed.
///
/// # Errors
/// All violations at once.
pub fn slot(m: &pb::FixDateRequest) -> Result<Slot, Violations> {
    let mut v = Violations::default();
    let day = day::parse(&mut v, "day", &m.day);
    let hours = Hours::parse(&mut v, "hours", &m.from, &m.until);
    v.require(m.version >= 0, "version", "NOT_NEGATIVE", &m.version.to_string());
    v.finish(Slot { day: day.unwrap_or_default(), hours })
}

/// Writes a proposed day.
#[must_use]
pub fn date_out(slot: Slot) -> pb::ProposedDate {
    pb::ProposedDate {
        day: slot.day.to_string(),
        from: Hours::text(slot.hours.from),
        until: Hours::text(slot.hours.until),
    }
}

/// Writes an appointment.
#[must_use]
pub fn out(a: Appointment) -> pb::Appointment {
    pb::Appointment {
        campaign_id: a.campaign,
        rank: a.rank,
        version: a.version,
        day: a.day.to_string(),
        from: Hours::text(a.hours.from),
        until: Hours::text(a.hours.until),
        fixed_by: a.fixed_by,
    }
}

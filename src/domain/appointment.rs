//! The day that is fixed for a visit, and what stands against days: busy people, hours at which a
//! subject is not to be visited.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::hash::{Digest, Suite};
use super::inspector::DateRange;
use super::{Violations, canon, text};

/// Minutes of a day.
pub const DAY_MINUTES: i64 = 24 * 60;
/// Most busy days of one person, and most blackouts of one subject by one giver.
pub const DAYS_MAX: usize = 366;
/// First minute of a visit on a day: 9:00.
pub const OPENS: i64 = 9 * 60;
/// Minute by which a visit is over: 17:00.
pub const CLOSES: i64 = 17 * 60;

/// Minutes of a day from the first to before the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hours {
    /// First minute, counted from midnight.
    pub from: i64,
    /// The minute after the last.
    pub until: i64,
}

impl Hours {
    /// Reads `HH:MM` twice; notes `HOURS_FORM` or `HOURS_ORDER` otherwise.
    #[must_use]
    pub fn parse(violations: &mut Violations, at: &str, from: &str, until: &str) -> Self {
        let mut minute = |name: &str, text: &str| {
            let read = || {
                let (hours, minutes) = text.split_once(':').filter(|_| text.len() == 5)?;
                let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
                let minute = hours * 60 + minutes;
                let good = (0..60).contains(&minutes) && (0..=DAY_MINUTES).contains(&minute);
                good.then_some(minute)
            };
            let found = read();
            violations.require(found.is_some(), format!("{at}.{name}"), "HOURS_FORM", text);
            found.unwrap_or(0)
        };
        let hours = Self { from: minute("from", from), until: minute("until", until) };
        violations.require(hours.from < hours.until, format!("{at}.until"), "HOURS_ORDER", until);
        hours
    }

    /// `HH:MM` of a minute.
    #[must_use]
    pub fn text(minute: i64) -> String {
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }

    /// Minutes in it.
    #[must_use]
    pub const fn minutes(&self) -> i64 {
        self.until - self.from
    }
}

/// When a subject is not to be visited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blackout {
    /// The days.
    pub days: DateRange,
    /// The hours of each day.
    pub hours: Hours,
    /// Why.
    pub reason: String,
}

impl Blackout {
    /// Checks forms.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        let last = self.days.last.to_string();
        let ordered = self.days.first <= self.days.last;
        violations.require(ordered, format!("{at}.last_day"), "BEFORE_FIRST_DAY", &last);
        let field = format!("{at}.reason");
        text::require(violations, &field, &self.reason, text::SHORT_CHARS_MAX);
    }
}

/// The day that is fixed for a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The campaign.
    pub campaign: String,
    /// The attempt that drew the visit.
    pub attempt: i64,
    /// Rank of the visit.
    pub rank: i64,
    /// 1 for the first, one more each time it is moved.
    pub version: i64,
    /// The day.
    pub day: Date,
    /// The hours.
    pub hours: Hours,
    /// Who fixed it: the office, or the leader's department.
    pub fixed_by: String,
    /// Blinds the digest that stands in the public log, where the day would be advance notice: 32 random
    /// bytes, in hexadecimal.
    pub salt: String,
}

impl Appointment {
    /// What the log holds of it: SHA-256 of its canonical form.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        let bytes = canon::to_bytes(&serde_json::to_value(self).ok()?).ok()?;
        Some(Suite::Sha256.hash(&bytes))
    }
}

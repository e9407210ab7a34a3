//! A deadline in working days: counted once when it is set, or, while the year is in no calendar, each
//! time it is read.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Due, UnknownYear};

/// Something that has to be done within working days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The day after which counting begins.
    pub from: Date,
    /// How many working days.
    pub working_days: i64,
    /// The day it ends on, as counted when it was set; `None` when a year was not known then.
    pub due: Option<Due>,
}

impl Deadline {
    /// Sets a deadline; what was counted stays, whatever is imported later.
    #[must_use]
    pub fn set(calendar: &Calendar, from: Date, working_days: i64) -> Self {
        Self { from, working_days, due: calendar.due(from, working_days).ok() }
    }

    /// The last day that is in time.
    ///
    /// # Errors
    /// [`UnknownYear`] of a year that is still in no table.
    pub fn day(&self, calendar: &Calendar) -> Result<Date, UnknownYear> {
        match &self.due {
            Some(due) => Ok(due.day),
            None => calendar.add_working_days(self.from, self.working_days),
        }
    }

    /// Whether it was missed: `done` is the day on which it was met, `None` while it is open.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn is_missed(
        &self,
        calendar: &Calendar,
        today: Date,
        done: Option<Date>,
    ) -> Result<bool, UnknownYear> {
        // Days of the calendar are at least working days: before that nothing has to be known.
        let at = done.unwrap_or(today);
        let earliest = self.from.checked_add(jiff::Span::new().days(self.working_days));
        if self.due.is_none() && earliest.is_ok_and(|earliest| at <= earliest) {
            return Ok(false);
        }
        Ok(at > self.day(calendar)?)
    }
}

//! What a business is told before a visit (R86, tension 5): as the policy says.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, UnknownYear};
use super::policy::{self, Policy};

/// How a business is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// 书面通知.
    Written,
    /// 电话通知.
    Telephone,
    /// 信息系统推送.
    Message,
    /// 现场告知.
    AtTheDoor,
}

/// That a business was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// How.
    pub channel: Channel,
    /// Ticket of the member who told it.
    pub by: String,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

/// Whether a business is told of its visit at all.
#[must_use]
pub fn is_told(policy: &Policy) -> bool {
    policy.word(policy::NOTICE) != "NONE"
}

/// From which day on a business may be told of a visit on a day that is fixed: never before its names
/// open. `None` when it is not told, or while no day is fixed.
///
/// # Errors
/// [`UnknownYear`] when the working days before are in no calendar.
pub fn from(
    policy: &Policy,
    calendar: &Calendar,
    fixed: Option<Date>,
    opens: Option<Date>,
) -> Result<Option<Date>, UnknownYear> {
    let (Some(fixed), Some(opens)) = (fixed, opens) else { return Ok(None) };
    Ok(policy.notice_on(fixed, calendar)?.map(|day| day.max(opens)))
}

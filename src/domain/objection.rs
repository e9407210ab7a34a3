//! Objections (异议) to published results: reviewed within working days from the receipt of the materials
//! (R116), the outcome told within working days from the review (R117). Paused days do not count.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Due, UnknownYear};
use super::deadline::Deadline;
use super::{Violations, day, text};

/// Most pauses of one review.
pub const PAUSES_MAX: usize = 20;

/// Where an objection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ObjectionState {
    /// Filed; its materials are not there yet.
    Filed,
    /// The materials are there: the days of the review count.
    UnderReview,
    /// The review stands still for a reason.
    Paused,
    /// The result is wrong; a correction was asked for (R117).
    Upheld,
    /// The result stands.
    Rejected,
    /// The outcome was told to whoever filed it (R117).
    Answered,
    /// Whoever filed it does not want it any more.
    Withdrawn,
}

/// What is done with an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectionAction {
    /// The materials are received.
    Receive,
    /// The review is paused.
    Pause,
    /// It goes on.
    Resume,
    /// It is decided: the result is wrong.
    Uphold,
    /// It is decided: the result stands.
    Reject,
    /// The outcome is told.
    Answer,
    /// It is withdrawn.
    Withdraw,
}

impl ObjectionState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Filed,
        Self::UnderReview,
        Self::Paused,
        Self::Upheld,
        Self::Rejected,
        Self::Answered,
        Self::Withdrawn,
    ];

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Filed => "FILED",
            Self::UnderReview => "UNDER_REVIEW",
            Self::Paused => "PAUSED",
            Self::Upheld => "UPHELD",
            Self::Rejected => "REJECTED",
            Self::Answered => "ANSWERED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state after an action; `None` when the action is not possible.
    #[must_use]
    pub const fn after(self, action: ObjectionAction) -> Option<Self> {
        use ObjectionAction as Do;
        match (self, action) {
            (Self::Filed, Do::Receive) | (Self::Paused, Do::Resume) => Some(Self::UnderReview),
            (Self::UnderReview, Do::Pause) => Some(Self::Paused),
            (Self::UnderReview, Do::Uphold) => Some(Self::Upheld),
            (Self::UnderReview, Do::Reject) => Some(Self::Rejected),
            (Self::Upheld | Self::Rejected, Do::Answer) => Some(Self::Answered),
            (Self::Filed | Self::UnderReview | Self::Paused, Do::Withdraw) => Some(Self::Withdrawn),
            _ => None,
        }
    }

    /// Whether somebody still has to do something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Answered | Self::Withdrawn)
    }
}

/// Who filed an objection, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Filing {
    /// Over HTTP with the visit code, which only the subject was shown.
    VisitCode,
    /// Over HTTP with the result's id alone; whoever it is proves it with the materials.
    Unproven,
    /// On paper, entered by the department.
    Paper,
}

/// What is filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Who files it.
    pub applicant: String,
    /// How to reach them.
    pub contact: String,
    /// What is wrong, and why.
    pub grounds: String,
}

impl Application {
    /// Checks forms and bounds.
    pub fn check(&self, violations: &mut Violations, at: &str) {
        let short = text::SHORT_CHARS_MAX;
        text::require(violations, &format!("{at}.applicant"), &self.applicant, short);
        text::require(violations, &format!("{at}.contact"), &self.contact, short);
        let field = format!("{at}.grounds");
        text::require(violations, &field, &self.grounds, text::LONG_CHARS_MAX);
    }
}

/// A stretch of days that do not count: the first one does not, the day it goes on does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The first day.
    pub from: Date,
    /// The day on which the review went on; `None` until then.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
}

impl Pause {
    fn covers(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }
}

/// What a review has come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether the result is wrong.
    pub upheld: bool,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// On which day.
    pub on: Date,
    /// Number of the correction it leads to; 0 for none.
    pub correction: i64,
}

/// An objection to a published result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// Its id: random, and the address of its public status.
    pub id: String,
    /// The result.
    pub result: String,
    /// The campaign.
    pub campaign: String,
    /// The department whose result it is.
    pub department: String,
    /// How it came.
    pub filing: Filing,
    /// What was filed.
    pub application: Application,
    /// When, in microseconds UTC.
    pub filed_us: i64,
    /// Where it stands.
    pub state: ObjectionState,
    /// Counts changes; the etag.
    pub version: i64,
    /// Working days of the review.
    pub review_days: i64,
    /// Working days for telling the outcome.
    pub feedback_days: i64,
    /// The day on which the materials were received.
    pub received_on: Option<Date>,
    /// SHA-256 of the materials.
    pub materials: Vec<String>,
    /// Days that do not count.
    pub pauses: Vec<Pause>,
    /// By when it has to be decided, as counted at the last receipt or resumption; `None` before, while
    /// paused, and when a year was not known.
    pub review_due: Option<Due>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// By when the outcome has to be told.
    pub feedback: Option<Deadline>,
    /// The day on which it was told.
    pub answered_on: Option<Date>,
    /// SHA-256 of the receipt of service (送达回证).
    pub receipt: String,
    /// Why it was withdrawn.
    pub withdrawn: String,
}

impl Objection {
    /// Does an action; `false` when it is not possible.
    pub fn act(&mut self, action: ObjectionAction) -> bool {
        let Some(next) = self.state.after(action) else { return false };
        self.state = next;
        self.version += 1;
        true
    }

    /// The last working day of the review, or `None` while nothing counts.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn count_review(&self, calendar: &Calendar) -> Result<Option<Due>, UnknownYear> {
        let Some(received) = self.received_on else { return Ok(None) };
        if self.state == ObjectionState::Paused {
            return Ok(None);
        }
        let (mut at, mut left, mut counted) = (received, self.review_days, 0);
        while left > 0 {
            at = day::next(at);
            if calendar.is_working_day(at)? {
                counted += 1;
                left -= i64::from(!self.pauses.iter().any(|p| p.covers(at)));
            }
        }
        calendar.due(received, counted).map(Some)
    }

    /// The last day of what has to be done next: decide, then tell; `None` while nothing counts.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn due(&self, calendar: &Calendar) -> Result<Option<Date>, UnknownYear> {
        match (&self.feedback, &self.review_due) {
            (Some(feedback), _) => feedback.day(calendar).map(Some),
            (None, Some(due)) => Ok(Some(due.day)),
            (None, None) => Ok(self.count_review(calendar)?.map(|due| due.day)),
        }
    }

    /// Whether the review was, or the telling of its outcome is, too late.
    ///
    /// # Errors
    /// [`UnknownYear`].
    pub fn is_overdue(&self, calendar: &Calendar, today: Date) -> Result<bool, UnknownYear> {
        if let (Some(decision), Some(due)) = (&self.decision, &self.review_due)
            && decision.on > due.day
        {
            return Ok(true);
        }
        match self.state {
            ObjectionState::Filed | ObjectionState::Paused | ObjectionState::Withdrawn => Ok(false),
            _ => {
                let at = self.answered_on.unwrap_or(today);
                Ok(self.due(calendar)?.is_some_and(|due| at > due))
            }
        }
    }
}

//! How a draw is supervised: deadlines, a beacon, and what two persons decide (R81, R82).

use serde::{Deserialize, Serialize};

use super::Violations;

/// Minutes that offices have to commit, and then to reveal, when a campaign names none.
pub const MINUTES_DEFAULT: i64 = 24 * 60;
/// Longest time to commit or to reveal: 30 days.
pub const MINUTES_MAX: i64 = 30 * 24 * 60;
/// Attempts a campaign has before a further one has to be held on site, with all offices present.
pub const ATTEMPTS_MAX: i64 = 2;
const MINUTE_US: i64 = 60_000_000;

/// Deadlines and beacon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremony {
    /// Minutes from the freeze in which the offices commit.
    pub commit_minutes: i64,
    /// Minutes from then in which they reveal.
    pub reveal_minutes: i64,
    /// Whether a public beacon lets the draw go on when an office withholds its number.
    pub beacon: bool,
    /// Fewest numbers to be revealed when a beacon is used.
    pub reveal_quorum: i64,
}

impl Default for Ceremony {
    fn default() -> Self {
        Self {
            commit_minutes: MINUTES_DEFAULT,
            reveal_minutes: MINUTES_DEFAULT,
            beacon: false,
            reveal_quorum: 1,
        }
    }
}

impl Ceremony {
    /// Checks bounds.
    pub fn check(&self, violations: &mut Violations, at: &str, offices: usize) {
        let minutes =
            [("commit_minutes", self.commit_minutes), ("reveal_minutes", self.reveal_minutes)];
        for (name, value) in minutes {
            let good = (1..=MINUTES_MAX).contains(&value);
            violations.require(good, format!("{at}.{name}"), "MINUTES_RANGE", &value.to_string());
        }
        let offices = i64::try_from(offices).unwrap_or(i64::MAX);
        let quorum = self.reveal_quorum;
        let good = (1..=offices).contains(&quorum);
        let field = format!("{at}.reveal_quorum");
        violations.require(good, field, "ONE_TO_ALL_OFFICES", &quorum.to_string());
    }

    /// Until when offices commit and reveal, when the frame is frozen at an instant.
    #[must_use]
    pub fn deadlines(&self, frozen_us: i64) -> (i64, i64) {
        let commit_by = frozen_us + self.commit_minutes * MINUTE_US;
        (commit_by, commit_by + self.reveal_minutes * MINUTE_US)
    }
}

/// What two persons decide on an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DecisionKind {
    /// To abort it before it is drawn.
    Abort,
    /// To void its outcome.
    Void,
    /// To try again after it.
    Retry,
}

impl DecisionKind {
    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Abort => "ABORT",
            Self::Void => "VOID",
            Self::Retry => "RETRY",
        }
    }
}

//! Where the execution of a visit stands, and what may be done with it then.

use serde::{Deserialize, Serialize};

/// Where a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CheckState {
    /// Drawn and not begun; such a check has no row.
    Scheduled,
    /// Findings are recorded.
    Started,
    /// Every member has signed every section.
    Signed,
    /// The leader has ended it on a ground; another member has to sign (R105).
    Terminating,
    /// Examined: every item has a result, all signed.
    Completed,
    /// Ended on a ground; counted as completed, reported apart (R106).
    Terminated,
}

/// What is done with a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckAction {
    /// The first member begins it.
    Start,
    /// A further member joins it.
    Join,
    /// A finding is recorded or evidence attached.
    Record,
    /// A member signs a section; others have not signed yet.
    Sign,
    /// The last missing signature is given.
    SignLast,
    /// The leader takes the signatures of a section back.
    Reopen,
    /// The leader ends it on a ground.
    Terminate,
    /// Another member signs the ground.
    ConfirmTermination,
    /// Another member does not sign the ground, or the leader takes it back.
    DeclineTermination,
    /// The leader completes it.
    Complete,
}

impl CheckState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Scheduled,
        Self::Started,
        Self::Signed,
        Self::Terminating,
        Self::Completed,
        Self::Terminated,
    ];

    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Started => "STARTED",
            Self::Signed => "SIGNED",
            Self::Terminating => "TERMINATING",
            Self::Completed => "COMPLETED",
            Self::Terminated => "TERMINATED",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The state after an action; `None` when the action is not possible.
    #[must_use]
    pub const fn after(self, action: CheckAction) -> Option<Self> {
        use CheckAction as Do;
        match (self, action) {
            (Self::Scheduled, Do::Start) => Some(Self::Started),
            (Self::Started, Do::Join | Do::Record | Do::Sign | Do::Reopen) => Some(Self::Started),
            (Self::Started, Do::SignLast) => Some(Self::Signed),
            (Self::Signed, Do::Reopen) => Some(Self::Started),
            (Self::Signed, Do::Complete) => Some(Self::Completed),
            (Self::Started, Do::Terminate) => Some(Self::Terminating),
            (Self::Terminating, Do::Join) => Some(Self::Terminating),
            (Self::Terminating, Do::ConfirmTermination) => Some(Self::Terminated),
            (Self::Terminating, Do::DeclineTermination) => Some(Self::Started),
            _ => None,
        }
    }

    /// Whether nothing more happens to it: it counts as completed (R106).
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Terminated)
    }
}

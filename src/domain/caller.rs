//! Who is calling and what for.

use serde::{Deserialize, Serialize};

/// A caller's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// A department's own system.
    Department,
    /// The leading-group office.
    Office,
    /// An office that supervises draws.
    Supervisor,
}

impl Role {
    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Department => "DEPARTMENT",
            Self::Office => "OFFICE",
            Self::Supervisor => "SUPERVISOR",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Department, Self::Office, Self::Supervisor].into_iter().find(|r| r.word() == word)
    }
}

/// The identity behind a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Identifier of the credential.
    pub key_id: String,
    /// What it may do.
    pub role: Role,
    /// The department of a department system; empty otherwise.
    pub department: String,
    /// The office of an office or supervisor; empty otherwise.
    pub office: String,
}

impl Caller {
    /// The name under which the caller's deeds are recorded.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.department.is_empty() { &self.office } else { &self.department }
    }
}

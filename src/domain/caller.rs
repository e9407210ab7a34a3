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
    /// A person who checks.
    Inspector,
    /// An office that may open everything, each time with a case number.
    Auditor,
    /// A visited subject that shows its visit code; it has no key (R91).
    Subject,
    /// The service itself, such as when it delivers what it has in its outbox; no key has this role.
    Service,
}

impl Role {
    /// The word stored for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Department => "DEPARTMENT",
            Self::Office => "OFFICE",
            Self::Supervisor => "SUPERVISOR",
            Self::Inspector => "INSPECTOR",
            Self::Auditor => "AUDITOR",
            Self::Subject => "SUBJECT",
            Self::Service => "SERVICE",
        }
    }

    /// Reads the stored word of a key's role.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all =
            [Self::Department, Self::Office, Self::Supervisor, Self::Inspector, Self::Auditor];
        all.into_iter().find(|r| r.word() == word)
    }
}

/// The identity behind a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Identifier of the credential.
    pub key_id: String,
    /// What it may do.
    pub role: Role,
    /// The department of a department system or an inspector; empty otherwise.
    pub department: String,
    /// Where that department is registered; empty without one.
    #[serde(default)]
    pub jurisdiction: String,
    /// The office of an office, supervisor or auditor; empty otherwise.
    pub office: String,
    /// The person's id in the department's list; empty but for inspectors.
    #[serde(default)]
    pub inspector: String,
}

impl Caller {
    /// The name under which the caller's deeds are recorded.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.department.is_empty() { &self.office } else { &self.department }
    }

    /// A visited subject: it has no key, and the public log does not say who it is.
    #[must_use]
    pub fn subject() -> Self {
        Self { key_id: "visit-code".to_owned(), ..Self::holder(Role::Subject, "", "", "") }
    }

    /// Whom a key is made for.
    #[must_use]
    pub fn holder(role: Role, department: &str, office: &str, inspector: &str) -> Self {
        Self {
            key_id: String::new(),
            role,
            department: department.to_owned(),
            jurisdiction: String::new(),
            office: office.to_owned(),
            inspector: inspector.to_owned(),
        }
    }
}

//! Accounts of people who sign in with a browser: their form, and when they are locked.

use serde::{Deserialize, Serialize};

use super::caller::{Caller, Role};
use super::{Violations, text};

/// Failed attempts in a row after which an account is locked.
pub const FAILS_MAX: i64 = 5;
/// For how long it is locked, in microseconds: 15 minutes.
pub const LOCK_US: i64 = 15 * 60 * 1_000_000;
/// A session ends when nothing was asked for so long, in microseconds: 15 minutes.
pub const IDLE_US: i64 = 15 * 60 * 1_000_000;
/// A session ends after this in any case, in microseconds: 8 hours.
pub const SESSION_US: i64 = 8 * 60 * 60 * 1_000_000;
/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Most bytes of a password: hashing more is a burden.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Most bytes of an account's name.
pub const NAME_BYTES_MAX: usize = 64;

/// An account as it is shown: without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What it is typed in as. A function or a number, rather than a person's name.
    pub name: String,
    /// Who its pages call as; the key's id is the account's.
    pub caller: Caller,
    /// Counts changes; the etag.
    pub version: i64,
    /// Whether it may sign in.
    pub enabled: bool,
}

/// Attempts to sign in since the last good one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Failed ones, and those that are under way.
    pub fails: i64,
    /// Until when nobody is let in, in microseconds UTC; 0 for not locked.
    pub locked_until_us: i64,
}

impl Attempts {
    /// Counts an attempt before it is looked at, so that many at once get no more guesses; `None` while
    /// the account is locked.
    #[must_use]
    pub const fn begin(self, now_us: i64) -> Option<Self> {
        if self.locked_until_us > now_us {
            return None;
        }
        let fails = if self.locked_until_us > 0 { 1 } else { self.fails + 1 };
        let locked_until_us = if fails >= FAILS_MAX { now_us + LOCK_US } else { 0 };
        Some(Self { fails, locked_until_us })
    }
}

/// Whether a session that began and was last used at these instants still holds.
#[must_use]
pub const fn is_session_alive(created_us: i64, seen_us: i64, now_us: i64) -> bool {
    now_us - created_us < SESSION_US && now_us - seen_us < IDLE_US
}

/// Checks the name of a new account: letters that are typed on any keyboard.
pub fn check_name(violations: &mut Violations, name: &str) {
    let good = !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
    violations.require(good, "name", "ACCOUNT_NAME", name);
}

/// Checks a new password; nothing of it is repeated in the answer.
pub fn check_password(violations: &mut Violations, name: &str, password: &str) {
    let chars = password.chars().count();
    violations.require(chars >= PASSWORD_CHARS_MIN, "password", "TOO_SHORT", "");
    violations.require(password.len() <= PASSWORD_BYTES_MAX, "password", "TOO_LONG", "");
    let own = !name.is_empty() && password.to_lowercase().contains(name);
    violations.require(!own, "password", "HOLDS_THE_NAME", "");
    let mut kinds: Vec<char> = password.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    violations.require(kinds.len() * 2 >= PASSWORD_CHARS_MIN, "password", "TOO_SIMPLE", "");
}

/// Checks who an account is for: what the role needs, and no inspectors, who have keys.
pub fn check_holder(violations: &mut Violations, holder: &Caller) {
    let Caller { role, department, office, .. } = holder;
    let roles = [Role::Department, Role::Office, Role::Supervisor, Role::Auditor];
    violations.require(roles.contains(role), "role", "NO_ACCOUNT_FOR_ROLE", role.word());
    if *role == Role::Department {
        text::require(violations, "department", department, text::SHORT_CHARS_MAX);
        violations.require(office.is_empty(), "office", "FOR_OFFICES_ONLY", office);
    } else {
        text::require(violations, "office", office, text::SHORT_CHARS_MAX);
        let rule = "FOR_DEPARTMENTS_ONLY";
        violations.require(department.is_empty(), "department", rule, department);
    }
}

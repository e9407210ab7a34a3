//! What is wrong with an input: all of it at once, each with field, rule and value.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest piece of a given value that is repeated in an answer, in characters.
pub const SHOWN_VALUE_CHARS_MAX: usize = 80;

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Path of the field, such as `item_list.items[3].basis`.
    pub field: String,
    /// The rule's id, such as `REQUIRED`.
    pub rule: String,
    /// The value as given, shortened.
    pub value: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (given {:?})", self.field, self.rule, self.value)
    }
}

/// Collects broken rules while an input is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    list: Vec<Violation>,
}

impl Violations {
    /// Notes a broken rule.
    pub fn add(&mut self, field: impl Into<String>, rule: &str, value: &str) {
        let value = value.chars().take(SHOWN_VALUE_CHARS_MAX).collect();
        self.list.push(Violation { field: field.into(), rule: rule.to_owned(), value });
    }

    /// Notes a broken rule unless `holds`.
    pub fn require(&mut self, holds: bool, field: impl Into<String>, rule: &str, value: &str) {
        if !holds {
            self.add(field, rule, value);
        }
    }

    /// True when nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The broken rules in the order they were found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Violation> {
        self.list
    }

    /// `Ok` with the value when nothing is wrong.
    ///
    /// # Errors
    /// All violations, otherwise.
    pub fn finish<T>(self, value: T) -> Result<T, Self> {
        if self.list.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, violation) in self.list.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            fmt::Display::fmt(violation, f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

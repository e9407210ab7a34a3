//! What is said of one row of an import.

use serde::{Deserialize, Serialize};

/// Most records of one message; longer lists are imported as streams.
pub const RECORDS_MAX: usize = 10_000;

/// A report on one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowReport {
    /// Number of the row in the stream, from 1.
    pub row: i64,
    /// The field.
    pub field: String,
    /// The rule.
    pub rule: String,
    /// The value as given, shortened.
    pub value: String,
    /// True when the row was left out.
    pub rejected: bool,
}

//! Slots that nobody could fill, why, and the lawful ways out (R93, R94; DR1 section 6, step 4).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The rule behind a shortage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShortageRule {
    /// The department has nobody who may be sent.
    EmptyPool,
    /// Nobody carries the qualification, or may lead.
    NobodyQualified,
    /// All who are qualified are kept away by recusal.
    Recusal,
    /// All who suit have reached their cap.
    Cap,
    /// All who suit are in the visit already.
    TooFew,
}

/// A lawful way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WayOut {
    /// Random matching with a neighbouring pool (R94).
    NeighbourPool {
        /// The neighbouring jurisdiction.
        jurisdiction: String,
        /// Suiting people there.
        people: i64,
    },
    /// Direct assignment with a recorded reason (R93).
    DirectAssignment {
        /// People of the department who could be assigned.
        people: i64,
    },
    /// A later day, when more people are back.
    LaterDate {
        /// The first such day.
        day: Date,
        /// Suiting people back by then.
        people: i64,
    },
}

/// One empty slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// Rank of the visit.
    pub visit: i64,
    /// The department.
    pub department: String,
    /// Position in the profile, from 1.
    pub slot: i64,
    /// Why it is empty.
    pub rule: ShortageRule,
    /// What it asks for.
    pub requires: Vec<String>,
    /// Ways out, cheapest first.
    pub ways_out: Vec<WayOut>,
}

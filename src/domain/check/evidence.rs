//! References to evidence: its hash, kind and time; the thing itself stays where it was made (R103).

use serde::{Deserialize, Serialize};

use crate::domain::hash::Digest;
use crate::domain::{Violations, text};

/// Most pieces of evidence of one check.
pub const EVIDENCE_MAX: usize = 2_000;
/// How far a device's clock may be ahead, in microseconds.
pub const CLOCK_AHEAD_US_MAX: i64 = 10 * 60 * 1_000_000;
/// Largest piece of evidence, in bytes: 1 TiB.
pub const SIZE_BYTES_MAX: i64 = 1 << 40;

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EvidenceKind {
    /// A photograph.
    Photo,
    /// A sound recording.
    Audio,
    /// A film.
    Video,
    /// A document, such as a copy or an order.
    Document,
    /// A sample's report.
    SampleReport,
    /// Another department's conclusion (R101).
    OtherConclusion,
    /// A court's instrument (R101).
    CourtInstrument,
    /// A professional opinion (R101).
    ProfessionalOpinion,
    /// A report of a commissioned third party (R102).
    ThirdPartyReport,
}

/// A reference as it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// SHA-256 of the thing, in hexadecimal.
    pub sha256: String,
    /// What kind of thing.
    pub kind: EvidenceKind,
    /// When it was taken, in microseconds UTC.
    pub taken_us: i64,
    /// Its size in bytes.
    pub size_bytes: i64,
    /// Where it is kept.
    pub uri: String,
    /// The department in whose section it belongs; empty for the record of the whole process.
    pub department: String,
    /// Code of the item it is about; empty for the whole section or process.
    pub item: String,
}

/// A reference as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// What was given.
    pub evidence: Evidence,
    /// Ticket of the member who attached it.
    pub by: String,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

impl Evidence {
    /// Checks forms and bounds; `now_us` is when it arrives.
    pub fn check(&self, violations: &mut Violations, at: &str, now_us: i64) {
        let digest = Digest::from_hex(&self.sha256).is_some();
        violations.require(digest, format!("{at}.sha256"), "SHA256_HEX", &self.sha256);
        let taken = self.taken_us > 0 && self.taken_us <= now_us + CLOCK_AHEAD_US_MAX;
        let given = self.taken_us.to_string();
        violations.require(taken, format!("{at}.taken_at"), "NOT_IN_THE_FUTURE", &given);
        let size = (1..=SIZE_BYTES_MAX).contains(&self.size_bytes);
        let given = self.size_bytes.to_string();
        violations.require(size, format!("{at}.size_bytes"), "SIZE_RANGE", &given);
        text::require(violations, &format!("{at}.uri"), &self.uri, text::SHORT_CHARS_MAX);
        let placed = self.item.is_empty() || !self.department.is_empty();
        violations.require(placed, format!("{at}.department"), "REQUIRED_WITH_ITEM", &self.item);
    }
}

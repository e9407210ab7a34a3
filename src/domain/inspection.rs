//! Inspections made elsewhere (R45), which the cap and the exclusions count.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How an inspection came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Origin {
    /// 随机抽查: counts against the cap.
    Random,
    /// 有因检查 (R38).
    Cause,
    /// 法定或另有规定 (R36, R37, R40).
    Statutory,
}

/// One inspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// The subject.
    pub subject_id: String,
    /// Its day.
    pub on: Date,
    /// How it came about.
    pub origin: Origin,
    /// True when a superior body ordered it.
    pub superior: bool,
    /// True when no violation was found.
    pub clean: bool,
    /// Items checked; empty when not known.
    pub items: Vec<String>,
    /// The inspecting body.
    pub body: String,
}

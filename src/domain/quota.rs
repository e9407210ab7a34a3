//! How many units a department draws in a stratum (DR1 section 2, step 6). Integers only.

use serde::{Deserialize, Serialize};

/// Basis points in a whole.
pub const BASIS_POINTS: u64 = 10_000;

/// What `basis_points` is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RatioBase {
    /// All units the department's registry holds.
    #[serde(rename = "REGISTERED")]
    Registered,
    /// Those of them that no rule excludes.
    #[serde(rename = "ELIGIBLE")]
    Eligible,
}

/// A number, or a share with a floor and a ceiling.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaRule {
    /// A share, in 1/10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis_points: Option<u64>,
    /// A fixed number; wins over `basis_points`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// At most this many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    /// At least this many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
}

impl QuotaRule {
    /// A plain share.
    #[must_use]
    pub fn share(basis_points: u64) -> Self {
        Self { basis_points: Some(basis_points), ..Self::default() }
    }

    /// Whether everybody is visited: the whole share, without a ceiling.
    #[must_use]
    pub fn leaves_no_chance(&self) -> bool {
        let all = self.basis_points.is_some_and(|share| share >= BASIS_POINTS);
        all && self.count.is_none() && self.max.is_none()
    }

    /// The number to draw; shares are rounded up (R48), never above the eligible.
    #[must_use]
    pub fn draw(&self, base: RatioBase, registered: u64, eligible: u64) -> u64 {
        let of = match base {
            RatioBase::Registered => registered,
            RatioBase::Eligible => eligible,
        };
        let share = of.saturating_mul(self.basis_points.unwrap_or(0)).div_ceil(BASIS_POINTS);
        self.count
            .unwrap_or(share)
            .max(self.min.unwrap_or(0))
            .min(self.max.unwrap_or(u64::MAX))
            .min(eligible)
    }
}

/// One stratum of one department, as frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Units to draw.
    pub draw: u64,
    /// Units with status `in:*`.
    pub eligible: u64,
    /// Units the department's registry holds in the stratum.
    pub registered: u64,
    /// The rule that gave `draw`.
    pub rule: QuotaRule,
}

//! Pushing published results to the credit platform (R124, R125): tried again later and later, for as long
//! as the platform is away.

use super::publication::Publication;

/// Wait after the first failure, in microseconds.
pub const WAIT_MIN_US: i64 = 60 * 1_000_000;
/// Longest wait between two tries, in microseconds: one a day.
pub const WAIT_MAX_US: i64 = 24 * 3_600 * 1_000_000;
/// Most characters that are kept of a receipt or of the words of a refusal.
pub const WORDS_CHARS_MAX: usize = 500;

/// When to try again after `attempts` failures, the last one now: twice as long each time.
#[must_use]
pub fn next_try(now_us: i64, attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 30) - 1).unwrap_or(0);
    now_us + WAIT_MIN_US.saturating_mul(1 << doublings).min(WAIT_MAX_US)
}

/// What the platform tells repeated pushes of one version apart by.
#[must_use]
pub fn idempotency_key(publication: &Publication) -> String {
    format!("{}/{}", publication.result, publication.version)
}

/// The beginning of what somebody else said, without control characters.
#[must_use]
pub fn words(said: &str) -> String {
    said.trim().chars().filter(|c| !c.is_control()).take(WORDS_CHARS_MAX).collect()
}

//! Asking the credit platform over HTTP. Blocks: call it where blocking is allowed.

use std::time::Duration;

/// Longest wait for the platform.
pub const WAIT_MAX: Duration = Duration::from_secs(20);
/// Most bytes of an answer that are read.
pub const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// What the platform answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has the result now, or had it already; its receipt.
    Taken(String),
    /// It refuses, with an HTTP status and words.
    Refused(u16, String),
}

/// Sends a result; `key` is the same each time, so the platform takes it once.
///
/// # Errors
/// When the platform cannot be reached or does not answer in [`WAIT_MAX`].
pub fn deliver(url: &str, key: &str, body: &str) -> anyhow::Result<Answer> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(WAIT_MAX))
        .max_redirects(0)
        .http_status_as_error(false)
        .build();
    let request = config.new_agent().post(url);
    let request = request.header("content-type", "application/json").header("idempotency-key", key);
    let mut response = request.send(body)?;
    let status = response.status().as_u16();
    let said = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string()?;
    Ok(match status {
        200..=299 => Answer::Taken(said),
        _ => Answer::Refused(status, said),
    })
}

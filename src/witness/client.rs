//! Asking a witness over HTTP. Blocks: call it where blocking is allowed.

use std::time::Duration;

use crate::ledger::note::NOTE_BYTES_MAX;

/// Longest wait for a witness.
pub const WAIT_MAX: Duration = Duration::from_secs(10);

/// What a witness answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its cosignature lines.
    Cosigned(String),
    /// It has cosigned this many entries: ask again from there.
    At(u64),
    /// It refuses, with an HTTP status and words.
    Refused(u16, String),
}

/// Sends a request to `URL/add-checkpoint`.
///
/// # Errors
/// When the witness cannot be reached or does not answer in [`WAIT_MAX`].
pub fn add_checkpoint(url: &str, request: &str) -> anyhow::Result<Answer> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(WAIT_MAX))
        .max_redirects(0)
        .http_status_as_error(false)
        .build();
    let mut response = config.new_agent().post(format!("{url}/add-checkpoint")).send(request)?;
    let status = response.status().as_u16();
    let limit = NOTE_BYTES_MAX as u64;
    let body = response.body_mut().with_config().limit(limit).read_to_string()?;
    Ok(match (status, body.trim_end().parse()) {
        (200, _) => Answer::Cosigned(body),
        (409, Ok(size)) => Answer::At(size),
        _ => Answer::Refused(status, body),
    })
}

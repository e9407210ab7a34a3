//! The deeds of a started check, one call each.

use super::{Summary, amend};
use crate::app::{App, AppError, Call};
use crate::domain::check::ending::Ending;
use crate::domain::check::{Evidence, Given, Seen};

/// Which visit.
pub type At<'a> = (&'a str, i64);

/// Records results, all or none (R108).
///
/// # Errors
/// [`AppError`]; [`AppError::Stale`] when somebody else has recorded another result since `version`.
pub async fn record(
    app: &App,
    call: &Call,
    at: At<'_>,
    version: i64,
    given: &[Given],
) -> Result<Summary, AppError> {
    let seen = Seen { version, ..Seen::default() };
    amend(app, call, at, "check.record", |c, hand| c.record(hand, &seen, given)).await
}

/// Attaches a reference to evidence (R103).
///
/// # Errors
/// [`AppError`].
pub async fn attach(
    app: &App,
    call: &Call,
    at: At<'_>,
    evidence: Evidence,
) -> Result<Summary, AppError> {
    amend(app, call, at, "check.evidence", |c, hand| c.attach(hand, evidence)).await
}

/// Signs a section by the digest of what was read (R108).
///
/// # Errors
/// [`AppError`].
pub async fn sign(
    app: &App,
    call: &Call,
    at: At<'_>,
    department: &str,
    sha256: &str,
) -> Result<Summary, AppError> {
    amend(app, call, at, "check.sign", |c, hand| c.sign(hand, department, sha256)).await
}

/// Takes the signatures of a section back: the leader only.
///
/// # Errors
/// [`AppError`].
pub async fn reopen(
    app: &App,
    call: &Call,
    at: At<'_>,
    department: &str,
) -> Result<Summary, AppError> {
    amend(app, call, at, "check.reopen", |c, hand| c.reopen(hand, department)).await
}

/// Ends a check on a ground: the leader signs first (R105).
///
/// # Errors
/// [`AppError`].
pub async fn terminate(
    app: &App,
    call: &Call,
    at: At<'_>,
    ending: Ending,
) -> Result<Summary, AppError> {
    amend(app, call, at, "check.terminate", |c, hand| c.terminate(hand, ending)).await
}

/// Another member signs the ground, or does not (R105).
///
/// # Errors
/// [`AppError`].
pub async fn decide_termination(
    app: &App,
    call: &Call,
    at: At<'_>,
    confirm: bool,
    sha256: &str,
) -> Result<Summary, AppError> {
    let kind = if confirm { "check.terminate.confirm" } else { "check.terminate.decline" };
    amend(app, call, at, kind, |c, hand| c.decide_termination(hand, confirm, sha256)).await
}

/// Completes a check: the leader only (R109).
///
/// # Errors
/// [`AppError`].
pub async fn complete(app: &App, call: &Call, at: At<'_>) -> Result<Summary, AppError> {
    amend(app, call, at, "check.complete", |c, hand| c.complete(hand)).await
}

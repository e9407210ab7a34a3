//! Signing in: a password and a code that changes with time, then a session kept by the hash of what the
//! browser holds.

use sha2::{Digest, Sha256};

use super::{App, AppError, accounts, passwords};
use crate::domain::account::{self, Account};
use crate::domain::totp;
use crate::store::StoredAccount;

/// Random bytes of a session's token.
const TOKEN_BYTES: usize = 32;
/// Random bytes of the id of an attempt.
const ATTEMPT_BYTES: usize = 8;
/// What a form's mark is hashed with, so that it is not the session's hash.
const FORM_MARK: &[u8] = b"onevisit form mark\n";
/// How often a session's last use is written at most, in microseconds.
const TOUCH_US: i64 = 60_000_000;
/// Attempts shown of an account.
const SHOWN_MAX: i64 = 20;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The account.
    pub account: Account,
    /// What every form of this session holds, and no other site knows.
    pub mark: String,
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn mark(token: &str) -> String {
    hex::encode(Sha256::digest([FORM_MARK, token.as_bytes()].concat()))
}

/// Lets somebody in; returns the token of a new session. Why not is not said: not whether the account is
/// there, nor which of the two was wrong.
///
/// # Errors
/// [`AppError::Unauthenticated`]; also while the account is locked, whatever is given.
pub async fn enter(
    app: &App,
    name: &str,
    password: String,
    code: &str,
) -> Result<String, AppError> {
    let found = begin(app, name).await?;
    let hash_of = found.as_ref().map(|(a, _)| a.password.clone());
    let right = passwords::is_right(hash_of, password).await?;
    let Some((stored, locks)) = found else { return Err(AppError::Unauthenticated) };
    let id = &stored.account.caller.key_id;
    let secret = app.sealer.open(&accounts::place(id), &stored.totp)?;
    let now_us = app.clock.now_us();
    let step = totp::accepted(&secret, code, now_us, stored.last_step).filter(|_| right);
    let attempt = hex::encode(app.entropy.bytes::<ATTEMPT_BYTES>());
    let mut tx = app.db.begin().await?;
    let good = match step {
        Some(step) => tx.use_step(id, step).await?,
        None => false,
    };
    if !good {
        tx.insert_sign_in((&attempt, id), now_us, if locks { "LOCKED" } else { "WRONG" }).await?;
        tx.commit().await?;
        return Err(AppError::Unauthenticated);
    }
    let token = hex::encode(app.entropy.bytes::<TOKEN_BYTES>());
    tx.insert_session(&hash(&token), id, now_us, now_us - account::SESSION_US).await?;
    tx.insert_sign_in((&attempt, id), now_us, "IN").await?;
    tx.commit().await?;
    Ok(token)
}

/// Counts the attempt before it is looked at, and whether the account is locked should it be wrong; `None`
/// when there is nothing to look at.
async fn begin(app: &App, name: &str) -> Result<Option<(StoredAccount, bool)>, AppError> {
    let mut tx = app.db.begin().await?;
    let found = tx.account("", name).await?.filter(|a| a.account.enabled);
    let Some(stored) = found else { return Ok(None) };
    let id = &stored.account.caller.key_id;
    let now_us = app.clock.now_us();
    let Some(after) = stored.attempts.begin(now_us) else {
        tracing::warn!(account = id, "an attempt to sign in to a locked account");
        return Ok(None);
    };
    if !tx.count_attempt(id, stored.attempts, after).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some((stored, after.locked_until_us > 0)))
}

/// Who holds a session's token; `None` once it has ended.
///
/// # Errors
/// [`AppError::Store`].
pub async fn session(app: &App, token: &str) -> Result<Option<Signed>, AppError> {
    let hash = hash(token);
    let found = app.db.read().await?.session(&hash).await?;
    let now_us = app.clock.now_us();
    let alive = |s: &crate::store::StoredSession| {
        s.account.enabled && account::is_session_alive(s.created_us, s.seen_us, now_us)
    };
    let Some(found) = found.filter(alive) else { return Ok(None) };
    if now_us - found.seen_us >= TOUCH_US {
        let mut tx = app.db.begin().await?;
        tx.touch_session(&hash, now_us).await?;
        tx.commit().await?;
    }
    Ok(Some(Signed { account: found.account, mark: mark(token) }))
}

/// Ends a session.
///
/// # Errors
/// [`AppError::Store`].
pub async fn leave(app: &App, token: &str) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    tx.delete_session(&hash(token)).await?;
    Ok(tx.commit().await?)
}

/// The latest attempts to sign in to an account: when, and what became of them.
///
/// # Errors
/// [`AppError::Store`].
pub async fn attempts(app: &App, account: &Account) -> Result<Vec<(i64, String)>, AppError> {
    Ok(app.db.read().await?.sign_ins(&account.caller.key_id, SHOWN_MAX).await?)
}

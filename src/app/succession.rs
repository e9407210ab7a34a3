//! The log's key as it is changed: announced in the log, under the signatures of old and new.

use super::fsck::{Kind, Report};
use super::{App, AppError, Event, proofs};
use crate::domain::caller::{Caller, Role};
use crate::domain::hash::Digest;
use crate::ledger::succession::{self, KIND, KeyChange};
use crate::ledger::tree;
use crate::store::{Entry, Tx};

/// Key of the lock under which a key is announced.
const LOCK: i64 = 0x6f76_6c6f_6703;
/// Most changes of key that are looked at.
pub const CHANGES_MAX: i64 = 1_000;
/// Who announces: somebody on the machine of the service.
const LOCAL: &str = "local";

/// The changes of key that the log tells, oldest first.
///
/// # Errors
/// [`AppError::Broken`] when one is not signed as it has to be.
pub async fn changes(tx: &mut Tx) -> Result<Vec<KeyChange>, AppError> {
    let events = tx.events_of(KIND, CHANGES_MAX).await?;
    let read: Option<Vec<KeyChange>> = events.iter().map(|e| KeyChange::read(&e.body)).collect();
    read.ok_or(AppError::Broken("a change of the log's key is not signed by both keys"))
}

/// Announces the newest key of the log's key file in the log, unless it is announced already.
///
/// # Errors
/// [`AppError::Precondition`] when the key before it is not the one the log was signed with, or can
/// only check.
pub async fn announce(app: &App, office: &str) -> Result<Option<KeyChange>, AppError> {
    let new = app.log.signer();
    let Some(older) = app.log.older().first() else { return Ok(None) };
    let mut tx = app.db.begin().await?;
    tx.lock(LOCK).await?;
    let changes = changes(&mut tx).await?;
    if changes.last().is_some_and(|c| c.new == *new.public()) {
        return Ok(None);
    }
    let refuse = |reason| AppError::precondition(reason, older.public.to_string());
    let old = older.signer.as_ref().ok_or_else(|| refuse("THE_OLD_KEY_CANNOT_SIGN"))?;
    if changes.last().is_some_and(|c| c.new != older.public) {
        return Err(refuse("NOT_THE_KEY_OF_THE_LOG"));
    }
    let at_us = app.clock.now_us();
    let body = KeyChange::body(old, new, at_us);
    let caller = Caller { key_id: LOCAL.into(), ..Caller::holder(Role::Office, "", office, "") };
    let event = Event { kind: KIND, caller: &caller, request_id: "", body, signature: None };
    app.record(&mut tx, &event, at_us).await?;
    tx.commit().await?;
    Ok(Some(KeyChange { old: older.public.clone(), new: new.public().clone(), at_us }))
}

/// Refuses a key file whose newest key the log does not know.
///
/// # Errors
/// [`AppError::Precondition`].
pub async fn require_announced(app: &App) -> Result<(), AppError> {
    let changes = changes(&mut app.db.read().await?).await?;
    let newest = app.log.signer().public();
    let known = match changes.last() {
        Some(last) => last.new == *newest,
        None => app.log.older().is_empty(),
    };
    match known {
        true => Ok(()),
        false => Err(AppError::precondition("LOG_KEY_IS_NOT_ANNOUNCED", newest.to_string())),
    }
}

/// Checks that the changes of key are signed and lead to the newest key.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn check(app: &App, tx: &mut Tx, report: &mut Report) -> Result<(), AppError> {
    let events = tx.events_of(KIND, CHANGES_MAX).await?;
    let found: Vec<KeyChange> = events.iter().filter_map(|e| KeyChange::read(&e.body)).collect();
    let holds =
        found.len() == events.len() && succession::is_chain(&found, app.log.signer().public());
    report.require(holds, Kind::KeyChange, "the changes of the log's key");
    Ok(())
}

/// The changes of key below a position, each with the proof that it stands in the tree of a size.
///
/// # Errors
/// [`AppError`].
pub async fn proven(tx: &mut Tx, size: u64) -> Result<Vec<(Entry, Vec<Digest>)>, AppError> {
    let below = i64::try_from(size).unwrap_or(i64::MAX);
    let mut out = Vec::new();
    for entry in tx.entries_of_kind(KIND, below).await? {
        let position = u64::try_from(entry.position).unwrap_or(0);
        let proof = proofs::hashes(tx, tree::inclusion(position, size)).await?;
        out.push((entry, proof));
    }
    Ok(out)
}

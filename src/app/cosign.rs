//! What witnesses are asked, and what they answer.

use super::{App, AppError, log, proofs};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::Note;
use crate::ledger::witness::Request;
use crate::store::{Cosignature, StoredCheckpoint, Tx};

/// Key of the lock under which lines are added.
const LOCK: i64 = 0x6f76_6c6f_6702;

/// What to ask a witness that has cosigned `old` entries: to cosign the latest checkpoint, of the
/// size returned. `None` before the first checkpoint.
///
/// # Errors
/// [`AppError`]; a violation when `old` is above the checkpoint.
pub async fn request(app: &App, old: i64) -> Result<Option<(i64, Request)>, AppError> {
    let latest = app.db.read().await?.latest_checkpoint().await?;
    let Some(latest) = latest else { return Ok(None) };
    let proof = match old {
        0 => Vec::new(),
        _ => proofs::consistency(app, old, latest.size).await?.1,
    };
    let old = u64::try_from(old).unwrap_or(0);
    Ok(Some((latest.size, Request { old, proof, note: latest.note })))
}

/// How many entries of the log a witness of the policy has cosigned here.
///
/// # Errors
/// [`AppError`].
pub async fn known(app: &App, witness: &str) -> Result<i64, AppError> {
    Ok(app.db.read().await?.cosigned_size(witness).await?)
}

/// Keeps the lines that witnesses of the policy have signed on the checkpoint of a size; returns
/// their names. Anybody may bring them: they prove themselves.
///
/// # Errors
/// [`AppError::NotFound`] without such a checkpoint; a violation when no line is a witness's.
pub async fn add(app: &App, size: i64, lines: &str) -> Result<Vec<String>, AppError> {
    app.require_log()?;
    let mut tx = app.db.begin().await?;
    // Of two that add the last two lines at once, neither would see that both are there.
    tx.lock(LOCK).await?;
    let missing = || AppError::not_found("checkpoint", &size.to_string());
    let stored = tx.checkpoint(size).await?.ok_or_else(missing)?;
    let policy = app.log.policy();
    let mut names = Vec::new();
    let now_us = app.clock.now_us();
    for line in lines.lines() {
        let note = format!("{}{line}\n", stored.note);
        let signed = Note::parse(&note).map(|n| policy.cosigned(&n)).unwrap_or_default();
        for witness in signed.into_keys() {
            let new = Cosignature { size, witness: witness.clone(), line: format!("{line}\n") };
            tx.insert_cosignature(&new, now_us).await?;
            names.push(witness);
        }
    }
    if names.is_empty() {
        return Err(AppError::invalid("lines", "NOT_A_WITNESS_OF_THE_POLICY", ""));
    }
    let whole = with_lines(&mut tx, &stored).await?;
    if Note::parse(&whole).is_some_and(|n| policy.is_met(&n)) {
        tx.insert_witnessed(size, now_us).await?;
    }
    tx.commit().await?;
    Ok(names)
}

/// A checkpoint with the lines that witnesses have signed on it.
///
/// # Errors
/// [`AppError`].
pub async fn with_lines(tx: &mut Tx, stored: &StoredCheckpoint) -> Result<String, AppError> {
    let lines = tx.cosignatures(stored.size).await?;
    Ok(lines.into_iter().fold(stored.note.clone(), |note, c| note + &c.line))
}

/// The largest checkpoint that bears the cosignatures the policy asks for, as a note with them;
/// the latest one where it asks for none.
///
/// # Errors
/// [`AppError`].
pub async fn witnessed(app: &App, tx: &mut Tx) -> Result<Option<(Checkpoint, String)>, AppError> {
    let policy = app.log.policy();
    let stored = match policy.needs_nobody() {
        true => tx.latest_checkpoint().await?,
        false => tx.witnessed_checkpoint().await?,
    };
    let Some(stored) = stored else { return Ok(None) };
    let note = with_lines(tx, &stored).await?;
    // The policy may have been another when the checkpoint was noted as witnessed.
    let met = Note::parse(&note).is_some_and(|n| policy.is_met(&n));
    let checkpoint = log::read(app, &stored)?;
    Ok(met.then_some((checkpoint, note)))
}

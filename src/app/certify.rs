//! Making a draw's certificate.

use serde_json::Value;

use super::{App, AppError, cosign, draws, log, proofs, succession, supplements};
use crate::certificate::file::{FORMAT, GUARANTEES};
use crate::certificate::{Certificate, Entry, LogPart};
use crate::draw::Digest;
use crate::ledger::tree;
use crate::store::{self, Tx};

/// The certificate of a drawn attempt, or of the latest for 0. Everybody may have it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Precondition`] until the outcome stands under a checkpoint
/// that bears the cosignatures the policy asks for.
pub async fn certificate(app: &App, id: &str, attempt: i64) -> Result<Vec<u8>, AppError> {
    let (file, _) = file(app, &mut app.db.read().await?, id, attempt).await?;
    Ok(file.to_bytes()?)
}

/// The certificate inside a transaction, and how many entries its checkpoint covers.
///
/// # Errors
/// As [`certificate`].
pub async fn file(
    app: &App,
    tx: &mut Tx,
    id: &str,
    attempt: i64,
) -> Result<(Certificate, u64), AppError> {
    let bytes = draws::bundle_in(tx, id, attempt).await?;
    let bundle: crate::draw::bundle::Bundle = serde_json::from_slice(&bytes)
        .map_err(|_| AppError::Broken("a stored bundle cannot be read"))?;
    let freeze = crate::draw::Freeze::from_bytes(bundle.freeze.as_bytes())?;
    let early = || AppError::precondition("NOT_WITNESSED_YET", id);
    let (late, checkpoint) = cosign::witnessed(app, tx).await?.ok_or_else(early)?;
    let size = i64::try_from(late.size).unwrap_or(i64::MAX);
    let events = tx.campaign_entries(id, size).await?;
    let of =
        |kind: &str| events.iter().find(|e| is(&e.body, kind, freeze.attempt)).map(|e| e.position);
    let (frozen, _) = of("campaign.freeze").zip(of("campaign.draw")).ok_or_else(early)?;
    let witnessed = !app.log.policy().needs_nobody();
    let under = tx.checkpoint_over(frozen, witnessed).await?.ok_or_else(early)?;
    let consistency =
        proofs::hashes(tx, tree::consistency(log::read(app, &under)?.size, late.size));
    let consistency = consistency.await?;
    let mut more = Vec::new();
    for event in events.iter().filter(|e| is(&e.body, supplements::DRAWN, freeze.attempt)) {
        let value: Value = serde_json::from_slice(&event.body).unwrap_or_default();
        more.push(supplements::bundle(tx, &value["body"]["supplement"]).await?);
    }
    // The one that signed the checkpoint; a change behind it is not in its tree.
    let key = app.log.key_of(&checkpoint).map(ToString::to_string).unwrap_or_default();
    let mut key_changes = Vec::new();
    for (event, proof) in succession::proven(tx, late.size).await? {
        key_changes.push(entry(event, proof)?);
    }
    let file = Certificate {
        bundle,
        entries: entries(tx, events, late.size).await?,
        format: FORMAT.to_owned(),
        guarantees: GUARANTEES.map(str::to_owned).to_vec(),
        log: LogPart {
            checkpoint,
            consistency,
            frozen_under: cosign::with_lines(tx, &under).await?,
            key,
            key_changes,
            policy: app.log.policy().text.clone(),
        },
        supplements: more,
    };
    Ok((file, late.size))
}

fn is(event: &[u8], kind: &str, attempt: u64) -> bool {
    let value: Value = serde_json::from_slice(event).unwrap_or_default();
    value["type"] == kind && value["body"]["attempt"] == attempt
}

/// Events of the log with their proofs in the tree of a size.
///
/// # Errors
/// [`AppError`].
pub async fn entries(
    tx: &mut Tx,
    events: Vec<store::Entry>,
    size: u64,
) -> Result<Vec<Entry>, AppError> {
    let mut out = Vec::with_capacity(events.len());
    for event in events {
        let position = u64::try_from(event.position).unwrap_or(0);
        let proof: Vec<Digest> = proofs::hashes(tx, tree::inclusion(position, size)).await?;
        out.push(entry(event, proof)?);
    }
    Ok(out)
}

fn entry(event: store::Entry, proof: Vec<Digest>) -> Result<Entry, AppError> {
    let position = u64::try_from(event.position).unwrap_or(0);
    let event =
        String::from_utf8(event.body).map_err(|_| AppError::Broken("an event is not text"))?;
    Ok(Entry { event, position, proof })
}

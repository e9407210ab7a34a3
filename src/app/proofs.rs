//! What anybody may ask of the log.

use super::{App, AppError, Begun, Call, cosign, log, require_office, succession};
use crate::domain::hash::Digest;
use crate::domain::{Violations, text};
use crate::ledger::tree::{self, TILE_WIDTH, TileId};
use crate::store::{Entry, Tx};

/// The log's latest statement.
#[derive(Clone, Debug)]
pub struct Head {
    /// The signed note; empty before the first.
    pub note: String,
    /// The public key that checks it.
    pub key: String,
    /// Why the log stands; empty when it goes on.
    pub fault: String,
    /// The largest checkpoint that bears the cosignatures the policy asks for.
    pub witnessed: String,
    /// The policy's text.
    pub policy: String,
}

/// The latest checkpoint.
///
/// # Errors
/// [`AppError`].
pub async fn head(app: &App) -> Result<Head, AppError> {
    let mut tx = app.db.read().await?;
    let key = app.log.signer().public().to_string();
    let fault = app.log.fault().map(|f| f.to_string()).unwrap_or_default();
    let note = match tx.latest_checkpoint().await? {
        Some(latest) => cosign::with_lines(&mut tx, &latest).await?,
        None => String::new(),
    };
    let witnessed = cosign::witnessed(app, &mut tx).await?.map(|(_, note)| note);
    let policy = app.log.policy().text.clone();
    Ok(Head { note, key, fault, witnessed: witnessed.unwrap_or_default(), policy })
}

/// The latest checkpoint and the changes of the log's key under it, each with its proof.
///
/// # Errors
/// [`AppError`].
pub async fn key_changes(app: &App) -> Result<(String, Vec<(Entry, Vec<Digest>)>), AppError> {
    let mut tx = app.db.read().await?;
    let Some(latest) = tx.latest_checkpoint().await? else {
        return Ok((String::new(), Vec::new()));
    };
    let size = u64::try_from(latest.size).unwrap_or(0);
    Ok((latest.note, succession::proven(&mut tx, size).await?))
}

/// The first `width` hashes of a tile, 32 bytes each; `None` when no checkpoint covers them.
///
/// # Errors
/// [`AppError`].
pub async fn tile(app: &App, id: TileId, width: u64) -> Result<Option<Vec<u8>>, AppError> {
    let mut tx = app.db.read().await?;
    let size = tx.latest_checkpoint().await?.map_or(0, |c| c.size);
    if !tree::holds(u64::try_from(size).unwrap_or(0), id, width) {
        return Ok(None);
    }
    let tiles = log::load(&mut tx, [id]).await?;
    let hashes = tiles.0.get(&id).into_iter().flatten();
    let wanted = usize::try_from(width).unwrap_or(0);
    Ok(Some(hashes.take(wanted).flat_map(|h| h.0).collect()))
}

/// The first `width` entries of the bundle that stands beside a tile of leaves, each behind its
/// length (two bytes, big-endian); `None` when no checkpoint covers them.
///
/// # Errors
/// [`AppError`].
pub async fn bundle(app: &App, nth: u64, width: u64) -> Result<Option<Vec<u8>>, AppError> {
    let mut tx = app.db.read().await?;
    let size = tx.latest_checkpoint().await?.map_or(0, |c| c.size);
    if !tree::holds(u64::try_from(size).unwrap_or(0), (0, nth), width) {
        return Ok(None);
    }
    let place = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let found = tx.log_entries(place(nth * TILE_WIDTH), place(width)).await?;
    let mut out = Vec::new();
    for entry in found {
        let length = u16::try_from(entry.body.len());
        out.extend(length.map_err(|_| AppError::Broken("an event is too long"))?.to_be_bytes());
        out.extend(entry.body);
    }
    Ok(Some(out))
}

/// Entries from a position on, as far as a checkpoint covers them.
///
/// # Errors
/// [`AppError`].
pub async fn entries(app: &App, first: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>, AppError> {
    if first < 0 {
        return Err(AppError::invalid("first", "NOT_NEGATIVE", &first.to_string()));
    }
    let mut tx = app.db.read().await?;
    let size = tx.latest_checkpoint().await?.map_or(0, |c| c.size);
    let limit = limit.min(size.saturating_sub(first)).max(0);
    let found = tx.log_entries(first, limit).await?;
    Ok(found.into_iter().map(|e| (e.position, e.body)).collect())
}

/// Hashes that prove an entry to be in the tree of a size, or of the latest checkpoint for 0.
///
/// # Errors
/// A violation when the position is not below the size, or the size above the checkpoint's.
pub async fn inclusion(
    app: &App,
    position: i64,
    size: i64,
) -> Result<(i64, Vec<Digest>), AppError> {
    let (mut tx, size) = sized(app, size).await?;
    let (Ok(index), Ok(of)) = (u64::try_from(position), u64::try_from(size)) else {
        return Err(AppError::invalid("position", "NOT_NEGATIVE", &position.to_string()));
    };
    if index >= of {
        return Err(AppError::invalid("position", "BELOW_SIZE", &position.to_string()));
    }
    Ok((size, hashes(&mut tx, tree::inclusion(index, of)).await?))
}

/// Hashes that prove the tree of one size to continue the tree of a smaller one.
///
/// # Errors
/// A violation when the sizes are not in order or above the checkpoint's.
pub async fn consistency(app: &App, from: i64, size: i64) -> Result<(i64, Vec<Digest>), AppError> {
    let (mut tx, size) = sized(app, size).await?;
    let (Ok(before), Ok(of)) = (u64::try_from(from), u64::try_from(size)) else {
        return Err(AppError::invalid("from_size", "NOT_NEGATIVE", &from.to_string()));
    };
    if before > of {
        return Err(AppError::invalid("from_size", "NOT_ABOVE_SIZE", &from.to_string()));
    }
    Ok((size, hashes(&mut tx, tree::consistency(before, of)).await?))
}

async fn sized(app: &App, size: i64) -> Result<(Tx, i64), AppError> {
    let mut tx = app.db.read().await?;
    let latest = tx.latest_checkpoint().await?.map_or(0, |c| c.size);
    match size {
        0 => Ok((tx, latest)),
        given if (1..=latest).contains(&given) => Ok((tx, given)),
        given => Err(AppError::invalid("size", "NOT_ABOVE_CHECKPOINT", &given.to_string())),
    }
}

/// The hashes of some subtrees.
///
/// # Errors
/// [`AppError::Broken`] when a tile is missing.
pub async fn hashes(
    tx: &mut Tx,
    ranges: Vec<std::ops::Range<u64>>,
) -> Result<Vec<Digest>, AppError> {
    let tiles = log::load(tx, tree::tiles_of(&ranges)).await?;
    let found: Option<Vec<Digest>> = ranges.iter().map(|r| tiles.hash(r)).collect();
    found.ok_or(AppError::Broken("a tile of the log is missing"))
}

/// An office acknowledges the fault that stops the log; when two offices have, a log that is
/// behind its pinned checkpoint goes on from where the database stands, and one whose time went back
/// takes what was written since. Returns how many have.
///
/// # Errors
/// [`AppError`]; offices only, once each, and only for the fault there is.
pub async fn acknowledge(app: &App, call: &Call, fault: &str, why: &str) -> Result<i64, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", why, text::SHORT_CHARS_MAX);
    violations.finish(())?;
    let mut step = match app.begin_while_stopped(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    if app.log.fault().is_none_or(|now| now.to_string() != fault) {
        return Err(AppError::precondition("ANOTHER_FAULT", fault));
    }
    let office = call.caller.name();
    if !step.tx.insert_acknowledgement(fault, office, why, step.now_us).await? {
        return Err(AppError::precondition("ALREADY_ACKNOWLEDGED", office));
    }
    let count = step.tx.acknowledgements(fault).await?.len() as i64;
    let body = serde_json::json!({ "fault": fault, "reason": why });
    step.finish(call, "log.acknowledge", body, count).await
}

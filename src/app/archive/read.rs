//! Reading archives. Everybody may have the public file; what it holds of people and businesses only offices
//! and auditors, and nobody once it is erased.

use super::place;
use crate::app::{App, AppError, pack};
use crate::certificate::archive as form;
use crate::domain::archive::Archive;
use crate::domain::caller::{Caller, Role};
use crate::domain::hash::Suite;
use crate::store::{SealedPart, StoredArchive, Tx};

/// A page of a campaign's archives and its visits', by visit and number.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    campaign: &str,
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<Archive>, AppError> {
    Ok(app.db.read().await?.archives(campaign, after, limit).await?)
}

async fn find(tx: &mut Tx, campaign: &str, at: (i64, i64)) -> Result<StoredArchive, AppError> {
    let missing = || AppError::not_found("archive", &format!("{campaign}/{}/{}", at.0, at.1));
    tx.archive(campaign, at).await?.ok_or_else(missing)
}

/// The public file of an archive, held against its digest.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn public(app: &App, campaign: &str, at: (i64, i64)) -> Result<Vec<u8>, AppError> {
    let stored = find(&mut app.db.read().await?, campaign, at).await?;
    public_file(&stored)
}

/// The public file, if it is the one that was made.
///
/// # Errors
/// [`AppError::Broken`].
pub fn public_file(stored: &StoredArchive) -> Result<Vec<u8>, AppError> {
    let file = pack::inflate(&stored.file)?;
    match Suite::Sha256.hash(&file).to_string() == stored.archive.public_sha256 {
        true => Ok(file),
        false => Err(AppError::Broken("a stored archive is not the one that was made")),
    }
}

/// A part with personal data; `None` once it is erased.
///
/// # Errors
/// [`AppError::Broken`] when the key is another or the row was changed.
pub fn part(app: &App, archive: &Archive, part: &SealedPart) -> Result<Option<Vec<u8>>, AppError> {
    if part.sealed.is_empty() {
        return Ok(None);
    }
    let packed = app.sealer.open(&place(archive, part.rank), &part.sealed)?;
    pack::inflate(&packed).map(Some)
}

/// The whole file of an archive: without the parts that are erased.
///
/// # Errors
/// [`AppError`]; offices and auditors only.
pub async fn whole(
    app: &App,
    caller: &Caller,
    campaign: &str,
    at: (i64, i64),
) -> Result<Vec<u8>, AppError> {
    if !matches!(caller.role, Role::Office | Role::Auditor) {
        return Err(AppError::Forbidden("OFFICE_OR_AUDITOR_ONLY"));
    }
    let mut tx = app.db.read().await?;
    let stored = find(&mut tx, campaign, at).await?;
    let mut file = public_file(&stored)?;
    let mut erased = false;
    for sealed in tx.archive_parts(&stored.archive).await? {
        match part(app, &stored.archive, &sealed)? {
            Some(line) => file.extend(form::file([&line[..]])),
            None => erased = true,
        }
    }
    match erased || Suite::Sha256.hash(&file).to_string() == stored.archive.sha256 {
        true => Ok(file),
        false => Err(AppError::Broken("a stored archive is not the one that was made")),
    }
}

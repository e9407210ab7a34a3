//! Checking the archives of a campaign and its visits against the events that tell of them.

use super::archive::{KIND, read};
use super::fsck::{Erased, Kind, Report, Told};
use super::fsck_draws::readable;
use super::{App, AppError};
use crate::certificate::archive::Header;
use crate::domain::archive::Archive;
use crate::domain::hash::Suite;
use crate::store::{StoredArchive, Tx};

/// Compares every archive with its event, its file with its digest, and its parts with its first line.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn check(
    app: &App,
    tx: &mut Tx,
    report: &mut Report,
    (campaign, told): (&str, &[Told]),
    erased: &Erased,
) -> Result<(), AppError> {
    let rows = readable(tx.archives(campaign, (-1, 0), i64::MAX).await)?.unwrap_or_default();
    let logged: Vec<&Told> = told.iter().filter(|t| t.kind == KIND).collect();
    for row in &rows {
        let what = format!("archive {} of visit {} of {campaign}", row.nth, row.visit);
        let event =
            logged.iter().find(|t| t.body["visit"] == row.visit && t.body["nth"] == row.nth);
        let own = tx.archive(campaign, (row.visit, row.nth)).await?;
        let holds = match (event, own) {
            (Some(event), Some(stored)) => {
                is_told(&stored.archive, event)
                    && parts(app, tx, &stored, erased.tells_of(campaign, event.attempt())).await?
            }
            _ => false,
        };
        report.require(holds, Kind::Archive, what);
    }
    let what = format!("{} archives of {campaign}, {} logged", rows.len(), logged.len());
    report.require(rows.len() == logged.len(), Kind::Archive, what);
    Ok(())
}

fn is_told(archive: &Archive, event: &Told) -> bool {
    event.text("header_sha256") == archive.header_sha256
        && event.text("sha256") == archive.sha256
        && event.text("public_sha256") == archive.public_sha256
        && event.body["length"] == archive.length
        && event.body["public_length"] == archive.public_length
        && event.text("keep_until") == archive.keep_until.to_string()
}

/// Whether the file is the hashed one and its first line names every part; what was erased must be told.
async fn parts(
    app: &App,
    tx: &mut Tx,
    stored: &StoredArchive,
    may_be_erased: bool,
) -> Result<bool, AppError> {
    let Ok(file) = read::public_file(stored) else { return Ok(false) };
    let first = file.split(|b| *b == b'\n').next().unwrap_or_default();
    let header: Option<Header> = serde_json::from_slice(first).ok();
    let Some(header) = header else { return Ok(false) };
    let hash = Suite::Sha256.hash(first).to_string();
    let named: Vec<_> = header.sections.iter().filter(|s| s.personal).collect();
    let found = tx.archive_parts(&stored.archive).await?;
    let mut holds = hash == stored.archive.header_sha256 && named.len() == found.len();
    for (part, named) in found.iter().zip(named) {
        holds &= match read::part(app, &stored.archive, part) {
            Ok(Some(line)) => Suite::Sha256.hash(&line) == named.sha256,
            Ok(None) => may_be_erased,
            Err(_) => false,
        };
    }
    Ok(holds)
}

//! Archives of campaigns and visits (R128, R129): made once everything has ended, from what is stored and
//! logged; the log holds their digests. What they hold of people and businesses is sealed apart, a part per
//! visit, so that it can be erased.

mod ended;
mod gather;
pub mod read;
mod record;

use serde_json::{Value, json};

use super::{App, AppError, Begun, Call, Step, campaigns, certify, pack, release, require_office};
use crate::certificate::archive::{self as form, Header, Section};
use crate::domain::archive::{Archive, keep_until};
use crate::domain::campaign::Campaign;
use crate::domain::hash::Suite;
use crate::domain::policy::ARCHIVE_MONTHS;
use crate::store::{SealedPart, StoredArchive, Tx};

/// Kind of the event that tells of an archive.
pub const KIND: &str = "archive.made";

/// Where a part of an archive stands.
fn place(archive: &Archive, rank: i64) -> String {
    let Archive { campaign, visit, nth, .. } = archive;
    format!("archive_parts/{campaign}/{visit}/{nth}/{rank}/sealed")
}

/// What an archive is made of.
struct Made {
    archive: Archive,
    /// The public file.
    file: Vec<u8>,
    /// Lines with personal data, by rank.
    parts: Vec<(i64, Vec<u8>)>,
}

fn size(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Makes the archive of a closed campaign, or of one of its visits when a rank is given.
///
/// # Errors
/// [`AppError`]; offices only. `NOT_EVERYTHING_HAS_ENDED` names what is still open, `NOT_WITNESSED_YET` says
/// that the log has not signed all of it yet, `NOTHING_NEW_TO_ARCHIVE` that an earlier archive holds it.
pub async fn make(app: &App, call: &Call, id: &str, visit: i64) -> Result<Archive, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let campaign = campaigns::find(&mut step.tx, id).await?;
    ended::require(&mut step.tx, &campaign, visit).await?;
    let nth = next(&mut step.tx, id, visit).await?;
    let made = build(app, &mut step.tx, &campaign, (visit, nth), step.now_us).await?;
    let archive = store(app, &mut step, made).await?;
    let body = json!({
        "attempt": campaign.attempts,
        "campaign": archive.campaign,
        "header_sha256": archive.header_sha256,
        "keep_until": archive.keep_until,
        "length": archive.length,
        "nth": archive.nth,
        "public_length": archive.public_length,
        "public_sha256": archive.public_sha256,
        "sha256": archive.sha256,
        "visit": archive.visit,
    });
    step.finish(call, KIND, body, archive).await
}

/// The number of the next archive; refused while there is nothing new for it.
async fn next(tx: &mut Tx, id: &str, visit: i64) -> Result<i64, AppError> {
    let Some(before) = tx.archive(id, (visit, 0)).await?.map(|s| s.archive) else { return Ok(1) };
    if tx.events_behind(id, before.log_size).await? == 0 {
        return Err(AppError::precondition("NOTHING_NEW_TO_ARCHIVE", before.nth.to_string()));
    }
    Ok(before.nth + 1)
}

async fn store(app: &App, step: &mut Step, made: Made) -> Result<Archive, AppError> {
    let Made { archive, file, parts } = made;
    let mut sealed = Vec::with_capacity(parts.len());
    for (rank, line) in parts {
        let sealed_part =
            app.sealer.seal(&app.entropy, &place(&archive, rank), &pack::deflate(&line)?)?;
        sealed.push(SealedPart { rank, sealed: sealed_part });
    }
    let new = StoredArchive { archive, file: pack::deflate(&file)? };
    match step.tx.insert_archive(&new, sealed).await {
        Err(error) if error.is_conflict() => Err(AppError::Stale(new.archive.campaign)),
        done => {
            done?;
            Ok(new.archive)
        }
    }
}

/// Gathers an archive: a function of what is stored, so that the same makes the same bytes.
async fn build(
    app: &App,
    tx: &mut Tx,
    campaign: &Campaign,
    (visit, nth): (i64, i64),
    now_us: i64,
) -> Result<Made, AppError> {
    let id = campaign.id.as_str();
    let (certificate, log_size) = certify::file(app, tx, id, campaign.attempts).await?;
    let behind = i64::try_from(log_size).unwrap_or(i64::MAX);
    if tx.events_behind(id, behind).await? > 0 {
        return Err(AppError::precondition("NOT_WITNESSED_YET", id));
    }
    let visits = gather::visits(app, tx, campaign, visit).await?;
    let contents = [
        (form::CAMPAIGN, gather::campaign(tx, campaign).await?),
        (form::PAPERS, gather::papers(tx, campaign).await?),
        (form::CERTIFICATE, json_of(&certificate)?),
        (form::LOG, gather::log(tx, campaign, visit, log_size).await?),
        (form::VISITS, json!({ "attempt": campaign.attempts, "visits": visits })),
        (form::LIABILITY, gather::liability(tx, campaign, visit).await?),
    ];
    let mut lines = Vec::new();
    for (name, content) in contents {
        let section = Section { content, name: name.to_owned(), salt: String::new() };
        lines.push((0, section.line()?, section));
    }
    for (rank, content) in record::all(app, tx, campaign, visit).await? {
        let name = format!("{}{rank}", form::RECORD);
        let salt = hex::encode(app.sealer.mark(b"archive", format!("{id}/{name}").as_bytes()));
        let section = Section { content, name, salt };
        lines.push((rank, section.line()?, section));
    }
    let months = release::policy_of(tx, campaign).await?.number(ARCHIVE_MONTHS);
    let keep_until = keep_until(campaign.last_day, months);
    let header = Header {
        campaign: id.to_owned(),
        format: form::FORMAT.to_owned(),
        keep_until: keep_until.to_string(),
        made_us: now_us,
        nth,
        sections: lines.iter().map(|(_, line, section)| section.named(line)).collect(),
        visit,
    };
    let header = header.line()?;
    let public = || lines.iter().filter(|(rank, ..)| *rank == 0).map(|(_, line, _)| &line[..]);
    let file = form::file(std::iter::once(&header[..]).chain(public()));
    let whole = lines.iter().map(|(_, line, _)| &line[..]);
    let whole = form::file(std::iter::once(&header[..]).chain(whole));
    let hash = |bytes: &[u8]| Suite::Sha256.hash(bytes).to_string();
    let archive = Archive {
        campaign: id.to_owned(),
        visit,
        nth,
        made_us: now_us,
        months,
        keep_until,
        log_size: behind,
        header_sha256: hash(&header),
        sha256: hash(&whole),
        length: size(whole.len()),
        public_sha256: hash(&file),
        public_length: size(file.len()),
        personal: size(lines.iter().filter(|(rank, ..)| *rank > 0).count()),
    };
    let parts = lines.into_iter().filter(|(rank, ..)| *rank > 0);
    Ok(Made { archive, file, parts: parts.map(|(rank, line, _)| (rank, line)).collect() })
}

fn json_of<T: serde::Serialize>(value: &T) -> Result<Value, AppError> {
    serde_json::to_value(value).map_err(|_| AppError::Broken("a part of an archive has no JSON"))
}

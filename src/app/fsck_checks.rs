//! Checking the checks of a campaign's visits, and their days, against what the log says of them.

use std::collections::BTreeMap;

use super::check::{digest, open};
use super::fsck::{Erased, Kind, Report, Told};
use super::fsck_draws::readable;
use super::{App, AppError};
use crate::domain::check::Check;
use crate::store::Tx;

/// The last event of each visit, by attempt and rank.
fn last(told: &[Told], wanted: impl Fn(&Told) -> bool) -> BTreeMap<(i64, i64), &Told> {
    let place = |t: &Told| (t.attempt(), t.body["rank"].as_i64().unwrap_or(0));
    told.iter().filter(|t| wanted(t)).map(|t| (place(t), t)).collect()
}

/// Compares every check with its last event: what is sealed, its state and its version.
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
    let mut last = last(told, |t| t.kind.starts_with("check."));
    for row in tx.all_checks(campaign).await? {
        let logged = last.remove(&(row.attempt, row.rank));
        let logged = logged.filter(|event| {
            event.text("digest") == row.digest
                && event.text("state") == row.state
                && event.body["version"].as_i64() == Some(row.version)
        });
        let same = |c: Check| {
            Ok(digest(&c)? == row.digest && c.state.word() == row.state && c.version == row.version)
        };
        let sealed = match row.sealed.is_empty() {
            true => erased.tells_of(campaign, row.attempt),
            false => open(app, &row).and_then(same).unwrap_or(false),
        };
        let holds = logged.is_some() && sealed;
        report.require(
            holds,
            Kind::Check,
            format!("the check of visit {} of {campaign}", row.rank),
        );
    }
    for (_, rank) in last.into_keys() {
        report.add(Kind::Check, format!("the check of visit {rank} of {campaign} is gone"));
    }
    Ok(())
}

/// Compares every fixed day with the event that fixed it.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn appointments(
    tx: &mut Tx,
    report: &mut Report,
    campaign: &str,
    told: &[Told],
) -> Result<(), AppError> {
    let mut last = last(told, |t| t.kind == "appointment.fix");
    for row in readable(tx.all_appointments(campaign).await)?.unwrap_or_default() {
        let logged = last.remove(&(row.attempt, row.rank));
        let digest = row.digest().map(|d| d.to_string());
        let holds =
            logged.zip(digest).is_some_and(|(event, digest)| event.text("digest") == digest);
        report.require(holds, Kind::Appointment, format!("the day of {} of {campaign}", row.rank));
    }
    for (_, rank) in last.into_keys() {
        report.add(Kind::Appointment, format!("the day of visit {rank} of {campaign} is gone"));
    }
    Ok(())
}

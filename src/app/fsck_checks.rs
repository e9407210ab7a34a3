//! Checking the checks of a campaign's visits against what the log says of them.

use std::collections::BTreeMap;

use super::check::{digest, open};
use super::fsck::{Kind, Report, Told};
use super::{App, AppError};
use crate::store::Tx;

/// Compares every check with its last event: what is sealed, its state and its version.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn check(
    app: &App,
    tx: &mut Tx,
    report: &mut Report,
    campaign: &str,
    told: &[Told],
) -> Result<(), AppError> {
    let place = |t: &Told| (t.attempt(), t.body["rank"].as_i64().unwrap_or(0));
    let deeds = told.iter().filter(|t| t.kind.starts_with("check."));
    let mut last: BTreeMap<(i64, i64), &Told> = deeds.map(|t| (place(t), t)).collect();
    for row in tx.all_checks(campaign).await? {
        let logged = last.remove(&(row.attempt, row.rank));
        let sealed = open(app, &row).and_then(|c| digest(&c).map(|d| (d, c.state, c.version)));
        let holds = logged.zip(sealed.ok()).is_some_and(|(event, (digest, state, version))| {
            digest == row.digest
                && digest == event.text("digest")
                && state.word() == row.state
                && state.word() == event.text("state")
                && version == row.version
                && event.body["version"].as_i64() == Some(version)
        });
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

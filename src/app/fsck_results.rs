//! Checking what is published of a campaign against what the log says of it.

use std::collections::BTreeMap;

use super::disclosure::{bulletin, digest};
use super::fsck::{Erased, Kind, Report, Told};
use super::{App, AppError, disclosure};
use crate::domain::publication::result_id;
use crate::store::{ResultFilter, Tx};

/// Compares every published version with its event, every result with its last, and the bulletin.
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
    let mut versions: BTreeMap<(String, i64), &str> = BTreeMap::new();
    let mut last: BTreeMap<String, &Told> = BTreeMap::new();
    for event in told {
        if let Some(version) = event.body["publication"].as_i64() {
            versions.insert((event.text("result").to_owned(), version), event.text("digest"));
        }
        if event.body["version"].is_i64() && !event.text("result").is_empty() {
            last.insert(event.text("result").to_owned(), event);
        }
    }
    let filter = ResultFilter { campaign, ..ResultFilter::default() };
    for stored in tx.results(&filter, "", i64::MAX).await? {
        let record = &stored.record;
        // Only what the log tells of may be erased.
        let opens = match stored.sealed.is_empty() {
            true => erased.tells_of(&record.campaign, record.attempt),
            false => disclosure::open(app, &stored).is_ok(),
        };
        let id = result_id(&record.campaign, record.attempt, record.rank, &record.department);
        let stands = match last.remove(&record.id) {
            Some(event) => {
                event.text("state") == record.state.word()
                    && event.body["version"].as_i64() == Some(record.version)
            }
            None => record.version == 1,
        };
        let holds = opens && stands && id == record.id;
        report.require(holds, Kind::Result, format!("result {}", record.id));
        for publication in tx.publications(&record.id).await? {
            let logged = versions.remove(&(record.id.clone(), publication.version));
            let holds = logged.is_some_and(|l| digest(&publication).is_ok_and(|d| d == l));
            let what = format!("version {} of result {}", publication.version, record.id);
            report.require(holds, Kind::Result, what);
        }
    }
    for (result, version) in versions.into_keys() {
        report.add(Kind::Result, format!("version {version} of result {result} is gone"));
    }
    for result in last.into_keys() {
        report.add(Kind::Result, format!("result {result} is gone"));
    }
    stands(tx, report, (campaign, told), erased).await?;
    let logged = told.iter().find(|t| t.kind == "bulletin.publish").map(|t| t.text("digest"));
    let stored = tx.bulletin(campaign).await?.map(|b| bulletin::digest(&b)).transpose()?;
    let holds = logged.map(str::to_owned) == stored;
    report.require(holds, Kind::Result, format!("the bulletin of {campaign}"));
    Ok(())
}

/// Compares every objection, follow-up and liability with its last event.
async fn stands(
    tx: &mut Tx,
    report: &mut Report,
    (campaign, told): (&str, &[Told]),
    erased: &Erased,
) -> Result<(), AppError> {
    // Neither names its attempt: any of the campaign's will do.
    let may_be_gone =
        erased.campaigns.contains(campaign) || erased.attempts.iter().any(|(c, _)| c == campaign);
    let last = |field: &'static str, version: &'static str| -> BTreeMap<&str, &Told> {
        let events = told.iter().filter(|t| t.body[version].is_i64());
        events.map(|t| (t.text(field), t)).collect()
    };
    for (id, event) in last("objection", "objection_version") {
        let stored = tx.objection(id).await?;
        let holds = stored.is_some_and(|o| {
            (!o.sealed.is_empty() || may_be_gone)
                && o.state == event.text("objection_state")
                && Some(o.version) == event.body["objection_version"].as_i64()
        });
        report.require(holds, Kind::Result, format!("objection {id}"));
    }
    for (id, event) in last("of", "follow_up_version") {
        let stored = tx.follow_up(id).await?;
        let holds = stored.is_some_and(|f| {
            (!f.sealed.is_empty() || may_be_gone)
                && f.state == event.text("follow_up_state")
                && Some(f.version) == event.body["follow_up_version"].as_i64()
        });
        report.require(holds, Kind::Result, format!("the follow-up of result {id}"));
    }
    let mut told = last("liability", "liability_version");
    for liability in tx.liabilities_of(campaign).await? {
        let holds = told.remove(liability.id.as_str()).is_some_and(|event| {
            event.text("liability_state") == liability.state.word()
                && event.body["liability_version"].as_i64() == Some(liability.version)
        });
        report.require(holds, Kind::Liability, format!("liability {}", liability.id));
    }
    for id in told.into_keys() {
        report.add(Kind::Liability, format!("liability {id} is gone"));
    }
    Ok(())
}

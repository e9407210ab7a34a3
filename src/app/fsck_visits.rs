//! Checking visits against the drawn outcome and the changes that the log tells.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::attempt::freeze_of;
use super::fsck::{Erased, Kind, Report, Told};
use super::fsck_draws::readable;
use super::{App, AppError, draws, names, recusals as asked, scene};
use crate::domain::change::ChangeState;
use crate::domain::recusal::RecusalState;
use crate::domain::supplement::SupplementReason;
use crate::draw::bundle::{Bundle, Published, SectionEntry, VisitEntry};
use crate::draw::visits::How;
use crate::store::{Draw, Tx};

/// Visits read at once.
const PAGE: i64 = 1_000;

/// Compares the visits of a drawn attempt, and its changes, with what the log says.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn check(
    app: &App,
    tx: &mut Tx,
    report: &mut Report,
    stored: &Draw,
    told: &[&Told],
    erased: &Erased,
) -> Result<(), AppError> {
    let bytes = draws::bundle_in(tx, &stored.campaign, stored.attempt).await.unwrap_or_default();
    let published = serde_json::from_slice(&bytes).map(|b: Bundle| b.published).ok();
    let mut wanted = published.map(|p| drawn(&p)).unwrap_or_default();
    let reason = freeze_of(stored).ok().and_then(|f| f.context.get("supplement_reason").cloned());
    if reason.is_some_and(|r| r == SupplementReason::NeighbourPool.word()) {
        // It has filled slots of the campaign it supplements, and has no visits of its own.
        wanted.clear();
    }
    let changing = ["visit.change", "campaign.supplement"];
    let changed = told.iter().filter(|t| changing.contains(&t.kind.as_str()));
    for visit in changed.flat_map(|t| list(&t.body["visits"])) {
        wanted.insert(visit["rank"].as_i64().unwrap_or(0), visit.clone());
    }
    let mut after = 0;
    let mut count = 0;
    loop {
        let page = readable(tx.visits(&stored.campaign, "", after, PAGE).await)?;
        let page = page.unwrap_or_default();
        let Some(last) = page.last() else { break };
        after = last.visit.rank;
        for row in &page {
            count += 1;
            let same = wanted.get(&row.visit.rank) == Some(&scene::told(&row.visit));
            // Only what the log tells of may be erased.
            let kept = !row.sealed.is_empty() || erased.campaigns.contains(&stored.campaign);
            let opens = kept && names::of(&app.sealer, row).is_ok();
            let what = format!("visit {} of {}", row.visit.rank, stored.campaign);
            report.require(same && opens, Kind::Visit, what);
        }
    }
    let what = format!("{count} visits of {}, {} logged", stored.campaign, wanted.len());
    report.require(count == wanted.len(), Kind::Visit, what);
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The drawn visits by rank, as an event tells one.
fn drawn(published: &Published) -> BTreeMap<i64, Value> {
    let ranks: BTreeMap<_, u64> =
        published.winners.iter().map(|w| ((&w.ticket, &w.department), w.rank)).collect();
    let visit = |v: &VisitEntry| {
        let section = |s: &SectionEntry| {
            let team: Vec<String> =
                s.team.iter().map(|m| m.map(|t| t.to_string()).unwrap_or_default()).collect();
            let rank = ranks.get(&(&v.ticket, &s.department)).copied().unwrap_or(0);
            let drawn = s.how == How::Drawn;
            json!({ "department": s.department, "drawn": drawn, "rank": rank, "team": team })
        };
        let sections: Vec<Value> = v.sections.iter().map(section).collect();
        let value = json!({
            "dropped": 0,
            "rank": v.rank,
            "sections": sections,
            "stands_for": 0,
            "ticket": v.ticket,
        });
        (i64::try_from(v.rank).unwrap_or(0), value)
    };
    published.visits.iter().map(visit).collect()
}

/// Compares the changes of a campaign with what the log says of them.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn changes(
    tx: &mut Tx,
    report: &mut Report,
    campaign: &str,
    told: &[Told],
) -> Result<(), AppError> {
    let rows = readable(tx.changes(campaign, 0, i64::MAX).await)?;
    let rows = rows.unwrap_or_default();
    for row in &rows {
        let kind = match row.change.state {
            ChangeState::Requested => "visit.change.request",
            ChangeState::Approved => "visit.change",
            ChangeState::Declined => "visit.change.decline",
        };
        let doc = serde_json::to_value(&row.change).unwrap_or_default();
        let last = told.iter().rfind(|t| t.body["change"]["nth"] == row.change.nth);
        let holds = last.is_some_and(|t| t.kind == kind && t.body["change"] == doc);
        report.require(holds, Kind::Change, format!("change {} of {campaign}", row.change.nth));
    }
    let asked = told.iter().filter(|t| t.kind == "visit.change.request").count();
    let what = format!("{} changes of {campaign}, {asked} logged", rows.len());
    report.require(rows.len() == asked, Kind::Change, what);
    Ok(())
}

/// Compares the recusals that subjects asked for with what the log says of them.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn recusals(
    app: &App,
    tx: &mut Tx,
    report: &mut Report,
    (campaign, told): (&str, &[Told]),
    erased: &Erased,
) -> Result<(), AppError> {
    let rows = readable(tx.recusal_asks(campaign, 0, i64::MAX).await)?.unwrap_or_default();
    for row in &rows {
        let kind = match row.ask.state {
            RecusalState::Asked => "recusal.ask",
            RecusalState::Granted => "recusal.grant",
            RecusalState::Declined => "recusal.decline",
        };
        let doc = serde_json::to_value(&row.ask).unwrap_or_default();
        let last = told.iter().rfind(|t| t.body["recusal"]["nth"] == row.ask.nth);
        let holds = last.is_some_and(|t| t.kind == kind && t.body["recusal"] == doc)
            && match row.sealed.is_empty() {
                true => erased.tells_of(campaign, row.ask.attempt),
                false => asked::statement(app, row).is_ok(),
            };
        report.require(holds, Kind::Recusal, format!("recusal {} of {campaign}", row.ask.nth));
    }
    let logged = told.iter().filter(|t| t.kind == "recusal.ask").count();
    let what = format!("{} recusals of {campaign}, {logged} logged", rows.len());
    report.require(rows.len() == logged, Kind::Recusal, what);
    Ok(())
}

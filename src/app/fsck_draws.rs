//! Checking campaigns and draws against what the log says of them.

use super::attempt::{Inputs, freeze_of};
use super::ceremony::place;
use super::fsck::{Erased, History, Kind, Report, Told};
use super::{
    App, AppError, draws, fsck_archives, fsck_checks, fsck_results, fsck_visits, names, pack,
};
use crate::draw::bundle::Bundle;
use crate::draw::freeze::freeze_hash;
use crate::draw::pool::Pool;
use crate::draw::{draw, verify};
use crate::merge::figures;
use crate::store::{Contribution, Decision, Draw, DrawState, StoreError, Tx};

/// Compares every campaign with its events.
///
/// # Errors
/// [`AppError`] when something cannot be read.
pub async fn check(
    app: &App,
    tx: &mut Tx,
    report: &mut Report,
    history: &History,
    erased: &Erased,
) -> Result<(), AppError> {
    let stored = tx.all_campaigns().await?;
    for id in history.keys() {
        let known = stored.iter().any(|(campaign, _)| campaign == id);
        report.require(known, Kind::Campaign, format!("campaign {id} is gone"));
    }
    for (id, state) in stored {
        let told = history.get(&id).map_or(&[][..], Vec::as_slice);
        let doc = readable(tx.campaign(&id).await)?.flatten();
        let doc = doc.map(|c| (c.state.word(), c.attempts));
        let freezes = told.iter().filter(|t| t.kind == "campaign.freeze").count();
        let wanted = told.iter().rev().find_map(state_after);
        let holds = wanted.is_some_and(|w| w == state)
            && doc.is_some_and(|(s, n)| s == state && usize::try_from(n) == Ok(freezes));
        report.require(holds, Kind::Campaign, format!("campaign {id} is {state}"));
        fsck_visits::changes(tx, report, &id, told).await?;
        fsck_visits::recusals(app, tx, report, (&id, told), erased).await?;
        supplements(tx, report, &id, told).await?;
        fsck_checks::check(app, tx, report, (&id, told), erased).await?;
        fsck_checks::appointments(tx, report, &id, told).await?;
        fsck_results::check(app, tx, report, (&id, told), erased).await?;
        fsck_archives::check(app, tx, report, (&id, told), erased).await?;
    }
    let draws = tx.all_draws().await?;
    for (id, told) in history {
        for freeze in told.iter().filter(|t| t.kind == "campaign.freeze") {
            let known = draws.iter().any(|(c, a)| c == id && *a == freeze.attempt());
            let what = format!("attempt {} of {id} is gone", freeze.attempt());
            report.require(known, Kind::Draw, what);
        }
    }
    for (id, attempt) in draws {
        report.draws += 1;
        let told: Vec<&Told> =
            history.get(&id).into_iter().flatten().filter(|t| t.attempt() == attempt).collect();
        let Some(stored) = tx.draw(&id, attempt).await? else { continue };
        let given = tx.contributions(&id, attempt).await?;
        one(app, tx, report, (&stored, &given), &told, erased).await?;
        contributions(report, &stored, &given, &told);
        let mut decided = tx.draw_decisions(&id).await?;
        decided.retain(|d| d.attempt == attempt);
        let all = history.get(&id).map_or(&[][..], Vec::as_slice);
        decisions(report, &decided, &told, all);
    }
    Ok(())
}

/// Compares the supplementary outcomes of a campaign with what its log says of them.
async fn supplements(
    tx: &mut Tx,
    report: &mut Report,
    id: &str,
    told: &[Told],
) -> Result<(), AppError> {
    let rows = tx.supplements(id).await?;
    let logged: Vec<&Told> = told.iter().filter(|t| t.kind == "campaign.supplement").collect();
    for row in &rows {
        let doc = serde_json::to_value(row).unwrap_or_default();
        let holds = logged.iter().any(|t| t.body["supplement"] == doc);
        let what = format!("attempt {} of {}, a supplement", row.attempt, row.campaign);
        report.require(holds, Kind::Draw, what);
    }
    let what = format!("{} supplements of {id}, {} logged", rows.len(), logged.len());
    report.require(rows.len() == logged.len(), Kind::Draw, what);
    Ok(())
}

/// `None` for a document that cannot be read: that is a finding, not a failure.
pub(super) fn readable<T>(read: Result<T, StoreError>) -> Result<Option<T>, AppError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Document { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The state a campaign is in after an event; `None` for one that changes none.
fn state_after(told: &Told) -> Option<&'static str> {
    match told.kind.as_str() {
        "campaign.propose" => Some("PROPOSED"),
        "campaign.approve" | "draw.retry" => Some("APPROVED"),
        "campaign.freeze" => Some("FROZEN"),
        "campaign.draw" => Some("DRAWN"),
        "draw.abort" => Some("ABORTED"),
        "campaign.close" => Some("CLOSED"),
        _ => None,
    }
}

fn only<'t>(told: &[&'t Told], kind: &str) -> Option<&'t Told> {
    let mut found = told.iter().filter(|t| t.kind == kind);
    found.next().filter(|_| found.next().is_none()).copied()
}

async fn one(
    app: &App,
    tx: &mut Tx,
    report: &mut Report,
    (stored, given): (&Draw, &[Contribution]),
    told: &[&Told],
    erased: &Erased,
) -> Result<(), AppError> {
    let name = format!("attempt {} of {}", stored.attempt, stored.campaign);
    let frozen = only(told, "campaign.freeze").is_some_and(|t| {
        let hash = freeze_of(stored).map(|f| freeze_hash(f.alg, &stored.freeze_bytes).to_string());
        hash.is_ok_and(|h| h == stored.freeze_hash && h == t.text("freeze_hash"))
            && t.body["commit_by_us"].as_i64() == Some(stored.commit_by_us)
            && t.body["reveal_by_us"].as_i64() == Some(stored.reveal_by_us)
    });
    report.require(frozen, Kind::Draw, format!("the freeze of {name}"));
    for (column, sealed) in [("root_secret", &stored.root_secret), ("openings", &stored.openings)] {
        let place = place(&stored.campaign, stored.attempt, column);
        let key = names::draw_key(&app.sealer, stored);
        let gone = sealed.is_empty() && stored.wrapped.is_empty();
        let opens = (gone && erased.attempts.contains(&(stored.campaign.clone(), stored.attempt)))
            || key.is_ok_and(|key| key.open(&place, sealed).is_ok());
        report.require(opens, Kind::Draw, format!("{column} of {name} does not open"));
    }
    let pool: Option<Pool> = pack::unpack(&stored.pool).ok();
    let listed = pool.as_ref().zip(freeze_of(stored).ok()).is_some_and(|(pool, freeze)| {
        pool.units.rooted(freeze.alg) == freeze.pool
            && pool.rooted_inspectors(freeze.alg) == freeze.inspectors
    });
    report.require(listed, Kind::Draw, format!("the lists of {name}"));
    let beacon = told.iter().find(|t| t.kind == "beacon.bring").map_or("", |t| t.text("value"));
    report.require(beacon == stored.beacon_value, Kind::Draw, format!("the beacon of {name}"));
    let ended = only(told, "draw.abort");
    let outcome = only(told, "campaign.draw");
    let state = match (outcome, ended) {
        (None, None) => DrawState::Frozen,
        (Some(_), None) => DrawState::Drawn,
        (None, Some(_)) => DrawState::Aborted,
        (Some(_), Some(_)) => DrawState::Void,
    };
    let reason = ended.map_or("", |t| t.text("reason"));
    let holds = stored.state == state.word() && stored.abort_reason == reason;
    report.require(holds, Kind::Draw, format!("the state of {name}"));
    let same = outcome.map_or(("", ""), |t| (t.text("seed"), t.text("result_root")))
        == (&stored.seed, &stored.result_root);
    report.require(same, Kind::Draw, format!("the outcome of {name}"));
    if outcome.is_some() {
        recompute(tx, report, stored, given, pool.unwrap_or_default(), &name).await?;
    }
    if state == DrawState::Drawn {
        fsck_visits::check(app, tx, report, stored, told, erased).await?;
    }
    Ok(())
}

async fn recompute(
    tx: &mut Tx,
    report: &mut Report,
    stored: &Draw,
    given: &[Contribution],
    pool: Pool,
    name: &str,
) -> Result<(), AppError> {
    let bytes = draws::bundle_in(tx, &stored.campaign, stored.attempt).await.unwrap_or_default();
    let bundle: Option<Bundle> = serde_json::from_slice(&bytes).ok();
    let own = bundle.is_some_and(|b| b.freeze.as_bytes() == stored.freeze_bytes);
    report.require(own && verify::verify(&bytes).is_ok(), Kind::Draw, format!("bundle of {name}"));
    let again = freeze_of(stored).and_then(|freeze| {
        let seed = Inputs::of(&freeze, stored, given)?.seed(&freeze, stored)?;
        let outcome = draw(&freeze, &pool, &seed);
        Ok(serde_json::to_string(&figures::count(&freeze, &pool, &outcome)).unwrap_or_default())
    });
    let same = again.is_ok_and(|figures| figures == stored.figures);
    report.require(same, Kind::Draw, format!("the figures of {name}"));
    Ok(())
}

fn contributions(report: &mut Report, stored: &Draw, given: &[Contribution], told: &[&Told]) {
    let of = |kind: &str, office: &str, field: &str| -> Vec<String> {
        let events = told.iter().filter(|t| t.kind == kind && t.text("office") == office);
        events.map(|t| t.text(field).to_owned()).collect()
    };
    for c in given {
        let numbers: Vec<String> =
            Some(c.number.clone()).into_iter().filter(|n| !n.is_empty()).collect();
        let holds = of("number.commit", &c.office, "commitment") == [c.commitment.clone()]
            && of("number.reveal", &c.office, "number") == numbers;
        let what = format!("{} in attempt {} of {}", c.office, stored.attempt, stored.campaign);
        report.require(holds, Kind::Contribution, what);
    }
    let commits = told.iter().filter(|t| t.kind == "number.commit").count();
    let what = format!("{} offices in {}, {commits} logged", given.len(), stored.campaign);
    report.require(commits == given.len(), Kind::Contribution, what);
}

fn decisions(report: &mut Report, decided: &[Decision], told: &[&Told], all: &[Told]) {
    let mut wanted = 0;
    for d in decided {
        let retry = d.kind == "RETRY";
        let logged = |t: &Told| t.text("reason") == d.reason && (retry || t.text("kind") == d.kind);
        let asked = |t: &&&Told| t.kind == "draw.abort.request" && logged(t);
        let ended = |t: &&&Told| {
            let by = (t.text("requested_by"), t.text("approved_by"));
            t.kind == "draw.abort" && logged(t) && by == (&d.requested_by, &d.approved_by)
        };
        let again = |t: &&Told| t.kind == "draw.retry" && logged(t) && t.attempt() == d.attempt + 1;
        let holds = match (retry, d.approved_by.is_empty()) {
            (true, _) => all.iter().any(|t| again(&t)),
            (false, true) => told.iter().any(|t| asked(&t)),
            (false, false) => told.iter().any(|t| ended(&t)),
        };
        wanted += 1;
        let what = format!("decision {} on attempt {} of {}", d.kind, d.attempt, d.campaign);
        report.require(holds, Kind::Decision, what);
    }
    let ended = told.iter().filter(|t| t.kind == "draw.abort").count();
    let rows = decided.iter().filter(|d| d.kind != "RETRY" && !d.approved_by.is_empty()).count();
    report.require(ended == rows, Kind::Decision, format!("{rows} of {wanted} decisions ended it"));
}

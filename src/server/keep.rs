//! What the service does by itself beside answering: rounds of the log, asking its witnesses, pushing
//! results to the credit platform.

use std::time::Duration;

use tokio::sync::watch;

use crate::app::{self, App, AppError, cosign};
use crate::ledger::quorum::Witness;
use crate::push;
use crate::witness::client::{Answer, add_checkpoint};

/// How often waiting events are put into the log and signed.
const LOG_INTERVAL: Duration = Duration::from_millis(500);
/// How often a witness is asked for what it has not signed.
const WITNESS_INTERVAL: Duration = Duration::from_secs(1);
/// How often slots of templates are looked at.
const SCHEDULE_INTERVAL: Duration = Duration::from_secs(20);
/// How often it is looked for missed deadlines.
const LIABILITY_INTERVAL: Duration = Duration::from_secs(60);
/// How often it is looked for results that the credit platform has to get.
const PUSH_INTERVAL: Duration = Duration::from_secs(5);
/// Health of writing: not serving while the log is stopped.
pub const WRITING: &str = "onevisit.writing";

/// Does a round of the log twice a second, until told to stop, and shows in the health service
/// whether the log takes writes.
pub async fn log(
    app: App,
    health: tonic_health::server::HealthReporter,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(LOG_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let last = *stop.borrow();
        let status = match app::log::round(&app).await {
            Ok(app::log::Round::Stopped(_)) => tonic_health::ServingStatus::NotServing,
            // At the end, more may wait than one round takes.
            Ok(app::log::Round::Signed(_)) if last => continue,
            Ok(_) => tonic_health::ServingStatus::Serving,
            Err(error) => {
                tracing::warn!(%error, "a round of the log failed and will be repeated");
                tonic_health::ServingStatus::NotServing
            }
        };
        health.set_service_status(WRITING, status).await;
        if last {
            return;
        }
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => {}
        }
    }
}

/// Announces and freezes scheduled campaigns when they are due, until told to stop. Every replica
/// does it; each slot is used once.
pub async fn schedule(app: App, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(SCHEDULE_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        match app::schedule::round(&app).await {
            Ok(round) => {
                for refused in round.into_iter().flat_map(|round| round.refused) {
                    tracing::warn!(refused, "a scheduled campaign waits");
                }
            }
            Err(error) => tracing::warn!(%error, "a round of the schedule will be repeated"),
        }
    }
}

/// Tells of missed deadlines, until told to stop (R130). Every replica does it; each is told once.
pub async fn liability(app: App, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(LIABILITY_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        match app::liability::round::round(&app).await {
            Ok(round) => {
                for waiting in round.into_iter().flat_map(|round| round.waiting) {
                    tracing::warn!(waiting, "a deadline is in no calendar");
                }
            }
            Err(error) => tracing::warn!(%error, "a round of the deadlines will be repeated"),
        }
    }
}

/// Asks each witness of the policy that has an address to cosign what it has not, until told to
/// stop. One that does not answer keeps nobody else waiting.
pub fn ask_witnesses(app: &App, stop: &watch::Receiver<bool>) {
    for (name, Witness { url, .. }) in &app.log.policy().witnesses {
        let Some(url) = url.clone() else { continue };
        let (app, name, mut stop) = (app.clone(), name.clone(), stop.clone());
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(WITNESS_INTERVAL);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            while !*stop.borrow() {
                if let Err(error) = ask(&app, &name, &url).await {
                    tracing::warn!(witness = name, %error, "a witness does not cosign");
                }
                tokio::select! {
                    _ = ticks.tick() => {}
                    _ = stop.changed() => {}
                }
            }
        });
    }
}

/// Pushes published results to the credit platform, if it has an address, until told to stop (R124, R125).
pub fn push_results(app: &App, stop: &watch::Receiver<bool>) {
    let Some(url) = app.credit_url.clone() else { return };
    let (app, mut stop) = (app.clone(), stop.clone());
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(PUSH_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !*stop.borrow() {
            if let Err(error) = push::round(&app, &url).await {
                tracing::warn!(%error, "what was pushed could not be noted");
            }
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.changed() => {}
            }
        }
    });
}

/// Asks one witness; when it stands elsewhere than this service knows, once more from there.
async fn ask(app: &App, name: &str, url: &str) -> anyhow::Result<()> {
    let known = cosign::known(app, name).await?;
    let mut old = known;
    for _ in 0..2 {
        let asked = match cosign::request(app, old).await {
            // The witness has seen more than this database holds.
            Err(AppError::Invalid(_)) => anyhow::bail!("it has cosigned {old} entries"),
            asked => asked?,
        };
        let Some((size, request)) = asked else { return Ok(()) };
        if size == known {
            return Ok(());
        }
        let url = url.to_owned();
        let post = move || add_checkpoint(&url, &request.text());
        match tokio::task::spawn_blocking(post).await?? {
            Answer::Cosigned(lines) => {
                cosign::add(app, size, &lines).await?;
                return Ok(());
            }
            Answer::At(size) => old = i64::try_from(size)?,
            Answer::Refused(status, words) => anyhow::bail!("{status} {}", words.trim_end()),
        }
    }
    Ok(())
}

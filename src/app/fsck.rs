//! Checking everything that is stored against the log, and the log against itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fsck_signatures::Signers;
use super::{App, AppError, calendar, erase, fsck_draws, fsck_settings, log, succession, years};
use crate::domain::hash::{Digest, Suite};
use crate::ledger::tree::Tiles;
use crate::store::{EventRow, Tx};

/// Events read at once.
const PAGE: i64 = 4_096;

/// What is wrong with something stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An event's bytes are not those of its leaf.
    EventBytes,
    /// An event does not bear the service's mark.
    EventMark,
    /// A column beside an event's bytes says something else than they do.
    EventColumns,
    /// An event is missing from the log, or too many are in it.
    EventOrder,
    /// A stored hash of the tree is another one than that of the events.
    Tile,
    /// A checkpoint is not signed by the log or states another root.
    Checkpoint,
    /// A change of the log's key is not signed by both keys, or leads to another one.
    KeyChange,
    /// A caller's signature on an event does not hold, or is of a key that is not the caller's.
    Signature,
    /// A key with which a caller signs is not the registered one.
    SigningKey,
    /// The close of a year states another tree, other entries or another year before than the log's.
    Year,
    /// The log does not continue the checkpoint kept outside the database.
    Pin,
    /// A campaign stands elsewhere than its events say.
    Campaign,
    /// A draw is not what its events say, or does not re-compute.
    Draw,
    /// A commitment or a number is not the logged one.
    Contribution,
    /// A decision is not the logged one.
    Decision,
    /// The names of a visit do not open, or the visit is not the drawn one, or not what approved
    /// changes made of it.
    Visit,
    /// A change is not the logged one.
    Change,
    /// A recusal that a subject asked for is not the logged one, or its statement does not open.
    Recusal,
    /// A check is not what its last event says, or does not open.
    Check,
    /// The day that is fixed for a visit is not the logged one.
    Appointment,
    /// What is published, or where a result stands, is not what the log says.
    Result,
    /// A liability is not the logged one.
    Liability,
    /// A year of the calendar is not the imported one.
    CalendarYear,
    /// A policy value is not the one that was set.
    Policy,
    /// A chain of approval is not the configured one.
    Chain,
    /// A campaign template is not as it was proposed, answered and approved.
    Template,
    /// A slot of a template has become something else than the log tells.
    Slot,
    /// A version of an annual plan or a scheme does not say, or stand, what the log tells.
    Paper,
    /// An archive is not the one that was made, or a part of it does not open.
    Archive,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What kind.
    pub kind: Kind,
    /// Where and what, in words.
    pub what: String,
}

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events.
    pub events: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Draws.
    pub draws: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Notes what is wrong.
    pub fn add(&mut self, kind: Kind, what: impl Into<String>) {
        self.findings.push(Finding { kind, what: what.into() });
    }

    /// Notes what is wrong unless it holds.
    pub fn require(&mut self, holds: bool, kind: Kind, what: impl Into<String>) {
        if !holds {
            self.add(kind, what);
        }
    }
}

/// An event as far as rows are compared with it.
pub struct Told {
    /// Its kind.
    pub kind: String,
    /// Its body.
    pub body: Value,
}

impl Told {
    /// A text of the body; empty when there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    /// The attempt it is of; 0 for none.
    #[must_use]
    pub fn attempt(&self) -> i64 {
        self.body["attempt"].as_i64().unwrap_or(0)
    }
}

/// What the log tells of erasures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Campaigns that have lost all their names.
    pub campaigns: BTreeSet<String>,
    /// Attempts that have lost what their tickets stand for.
    pub attempts: BTreeSet<(String, i64)>,
}

impl Erased {
    /// Whether what stood behind an attempt, or a part of it, was erased.
    #[must_use]
    pub fn tells_of(&self, campaign: &str, attempt: i64) -> bool {
        self.campaigns.contains(campaign) || self.attempts.contains(&(campaign.to_owned(), attempt))
    }

    fn add(&mut self, body: &Value) {
        self.campaigns.extend(body["campaign"].as_str().map(str::to_owned));
        for of in body["attempts"].as_array().into_iter().flatten() {
            let attempt = of["attempt"].as_i64().unwrap_or(0);
            self.attempts.insert((of["campaign"].as_str().unwrap_or_default().to_owned(), attempt));
        }
    }
}

/// Events of each campaign, in order.
pub type History = BTreeMap<String, Vec<Told>>;

/// What all events together tell.
#[derive(Default)]
struct Logged {
    leaves: Vec<Digest>,
    history: History,
    erased: Erased,
    /// Imports of years of the calendar.
    years: Vec<Told>,
    /// What offices have set.
    settings: Vec<Told>,
    signers: Signers,
}

/// Re-hashes every event, rebuilds the tree, checks every checkpoint and the pinned one, and
/// compares what is stored of campaigns and draws with what the log says.
///
/// # Errors
/// [`AppError`] when something cannot be read; what is wrong is in the report.
pub async fn check(app: &App) -> Result<Report, AppError> {
    check_in(app, &mut app.db.read().await?).await
}

/// [`check`] inside a transaction.
///
/// # Errors
/// As [`check`].
pub async fn check_in(app: &App, tx: &mut Tx) -> Result<Report, AppError> {
    let mut report = Report::default();
    let logged = events(app, tx, &mut report).await?;
    let mut tiles = Tiles::default();
    tiles.grow(0, &logged.leaves);
    compare_tiles(tx, &mut report, &tiles).await?;
    checkpoints(app, tx, &mut report, &tiles).await?;
    succession::check(app, tx, &mut report).await?;
    years::check(app, tx, &mut report, &tiles).await?;
    calendar::check(tx, &mut report, &logged.years).await?;
    fsck_settings::check(tx, &mut report, &logged.settings).await?;
    fsck_draws::check(app, tx, &mut report, &logged.history, &logged.erased).await?;
    logged.signers.check(tx, &mut report).await?;
    Ok(report)
}

/// Leaf hashes in the order of positions, and what happened to each campaign.
async fn events(app: &App, tx: &mut Tx, report: &mut Report) -> Result<Logged, AppError> {
    let mut positions: BTreeMap<i64, Digest> = BTreeMap::new();
    let mut logged = Logged::default();
    let adopted = tx.all_checkpoints().await?.first().map_or(0, |c| c.size);
    let mut after = 0;
    loop {
        let page = tx.event_rows(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.nth;
        for row in page {
            report.events += 1;
            mark(app, report, &row, adopted);
            if let Some(position) = row.position {
                let twice = positions.insert(position, Suite::Sha256.leaf(&row.body)).is_some();
                report.require(!twice, Kind::EventOrder, format!("position {position} twice"));
            }
            columns(report, row, &mut logged);
        }
    }
    let gapless = positions.keys().zip(0..).all(|(found, wanted)| *found == wanted);
    report.require(gapless, Kind::EventOrder, "the positions of the log have gaps");
    logged.leaves = positions.into_values().collect();
    Ok(logged)
}

fn mark(app: &App, report: &mut Report, row: &EventRow, adopted: i64) {
    // What the first round found had been written before there were marks.
    let before = row.mac.is_empty() && row.position.is_some_and(|p| p < adopted);
    let holds = before || app.sealer.has_marked(&row.id, &row.body, &row.mac);
    report.require(holds, Kind::EventMark, format!("event {} has no true mark", row.nth));
}

fn columns(report: &mut Report, row: EventRow, logged: &mut Logged) {
    let value: Value = serde_json::from_slice(&row.body).unwrap_or_default();
    let campaign = value["body"]["campaign"].as_str().unwrap_or_default();
    let same = value["type"].as_str() == Some(&row.kind)
        && value["at_us"].as_i64() == Some(row.at_us)
        && campaign == row.campaign;
    report.require(same, Kind::EventColumns, format!("the columns of event {}", row.nth));
    logged.signers.see(report, row.nth, &value);
    if value["type"] == erase::KIND {
        logged.erased.add(&value["body"]);
    }
    if value["type"] == calendar::KIND {
        let told = Told { kind: calendar::KIND.to_owned(), body: value["body"].clone() };
        logged.years.push(told);
    }
    if value["type"].as_str().is_some_and(fsck_settings::is_one) {
        let kind = value["type"].as_str().unwrap_or_default().to_owned();
        logged.settings.push(Told { kind, body: value["body"].clone() });
    }
    if !campaign.is_empty() {
        let kind = value["type"].as_str().unwrap_or_default().to_owned();
        let told = Told { kind, body: value["body"].clone() };
        logged.history.entry(campaign.to_owned()).or_default().push(told);
    }
}

async fn compare_tiles(tx: &mut Tx, report: &mut Report, tiles: &Tiles) -> Result<(), AppError> {
    let mut stored = BTreeMap::new();
    for tile in tx.all_tiles().await? {
        let id =
            (u32::try_from(tile.level).unwrap_or(u32::MAX), u64::try_from(tile.nth).unwrap_or(0));
        stored.insert(id, tile.hashes);
    }
    for (id, hashes) in &tiles.0 {
        let wanted: Vec<u8> = hashes.iter().flat_map(|h| h.0).collect();
        let found = stored.remove(id).unwrap_or_default();
        if found == wanted {
            continue;
        }
        report.add(Kind::Tile, format!("tile {id:?} of the log"));
        // A tile that differs in one leaf was either changed itself, or the event was.
        for (at, (a, b)) in found.chunks(32).zip(wanted.chunks(32)).enumerate() {
            if id.0 == 0 && a != b {
                report.add(Kind::EventBytes, format!("event at {} of tile {}", at, id.1));
            }
        }
    }
    for id in stored.into_keys() {
        report.add(Kind::Tile, format!("tile {id:?} has no events"));
    }
    Ok(())
}

async fn checkpoints(
    app: &App,
    tx: &mut Tx,
    report: &mut Report,
    tiles: &Tiles,
) -> Result<(), AppError> {
    let size = tiles.0.iter().filter(|(id, _)| id.0 == 0).map(|(_, t)| t.len() as u64).sum();
    let mut last = 0;
    for stored in tx.all_checkpoints().await? {
        report.checkpoints += 1;
        let holds = log::read(app, &stored).is_ok_and(|c| {
            last = last.max(c.size);
            i64::try_from(c.size) == Ok(stored.size)
                && c.size <= size
                && tiles.root(c.size) == Some(c.root)
        });
        report.require(holds, Kind::Checkpoint, format!("the checkpoint of {}", stored.size));
    }
    let kind = if size < last { Kind::EventOrder } else { Kind::Checkpoint };
    report.require(last == size, kind, format!("{size} entries, {last} signed"));
    match app.log.pinned() {
        Ok(None) => {}
        Ok(Some(pin)) => {
            let holds = pin.size <= size && tiles.root(pin.size) == Some(pin.root);
            report.require(holds, Kind::Pin, format!("{size} entries, {} pinned", pin.size));
        }
        Err(fault) => report.add(Kind::Pin, fault.to_string()),
    }
    Ok(())
}

//! What the events of an archive tell, and whether its public sections stand so.

use std::collections::BTreeMap;

use serde_json::Value;

use super::archive::Header;
use super::file::{Certificate, Entry};
use crate::domain::hash::Suite;
use crate::domain::supplement::SupplementReason;
use crate::draw::Freeze;

/// An event as far as an archive is compared with it.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its position in the log.
    pub position: u64,
    /// Its kind.
    pub kind: String,
    /// What was done.
    pub body: Value,
}

impl Told {
    /// A text of the body; empty when there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }
}

/// Reads entries.
///
/// # Errors
/// What does not hold, in words.
pub fn of(entries: &[Entry]) -> Result<Vec<Told>, String> {
    let read = |entry: &Entry| {
        let mut value: Value = serde_json::from_str(&entry.event).map_err(|e| e.to_string())?;
        let kind = value["type"].as_str().unwrap_or_default().to_owned();
        Ok(Told { position: entry.position, kind, body: value["body"].take() })
    };
    entries.iter().map(read).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn require(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

/// Compares every version of plan and scheme with the last event of it.
///
/// # Errors
/// What does not hold, in words.
pub fn papers(section: &Value, told: &[Told]) -> Result<(), String> {
    let mut last: BTreeMap<(&str, &str, i64), &Told> = BTreeMap::new();
    for event in told {
        if let Some((kind @ ("annual_plan" | "scheme"), _)) = event.kind.split_once('.') {
            let version = event.body["version"].as_i64().unwrap_or(0);
            last.insert((kind, event.text("id"), version), event);
        }
    }
    for paper in list(&section["papers"]) {
        let text = |field: &str| paper[field].as_str().unwrap_or_default();
        let place = (text("kind"), text("id"), paper["version"].as_i64().unwrap_or(0));
        let digest = Suite::Sha256.hash(text("content").as_bytes()).to_string();
        let what = || format!("version {} of {} {}", place.2, place.0, place.1);
        let event = last.remove(&place).ok_or_else(what)?;
        require(event.text("content_sha256") == digest, what)?;
        // A version that another one superseded says so without an event of its own.
        let stands = text("state") == event.text("state") || text("state") == "SUPERSEDED";
        require(stands, what)?;
    }
    // Drafts are not everybody's; what was published has to be here.
    let published = |(kind, id, version): &(&str, &str, i64)| {
        let deed = format!("{kind}.publish");
        let own = |t: &&Told| t.text("id") == *id && t.body["version"] == *version;
        told.iter().any(|t| t.kind == deed && own(&t))
    };
    match last.into_keys().find(published) {
        None => Ok(()),
        Some((kind, id, version)) => Err(format!("version {version} of {kind} {id} is missing")),
    }
}

/// Compares every visit with the draw and the log; returns how many there are.
///
/// # Errors
/// What does not hold, in words.
pub fn visits(
    header: &Header,
    section: &Value,
    file: &Certificate,
    told: &[Told],
) -> Result<u64, String> {
    let freeze = Freeze::from_bytes(file.bundle.freeze.as_bytes()).map_err(|e| e.to_string())?;
    let attempt = i64::try_from(freeze.attempt).unwrap_or(0);
    let told: Vec<&Told> = told.iter().filter(|t| is_of(t, attempt)).collect();
    let mut wanted: BTreeMap<i64, String> = BTreeMap::new();
    let fills = |r: &String| r == SupplementReason::NeighbourPool.word();
    // One that has filled slots of the campaign it supplements has no visits of its own.
    if !freeze.context.get("supplement_reason").is_some_and(fills) {
        for visit in &file.bundle.published.visits {
            let rank = i64::try_from(visit.rank).unwrap_or(0);
            wanted.insert(rank, visit.ticket.to_string());
        }
    }
    for visit in told.iter().flat_map(|t| list(&t.body["visits"])) {
        let ticket = visit["ticket"].as_str().unwrap_or_default().to_owned();
        wanted.insert(visit["rank"].as_i64().unwrap_or(0), ticket);
    }
    if header.visit > 0 {
        wanted.retain(|rank, _| *rank == header.visit);
    }
    let mut count = 0;
    for visit in list(&section["visits"]) {
        count += 1;
        let rank = visit["rank"].as_i64().unwrap_or(0);
        let ticket = wanted.remove(&rank);
        let same = ticket.is_some_and(|ticket| visit["ticket"] == ticket.as_str());
        require(same, || format!("visit {rank} was not drawn"))?;
        changed(visit, rank, &told)?;
        check(visit, rank, &told)?;
        for result in list(&visit["results"]) {
            self::result(result, &told)?;
        }
    }
    match wanted.into_keys().next() {
        None => Ok(count),
        Some(rank) => Err(format!("visit {rank} is missing")),
    }
}

/// Whether an event belongs to an attempt; those that name none belong to every one.
fn is_of(event: &Told, attempt: i64) -> bool {
    event.body["attempt"].as_i64().is_none_or(|own| own == attempt)
}

/// A visit that was changed stands as the last change tells.
fn changed(visit: &Value, rank: i64, told: &[&Told]) -> Result<(), String> {
    let mut all = told.iter().flat_map(|t| list(&t.body["visits"]));
    let Some(last) = all.rfind(|v| v["rank"] == rank) else { return Ok(()) };
    let same = ["dropped", "stands_for", "sections"].iter().all(|f| visit["told"][f] == last[f]);
    require(same, || format!("visit {rank} was changed otherwise"))
}

fn check(visit: &Value, rank: i64, told: &[&Told]) -> Result<(), String> {
    let last = told.iter().rfind(|t| t.kind.starts_with("check.") && t.body["rank"] == rank);
    let check = &visit["check"];
    let same = match last {
        None => check.is_null(),
        Some(event) => {
            ["digest", "state", "version"].iter().all(|field| check[field] == event.body[field])
        }
    };
    require(same, || format!("the check of visit {rank}"))
}

/// A result, its versions, objections to it and what followed.
fn result(result: &Value, told: &[&Told]) -> Result<(), String> {
    let id = result["id"].as_str().unwrap_or_default();
    let own = |t: &&&Told| t.text("result") == id && t.body["version"].is_i64();
    let stands = match told.iter().rfind(own) {
        Some(event) => ["state", "version"].iter().all(|f| result[f] == event.body[f]),
        None => result["version"] == 1,
    };
    require(stands, || format!("result {id}"))?;
    let issued = told.iter().filter(|t| t.text("result") == id && t.body["publication"].is_i64());
    let issued: BTreeMap<i64, &str> =
        issued.map(|t| (t.body["publication"].as_i64().unwrap_or(0), t.text("digest"))).collect();
    let given = list(&result["publications"]);
    let same = given.len() == issued.len()
        && given.iter().all(|p| {
            let digest = p["version"].as_i64().and_then(|version| issued.get(&version));
            digest.is_some_and(|digest| p["sha256"] == *digest)
        });
    require(same, || format!("the published versions of result {id}"))?;
    for objection in list(&result["objections"]) {
        let fields = [("state", "objection_state"), ("version", "objection_version")];
        let own =
            |t: &&&Told| t.body["objection"] == objection["id"] && t.body[fields[1].1].is_i64();
        let event = told.iter().rfind(own);
        let same = event.is_some_and(|e| fields.iter().all(|(a, b)| objection[a] == e.body[b]));
        require(same, || format!("objection {}", objection["id"]))?;
    }
    let follow_up = &result["follow_up"];
    let fields = [("state", "follow_up_state"), ("version", "follow_up_version")];
    let own = |t: &&&Told| t.text("of") == id && t.body[fields[1].1].is_i64();
    let same = match told.iter().rfind(own) {
        Some(e) => fields.iter().all(|(a, b)| follow_up[a] == e.body[b]),
        None => follow_up.is_null() || follow_up["version"] == 1,
    };
    require(same, || format!("what follows from result {id}"))
}

//! Checking a certificate without the server, one step after the other.

use std::fmt;

use serde_json::Value;

use super::changes::{self, Changes};
use super::file::{Certificate, Entry, FORMAT, GUARANTEES};
use super::log::{checkpoints, policy};
use super::supplements;
use crate::domain::canon;
use crate::domain::change::Change;
use crate::domain::hash::Digest;
use crate::draw::freeze::freeze_hash;
use crate::draw::verify::{self, Failure, Verified};
use crate::draw::{Freeze, bundle};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::Note;
use crate::ledger::tree;

/// Longest that a witness's time may lie before an event it covers, in seconds: clocks differ.
const DRIFT_MAX_S: u64 = 300;
/// Longest between a freeze and the first witness that signs it, in seconds: three days, for
/// checkpoints that are carried by hand.
const LAG_MAX_S: u64 = 3 * 24 * 3_600;
/// Microseconds of a second.
const SECOND_US: u64 = 1_000_000;

/// The steps that come after those of the draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The file is canonical JSON of the known format.
    Format,
    /// Both checkpoints are signed by the log and cosigned as the policy asks, and the later
    /// continues the earlier.
    Checkpoint,
    /// Every event stands in the log where it says.
    Entries,
    /// The freeze was signed in the log before any office committed, and is the bundle's.
    Freeze,
    /// Commitments, numbers and beacon are the logged ones, in their order.
    Numbers,
    /// The outcome is the only logged one of the attempt.
    Outcome,
    /// Every attempt before this one is here with its end, its reason and who approved it.
    Attempts,
    /// No witness signed before what it signed had happened.
    Time,
    /// Every change after the draw was approved by another than asked, in the order of the reserve.
    Changes,
    /// Every supplementary draw is here, verifies, is bound to this one and uses new numbers.
    Supplements,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 10] = [
        Self::Format,
        Self::Checkpoint,
        Self::Entries,
        Self::Freeze,
        Self::Numbers,
        Self::Outcome,
        Self::Attempts,
        Self::Time,
        Self::Changes,
        Self::Supplements,
    ];

    /// What the step shows, in words.
    #[must_use]
    pub const fn claim(self) -> &'static str {
        match self {
            Self::Format => "the file is a canonical onevisit certificate",
            Self::Checkpoint => "the checkpoints are signed, cosigned and of one history",
            Self::Entries => "every event stands in the log",
            Self::Freeze => "the list was signed before any office committed",
            Self::Numbers => "the offices' numbers are the logged ones, in order",
            Self::Outcome => "the outcome is the logged one, and there is no other",
            Self::Attempts => "every attempt before is named with its end",
            Self::Time => "no witness signed before the events it covers",
            Self::Changes => {
                "every later change was approved by another, substitutes in their order"
            }
            Self::Supplements => "every supplementary draw is here, bound to this one, and fresh",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Self::ALL.iter().position(|s| s == self).map_or(0, |i| i + 1);
        write!(f, "L{number} {}", self.claim())
    }
}

/// The first step that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Of the draw.
    Draw(Failure),
    /// Of the log.
    Log(Step, String),
}

/// What the one who checks knows besides the file.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The log's key, learnt elsewhere; without it the file's own is taken as given.
    pub key: Option<String>,
    /// The policy, learnt elsewhere; without it the file's own is taken as given.
    pub policy: Option<String>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which attempt.
    pub attempt: u64,
    /// `ABORT` or `VOID`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub requested_by: String,
    /// Who approved.
    pub approved_by: String,
}

/// What a good certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// What the draw's steps found.
    pub draw: Verified,
    /// Attempts so far, this one included.
    pub attempts: u64,
    /// Those that ended: all earlier ones, and this one if its outcome was voided.
    pub ended: Vec<Ended>,
    /// Witnesses with their times, in seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
    /// How the outcome was changed after the draw.
    pub changes: Changes,
    /// Supplementary draws.
    pub supplements: u64,
}

/// An event as far as it is read.
struct Seen {
    position: u64,
    value: Value,
    kind: String,
}

impl Seen {
    fn body(&self, field: &str) -> &Value {
        &self.value["body"][field]
    }

    fn text(&self, field: &str) -> String {
        self.body(field).as_str().unwrap_or_default().to_owned()
    }

    fn attempt(&self) -> u64 {
        self.body("attempt").as_u64().unwrap_or(0)
    }

    fn at_s(&self) -> u64 {
        self.value["at_us"].as_u64().unwrap_or(0) / SECOND_US
    }
}

/// Checks a file.
///
/// # Errors
/// The first step that does not hold.
pub fn verify(bytes: &[u8], trust: &Trust) -> Result<Certified, Wrong> {
    let wrong = |step| move |why: String| Wrong::Log(step, why);
    let file = read(bytes).map_err(wrong(Step::Format))?;
    let inner = file.bundle.to_bytes().map_err(|e| wrong(Step::Format)(e.to_string()))?;
    let draw = verify::verify(&inner).map_err(Wrong::Draw)?;
    let (early, late) = checkpoints(&file, trust).map_err(wrong(Step::Checkpoint))?;
    let events = entries(&file, &late).map_err(wrong(Step::Entries))?;
    let here: Vec<&Seen> = events.iter().filter(|e| e.attempt() == draw.attempt).collect();
    freeze(&file, &here, &early).map_err(wrong(Step::Freeze))?;
    numbers(&file, &here).map_err(wrong(Step::Numbers))?;
    outcome(&file, &here).map_err(wrong(Step::Outcome))?;
    let ended = attempts(&events, draw.attempt).map_err(wrong(Step::Attempts))?;
    let witnesses = times(&file, trust, &events, early.size).map_err(wrong(Step::Time))?;
    let changes = changed(&file, &here).map_err(wrong(Step::Changes))?;
    let supplements = supplemented(&file, &here).map_err(wrong(Step::Supplements))?;
    Ok(Certified { attempts: draw.attempt, draw, ended, witnesses, changes, supplements })
}

fn supplemented(file: &Certificate, here: &[&Seen]) -> Result<u64, String> {
    let drawn = only(here, "campaign.draw")?.position;
    let all = here.iter().filter(|e| e.kind == "campaign.supplement");
    let told: Option<Vec<&Value>> =
        all.map(|e| (e.position > drawn).then_some(&e.value["body"])).collect();
    supplements::check(file, &told.ok_or("a supplement stands before the outcome")?)
}

fn changed(file: &Certificate, here: &[&Seen]) -> Result<Changes, String> {
    let of = |kind: &str| -> Result<Vec<Change>, String> {
        let told = here.iter().filter(|e| e.kind == kind).map(|e| e.body("change").clone());
        told.map(|c| serde_json::from_value(c).map_err(|e| e.to_string())).collect()
    };
    changes::check(&file.bundle, &of("visit.change.request")?, &of("visit.change")?)
}

fn read(bytes: &[u8]) -> Result<Certificate, String> {
    let file: Certificate = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if file.format != FORMAT || file.guarantees != GUARANTEES {
        return Err(format!("not {FORMAT} with its guarantees"));
    }
    match file.to_bytes().map_err(|e| e.to_string())? == bytes {
        true => Ok(file),
        false => Err("the file is not in canonical form".to_owned()),
    }
}

fn entries(file: &Certificate, late: &Checkpoint) -> Result<Vec<Seen>, String> {
    let mut out: Vec<Seen> = Vec::new();
    let freeze = Freeze::from_bytes(file.bundle.freeze.as_bytes()).map_err(|e| e.to_string())?;
    for Entry { event, position, proof } in &file.entries {
        if !tree::includes(event.as_bytes(), *position, late.size, proof, &late.root) {
            return Err(format!("event {position} is not in the log"));
        }
        let value: Value = serde_json::from_str(event).map_err(|e| e.to_string())?;
        let canonical = canon::to_bytes(&value).is_ok_and(|bytes| bytes == event.as_bytes());
        let kind = value["type"].as_str().filter(|_| canonical && value["at_us"].is_u64());
        let kind = kind.ok_or_else(|| format!("event {position} is not one of the log's"))?;
        let kind = kind.to_owned();
        let seen = Seen { position: *position, value, kind };
        let own = format!("campaigns/{}/", seen.text("campaign"));
        if !freeze.draw_id.starts_with(&own) {
            return Err(format!("event {position} is of another campaign"));
        }
        if out.last().is_some_and(|last| last.position >= seen.position) {
            return Err("the events are not in order".to_owned());
        }
        out.push(seen);
    }
    Ok(out)
}

fn only<'s>(events: &[&'s Seen], kind: &str) -> Result<&'s Seen, String> {
    let mut found = events.iter().filter(|e| e.kind == kind);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(format!("no event {kind}")),
        _ => Err(format!("more than one event {kind}")),
    }
}

fn freeze(file: &Certificate, here: &[&Seen], early: &Checkpoint) -> Result<(), String> {
    let event = only(here, "campaign.freeze")?;
    let freeze = Freeze::from_bytes(file.bundle.freeze.as_bytes()).map_err(|e| e.to_string())?;
    let hash = freeze_hash(freeze.alg, file.bundle.freeze.as_bytes()).to_string();
    if event.text("freeze_hash") != hash {
        return Err("the logged freeze is another one".to_owned());
    }
    let first = here.iter().find(|e| e.kind == "number.commit").map_or(u64::MAX, |e| e.position);
    match event.position < early.size && early.size <= first {
        true => Ok(()),
        false => Err("the freeze was not signed before the first commitment".to_owned()),
    }
}

fn numbers(file: &Certificate, here: &[&Seen]) -> Result<(), String> {
    let freeze = Freeze::from_bytes(file.bundle.freeze.as_bytes()).map_err(|e| e.to_string())?;
    let find = |kind: &str, office: &str, field: &str| {
        let mut of = here.iter().filter(|e| e.kind == kind && e.text("office") == office);
        (of.next().map(|e| (e.text(field), e.position)), of.next().is_some())
    };
    let mut last_commit = 0;
    for (office, given) in freeze.contributors.iter().zip(&file.bundle.commitments) {
        match find("number.commit", office, "commitment") {
            (Some((text, at)), false) if text == given.to_string() => {
                last_commit = last_commit.max(at);
            }
            _ => return Err(format!("the commitment of {office} is not the logged one")),
        }
    }
    for (office, given) in freeze.contributors.iter().zip(&file.bundle.reveals) {
        let given = given.as_ref().map(Digest::to_string);
        let (logged, twice) = find("number.reveal", office, "number");
        if logged.as_ref().map(|(text, _)| text) != given.as_ref() || twice {
            return Err(format!("the number of {office} is not the logged one"));
        }
        if logged.is_some_and(|(_, at)| at <= last_commit) {
            return Err(format!("{office} revealed before all had committed"));
        }
    }
    let beacon = here.iter().find(|e| e.kind == "beacon.bring").map(|e| e.text("value"));
    match beacon.unwrap_or_default() == file.bundle.beacon_value {
        true => Ok(()),
        false => Err("the beacon's value is not the logged one".to_owned()),
    }
}

fn outcome(file: &Certificate, here: &[&Seen]) -> Result<(), String> {
    let event = only(here, "campaign.draw")?;
    let bundle::Published { result_root, seed, .. } = &file.bundle.published;
    let same = event.text("result_root") == result_root.to_string()
        && event.text("seed") == seed.to_string();
    let before = |e: &&&Seen| e.kind.starts_with("number.") || e.kind.starts_with("beacon.");
    let in_order = here.iter().filter(before).all(|e| e.position < event.position);
    match same && in_order {
        true => Ok(()),
        false => Err("the logged outcome is another one".to_owned()),
    }
}

fn attempts(events: &[Seen], this: u64) -> Result<Vec<Ended>, String> {
    let mut ended = Vec::new();
    for attempt in 1..=this {
        let own: Vec<&Seen> = events.iter().filter(|e| e.attempt() == attempt).collect();
        only(&own, "campaign.freeze").map_err(|why| format!("attempt {attempt}: {why}"))?;
        // This attempt has ended only if its outcome was voided afterwards.
        if attempt == this && !own.iter().any(|e| e.kind == "draw.abort") {
            break;
        }
        let end = only(&own, "draw.abort").map_err(|why| format!("attempt {attempt}: {why}"))?;
        ended.push(Ended {
            attempt,
            kind: end.text("kind"),
            reason: end.text("reason"),
            requested_by: end.text("requested_by"),
            approved_by: end.text("approved_by"),
        });
    }
    Ok(ended)
}

fn times(
    file: &Certificate,
    trust: &Trust,
    events: &[Seen],
    early: u64,
) -> Result<Vec<(String, u64)>, String> {
    let policy = policy(file, trust)?;
    let cosigned = |note: &str| Note::parse(note).map(|n| policy.cosigned(&n)).unwrap_or_default();
    for (note, covers) in [(&file.log.frozen_under, early), (&file.log.checkpoint, u64::MAX)] {
        let latest = events.iter().filter(|e| e.position < covers).map(Seen::at_s).max();
        for (name, time) in cosigned(note) {
            if time.saturating_add(DRIFT_MAX_S) < latest.unwrap_or(0) {
                return Err(format!("{name} signed at {time}, before an event it covers"));
            }
        }
    }
    // A service whose clock was set back would be found far behind its witnesses at the freeze.
    let frozen = events.iter().rfind(|e| e.kind == "campaign.freeze" && e.position < early);
    let lag = |time: u64| time.saturating_sub(frozen.map_or(time, Seen::at_s));
    if let Some((name, time)) = cosigned(&file.log.frozen_under).into_iter().min_by_key(|c| c.1)
        && lag(time) > LAG_MAX_S
    {
        return Err(format!("{name} first saw the freeze {} s after its stated time", lag(time)));
    }
    Ok(cosigned(&file.log.checkpoint).into_iter().collect())
}

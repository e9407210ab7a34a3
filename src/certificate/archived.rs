//! Checking an archive without the server, one step after the other.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::archive::{self, Header, Section};
use super::file::{Certificate, Entry};
use super::told::Told;
use super::verify::{self, Certified, Trust, Wrong};
use super::{record, told};
use crate::domain::canon;
use crate::domain::hash::Suite;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::NoteKey;
use crate::ledger::tree;

/// The steps of an archive; those of its certificate come between the second and the third.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The file is lines of canonical JSON of the known format.
    Format,
    /// Every line is the one that the first line names, and none is missing but personal ones.
    Sections,
    /// The certificate is of the archived campaign, which the log tells to be closed.
    Campaign,
    /// Every further event stands in the log.
    Log,
    /// Plan and scheme are what was submitted, approved and published.
    Papers,
    /// Visits, checks, results, objections and follow-ups stand where the log tells.
    Visits,
    /// What was recorded, of whom, and what was published are what was drawn and logged.
    Records,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 7] = [
        Self::Format,
        Self::Sections,
        Self::Campaign,
        Self::Log,
        Self::Papers,
        Self::Visits,
        Self::Records,
    ];

    /// Whether the steps of the certificate come before it.
    #[must_use]
    pub fn is_behind_certificate(self) -> bool {
        self >= Self::Campaign
    }

    /// What the step shows, in words.
    #[must_use]
    pub const fn claim(self) -> &'static str {
        match self {
            Self::Format => "the file is a canonical onevisit archive",
            Self::Sections => "every section is the one that the first line names",
            Self::Campaign => "the certificate is of the archived campaign, and that is closed",
            Self::Log => "every further event stands in the log",
            Self::Papers => "plan and scheme are the logged ones",
            Self::Visits => "visits, checks, results and what followed stand as the log tells",
            Self::Records => "what was recorded and published is what was drawn and logged",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Self::ALL.iter().position(|s| s == self).map_or(0, |i| i + 1);
        write!(f, "A{number} {}", self.claim())
    }
}

/// The first step that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bad {
    /// Of the archive.
    Archive(Step, String),
    /// Of its certificate.
    Certificate(Wrong),
}

/// What a good archive says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// The first line.
    pub header: Header,
    /// SHA-256 of the first line: the event `archive.made` names it.
    pub header_sha256: String,
    /// What the certificate says.
    pub certified: Certified,
    /// Visits in it.
    pub visits: u64,
    /// Sections with personal data that are in it.
    pub records: u64,
    /// Sections with personal data that were left out or erased.
    pub left_out: u64,
}

/// Checks a file.
///
/// # Errors
/// The first step that does not hold.
pub fn verify(bytes: &[u8], trust: &Trust) -> Result<Archived, Bad> {
    let bad = |step| move |why: String| Bad::Archive(step, why);
    let (header, lines) = read(bytes).map_err(bad(Step::Format))?;
    let sections = sections(&header, &lines).map_err(bad(Step::Sections))?;
    let of = |name: &str| sections.get(name).map_or(&Value::Null, |s| &s.content);
    let certificate = canon::to_bytes(of(archive::CERTIFICATE)).unwrap_or_default();
    let certified = verify::verify(&certificate, trust).map_err(Bad::Certificate)?;
    let file: Certificate =
        serde_json::from_slice(&certificate).map_err(|e| bad(Step::Campaign)(e.to_string()))?;
    campaign(&header, &file, of(archive::CAMPAIGN)).map_err(bad(Step::Campaign))?;
    let told = log(&header, &file, of(archive::LOG)).map_err(bad(Step::Log))?;
    told::papers(of(archive::PAPERS), &told).map_err(bad(Step::Papers))?;
    let visits = told::visits(&header, of(archive::VISITS), &file, &told);
    let visits = visits.map_err(bad(Step::Visits))?;
    let mut records = 0;
    for (name, section) in &sections {
        if let Some(rank) = name.strip_prefix(archive::RECORD) {
            records += 1;
            let place = (&file.bundle, of(archive::VISITS), rank);
            record::check(&section.content, place, &told).map_err(bad(Step::Records))?;
        }
    }
    let personal = header.sections.iter().filter(|n| n.personal).count() as u64;
    let first = lines.first().copied().unwrap_or_default();
    Ok(Archived {
        header_sha256: Suite::Sha256.hash(first).to_string(),
        header,
        certified,
        visits,
        records,
        left_out: personal - records,
    })
}

/// The first line, and all lines without their ends.
fn read(bytes: &[u8]) -> Result<(Header, Vec<&[u8]>), String> {
    let body = bytes.strip_suffix(b"\n").ok_or("the last line has no end")?;
    let lines: Vec<&[u8]> = body.split(|b| *b == b'\n').collect();
    let first = lines.first().copied().unwrap_or_default();
    let header: Header = serde_json::from_slice(first).map_err(|e| e.to_string())?;
    if header.format != archive::FORMAT {
        return Err(format!("not {}", archive::FORMAT));
    }
    match header.line().map_err(|e| e.to_string())? == first {
        true => Ok((header, lines)),
        false => Err("the first line is not in canonical form".to_owned()),
    }
}

fn sections(header: &Header, lines: &[&[u8]]) -> Result<BTreeMap<String, Section>, String> {
    let public = header.sections.iter().filter(|n| !n.personal).map(|n| n.name.as_str());
    if !archive::PUBLIC.iter().all(|name| public.clone().any(|known| known == *name)) {
        return Err("a section that every archive has is not named".to_owned());
    }
    let mut found = BTreeMap::new();
    let mut rest = lines.get(1..).unwrap_or_default().iter().peekable();
    for named in &header.sections {
        let here = rest.next_if(|line| Suite::Sha256.hash(line) == named.sha256);
        let Some(line) = here else {
            if named.personal {
                continue;
            }
            return Err(format!("section {} is missing or another one", named.name));
        };
        let section: Section = serde_json::from_slice(line).map_err(|e| e.to_string())?;
        let same = section.line().is_ok_and(|own| own == **line) && section.named(line) == *named;
        if !same || found.insert(named.name.clone(), section).is_some() {
            return Err(format!("section {} is not the named one", named.name));
        }
    }
    match rest.next() {
        None => Ok(found),
        Some(_) => Err("a line that the first one does not name".to_owned()),
    }
}

fn campaign(header: &Header, file: &Certificate, section: &Value) -> Result<(), String> {
    let own = format!("\"draw_id\":\"campaigns/{}/", header.campaign);
    let events = told::of(&file.entries)?;
    let closed = events.iter().any(|t| t.kind == "campaign.close");
    let same = section["campaign"]["id"] == header.campaign.as_str();
    if !file.bundle.freeze.contains(&own) || !same {
        return Err("the certificate is of another campaign".to_owned());
    }
    let digest = canon::to_bytes(&section["bulletin"]).map(|b| Suite::Sha256.hash(&b).to_string());
    let logged = events.iter().find(|t| t.kind == "bulletin.publish").map(|t| t.text("digest"));
    if logged != digest.ok().filter(|_| !section["bulletin"].is_null()).as_deref() {
        return Err("the bulletin is not the logged one".to_owned());
    }
    closed.then_some(()).ok_or_else(|| "the campaign is not closed".to_owned())
}

/// All events of the archive in order; the further ones have to be in the log.
fn log(header: &Header, file: &Certificate, section: &Value) -> Result<Vec<Told>, String> {
    let further: Vec<Entry> =
        serde_json::from_value(section["entries"].clone()).map_err(|e| e.to_string())?;
    let key = NoteKey::parse(&file.log.key).ok_or("the log's key cannot be read")?;
    let late = Checkpoint::open(&file.log.checkpoint, &key).ok_or("a checkpoint is not signed")?;
    for Entry { event, position, proof } in &further {
        if !tree::includes(event.as_bytes(), *position, late.size, proof, &late.root) {
            return Err(format!("event {position} is not in the log"));
        }
    }
    let mut told = told::of(&further)?;
    let foreign = |t: &Told| {
        let paper = t.kind.starts_with("annual_plan.") || t.kind.starts_with("scheme.");
        !paper && t.text("campaign") != header.campaign
    };
    if let Some(event) = told.iter().find(|t| foreign(t)) {
        return Err(format!("event {} is of another campaign", event.position));
    }
    told.extend(told::of(&file.entries)?);
    told.sort_by_key(|t| t.position);
    Ok(told)
}

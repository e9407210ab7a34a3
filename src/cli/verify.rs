//! `onevisit verify`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use crate::certificate::archive::Header;
use crate::certificate::archived::{self, Archived, Bad};
use crate::certificate::file::FORMAT;
use crate::certificate::verify as certificate;
use crate::certificate::{Certified, Trust, Wrong};
use crate::domain::visit_code::{self, VisitCode};
use crate::draw::verify::{Failure, Step, Verified, verify};
use crate::ledger::note::{Note, NoteKey};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The bundle, certificate, archive or visit code file.
    file: PathBuf,
    /// The key under which visit codes are signed, and older ones; the service says them
    /// (`GetCheckpoint`). May be given more than once.
    #[arg(long)]
    visit_key: Vec<String>,
    /// The log's key, learnt elsewhere; without it a certificate's own is taken as given.
    #[arg(long)]
    log_key: Option<String>,
    /// File with the witnesses' policy, learnt elsewhere; without it a certificate's own is taken.
    #[arg(long)]
    log_policy: Option<PathBuf>,
}

/// Prints one line per step and exits 1 at the first that fails.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let read =
        |path: &PathBuf| std::fs::read(path).with_context(|| format!("reading {}", path.display()));
    let bytes = read(&args.file)?;
    if bytes.starts_with(visit_code::TITLE.as_bytes()) {
        return visit(&String::from_utf8(bytes)?, &args.visit_key);
    }
    let policy = args
        .log_policy
        .as_ref()
        .map(|path| -> anyhow::Result<String> { Ok(String::from_utf8(read(path)?)?) });
    let trust = Trust { key: args.log_key.clone(), policy: policy.transpose()? };
    if Header::begins(&bytes) {
        return Ok(archive(&bytes, &trust));
    }
    let has_log = String::from_utf8_lossy(&bytes).contains(FORMAT);
    let checked = match has_log {
        true => certificate::verify(&bytes, &trust).map(|found| (found.draw.clone(), Some(found))),
        false => verify(&bytes).map(|found| (found, None)).map_err(Wrong::Draw),
    };
    match checked {
        Ok((draw, found)) => {
            Step::ALL.iter().for_each(|step| println!("ok    {step}"));
            if let Some(found) = &found {
                certificate::Step::ALL.iter().for_each(|step| println!("ok    {step}"));
                history(found, &trust);
            }
            let void = found.is_some_and(|f| f.ended.iter().any(|e| e.attempt == f.attempts));
            verified(&draw, void);
            Ok(ExitCode::SUCCESS)
        }
        Err(wrong) => {
            complain(wrong);
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Prints the steps of an archive, and those of its certificate between them.
fn archive(bytes: &[u8], trust: &Trust) -> ExitCode {
    let ok = |wanted: fn(archived::Step) -> bool| {
        let steps = archived::Step::ALL.iter().filter(|s| wanted(**s));
        steps.for_each(|step| println!("ok    {step}"));
    };
    let whole = || {
        Step::ALL.iter().for_each(|step| println!("ok    {step}"));
        certificate::Step::ALL.iter().for_each(|step| println!("ok    {step}"));
    };
    match archived::verify(bytes, trust) {
        Ok(found) => {
            ok(|s| !s.is_behind_certificate());
            whole();
            ok(archived::Step::is_behind_certificate);
            history(&found.certified, trust);
            kept(&found);
            ExitCode::SUCCESS
        }
        Err(Bad::Certificate(wrong)) => {
            ok(|s| !s.is_behind_certificate());
            complain(wrong);
            ExitCode::FAILURE
        }
        Err(Bad::Archive(step, why)) => {
            for before in archived::Step::ALL.iter().take_while(|s| **s != step) {
                println!("ok    {before}");
            }
            println!("WRONG {step}\n      {why}");
            ExitCode::FAILURE
        }
    }
}

fn kept(found: &Archived) {
    let header = &found.header;
    println!("the log tells of it as archive.made with header_sha256 {}", found.header_sha256);
    println!("to be kept until {}", header.keep_until);
    println!("{} records are left out or erased", found.left_out);
    println!(
        "VERIFIED archive {} of campaign {}: {} visits, {} records",
        header.nth, header.campaign, found.visits, found.records
    );
}

/// Prints who may come, for what and when; exits 1 when the code is not signed by the key.
fn visit(file: &str, keys: &[String]) -> anyhow::Result<ExitCode> {
    let keys = visit_keys(keys)?;
    let Some(code) = signed_code(file, &keys) else {
        println!("WRONG this visit code is not signed by {}", keys[0].name);
        return Ok(ExitCode::FAILURE);
    };
    println!("VERIFIED visit {} of campaign {}", code.rank, code.campaign);
    println!("from {} to {}", code.first_day, code.last_day);
    for section in &code.sections {
        let (items, people) = (section.items.join(", "), section.people.join(", "));
        println!("{}: {people} may check {items}", section.department);
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the keys that visit codes are checked with.
pub(super) fn visit_keys(given: &[String]) -> anyhow::Result<Vec<NoteKey>> {
    anyhow::ensure!(!given.is_empty(), "a visit code is checked with --visit-key");
    let read = |key: &String| NoteKey::parse(key).with_context(|| format!("{key:?} is not a key"));
    given.iter().map(read).collect()
}

/// What a visit code says; `None` when none of the keys has signed it.
pub(super) fn signed_code(file: &str, keys: &[NoteKey]) -> Option<VisitCode> {
    let note = Note::parse(file).filter(|note| keys.iter().any(|k| k.verify(note).is_some()))?;
    VisitCode::parse(note.text)
}

fn verified(found: &Verified, void: bool) {
    println!(
        "{} {} attempt {}: {} units, {} checks behind {} doors, {} shortages",
        if void { "VOID, though it verifies:" } else { "VERIFIED" },
        found.draw_id,
        found.attempt,
        found.units,
        found.checks,
        found.doors,
        found.shortages
    );
}

fn history(found: &Certified, trust: &Trust) {
    println!("ATTEMPTS={}", found.attempts);
    for ended in &found.ended {
        println!(
            "attempt {} ended: {} {:?}, asked by {}, approved by {}",
            ended.attempt, ended.kind, ended.reason, ended.requested_by, ended.approved_by
        );
    }
    let changes = &found.changes;
    println!(
        "changed after the draw: {} subjects, {} people by the next in order, {} named, {} assigned, \
         {} left to neighbours",
        changes.substitutions,
        changes.replacements,
        changes.appointed,
        changes.direct,
        changes.neighbour
    );
    println!("supplementary draws: {}", found.supplements);
    for (name, time) in &found.witnesses {
        println!("witness {name} signed at {time}");
    }
    if trust.key.is_none() {
        println!("the log's key is taken from the file; give --log-key to check it");
    }
}

/// What was checked before the wrong step, then the step.
pub(super) fn complain(wrong: Wrong) {
    match wrong {
        Wrong::Draw(Failure { step, why }) => {
            let before = Step::ALL.iter().take_while(|s| **s != step);
            before.for_each(|step| println!("ok    {step}"));
            println!("WRONG {step}\n      {why}");
        }
        Wrong::Log(step, why) => {
            if step != certificate::Step::Format {
                Step::ALL.iter().for_each(|step| println!("ok    {step}"));
            }
            let before = certificate::Step::ALL.iter().take_while(|s| **s != step);
            before.for_each(|step| println!("ok    {step}"));
            println!("WRONG {step}\n      {why}");
        }
    }
}

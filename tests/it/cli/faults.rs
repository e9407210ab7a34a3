//! Reads and writes that fail, at the calls the service really makes, and kills in the middle of one,
//! lose nothing that was acknowledged and do nothing twice.

use std::path::{Path, PathBuf};
use std::process::Command;

use onevisit::draw::hash::Suite;

use super::writers::Writers;
use crate::harness::process::Served;
use crate::harness::{Engine, TestDb, on_every_engine, scaled, soon};

on_every_engine! { no_failing_call_loses_what_was_acknowledged }

/// Faults on each engine.
const FAULTS: [usize; 2] = [6, 500];
/// Writes that are acknowledged after a fault that the service outlives.
const ACKED_AFTER: usize = 40;
/// Most calls in a row that fail.
const TIMES_MAX: usize = 6;
/// What happens to a call.
const DEEDS: [&str; 3] = ["EIO", "ENOSPC", "KILL"];

/// A kind of call on a file, and how many of them at most go well before.
type Target = (&'static str, &'static str, usize);

/// What the log writes outside the database: its pinned checkpoint, whole or not at all.
const PIN: [Target; 4] = [
    ("rename", "/key.checkpoint", 2),
    ("write", "/key.new", 2),
    ("fsync", "/key.new", 2),
    ("open64", "/key.new", 2),
];
/// All that SQLite does to its two files.
const SQLITE: [Target; 6] = [
    ("pwrite64", "/t.db-wal", 600),
    ("fsync", "/t.db", 2),
    ("pread64", "/t.db-wal", 400),
    ("fsync", "/t.db-wal", 40),
    ("pwrite64", "/t.db", 150),
    ("pread64", "/t.db", 40),
];

/// Compiles the library that strikes.
fn library(folder: &Path) -> PathBuf {
    let library = folder.join("fault.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/harness/fault.c");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&library).arg(source);
    assert!(cc.status().expect("a C compiler").success());
    library
}

/// A number from 1 to `max` that follows from the run.
fn pick(run: usize, what: &str, max: usize) -> usize {
    let digest = Suite::Sha256.hash(format!("{run} {what}").as_bytes());
    let number = u64::from_le_bytes(*digest.0.first_chunk().expect("8 bytes"));
    usize::try_from(number % max as u64).expect("few") + 1
}

/// One run's fault, as the library reads it.
fn fault(
    run: usize,
    targets: &[Target],
    library: &Path,
    mark: &Path,
) -> Vec<(&'static str, String)> {
    let (call, file, first_max) = targets[run % targets.len()];
    let deed = match DEEDS[run % DEEDS.len()] {
        // No read fails for want of space.
        "ENOSPC" if call == "pread64" => "EIO",
        deed => deed,
    };
    vec![
        ("FAULT_CALL", call.to_owned()),
        ("FAULT_FILE", file.to_owned()),
        ("FAULT_DO", deed.to_owned()),
        ("FAULT_FIRST", pick(run, "first", first_max).to_string()),
        ("FAULT_TIMES", pick(run, "times", TIMES_MAX).to_string()),
        ("FAULT_MARK", mark.display().to_string()),
        ("LD_PRELOAD", library.display().to_string()),
    ]
}

async fn strike(db: &TestDb, writers: &mut Writers<'_>, vars: &[(&str, String)], mark: &Path) {
    // A fault may come so early that nothing is served.
    let change = |command: &mut Command| {
        command.envs(vars.iter().map(|(name, value)| (name, value)));
    };
    if let Some(served) = Served::start_as(db, &writers.key_file, change) {
        let mut writing = writers.begin(&served.address).await;
        while !mark.exists() && writing.acknowledged(1).await {}
        writing.acknowledged(ACKED_AFTER).await;
        let failed = writers.end(writing).await;
        // A call that could not be done fails one answer, and what it broke is mended then.
        assert!(failed <= TIMES_MAX, "{failed} answers failed");
    }
    assert!(mark.exists(), "the fault has fired");
}

async fn no_failing_call_loses_what_was_acknowledged(engine: Engine) {
    let db = TestDb::new(engine).await;
    let library = library(db.folder.path());
    let targets = match engine {
        Engine::Sqlite => [&SQLITE[..], &PIN].concat(),
        Engine::Postgres => PIN.to_vec(),
    };
    let mut writers = Writers::new(&db).await;
    for run in 0..scaled(FAULTS[0], FAULTS[1]) {
        let mark = db.folder.path().join(format!("fired{run}"));
        let vars = fault(run, &targets, &library, &mark);
        println!("run {run}: {:?}", &vars[..5]);
        soon("the fault", strike(&db, &mut writers, &vars, &mark)).await;
        writers.nothing_is_lost().await;
    }
}

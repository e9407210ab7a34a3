//! `onevisit verify-year`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use crate::ledger::note::NoteKey;
use crate::ledger::year::YearClose;
use crate::ledger::year_file::{Check, Failure, HEADER_BYTES_MAX, Step};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file of a year.
    file: PathBuf,
    /// The log's key that was kept: the one of the year, or an older one that the file leads on from.
    #[arg(long)]
    log_key: String,
}

/// Prints one line per step and exits 1 at the first that fails.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let key = NoteKey::parse(&args.log_key).context("--log-key is not a key")?;
    let reading = || format!("reading {}", args.file.display());
    let file = BufReader::new(File::open(&args.file).with_context(reading)?);
    match check(file, &key).with_context(reading)? {
        Ok(close) => {
            Step::ALL.iter().for_each(|step| println!("ok    {step}"));
            let YearClose { year, entries, first, size, root, .. } = close;
            println!("VERIFIED {year} of {}: {entries} entries, from {first} to {size}", key.name);
            println!("root {root}");
            Ok(ExitCode::SUCCESS)
        }
        Err(Failure { step, why }) => {
            let before = Step::ALL.iter().take_while(|s| **s != step);
            before.for_each(|step| println!("ok    {step}"));
            println!("WRONG {step}\n      {why}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn check(mut file: impl BufRead, key: &NoteKey) -> std::io::Result<Result<YearClose, Failure>> {
    let mut line = Vec::new();
    let unread = |step| Failure { step, why: "a line is too long or has no end" };
    if !next(&mut file, &mut line)? {
        return Ok(Err(unread(Step::Format)));
    }
    let mut check = match Check::begin(&line, key) {
        Ok(check) => check,
        Err(failure) => return Ok(Err(failure)),
    };
    while !file.fill_buf()?.is_empty() {
        let took = match next(&mut file, &mut line)? {
            true => check.take(&line),
            false => Err(unread(Step::Entries)),
        };
        if let Err(failure) = took {
            return Ok(Err(failure));
        }
    }
    Ok(check.finish())
}

/// Reads a line without its end; `false` when it has none within the longest there is.
fn next(file: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    file.take(HEADER_BYTES_MAX as u64).read_until(b'\n', line)?;
    Ok(line.pop() == Some(b'\n'))
}

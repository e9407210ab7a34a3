//! `onevisit verify`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use crate::draw::verify::{Step, verify};

/// Prints one line per step and exits 1 at the first that fails.
pub fn run(bundle: &Path) -> anyhow::Result<ExitCode> {
    let bytes = std::fs::read(bundle).with_context(|| format!("reading {}", bundle.display()))?;
    match verify(&bytes) {
        Ok(found) => {
            Step::ALL.iter().for_each(|step| println!("ok    {step}"));
            println!(
                "VERIFIED {} attempt {}: {} units, {} checks behind {} doors, {} shortages",
                found.draw_id,
                found.attempt,
                found.units,
                found.checks,
                found.doors,
                found.shortages
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => {
            let before = Step::ALL.iter().take_while(|step| **step != failure.step);
            before.for_each(|step| println!("ok    {step}"));
            println!("WRONG {}", failure.step);
            println!("      {}", failure.why);
            Ok(ExitCode::FAILURE)
        }
    }
}

//! `onevisit fsck`.

use std::process::ExitCode;

use crate::app::clock::{Clock, Entropy};
use crate::app::fsck;
use crate::config::Storage;

/// Checks everything and prints what is wrong; exits 1 if anything is.
pub async fn run(storage: Storage) -> anyhow::Result<ExitCode> {
    let app = storage.open(Clock::system(), Entropy::system()).await?;
    let report = fsck::check(&app).await?;
    app.db.close().await;
    for finding in &report.findings {
        println!("WRONG {:?}: {}", finding.kind, finding.what);
    }
    let counted = format!(
        "{} events, {} checkpoints, {} draws",
        report.events, report.checkpoints, report.draws
    );
    if report.findings.is_empty() {
        println!("sound: {counted}");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} findings in {counted}", report.findings.len());
    Ok(ExitCode::FAILURE)
}

//! `onevisit restore`.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::app::clock::{Clock, Entropy};
use crate::app::restore;
use crate::config::Storage;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file that `export` wrote.
    file: PathBuf,
    #[command(flatten)]
    storage: Storage,
}

/// Puts a file back into an empty database and checks all of it.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let (key, log_key) = (&args.storage.key_file, args.storage.log_key_path());
    for path in [key, &log_key] {
        // A new one would be made otherwise, and it opens nothing.
        ensure!(path.exists(), "{}: the key that was in use is needed", path.display());
    }
    let file = File::open(&args.file).with_context(|| format!("{}", args.file.display()))?;
    let app = args.storage.open(Clock::system(), Entropy::system()).await?;
    let restored = restore::restore(&app, file).await;
    app.db.close().await;
    let (trailer, report) = restored?;
    println!("{} rows, sound: {} events, {} draws", trailer.rows, report.events, report.draws);
    if let Some(finding) = report.findings.first() {
        println!("NOTE {}: the log waits until two offices acknowledge it", finding.what);
    }
    Ok(())
}

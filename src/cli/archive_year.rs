//! `onevisit archive-year`.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Context;

use crate::app::clock::{Clock, Entropy};
use crate::app::year_file;
use crate::config::Storage;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The year; it is closed by the first round of the log after New Year.
    #[arg(long)]
    year: i64,
    /// The file to write; `onevisit-YEAR.jsonl` unless given.
    #[arg(long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    storage: Storage,
}

/// Writes the file, whole or not at all.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let path = args.out.unwrap_or_else(|| format!("onevisit-{}.jsonl", args.year).into());
    let app = args.storage.open(Clock::system(), Entropy::system()).await?;
    let beside = path.with_extension("new");
    let file = File::create(&beside).with_context(|| format!("writing {}", beside.display()))?;
    let mut out = BufWriter::new(&file);
    let written = year_file::write(&app, args.year, &mut out).await;
    drop(out);
    app.db.close().await;
    let entries = match written {
        Ok(entries) => entries,
        Err(error) => {
            let _ = std::fs::remove_file(&beside);
            return Err(error.into());
        }
    };
    let put = file.sync_all().and_then(|()| std::fs::rename(&beside, &path));
    put.with_context(|| format!("writing {}", path.display()))?;
    println!("{} entries of {} in {}", entries, args.year, path.display());
    Ok(())
}

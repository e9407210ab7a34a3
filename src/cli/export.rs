//! `onevisit export`.

use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use jiff::{Span, Timestamp};

use crate::app::clock::Clock;
use crate::app::export;
use crate::config::Database;

/// Name of a file that is named by its time, in UTC.
const NAME: &str = "onevisit-%Y%m%dT%H%M%SZ.jsonl.gz";

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file to write; it must not exist yet.
    #[arg(required_unless_present = "into", conflicts_with = "into")]
    file: Option<PathBuf>,
    /// Folder to write a file into that is named by its time, for exports that come again and again.
    #[arg(long)]
    into: Option<PathBuf>,
    /// Then remove what was so named in that folder more days ago.
    #[arg(long, requires = "into")]
    keep_days: Option<u16>,
    #[command(flatten)]
    database: Database,
}

/// Writes everything that is stored; the service may go on meanwhile.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let now = Timestamp::from_microsecond(Clock::system().now_us())?;
    let named = |folder: &PathBuf| folder.join(now.strftime(NAME).to_string());
    let file = args.file.or(args.into.as_ref().map(named)).context("no file is named")?;
    ensure!(!file.exists(), "{} exists already", file.display());
    let db = args.database.current().await?;
    // Beside it first, so that a file of that name is always a whole one.
    let part = file.with_extension("part");
    let out = create(&part).with_context(|| format!("writing {}", part.display()))?;
    let trailer = export::export(&db, BufWriter::new(&out)).await?;
    db.close().await;
    out.sync_all()?;
    std::fs::rename(&part, &file).with_context(|| format!("writing {}", file.display()))?;
    println!(
        "{}: {} rows, SHA-256 of their lines {}",
        file.display(),
        trailer.rows,
        trailer.sha256
    );
    if let (Some(folder), Some(days)) = (args.into, args.keep_days) {
        forget(&folder, now.checked_sub(Span::new().hours(24 * i64::from(days)))?)?;
    }
    Ok(())
}

/// A file that only its owner reads: registries are plain in it.
fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Removes files that are named by a time before `first`.
fn forget(folder: &Path, first: Timestamp) -> anyhow::Result<()> {
    let first = first.strftime(NAME).to_string();
    for entry in std::fs::read_dir(folder)? {
        let (path, name) = entry.map(|e| (e.path(), e.file_name()))?;
        let name = name.to_string_lossy();
        // Of one length and shape, names compare as their times do.
        let ours = name.len() == first.len() && name.starts_with("onevisit-2");
        if ours && name.ends_with("Z.jsonl.gz") && *name < *first {
            std::fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
            println!("{}: removed", path.display());
        }
    }
    Ok(())
}

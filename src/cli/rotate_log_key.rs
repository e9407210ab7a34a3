//! `onevisit rotate-log-key`.

use anyhow::bail;

use crate::app::clock::{Clock, Entropy};
use crate::app::log::{self, Round};
use crate::app::{App, succession};
use crate::config::{self, Storage};
use crate::ledger::succession::OVERLAP_DAYS;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The office that changes the key, as the log names it.
    #[arg(long)]
    office: String,
    #[command(flatten)]
    storage: Storage,
}

/// Makes the key unless the last one still waits to be announced, announces it, signs with both.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let Args { office, storage } = args;
    let open = || storage.open(Clock::system(), Entropy::system());
    let mut app = open().await?;
    // A command that was cut between the file and the log is only ended here.
    if succession::require_announced(&app).await.is_ok() {
        // A log that is stopped gets no other key.
        settle(&app).await?;
        app.db.close().await;
        config::rotate(&storage.log_key_path(), &Entropy::system())?;
        app = open().await?;
    }
    succession::announce(&app, &office).await?;
    settle(&app).await?;
    let older = app.log.older().first();
    let old = older.map(|o| o.public.to_string()).unwrap_or_default();
    println!("old {old}\nnew {}", app.log.signer().public());
    if let Some(visits) = older.and_then(|o| o.visits.as_ref()) {
        println!("after {OVERLAP_DAYS} days this line may take the place of the old secret:");
        println!("{old} {visits}");
    }
    println!("give all replicas {}", storage.log_key_path().display());
    app.db.close().await;
    Ok(())
}

/// Signs everything that waits.
async fn settle(app: &App) -> anyhow::Result<()> {
    loop {
        match log::round_now(app).await? {
            Round::Stopped(fault) => bail!("the log is stopped: {fault}"),
            Round::Idle => return Ok(()),
            Round::Signed(_) | Round::Busy => {}
        }
    }
}

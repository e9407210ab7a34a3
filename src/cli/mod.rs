//! Commands of the binary: thin, each in its file.

mod account;
mod archive;
mod archive_year;
mod contribute;
mod export;
mod follow_log_key;
mod fsck;
mod import;
mod import_items;
mod import_rows;
mod key;
mod policy;
mod remote;
mod restore;
mod rewrap;
mod rotate_key;
mod rotate_log_key;
mod serve;
mod signing_key;
mod table;
mod verify;
mod verify_opening;
mod verify_year;
mod witness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Database, Storage};
use crate::demo;

/// Coordinator of cross-department joint inspections (部门联合“双随机、一公开”抽查).
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve gRPC. SQLite by default, PostgreSQL by URL.
    Serve(serve::Args),
    /// Bring the database's schema up to date.
    Migrate(Database),
    /// Check everything that is stored against the log, and the log against itself; exits 1 when
    /// something is wrong and says what. Best while the service stands.
    Fsck(Storage),
    /// Write everything that is stored, as of one moment, into one file that either engine takes back.
    /// The keys are not in it: keep both, and apart.
    Export(export::Args),
    /// Put such a file into an empty database, of the same or the other engine, and check all of it
    /// against its log before anything is kept.
    Restore(restore::Args),
    /// Make an API key on the machine of the service: how the first office gets in.
    Key(key::Args),
    /// Make an account for a person who signs in with a browser, on the machine of the service.
    Account(account::Args),
    /// Put a new key in front of the key file. Stop every replica, rotate, give all of them the new
    /// file, start them: what is written from then on is sealed and marked with the new key, and what
    /// was written before opens with the older ones, which stay in the file.
    RotateKey(rotate_key::Args),
    /// Put a new key in front of the log's key file and announce it in the log, signed by the old
    /// and the new key. Stop every replica, rotate, give all of them the new file, start them: for 90
    /// days checkpoints bear both signatures, then the new one only.
    RotateLogKey(rotate_log_key::Args),
    /// Follow the log's changes of key from one that was kept to the newest, and print it.
    FollowLogKey(follow_log_key::Args),
    /// Wrap the keys that seal names again with the newest key of the key file, after rotate-key.
    Rewrap(Storage),
    /// Send a department's list (CSV) to a service.
    Import(import::Args),
    /// Put a supervising office's secret number into a draw: commit first, reveal later.
    Contribute(contribute::Args),
    /// Make the key that signs what a caller decides, on its own machine, and register its public part.
    SigningKey(signing_key::Args),
    /// Cosign the log on a machine of one's own, so that nobody is shown another history.
    Witness(witness::Args),
    /// Make the archive of a closed campaign or of one of its visits, and download it.
    Archive(archive::Args),
    /// Print the policy packs, one of them as it is, or every policy key with its default.
    Policy(policy::Args),
    /// Verify a draw's bundle or certificate, or an archive, offline; exits 1 at the first wrong step.
    Verify(verify::Args),
    /// Write a closed year of the log as one file, the same whoever writes it and whenever.
    ArchiveYear(archive_year::Args),
    /// Verify the file of a year offline, with a key of the log that was kept; exits 1 at the first
    /// wrong step.
    VerifyYear(verify_year::Args),
    /// Hold an opening's file, or a visit code, against a draw offline: prints `DRAWN stratum rank`, or
    /// `NOT DRAWN`; exits 1 at the first wrong step.
    VerifyOpening(verify_opening::Args),
    /// Make a synthetic district, run a joint campaign over gRPC, verify it, and stay up.
    Demo(demo::Args),
}

/// Runs a command.
///
/// # Errors
/// What went wrong, in words for the terminal.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match &cli.command {
        Command::Verify(args) => return verify::run(args),
        Command::Policy(args) => return policy::run(args),
        Command::VerifyYear(args) => return verify_year::run(args),
        Command::VerifyOpening(args) => return verify_opening::run(args),
        _ => {}
    }
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("ONEVISIT_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,onevisit=info")),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => serve::run(args).await?,
            Command::Migrate(database) => database.migrated().await?.close().await,
            Command::Fsck(storage) => return fsck::run(storage).await,
            Command::Export(args) => export::run(args).await?,
            Command::Restore(args) => restore::run(args).await?,
            Command::Key(args) => key::run(args).await?,
            Command::Account(args) => account::run(args).await?,
            Command::RotateKey(args) => rotate_key::run(&args)?,
            Command::RotateLogKey(args) => rotate_log_key::run(args).await?,
            Command::FollowLogKey(args) => follow_log_key::run(args).await?,
            Command::Rewrap(storage) => rewrap::run(storage).await?,
            Command::Contribute(args) => contribute::run(args).await?,
            Command::Archive(args) => archive::run(args).await?,
            Command::SigningKey(args) => signing_key::run(args).await?,
            Command::Witness(args) => witness::run(args).await?,
            Command::Import(args) => return import::run(args).await,
            Command::ArchiveYear(args) => archive_year::run(args).await?,
            Command::Demo(args) => demo::run(args).await?,
            Command::Verify(_)
            | Command::Policy(_)
            | Command::VerifyYear(_)
            | Command::VerifyOpening(_) => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}

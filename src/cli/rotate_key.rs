//! `onevisit rotate-key`.

use std::path::PathBuf;

use crate::app::clock::Entropy;
use crate::config::{self, KEY_FILE_DEFAULT};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The key file.
    #[arg(long, env = "ONEVISIT_KEY_FILE", default_value = KEY_FILE_DEFAULT)]
    key_file: PathBuf,
}

/// Makes the key and says what comes next.
pub fn run(args: &Args) -> anyhow::Result<()> {
    config::rotate(&args.key_file, &Entropy::system())?;
    println!("{} begins with a new key; give all replicas this file", args.key_file.display());
    Ok(())
}

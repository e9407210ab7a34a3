//! What the service needs to know to start.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::app::clock::Entropy;
use crate::app::seal::{KEY_BYTES, Sealer};
use crate::app::{App, Clock};
use crate::store::Db;

/// Address of the service when none is given.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:7443";
/// Database when none is given.
pub const DATABASE_DEFAULT: &str = "sqlite:onevisit.db";
/// Key file when none is given.
pub const KEY_FILE_DEFAULT: &str = "onevisit.key";

/// Where data and its key are.
#[derive(Clone, Debug, clap::Args)]
pub struct Storage {
    /// Database: sqlite:PATH, or postgres://user:password@host/name.
    #[arg(long, env = "ONEVISIT_DATABASE", default_value = DATABASE_DEFAULT)]
    pub database: String,
    /// File with the key that encrypts secrets at rest; made when missing. Keep it apart from the
    /// database and its backups. All replicas need the same one.
    #[arg(long, env = "ONEVISIT_KEY_FILE", default_value = KEY_FILE_DEFAULT)]
    pub key_file: PathBuf,
}

impl Storage {
    /// Opens the database, brings its schema up to date and reads the key.
    ///
    /// # Errors
    /// When the database cannot be opened or migrated, or the key file cannot be read.
    pub async fn open(&self, clock: Clock, entropy: Entropy) -> anyhow::Result<App> {
        let db = Db::open(&self.database).await.context("opening the database")?;
        db.migrate().await.context("bringing the schema up to date")?;
        let sealer = Sealer::new(&key(&self.key_file, &entropy)?);
        Ok(App { db, clock, entropy, sealer })
    }
}

fn key(path: &Path, entropy: &Entropy) -> anyhow::Result<[u8; KEY_BYTES]> {
    if !path.exists() {
        write_key(path, &entropy.bytes::<KEY_BYTES>())
            .with_context(|| format!("writing the key file {}", path.display()))?;
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("reading the key file {}", path.display()))?;
    let mut key = [0; KEY_BYTES];
    let read = hex::decode_to_slice(text.trim(), &mut key);
    ensure!(read.is_ok(), "{} does not hold {KEY_BYTES} bytes in hexadecimal", path.display());
    Ok(key)
}

fn write_key(path: &Path, key: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(path)?, "{}", hex::encode(key))
}

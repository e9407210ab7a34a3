//! What the service needs to know to start.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};

use crate::app::clock::Entropy;
use crate::app::log::Older;
use crate::app::seal::{KEY_BYTES, Sealer};
use crate::app::{App, Clock, Log};
use crate::ledger::note::{self, NoteKey, NoteSigner, Purpose};
use crate::ledger::quorum::Policy;
use crate::store::Db;

/// Address of the service when none is given.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:7443";
/// Database when none is given.
pub const DATABASE_DEFAULT: &str = "sqlite:onevisit.db";
/// Key file when none is given.
pub const KEY_FILE_DEFAULT: &str = "onevisit.key";
/// Name of the log when none is given.
pub const LOG_NAME_DEFAULT: &str = "onevisit.local/log";
/// Ending of the log's key file, in place of the key file's.
const LOG_KEY_ENDING: &str = "log.key";
/// Ending of the pinned checkpoint's file, in place of the key file's.
const LOG_PIN_ENDING: &str = "checkpoint";

/// Where data is.
#[derive(Clone, Debug, clap::Args)]
pub struct Database {
    /// Database: sqlite:PATH, or postgres://user:password@host/name.
    #[arg(long, env = "ONEVISIT_DATABASE", default_value = DATABASE_DEFAULT)]
    pub database: String,
}

impl Database {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be opened or migrated.
    pub async fn migrated(&self) -> anyhow::Result<Db> {
        let db = self.open().await?;
        db.migrate().await.context("bringing the schema up to date")?;
        Ok(db)
    }

    /// Opens the database, whose schema has to be up to date.
    ///
    /// # Errors
    /// When it cannot be opened, or `migrate` has not been run.
    pub async fn current(&self) -> anyhow::Result<Db> {
        let db = self.open().await?;
        let missing = db.missing_migrations().await.context("reading the schema")?;
        ensure!(missing.is_empty(), "the schema lacks {missing:?}: run `onevisit migrate` first");
        Ok(db)
    }

    async fn open(&self) -> anyhow::Result<Db> {
        Db::open(&self.database).await.context("opening the database")
    }
}

/// Where data and its key are.
#[derive(Clone, Debug, clap::Args)]
pub struct Storage {
    /// The database.
    #[command(flatten)]
    pub database: Database,
    /// Leave the schema as it is, and start only when it is up to date: another process runs
    /// `onevisit migrate`.
    #[arg(long, env = "ONEVISIT_KEEP_SCHEMA")]
    pub keep_schema: bool,
    /// File with the key that encrypts secrets at rest; made when missing. Keep it apart from the
    /// database and its backups. All replicas need the same one.
    #[arg(long, env = "ONEVISIT_KEY_FILE", default_value = KEY_FILE_DEFAULT)]
    pub key_file: PathBuf,
    /// Name of the log in its checkpoints: a host and path that are yours. Never change it.
    #[arg(long, env = "ONEVISIT_LOG_NAME", default_value = LOG_NAME_DEFAULT)]
    pub log_name: String,
    /// File with the key that signs the log; made when missing, beside the key file unless given.
    /// All replicas need the same one. The keys it replaced stay behind it (rotate-log-key).
    #[arg(long, env = "ONEVISIT_LOG_KEY_FILE")]
    pub log_key_file: Option<PathBuf>,
    /// File with the latest signed checkpoint, beside the key file unless given. Keep it apart from
    /// the database and its backups: it is how the service notices that an older database was put
    /// in place.
    #[arg(long, env = "ONEVISIT_LOG_PIN")]
    pub log_pin: Option<PathBuf>,
    /// File that says which witnesses cosign the log and how many have to (C2SP tlog-policy): lines
    /// `witness NAME KEY URL`, `group NAME any|all|K MEMBERS`, `quorum NAME`. Without it a
    /// checkpoint needs the log's own signature only.
    #[arg(long, env = "ONEVISIT_LOG_POLICY")]
    pub log_policy: Option<PathBuf>,
}

impl Storage {
    /// Opens the database, brings its schema up to date and reads the key.
    ///
    /// # Errors
    /// When the database cannot be opened or migrated, or the key file cannot be read.
    pub async fn open(&self, clock: Clock, entropy: Entropy) -> anyhow::Result<App> {
        let db = match self.keep_schema {
            true => self.database.current().await?,
            false => self.database.migrated().await?,
        };
        let keys = keys(&self.key_file, &entropy)?;
        let (newest, older) = keys.split_first().context("the key file is empty")?;
        let sealer = Sealer::new(newest, older);
        let log = self.log(&entropy)?;
        Ok(App::new(db, clock, entropy, sealer, log))
    }

    fn log(&self, entropy: &Entropy) -> anyhow::Result<Log> {
        ensure!(note::is_name(&self.log_name), "{:?} cannot be a log's name", self.log_name);
        let beside = |given: &Option<PathBuf>, ending: &str| {
            given.clone().unwrap_or_else(|| self.key_file.with_extension(ending))
        };
        let (signer, older) = log_keys(&self.log_key_path(), &self.log_name, entropy)?;
        let policy = match &self.log_policy {
            Some(path) => policy(path)?,
            None => Policy::default(),
        };
        let named = |key: &NoteKey| policy.logs.contains(key);
        let own = named(signer.public()) || older.iter().any(|o| named(&o.public));
        let known = policy.logs.is_empty() || own;
        ensure!(known, "the policy names other logs than {}", signer.public());
        let pin = beside(&self.log_pin, LOG_PIN_ENDING);
        Ok(Log::new(signer, pin, policy).with_older(older))
    }

    /// Where the log's keys are.
    #[must_use]
    pub fn log_key_path(&self) -> PathBuf {
        let given = self.log_key_file.clone();
        given.unwrap_or_else(|| self.key_file.with_extension(LOG_KEY_ENDING))
    }
}

/// Reads a policy file.
///
/// # Errors
/// When it cannot be read or a line is wrong.
pub fn policy(path: &Path) -> anyhow::Result<Policy> {
    let read = || -> anyhow::Result<Policy> { Ok(Policy::parse(&std::fs::read_to_string(path)?)?) };
    read().with_context(|| format!("reading the policy {}", path.display()))
}

/// Reads a secret of 32 bytes from a file, which is made when missing.
///
/// # Errors
/// When the file cannot be written or read, or holds more than one.
pub fn key(path: &Path, entropy: &Entropy) -> anyhow::Result<[u8; KEY_BYTES]> {
    let keys = keys(path, entropy)?;
    let one = <[_; 1]>::try_from(keys);
    let [key] = one.map_err(|_| anyhow!("{} does not hold one key", path.display()))?;
    Ok(key)
}

/// Reads the secrets of a file, one of 32 bytes to a line, the newest first; the file is made when
/// missing.
///
/// # Errors
/// When the file cannot be written or read.
pub fn keys(path: &Path, entropy: &Entropy) -> anyhow::Result<Vec<[u8; KEY_BYTES]>> {
    make(path, entropy)?;
    lines(path)?.iter().map(|line| secret(path, line)).collect()
}

fn make(path: &Path, entropy: &Entropy) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    write_secret(path, &hex::encode(entropy.bytes::<KEY_BYTES>()))
        .with_context(|| format!("writing the key file {}", path.display()))
}

fn lines(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("reading the key file {}", path.display()))?;
    Ok(text.trim().lines().map(|line| line.trim().to_owned()).collect())
}

fn secret(path: &Path, line: &str) -> anyhow::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    let read = hex::decode_to_slice(line, &mut key);
    ensure!(read.is_ok(), "{} does not hold {KEY_BYTES} bytes in hexadecimal", path.display());
    Ok(key)
}

/// A line of a key that signs no more: what checks its signatures, and behind it what checks the visit
/// codes it signed.
fn put_away(line: &str) -> Option<Older> {
    let mut words = line.split(' ');
    let public = NoteKey::parse(words.next()?)?;
    let visits = words.next().map(NoteKey::parse);
    let whole = words.next().is_none() && visits != Some(None);
    whole.then_some(Older { public, signer: None, visits: visits.flatten() })
}

/// Reads the keys of a log, one to a line, the newest first: secrets, and in place of older ones
/// that sign no more what checks their signatures.
fn log_keys(
    path: &Path,
    name: &str,
    entropy: &Entropy,
) -> anyhow::Result<(NoteSigner, Vec<Older>)> {
    make(path, entropy)?;
    let mut older = Vec::new();
    for line in lines(path)? {
        older.push(match put_away(&line) {
            Some(older) => older,
            None => Older::signing(NoteSigner::new(name, Purpose::Log, &secret(path, &line)?)),
        });
    }
    ensure!(older.iter().all(|o| o.public.name == name), "{} is of another log", path.display());
    let newest = (!older.is_empty()).then(|| older.remove(0).signer).flatten();
    Ok((newest.with_context(|| format!("{} begins with no key", path.display()))?, older))
}

/// Puts a new key in front of those of a key file.
///
/// # Errors
/// When there is no such file, or the new one cannot be written.
pub fn rotate(path: &Path, entropy: &Entropy) -> anyhow::Result<()> {
    ensure!(path.exists(), "there is no key file {}", path.display());
    let mut all = vec![hex::encode(entropy.bytes::<KEY_BYTES>())];
    for line in lines(path)? {
        if put_away(&line).is_none() {
            secret(path, &line)?;
        }
        all.push(line);
    }
    // Written whole beside it, then put in its place: a cut leaves the old file.
    let new = path.with_extension("new");
    write_secret(&new, &all.join("\n"))
        .and_then(|()| std::fs::rename(&new, path))
        .with_context(|| format!("writing the key file {}", path.display()))
}

/// Writes a new file that only its owner can read.
///
/// # Errors
/// When it exists already or cannot be written.
pub fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

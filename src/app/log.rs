//! The log's one sequencer: gives events their positions, grows the tree, signs checkpoints.
//!
//! Rounds of several replicas exclude each other. A round first shows that the database still
//! continues the checkpoint that is kept outside it, so that a restored backup is never signed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::app::AppError;
use crate::domain::hash::{Digest, Suite};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::NoteSigner;
use crate::ledger::tree::{self, Tiles};
use crate::store::{StoredCheckpoint, StoredTile, Tx};

use super::App;

/// Events of one round.
const ROUND_EVENTS_MAX: i64 = 4_096;
/// Offices that must acknowledge a fault before the log goes on.
pub const ACKNOWLEDGEMENTS: usize = 2;
/// Key of the lock that rounds take.
const LOCK: i64 = 0x6f76_6c6f_6701;

/// Why the log takes nothing more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The database is older than the checkpoint outside it, or of another history.
    #[error("the database's {found} entries do not continue the pinned {pinned} of root {root}")]
    Behind {
        /// Entries in the database.
        found: u64,
        /// Entries of the pinned checkpoint.
        pinned: u64,
        /// Its root.
        root: Digest,
    },
    /// An event came into the database without the service.
    #[error("event {0} does not bear the service's mark")]
    Unmarked(i64),
    /// A checkpoint that another key has signed, or nobody.
    #[error("{0} is not signed by this log")]
    Foreign(&'static str),
    /// The stored tree does not yield the root that was signed.
    #[error("the stored tree of {0} entries does not yield its signed root")]
    Tree(u64),
}

/// Signs the log, keeps its latest checkpoint outside the database, and knows what is wrong.
#[derive(Clone)]
pub struct Log {
    signer: NoteSigner,
    pin: Arc<Path>,
    fault: Arc<RwLock<Option<Fault>>>,
}

impl Log {
    /// A log that signs with a key and pins its checkpoint in a file.
    #[must_use]
    pub fn new(signer: NoteSigner, pin: PathBuf) -> Self {
        Self { signer, pin: pin.into(), fault: Arc::default() }
    }

    /// The signer; its public key checks the log.
    #[must_use]
    pub fn signer(&self) -> &NoteSigner {
        &self.signer
    }

    /// What stops the log, if anything does.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.fault.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_fault(&self, fault: Option<Fault>) {
        let mut now = self.fault.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(fault) = fault.as_ref().filter(|_| now.is_none()) {
            tracing::error!(%fault, "the log stops; reads go on");
        }
        *now = fault;
    }

    /// The pinned checkpoint; `None` before the first.
    fn pinned(&self) -> Result<Option<Checkpoint>, AppError> {
        match std::fs::read_to_string(&self.pin) {
            Ok(note) => Checkpoint::open(&note, self.signer.public())
                .map(Some)
                .ok_or(AppError::Broken("the pinned checkpoint is not this log's")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(AppError::Broken("the pinned checkpoint cannot be read")),
        }
    }

    /// Pins a checkpoint, whole or not at all, unless a larger one is pinned already.
    fn pin(&self, checkpoint: &Checkpoint, note: &str) -> Result<(), AppError> {
        let beside = self.pin.with_extension("new");
        let broken = |_| AppError::Broken("the checkpoint cannot be pinned");
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.pin.with_extension("lock"))
            .map_err(broken)?;
        // Several rounds may pin at once, in one process or in several.
        lock.lock().map_err(broken)?;
        if self.pinned()?.is_some_and(|pinned| pinned.size >= checkpoint.size) {
            return Ok(());
        }
        let write = || -> std::io::Result<()> {
            use std::io::Write;
            let mut file = std::fs::File::create(&beside)?;
            file.write_all(note.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &self.pin)
        };
        write().map_err(broken)
    }

    /// Lets go of a pinned checkpoint that two offices have given up.
    fn unpin(&self) -> Result<(), AppError> {
        std::fs::remove_file(&self.pin)
            .map_err(|_| AppError::Broken("the pinned checkpoint cannot be removed"))
    }
}

/// What a round did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Round {
    /// Another replica is at it.
    Busy,
    /// Everything stands under the latest checkpoint.
    Idle,
    /// A checkpoint was signed.
    Signed(Checkpoint),
    /// The log stands.
    Stopped(Fault),
}

/// Does one round: orders what waits, signs, pins, then shows the checkpoint.
///
/// # Errors
/// [`AppError`] when the database or the pin fails; the next round does it again.
pub async fn round(app: &App) -> Result<Round, AppError> {
    let mut tx = app.db.begin().await?;
    if !tx.try_lock(LOCK).await? {
        return Ok(Round::Busy);
    }
    match grow(app, &mut tx).await? {
        Ok(None) => {
            app.log.set_fault(None);
            Ok(Round::Idle)
        }
        Err(fault) => {
            app.log.set_fault(Some(fault.clone()));
            Ok(Round::Stopped(fault))
        }
        Ok(Some(checkpoint)) => {
            app.log.set_fault(None);
            let note = checkpoint.sign(&app.log.signer);
            let size = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
            let stored = StoredCheckpoint { size, note: note.clone(), at_us: app.clock.now_us() };
            tx.commit().await?;
            // Pinned before it is shown: what anybody has seen cannot be taken back by a backup.
            app.log.pin(&checkpoint, &note)?;
            let mut tx = app.db.begin().await?;
            tx.insert_checkpoint(stored).await?;
            tx.commit().await?;
            Ok(Round::Signed(checkpoint))
        }
    }
}

/// Checks the log, gives positions and grows the tree; `None` when there is nothing to sign.
async fn grow(app: &App, tx: &mut Tx) -> Result<Result<Option<Checkpoint>, Fault>, AppError> {
    let found = tx.log_size().await?;
    let size = u64::try_from(found).unwrap_or(0);
    let mut tiles = load(tx, tree::edge(size)).await?;
    let shown = match latest(app, tx).await {
        Err(AppError::Broken(_)) => return Ok(Err(Fault::Foreign("the stored checkpoint"))),
        found => found?,
    };
    if let Err(fault) = check(app, tx, size, shown.as_ref()).await? {
        return Ok(Err(fault));
    }
    let entries = tx.sequence(found, ROUND_EVENTS_MAX).await?;
    for entry in &entries {
        // What stood there before the log began was written without a mark.
        let adopted = size == 0 && entry.mac.is_empty();
        if !adopted && app.sealer.mark(&entry.id, &entry.body) != entry.mac[..] {
            return Ok(Err(Fault::Unmarked(entry.nth)));
        }
    }
    let leaves: Vec<Digest> = entries.iter().map(|e| Suite::Sha256.leaf(&e.body)).collect();
    for id in tiles.grow(size, &leaves) {
        let hashes = tiles.0[&id].iter().flat_map(|h| h.0).collect();
        tx.put_tile(StoredTile { level: i64::from(id.0), nth: signed(id.1), hashes }).await?;
    }
    let size = size + leaves.len() as u64;
    if shown.map_or(0, |c| c.size) == size {
        return Ok(Ok(None));
    }
    let Some(root) = tiles.root(size) else { return Ok(Err(Fault::Tree(size))) };
    let origin = app.log.signer.public().name.clone();
    Ok(Ok(Some(Checkpoint { origin, size, root })))
}

/// Shows that the stored tree continues what was pinned and yields what was shown.
async fn check(
    app: &App,
    tx: &mut Tx,
    size: u64,
    shown: Option<&Checkpoint>,
) -> Result<Result<(), Fault>, AppError> {
    let pinned = match app.log.pinned() {
        Err(AppError::Broken(_)) => return Ok(Err(Fault::Foreign("the pinned checkpoint"))),
        found => found?,
    };
    if let Some(pinned) = pinned
        && !holds(tx, size, &pinned).await?
    {
        let fault = Fault::Behind { found: size, pinned: pinned.size, root: pinned.root };
        if tx.acknowledgements(&fault.to_string()).await?.len() < ACKNOWLEDGEMENTS {
            return Ok(Err(fault));
        }
        app.log.unpin()?;
    }
    match shown {
        Some(shown) if !holds(tx, size, shown).await? => Ok(Err(Fault::Tree(shown.size))),
        _ => Ok(Ok(())),
    }
}

async fn holds(tx: &mut Tx, size: u64, checkpoint: &Checkpoint) -> Result<bool, AppError> {
    if checkpoint.size > size {
        return Ok(false);
    }
    let tiles = load(tx, tree::edge(checkpoint.size)).await?;
    Ok(tiles.root(checkpoint.size) == Some(checkpoint.root))
}

/// The latest checkpoint shown; its signature is checked.
///
/// # Errors
/// [`AppError::Broken`] when the stored note is not this log's.
pub async fn latest(app: &App, tx: &mut Tx) -> Result<Option<Checkpoint>, AppError> {
    let Some(stored) = tx.latest_checkpoint().await? else { return Ok(None) };
    Checkpoint::open(&stored.note, app.log.signer.public())
        .map(Some)
        .ok_or(AppError::Broken("a stored checkpoint is not signed by this log"))
}

/// Reads tiles; a missing one is left out and shows when a hash is asked of it.
///
/// # Errors
/// [`AppError`].
pub async fn load(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = tree::TileId>,
) -> Result<Tiles, AppError> {
    let mut tiles = Tiles::default();
    for (level, nth) in ids {
        if let Some(bytes) = tx.tile(i64::from(level), signed(nth)).await? {
            let hashes = bytes.as_chunks().0.iter().map(|h| Digest(*h)).collect();
            tiles.0.insert((level, nth), hashes);
        }
    }
    Ok(tiles)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

//! The log's one sequencer: gives events their positions, grows the tree, signs checkpoints.
//!
//! Rounds of several replicas exclude each other. A round first shows that the database still
//! continues the checkpoint that is kept outside it, so that a restored backup is never signed, and that
//! time has not been turned back (`drift.rs`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::app::AppError;
use crate::domain::hash::{Digest, Suite};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::{NoteKey, NoteSigner};
use crate::ledger::quorum::Policy;
use crate::ledger::succession::KeyChange;
use crate::ledger::tree::{self, Tiles};
use crate::store::{StoredCheckpoint, StoredTile, Tx};

use super::drift::{self, CLOCK_DRIFT_MAX_S};
use super::years::{self, Ready};
use super::{App, succession};

/// Events of one round.
pub(super) const ROUND_EVENTS_MAX: i64 = 4_096;
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
    /// The pinned checkpoint is there and cannot be read.
    #[error("the pinned checkpoint cannot be read: {0}")]
    Pin(String),
    /// The stored tree does not yield the root that was signed.
    #[error("the stored tree of {0} entries does not yield its signed root")]
    Tree(u64),
    /// The service's clock and the database's are too far apart (T24).
    #[error("the service's clock is more than {CLOCK_DRIFT_MAX_S} s off the database's")]
    Clock,
    /// The clock, or the event after an entry, stands before that entry (T24).
    #[error("time goes back behind entry {0} of the log")]
    Back(i64),
}

/// A key that signed the log before.
#[derive(Clone)]
pub struct Older {
    /// What checks its signatures.
    pub public: NoteKey,
    /// What signs along with the newest key while both are in use; `None` once it is put away.
    pub signer: Option<NoteSigner>,
    /// What checks the visit codes it signed; `None` when it was put away without.
    pub visits: Option<NoteKey>,
}

/// Signs the log, keeps its latest checkpoint outside the database, and knows what is wrong.
#[derive(Clone)]
pub struct Log {
    signer: NoteSigner,
    older: Arc<[Older]>,
    changes: Arc<RwLock<Vec<KeyChange>>>,
    pin: Arc<Path>,
    policy: Arc<Policy>,
    fault: Arc<RwLock<Option<Fault>>>,
}

impl Log {
    /// A log that signs with a key, pins its checkpoint in a file, and is witnessed by a policy.
    #[must_use]
    pub fn new(signer: NoteSigner, pin: PathBuf, policy: Policy) -> Self {
        Self {
            signer,
            older: Arc::new([]),
            changes: Arc::default(),
            pin: pin.into(),
            policy: policy.into(),
            fault: Arc::default(),
        }
    }

    /// The same with the keys that the signer replaced, the last one first.
    #[must_use]
    pub fn with_older(self, older: Vec<Older>) -> Self {
        Self { older: older.into(), ..self }
    }

    /// The keys that the signer replaced, the last one first.
    #[must_use]
    pub fn older(&self) -> &[Older] {
        &self.older
    }

    /// Who signs at a time: the newest key, and those it replaced lately.
    pub(super) fn signers(&self, now_us: i64) -> impl Iterator<Item = &NoteSigner> {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner).clone();
        let both = move |older: &&Older| {
            changes.iter().any(|c| c.old == older.public && now_us < c.until_us())
        };
        let older = self.older.iter().filter(both).filter_map(|older| older.signer.as_ref());
        std::iter::once(&self.signer).chain(older)
    }

    fn learn(&self, changes: Vec<KeyChange>) {
        *self.changes.write().unwrap_or_else(PoisonError::into_inner) = changes;
    }

    /// The checkpoint as a note.
    fn sign(&self, checkpoint: &Checkpoint, now_us: i64) -> String {
        let text = checkpoint.text();
        let lines: String = self.signers(now_us).map(|signer| signer.line(&text, 0)).collect();
        format!("{text}\n{lines}")
    }

    /// The newest of the log's keys that has signed a note.
    #[must_use]
    pub fn key_of(&self, note: &str) -> Option<&NoteKey> {
        let all = std::iter::once(self.signer.public()).chain(self.older.iter().map(|o| &o.public));
        all.into_iter().find(|key| Checkpoint::open(note, key).is_some())
    }

    /// Whose cosignatures its checkpoints need.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
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
    ///
    /// # Errors
    /// [`Fault::Pin`] or [`Fault::Foreign`] when the file is not one of this log.
    pub fn pinned(&self) -> Result<Option<Checkpoint>, Fault> {
        match std::fs::read_to_string(&self.pin) {
            Ok(note) => self.open(&note, "the pinned checkpoint").map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::Pin(error.kind().to_string())),
        }
    }

    fn open(&self, note: &str, what: &'static str) -> Result<Checkpoint, Fault> {
        let key = self.key_of(note).ok_or(Fault::Foreign(what))?;
        Checkpoint::open(note, key).ok_or(Fault::Foreign(what))
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
    let ready = years::prepare(app).await?;
    let mut tx = app.db.begin().await?;
    match tx.try_lock(LOCK).await? {
        true => run(app, tx, ready).await,
        false => Ok(Round::Busy),
    }
}

/// [`round`] that waits for another one to end instead of leaving it the work.
///
/// # Errors
/// As [`round`].
pub async fn round_now(app: &App) -> Result<Round, AppError> {
    loop {
        let ready = years::prepare(app).await?;
        let mut tx = app.db.begin().await?;
        tx.lock(LOCK).await?;
        match run(app, tx, ready).await? {
            // Somebody else went on while a year was hashed.
            Round::Busy => {}
            round => return Ok(round),
        }
    }
}

/// What a round is to sign.
enum Grown {
    /// Nothing: everything is.
    Nothing,
    /// A year is to be closed that stands elsewhere than it was hashed.
    Later,
    /// A larger tree.
    Tree(Checkpoint),
}

async fn run(app: &App, mut tx: Tx, ready: Option<Ready>) -> Result<Round, AppError> {
    let grown = match grow(app, &mut tx, ready).await {
        Err(AppError::LogStopped(fault)) => {
            app.log.set_fault(Some(fault.clone()));
            return Ok(Round::Stopped(fault));
        }
        grown => grown?,
    };
    app.log.set_fault(None);
    let checkpoint = match grown {
        Grown::Nothing => return Ok(Round::Idle),
        Grown::Later => return Ok(Round::Busy),
        Grown::Tree(checkpoint) => checkpoint,
    };
    tx.commit().await?;
    let note = app.log.sign(&checkpoint, app.clock.now_us());
    // Pinned before it is shown: what anybody has seen cannot be taken back by a backup.
    tokio::task::block_in_place(|| app.log.pin(&checkpoint, &note))?;
    let mut tx = app.db.begin().await?;
    let at_us = app.clock.now_us();
    tx.insert_checkpoint(StoredCheckpoint { size: signed(checkpoint.size), note, at_us }).await?;
    tx.commit().await?;
    Ok(Round::Signed(checkpoint))
}

/// Checks the log, gives positions and grows the tree.
async fn grow(app: &App, tx: &mut Tx, ready: Option<Ready>) -> Result<Grown, AppError> {
    if !app.log.older.is_empty() {
        app.log.learn(succession::changes(tx).await?);
    }
    let found = tx.log_size().await?;
    let size = u64::try_from(found).unwrap_or(0);
    let shown = latest(app, tx).await?;
    let pinned = app.log.pinned()?;
    let sizes = [&shown, &pinned].into_iter().flatten().map(|c| c.size).chain([size]);
    let edges: BTreeSet<tree::TileId> = sizes.flat_map(tree::edge).collect();
    let mut tiles = load(tx, edges).await?;
    let holds = |c: &Checkpoint| c.size <= size && tiles.root(c.size) == Some(c.root);
    if let Some(Checkpoint { size: pinned, root, .. }) = pinned.filter(|c| !holds(c)) {
        let fault = Fault::Behind { found: size, pinned, root };
        if tx.acknowledgements(&fault.to_string()).await?.len() < ACKNOWLEDGEMENTS {
            return Err(fault.into());
        }
        app.log.unpin()?;
    }
    if let Some(shown) = shown.as_ref().filter(|c| !holds(c)) {
        return Err(Fault::Tree(shown.size).into());
    }
    drift::clock(app, tx, found).await?;
    let entries = match years::due(tx, app.clock.now_us()).await? {
        None => tx.sequence(found, ROUND_EVENTS_MAX).await?,
        Some(due) => match years::entries(app, tx, found, due, ready).await? {
            Some(entries) => entries,
            None if shown.as_ref().map_or(0, |c| c.size) == size => return Ok(Grown::Later),
            None => Vec::new(),
        },
    };
    drift::stated(tx, &entries).await?;
    for entry in &entries {
        // What stood there before the log began was written without a mark.
        let adopted = size == 0 && entry.mac.is_empty();
        if !adopted && !app.sealer.has_marked(&entry.id, &entry.body, &entry.mac) {
            return Err(Fault::Unmarked(entry.nth).into());
        }
    }
    let leaves: Vec<Digest> = entries.iter().map(|e| Suite::Sha256.leaf(&e.body)).collect();
    for id in tiles.grow(size, &leaves) {
        let hashes = tiles.0[&id].iter().flat_map(|h| h.0).collect();
        tx.put_tile(StoredTile { level: i64::from(id.0), nth: signed(id.1), hashes }).await?;
    }
    let size = size + leaves.len() as u64;
    if shown.map_or(0, |c| c.size) == size {
        return Ok(Grown::Nothing);
    }
    let root = tiles.root(size).ok_or(Fault::Tree(size))?;
    let origin = app.log.signer.public().name.clone();
    Ok(Grown::Tree(Checkpoint { origin, size, root }))
}

/// The latest checkpoint shown; its signature is checked.
///
/// # Errors
/// [`Fault::Foreign`] when the stored note is not this log's.
pub async fn latest(app: &App, tx: &mut Tx) -> Result<Option<Checkpoint>, AppError> {
    tx.latest_checkpoint().await?.map(|stored| read(app, &stored)).transpose()
}

/// Reads a stored checkpoint; its signature is checked.
///
/// # Errors
/// [`Fault::Foreign`] when the stored note is not this log's.
pub fn read(app: &App, stored: &StoredCheckpoint) -> Result<Checkpoint, AppError> {
    Ok(app.log.open(&stored.note, "the stored checkpoint")?)
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

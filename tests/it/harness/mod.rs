//! Databases of both engines and services on real sockets.
//!
//! `on_every_engine! { name, .. }` runs an `async fn name(engine: Engine)` on SQLite and on
//! PostgreSQL; a test that is not in the list is dead code and shows as a warning.

pub mod browser;
pub mod client;
pub mod data;
pub mod dump;
pub mod joint;
pub mod person;
pub mod postgres;
pub mod process;
pub mod python;
pub mod sheet;
pub mod walk;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use onevisit::app::clock::{Clock, Entropy};
use onevisit::app::{App, Log, Sealer};
use onevisit::ledger::note::{NoteSigner, Purpose};
use onevisit::ledger::quorum::Policy;
use onevisit::store::Db;
use tempfile::TempDir;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

macro_rules! on_every_engine {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                crate::harness::bounded(super::$name(crate::harness::Engine::Sqlite)).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                crate::harness::bounded(super::$name(crate::harness::Engine::Postgres)).await;
            })+
        }
    };
}
pub(crate) use on_every_engine;

/// Longest that a test waits for one thing.
pub const WAIT_MAX: Duration = Duration::from_secs(180);
/// Longest that a test may take, in seconds.
const TEST_SECONDS_MAX: [usize; 2] = [900, 6 * 3_600];

/// A test that ends: one that waits for what never comes fails.
pub async fn bounded(test: impl Future<Output = ()>) {
    let seconds = scaled(TEST_SECONDS_MAX[0], TEST_SECONDS_MAX[1]);
    let limit = Duration::from_secs(seconds as u64);
    tokio::time::timeout(limit, test).await.expect("the test has not ended in time");
}

/// What is waited for, or a failure that names it.
pub async fn soon<T>(what: &str, wanted: impl Future<Output = T>) -> T {
    let came = tokio::time::timeout(WAIT_MAX, wanted).await;
    came.unwrap_or_else(|_| panic!("{what}: not in {WAIT_MAX:?}"))
}

/// A database of its own for one test; gone when dropped.
pub struct TestDb {
    pub url: String,
    pub folder: TempDir,
}

impl TestDb {
    pub async fn new(engine: Engine) -> Self {
        let folder = TempDir::new().expect("folder");
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", folder.path().join("t.db").display()),
            Engine::Postgres => postgres::create().await,
        };
        Self { url, folder }
    }

    pub async fn open(&self) -> Db {
        let db = Db::open(&self.url).await.expect("open");
        db.migrate().await.expect("migrate");
        db
    }
}

/// 2026-06-15 10:00 in China: a day inside every test's campaign.
pub const NOW_US: i64 = 1_781_488_800_000_000;
pub const TODAY: &str = "2026-06-15";

/// What all services of the tests seal and sign with.
pub const SEAL_KEY: [u8; 32] = [7; 32];
pub const LOG_SEED: [u8; 32] = [9; 32];
pub const LOG_NAME: &str = "onevisit.test/log";

pub async fn app_at(test_db: &TestDb, now_us: i64) -> App {
    app_by(test_db, Clock::new(move || now_us)).await
}

pub async fn app_by(test_db: &TestDb, clock: Clock) -> App {
    let (sealer, log) = (Sealer::new(&SEAL_KEY, &[]), log_of(test_db, Policy::default()));
    App::new(test_db.open().await, clock, Entropy::system(), sealer, log)
}

/// A clock that a test moves.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn at(now_us: i64) -> Self {
        Self(Arc::new(AtomicI64::new(now_us)))
    }

    pub fn clock(&self) -> Clock {
        let hands = self.0.clone();
        Clock::new(move || hands.load(Ordering::SeqCst))
    }

    pub fn forward(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000_000, Ordering::SeqCst);
    }
}

/// The log of a test: its key is always the same, its pin is in the test's folder.
pub fn log_of(test_db: &TestDb, policy: Policy) -> Log {
    let signer = NoteSigner::new(LOG_NAME, Purpose::Log, &LOG_SEED);
    Log::new(signer, test_db.folder.path().join("pin"), policy)
}

/// How often something is done: `usual`, or `long` in the suite that `tests/long` runs.
pub fn scaled(usual: usize, long: usize) -> usize {
    if std::env::var_os("ONEVISIT_TESTS_LONG").is_some() { long } else { usual }
}

/// The folder of real data, if it is beside the project; prints why a test is skipped otherwise.
pub fn real_data() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if path.is_dir() {
        return Some(path);
    }
    println!("SKIPPED: the real data is not beside the project");
    None
}

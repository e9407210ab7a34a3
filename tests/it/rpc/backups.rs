//! An older database in the place of a newer one is never signed (T08).

use onevisit::app::log::{self, Fault, Round};
use onevisit::app::{App, access};
use onevisit::domain::caller::Role;

use crate::harness::{self, Engine, NOW_US, TestDb, app_at, on_every_engine, scaled};

on_every_engine! { threat_t08_no_older_backup_is_signed }

/// Backups that are restored: 50 in the long suite.
const BACKUPS: [usize; 2] = [6, 50];

async fn settle(app: &App) -> Round {
    loop {
        match log::round_now(app).await.expect("round") {
            Round::Signed(_) => {}
            other => return other,
        }
    }
}

/// A copy of a database that is closed.
pub async fn backup(db: &TestDb, nth: usize) -> String {
    if let Some(path) = db.url.strip_prefix("sqlite:") {
        let copy = format!("{path}.{nth}");
        std::fs::copy(path, &copy).expect("copied");
        return format!("sqlite:{copy}");
    }
    harness::postgres::copy(&db.url).await
}

async fn threat_t08_no_older_backup_is_signed(engine: Engine) {
    let mut db = TestDb::new(engine).await;
    let mut backups = Vec::new();
    for nth in 0..scaled(BACKUPS[0], BACKUPS[1]) {
        let app = app_at(&db, NOW_US).await;
        let office = format!("办公室 {nth}");
        access::create_local(&app, Role::Office, "", &office).await.expect("key");
        assert_eq!(settle(&app).await, Round::Idle);
        app.db.close().await;
        backups.push(backup(&db, nth).await);
    }
    let now = app_at(&db, NOW_US).await;
    access::create_local(&now, Role::Office, "", "最后").await.expect("key");
    assert_eq!(settle(&now).await, Round::Idle);
    now.db.close().await;
    let newest = db.url.clone();
    for older in backups {
        db.url = older;
        let app = app_at(&db, NOW_US).await;
        let found = settle(&app).await;
        assert!(matches!(found, Round::Stopped(Fault::Behind { .. })), "{found:?}");
        app.db.close().await;
    }
    db.url = newest;
    assert_eq!(settle(&app_at(&db, NOW_US).await).await, Round::Idle, "the newest goes on");
}

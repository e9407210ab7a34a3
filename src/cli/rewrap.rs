//! `onevisit rewrap`.

use crate::app::clock::{Clock, Entropy};
use crate::app::rewrap;
use crate::config::Storage;

/// Wraps the data keys with the newest key and says how many there are.
pub async fn run(storage: Storage) -> anyhow::Result<()> {
    let app = storage.open(Clock::system(), Entropy::system()).await?;
    let done = rewrap::all(&app).await?;
    app.db.scrub().await?;
    app.db.close().await;
    println!("{} of {} data keys were wrapped again", done.again, done.all);
    Ok(())
}

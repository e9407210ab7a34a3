//! After a new key file: data keys are wrapped again by its newest key. What they sealed stays.

use super::{App, AppError, names};

/// How many data keys were wrapped again, and how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Wrapped by an older key until now.
    pub again: u64,
    /// All of them.
    pub all: u64,
}

/// Wraps every data key again that an older key has wrapped, in one transaction.
///
/// # Errors
/// [`AppError`] when one does not open.
pub async fn all(app: &App) -> Result<Rewrapped, AppError> {
    let mut done = Rewrapped::default();
    let mut tx = app.db.begin().await?;
    tx.lock(names::LOCK).await?;
    for (campaign, attempt, wrapped) in tx.wrapped_draws().await? {
        done.all += 1;
        let place = names::draw_key_place(&campaign, attempt);
        if let Some(wrapped) = app.sealer.rewrap(&app.entropy, &place, &wrapped)? {
            tx.rewrap_draw((&campaign, attempt), wrapped).await?;
            done.again += 1;
        }
    }
    for (campaign, _) in tx.all_campaigns().await? {
        for mut stored in tx.visits(&campaign, "", 0, i64::MAX).await? {
            if stored.wrapped.is_empty() {
                continue;
            }
            done.all += 1;
            let place = names::key_place(&stored.visit);
            if let Some(wrapped) = app.sealer.rewrap(&app.entropy, &place, &stored.wrapped)? {
                stored.wrapped = wrapped;
                tx.update_visit(&stored).await?;
                done.again += 1;
            }
        }
    }
    tx.commit().await?;
    Ok(done)
}

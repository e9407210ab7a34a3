//! Time may not be turned back under the log (T24): order is the order of positions, and what an event
//! says of its time has to fit the entry before it.

use super::log::{ACKNOWLEDGEMENTS, Fault};
use super::{App, AppError};
use crate::store::{Entry, Tx};

/// Most seconds by which the service's clock may be off the database's, or behind the last entry.
pub const CLOCK_DRIFT_MAX_S: i64 = 5;
/// Most seconds by which an event may lie before the entry ahead of it: a call states its time when it
/// begins, and another one may be recorded while it works.
pub const STATED_LAG_MAX_S: i64 = 300;
/// Microseconds of a second.
const SECOND_US: i64 = 1_000_000;

/// Holds the clock against the database's and against the last of `size` entries.
///
/// # Errors
/// [`Fault::Clock`], which ends by itself when the clocks agree again; [`Fault::Back`].
pub async fn clock(app: &App, tx: &mut Tx, size: i64) -> Result<(), AppError> {
    let most = CLOCK_DRIFT_MAX_S * SECOND_US;
    let before = app.clock.now_us();
    if app.clock.is_compared() {
        // The answer was given between the two readings: a slow one raises no alarm.
        let there = tx.clock_us().await?;
        if there < before - most || there > app.clock.now_us() + most {
            return Err(Fault::Clock.into());
        }
    }
    let last = tx.entry_time(size - 1).await?;
    match last.is_some_and(|last| before < last - most) {
        true => back(tx, size - 1).await,
        false => Ok(()),
    }
}

/// Holds what events say of their time against the entry before each.
///
/// # Errors
/// [`Fault::Back`].
pub async fn stated(tx: &mut Tx, entries: &[Entry]) -> Result<(), AppError> {
    let Some(first) = entries.first() else { return Ok(()) };
    let mut last = tx.entry_time(first.position - 1).await?;
    for entry in entries {
        let lag = last.map_or(0, |last| last - entry.at_us);
        if lag > STATED_LAG_MAX_S * SECOND_US {
            back(tx, entry.position - 1).await?;
        }
        last = Some(entry.at_us);
    }
    Ok(())
}

/// Stops the log behind an entry, unless two offices have said that they know.
async fn back(tx: &mut Tx, position: i64) -> Result<(), AppError> {
    let fault = Fault::Back(position);
    match tx.acknowledgements(&fault.to_string()).await?.len() < ACKNOWLEDGEMENTS {
        true => Err(fault.into()),
        false => Ok(()),
    }
}

//! Stored replies that hold names or free text are encrypted like them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{App, AppError, Call};

/// Where a reply stands, for the cipher.
#[must_use]
pub fn place(call: &Call, what: &str) -> String {
    format!("requests/{}/{}/{what}", call.caller.key_id, call.request_id)
}

/// Encrypts a reply for storage.
///
/// # Errors
/// [`AppError::Broken`] when it has no JSON.
pub fn seal<R: Serialize>(app: &App, place: &str, reply: &R) -> Result<String, AppError> {
    let plain = serde_json::to_vec(reply).map_err(|_| AppError::Broken("a reply has no JSON"))?;
    Ok(hex::encode(app.sealer.seal(&app.entropy, place, &plain)?))
}

/// Decrypts a stored reply.
///
/// # Errors
/// [`AppError::Broken`] when it is of another type or does not open.
pub fn open<R: DeserializeOwned>(app: &App, place: &str, stored: &str) -> Result<R, AppError> {
    let broken = || AppError::Broken("a stored reply is of another type");
    let sealed = hex::decode(stored).map_err(|_| broken())?;
    let plain = app.sealer.open(place, &sealed)?;
    serde_json::from_slice(&plain).map_err(|_| broken())
}

//! Passwords as argon2id hashes, made off the threads that serve calls and few at a time: each takes
//! megabytes.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use tokio::sync::Semaphore;

use super::{App, AppError};

/// Hashes that are computed at once.
const AT_ONCE_MAX: usize = 4;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;
/// Stands in for the hash of an account that is not there, so that the answer takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$b25ldmlzaXQtbm9ib2R5$\
                      SvzxWeuh3F3XjW2HHGMAGSw4RwgJBpzWrrdWrZyXHXo";

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

async fn off<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let broken = AppError::Broken("a password could not be hashed");
    let Ok(place) = PLACES.acquire().await else { return Err(broken) };
    let done = tokio::task::spawn_blocking(work).await;
    drop(place);
    done.map_err(|_| broken)
}

/// The hash that is stored for a password.
pub(super) async fn hash(app: &App, password: String) -> Result<String, AppError> {
    let salt = app.entropy.bytes::<SALT_BYTES>();
    let hashed = off(move || {
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash: PasswordHash| hash.to_string())
    });
    hashed.await?.map_err(|_| AppError::Broken("a password could not be hashed"))
}

/// Whether a password is the one of a stored hash; `None` for an account that is not there.
pub(super) async fn is_right(stored: Option<String>, given: String) -> Result<bool, AppError> {
    off(move || {
        let text = stored.as_deref().unwrap_or(NOBODY);
        let right = PasswordHash::new(text)
            .is_ok_and(|hash| Argon2::default().verify_password(given.as_bytes(), &hash).is_ok());
        right && stored.is_some()
    })
    .await
}

//! What a call wants to change, as its caller has read it.

use super::AppError;

/// Something by its id and the version that was read.
#[derive(Clone, Copy, Debug)]
pub struct Aim<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its version as it was read.
    pub etag: i64,
}

impl Aim<'_> {
    /// Refuses when another version stands by now.
    ///
    /// # Errors
    /// [`AppError::Stale`].
    pub fn require(self, kind: &str, version: i64) -> Result<(), AppError> {
        match self.etag == version {
            true => Ok(()),
            false => Err(AppError::Stale(format!("{kind} {}", self.id))),
        }
    }
}

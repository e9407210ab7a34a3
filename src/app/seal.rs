//! Encryption at rest under a key that is not in the database: XChaCha20-Poly1305, bound to
//! table, row and column.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

use super::{AppError, Entropy};

/// Bytes of the key-encryption key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// Encrypts and decrypts columns.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// A sealer for a key.
    #[must_use]
    pub fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts a column; `place` is `table/row/column`.
    ///
    /// # Errors
    /// [`AppError::Broken`] when the cipher refuses, which it does only beyond 256 GiB.
    pub fn seal(&self, entropy: &Entropy, place: &str, plain: &[u8]) -> Result<Vec<u8>, AppError> {
        let nonce = entropy.bytes::<NONCE_BYTES>();
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = self
            .0
            .encrypt((&nonce).into(), payload)
            .map_err(|_| AppError::Broken("a column could not be sealed"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Decrypts a column.
    ///
    /// # Errors
    /// [`AppError::Broken`] when the key or the place is another, or the bytes were changed.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, AppError> {
        let (nonce, body) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(AppError::Broken("a sealed column is too short"))?;
        self.0.decrypt(nonce.into(), Payload { msg: body, aad: place.as_bytes() }).map_err(|_| {
            AppError::Broken("a sealed column does not open: is the key file the right one?")
        })
    }
}

//! Encryption at rest under a key that is not in the database: XChaCha20-Poly1305, bound to
//! table, row and column.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

use super::{AppError, Entropy};
use crate::domain::hash::{DIGEST_BYTES, Digest, Suite};

/// Bytes of the key-encryption key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// What follows from one key-encryption key.
#[derive(Clone)]
struct Key {
    cipher: XChaCha20Poly1305,
    /// Marks events.
    marking: Digest,
}

impl Key {
    fn new(key: &[u8; KEY_BYTES]) -> Self {
        let marking = Suite::Sha256.keyed(key, "onevisit/mark-key", &[]);
        Self { cipher: XChaCha20Poly1305::new(key.into()), marking }
    }

    fn mark(&self, id: &[u8], body: &[u8]) -> [u8; DIGEST_BYTES] {
        Suite::Sha256.keyed(self.marking.bytes(), "onevisit/event", &[id, body]).0
    }
}

/// Encrypts and decrypts columns, and marks events: with the newest key; what an older one has
/// sealed or marked stays good.
#[derive(Clone)]
pub struct Sealer {
    newest: Key,
    older: Vec<Key>,
}

impl Sealer {
    /// A sealer for a key and those it replaced.
    #[must_use]
    pub fn new(key: &[u8; KEY_BYTES], older: &[[u8; KEY_BYTES]]) -> Self {
        Self { newest: Key::new(key), older: older.iter().map(Key::new).collect() }
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    /// The service's mark on an event: a keyed hash that nobody without the key file can make.
    #[must_use]
    pub fn mark(&self, id: &[u8], body: &[u8]) -> [u8; DIGEST_BYTES] {
        self.newest.mark(id, body)
    }

    /// Whether an event bears the mark of one of the keys.
    #[must_use]
    pub fn has_marked(&self, id: &[u8], body: &[u8], mark: &[u8]) -> bool {
        self.keys().any(|key| key.mark(id, body) == mark)
    }

    /// Encrypts a column; `place` is `table/row/column`.
    ///
    /// # Errors
    /// [`AppError::Broken`] when the cipher refuses, which it does only beyond 256 GiB.
    pub fn seal(&self, entropy: &Entropy, place: &str, plain: &[u8]) -> Result<Vec<u8>, AppError> {
        let nonce = entropy.bytes::<NONCE_BYTES>();
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = self
            .newest
            .cipher
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
        let open = |key: &Key| {
            key.cipher.decrypt(nonce.into(), Payload { msg: body, aad: place.as_bytes() }).ok()
        };
        self.keys().find_map(open).ok_or(AppError::Broken(
            "a sealed column does not open: is the key file the right one?",
        ))
    }
}

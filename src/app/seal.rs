//! Encryption at rest under a key that is not in the database: XChaCha20-Poly1305, bound to
//! table, row and column. Names are sealed by data keys, which the key file's newest key wraps:
//! destroying one erases what it sealed, and a new key file only has to wrap them again.

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
        encrypt(&self.newest.cipher, entropy, place, plain)
    }

    /// Decrypts a column.
    ///
    /// # Errors
    /// [`AppError::Broken`] when the key or the place is another, or the bytes were changed.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, AppError> {
        decrypt(self.keys().map(|key| &key.cipher), place, sealed)
    }

    /// A fresh data key, and how it is stored: sealed by the newest key, for its place.
    ///
    /// # Errors
    /// As [`Sealer::seal`].
    pub fn new_key(&self, entropy: &Entropy, place: &str) -> Result<(DataKey, Vec<u8>), AppError> {
        let key = entropy.bytes::<KEY_BYTES>();
        let wrapped = self.seal(entropy, place, &key)?;
        Ok((DataKey(vec![XChaCha20Poly1305::new((&key).into())]), wrapped))
    }

    /// A stored data key. Where none is stored, the key file's keys have sealed themselves.
    ///
    /// # Errors
    /// As [`Sealer::open`].
    pub fn key(&self, place: &str, wrapped: &[u8]) -> Result<DataKey, AppError> {
        if wrapped.is_empty() {
            return Ok(DataKey(self.keys().map(|key| key.cipher.clone()).collect()));
        }
        let key: [u8; KEY_BYTES] = self
            .open(place, wrapped)?
            .try_into()
            .map_err(|_| AppError::Broken("a data key has another length"))?;
        Ok(DataKey(vec![XChaCha20Poly1305::new((&key).into())]))
    }

    /// A stored data key sealed by the newest key; `None` when it is already.
    ///
    /// # Errors
    /// As [`Sealer::open`].
    pub fn rewrap(
        &self,
        entropy: &Entropy,
        place: &str,
        wrapped: &[u8],
    ) -> Result<Option<Vec<u8>>, AppError> {
        if decrypt(std::iter::once(&self.newest.cipher), place, wrapped).is_ok() {
            return Ok(None);
        }
        self.seal(entropy, place, &self.open(place, wrapped)?).map(Some)
    }
}

/// Seals the names of one attempt or one visit; what it sealed is gone when it is destroyed.
pub struct DataKey(Vec<XChaCha20Poly1305>);

impl DataKey {
    /// [`Sealer::seal`] under this key.
    ///
    /// # Errors
    /// As [`Sealer::seal`].
    pub fn seal(&self, entropy: &Entropy, place: &str, plain: &[u8]) -> Result<Vec<u8>, AppError> {
        let cipher = self.0.first().ok_or(AppError::Broken("there is no key"))?;
        encrypt(cipher, entropy, place, plain)
    }

    /// [`Sealer::open`] under this key.
    ///
    /// # Errors
    /// As [`Sealer::open`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, AppError> {
        decrypt(self.0.iter(), place, sealed)
    }
}

fn encrypt(
    cipher: &XChaCha20Poly1305,
    entropy: &Entropy,
    place: &str,
    plain: &[u8],
) -> Result<Vec<u8>, AppError> {
    let nonce = entropy.bytes::<NONCE_BYTES>();
    let payload = Payload { msg: plain, aad: place.as_bytes() };
    let sealed = cipher
        .encrypt((&nonce).into(), payload)
        .map_err(|_| AppError::Broken("a column could not be sealed"))?;
    Ok([&nonce[..], &sealed].concat())
}

fn decrypt<'c>(
    mut ciphers: impl Iterator<Item = &'c XChaCha20Poly1305>,
    place: &str,
    sealed: &[u8],
) -> Result<Vec<u8>, AppError> {
    let (nonce, body) = sealed
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(AppError::Broken("a sealed column is too short"))?;
    let payload = || Payload { msg: body, aad: place.as_bytes() };
    ciphers
        .find_map(|cipher| cipher.decrypt(nonce.into(), payload()).ok())
        .ok_or(AppError::Broken("a sealed column does not open: is the key file the right one?"))
}

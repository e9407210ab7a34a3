//! A caller's own signature on a call: the event of the deed keeps it, so that nobody who holds the database,
//! or the service, can say that somebody decided what they did not (SPEC.md section 12).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::domain::hash::Digest;

/// Field of an event that holds it.
pub const FIELD: &str = "actor_sig";
/// First line of what is signed of a call.
const CALL_TITLE: &str = "onevisit call";
/// First line of what a key signs of itself when it is registered.
const KEY_TITLE: &str = "onevisit signing key";
/// Random bytes in front of a request when it is hashed: the log is public, and what few would ask
/// could be guessed from a plain digest.
pub const SALT_BYTES: usize = 16;
/// Bytes of a public key, and of a secret one.
pub const KEY_BYTES: usize = 32;
/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 64;

/// A public Ed25519 key; written as lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads 32 bytes; `None` when they are no key, or one under which anything verifies.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
        (!key.is_weak()).then_some(Self(key))
    }

    /// Reads lower-case hexadecimal.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(Digest::from_hex(text)?.bytes())
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        self.0.as_bytes()
    }

    fn verify(&self, text: &str, signature: &[u8]) -> bool {
        let signature = Signature::from_slice(signature);
        signature.is_ok_and(|s| self.0.verify_strict(text.as_bytes(), &s).is_ok())
    }

    /// Whether a signature shows that who holds this key wants it for a credential.
    #[must_use]
    pub fn is_given(&self, credential: &str, proof: &[u8]) -> bool {
        self.verify(&key_text(credential, self), proof)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.bytes()))
    }
}

fn key_text(credential: &str, key: &PublicKey) -> String {
    format!("{KEY_TITLE}\n{credential}\n{key}\n")
}

fn call_text(method: &str, request_id: &str, digest: &Digest) -> String {
    format!("{CALL_TITLE}\n{method}\n{request_id}\n{digest}\n")
}

fn salted(salt: &[u8], message: &[u8]) -> Digest {
    let mut hasher = sha2::Sha256::new_with_prefix(salt);
    hasher.update(message);
    Digest(hasher.finalize().into())
}

/// Signs calls. Its secret is in no `Debug` text.
#[derive(Clone)]
pub struct CallSigner(SigningKey);

impl CallSigner {
    /// A signer from its secret.
    #[must_use]
    pub fn new(secret: &[u8; KEY_BYTES]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// What shows that its holder wants the key for a credential.
    #[must_use]
    pub fn give(&self, credential: &str) -> Vec<u8> {
        self.0.sign(key_text(credential, &self.public()).as_bytes()).to_bytes().to_vec()
    }

    /// The header that signs a call; `salt` is random, and kept by whoever wants to show the request later.
    #[must_use]
    pub fn header(
        &self,
        method: &str,
        request_id: &str,
        message: &[u8],
        salt: [u8; SALT_BYTES],
    ) -> String {
        let text = call_text(method, request_id, &salted(&salt, message));
        BASE64.encode([&salt[..], &self.0.sign(text.as_bytes()).to_bytes()].concat())
    }
}

/// What an event keeps of a caller's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSignature {
    /// SHA-256 over salt and request.
    pub digest: Digest,
    /// The public key, in hexadecimal.
    pub key: String,
    /// The method that was called.
    pub method: String,
    /// The signature, in hexadecimal.
    pub signature: String,
}

impl CallSignature {
    /// Reads the header of a call; `None` unless the key has signed this request.
    #[must_use]
    pub fn read(
        header: &str,
        key: &PublicKey,
        [method, request_id]: [&str; 2],
        message: &[u8],
    ) -> Option<Self> {
        let bytes = BASE64.decode(header).ok()?;
        let (salt, signature) = bytes.split_first_chunk::<SALT_BYTES>()?;
        let found = Self {
            digest: salted(salt, message),
            key: key.to_string(),
            method: method.to_owned(),
            signature: hex::encode(signature),
        };
        (signature.len() == SIGNATURE_BYTES && found.holds(request_id)).then_some(found)
    }

    /// Whether its key has signed the call of its method with this id.
    #[must_use]
    pub fn holds(&self, request_id: &str) -> bool {
        let (key, signature) = (PublicKey::parse(&self.key), hex::decode(&self.signature));
        let text = call_text(&self.method, request_id, &self.digest);
        key.zip(signature.ok()).is_some_and(|(key, signature)| key.verify(&text, &signature))
    }

    /// Whether the request is the one that was signed, for whoever kept the salt.
    #[must_use]
    pub fn is_of(&self, salt: &[u8; SALT_BYTES], message: &[u8]) -> bool {
        salted(salt, message) == self.digest
    }
}

//! Signed notes (C2SP signed-note) and the keys that sign and cosign them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::domain::hash::Suite;

/// Starts each signature line.
const DASH: &str = "\u{2014} ";
/// Bytes of a key id.
const ID_BYTES: usize = 4;
/// Bytes of a cosignature's time.
const TIME_BYTES: usize = 8;
/// Bytes of an Ed25519 signature.
const SIGNATURE_BYTES: usize = 64;
/// Largest note, in bytes.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A log signs its checkpoints: Ed25519 over the text.
    Log,
    /// A witness cosigns them: Ed25519 over `cosignature/v1`, the time and the text.
    Witness,
}

impl Purpose {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Witness => 0x04,
        }
    }
}

/// A public key with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    /// The signer's name: no spaces, no plus sign.
    pub name: String,
    /// What it signs.
    pub purpose: Purpose,
    key: VerifyingKey,
}

impl NoteKey {
    /// The first bytes of `SHA-256(name || 0x0a || purpose || key)`.
    fn id(&self) -> [u8; ID_BYTES] {
        let mut hasher = Sha256::new();
        hasher.update(&self.name);
        hasher.update([b'\n', self.purpose.byte()]);
        hasher.update(self.key.as_bytes());
        let mut id = [0; ID_BYTES];
        id.copy_from_slice(&hasher.finalize()[..ID_BYTES]);
        id
    }

    /// Reads `name+id+key` (C2SP "vkey"); `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let bytes = BASE64.decode(key).ok()?;
        let (purpose, key) = bytes.split_first()?;
        let purpose =
            [Purpose::Log, Purpose::Witness].into_iter().find(|p| p.byte() == *purpose)?;
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let found = Self { name: name.to_owned(), purpose, key };
        (is_name(name) && hex::encode(found.id()) == id).then_some(found)
    }

    /// The signature line of this key on a note, checked: the time of a cosignature, 0 of a log's.
    #[must_use]
    pub fn verify(&self, note: &Note<'_>) -> Option<u64> {
        note.lines.iter().find_map(|(name, blob)| self.verify_line(note.text, name, blob))
    }

    fn verify_line(&self, text: &str, name: &str, blob: &[u8]) -> Option<u64> {
        let (id, rest) = blob.split_first_chunk::<ID_BYTES>()?;
        if name != self.name || *id != self.id() {
            return None;
        }
        let (time, signature) = match self.purpose {
            Purpose::Log => (0, rest),
            Purpose::Witness => {
                let (time, signature) = rest.split_first_chunk::<TIME_BYTES>()?;
                (u64::from_be_bytes(*time), signature)
            }
        };
        let signature = Signature::from_slice(signature).ok()?;
        self.key.verify(&message(self.purpose, time, text), &signature).ok()?;
        Some(time)
    }
}

impl std::fmt::Display for NoteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = [&[self.purpose.byte()], &self.key.as_bytes()[..]].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), BASE64.encode(key))
    }
}

/// Whether a text can be a signer's name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

fn message(purpose: Purpose, time: u64, text: &str) -> Vec<u8> {
    match purpose {
        Purpose::Log => text.as_bytes().to_vec(),
        Purpose::Witness => format!("cosignature/v1\ntime {time}\n{text}").into_bytes(),
    }
}

/// Signs notes. Its secret is in no `Debug` text.
#[derive(Clone)]
pub struct NoteSigner {
    public: NoteKey,
    key: SigningKey,
}

impl NoteSigner {
    /// A signer from its seed.
    #[must_use]
    pub fn new(name: &str, purpose: Purpose, seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let public = NoteKey { name: name.to_owned(), purpose, key: key.verifying_key() };
        Self { public, key }
    }

    /// A signer for another use, named `NAME/USE`; its key tells nothing about this one's.
    #[must_use]
    pub fn derive(&self, usage: &str) -> Self {
        let name = format!("{}/{usage}", self.public.name);
        let seed =
            Suite::Sha256.keyed(&self.key.to_bytes(), "onevisit/derived-key", &[usage.as_bytes()]);
        Self::new(&name, self.public.purpose, seed.bytes())
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> &NoteKey {
        &self.public
    }

    /// The signature line on a text; `time` in seconds counts for witnesses only.
    #[must_use]
    pub fn line(&self, text: &str, time: u64) -> String {
        let signature = self.key.sign(&message(self.public.purpose, time, text)).to_bytes();
        let mut blob = Vec::with_capacity(ID_BYTES + TIME_BYTES + SIGNATURE_BYTES);
        blob.extend_from_slice(&self.public.id());
        if self.public.purpose == Purpose::Witness {
            blob.extend_from_slice(&time.to_be_bytes());
        }
        blob.extend_from_slice(&signature);
        format!("{DASH}{} {}\n", self.public.name, BASE64.encode(blob))
    }
}

/// A note taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'n> {
    /// What is signed, with its last line end.
    pub text: &'n str,
    /// Name and blob of each signature.
    pub lines: Vec<(&'n str, Vec<u8>)>,
}

impl<'n> Note<'n> {
    /// Takes a note apart; `None` when it is not one.
    #[must_use]
    pub fn parse(note: &'n str) -> Option<Self> {
        if note.len() > NOTE_BYTES_MAX || !note.ends_with('\n') {
            return None;
        }
        let at = note.rfind("\n\n")?;
        let (text, signatures) = (&note[..=at], &note[at + 2..]);
        let line = |line: &'n str| {
            let (name, blob) = line.strip_prefix(DASH)?.split_once(' ')?;
            Some((name, BASE64.decode(blob).ok()?))
        };
        let lines: Option<Vec<_>> = signatures.lines().map(line).collect();
        Some(Self { text, lines: lines.filter(|l| !l.is_empty())? })
    }
}

impl std::fmt::Display for Note<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        let mut lines = self.lines.iter();
        lines.try_for_each(|(name, blob)| writeln!(f, "{DASH}{name} {}", BASE64.encode(blob)))
    }
}

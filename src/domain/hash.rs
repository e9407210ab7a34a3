//! The hash suites, the three ways DR1 hashes, `T`, `M` and `MTH` (`draw/SPEC.md` section 1), and
//! the RFC 6962 leaf and node hashes of the log.

use std::fmt;

use hmac::{KeyInit, Mac, SimpleHmac};

/// Width of every digest, in bytes.
pub const DIGEST_BYTES: usize = 32;

/// First byte of every tagged hash, which keeps it apart from tree leaves (0x00) and nodes (0x01).
const TAGGED: u8 = 0x02;
const LEAF: u8 = 0x00;
const NODE: u8 = 0x01;

/// 32 raw bytes; written as lower-case hexadecimal in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(pub [u8; DIGEST_BYTES]);

impl Digest {
    /// The digest's bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; DIGEST_BYTES] {
        &self.0
    }

    /// Reads 64 lower-case hexadecimal characters; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != DIGEST_BYTES * 2 || text.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        let mut out = [0; DIGEST_BYTES];
        hex::decode_to_slice(text, &mut out).ok()?;
        Some(Self(out))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::from_hex(&text)
            .ok_or_else(|| serde::de::Error::custom("wants 64 lower-case hexadecimal characters"))
    }
}

/// Which hash an `alg` name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Suite {
    /// SHA-256 (FIPS 180-4).
    #[serde(rename = "DR1-SHA256")]
    Sha256,
    /// SM3 (GB/T 32905-2016).
    #[serde(rename = "DR1-SM3")]
    Sm3,
}

impl Suite {
    /// `H(bytes)`.
    #[must_use]
    pub fn hash(self, bytes: &[u8]) -> Digest {
        self.hash_parts(&[bytes])
    }

    fn hash_parts(self, parts: &[&[u8]]) -> Digest {
        match self {
            Self::Sha256 => hash_with::<sha2::Sha256>(parts),
            Self::Sm3 => hash_with::<sm3::Sm3>(parts),
        }
    }

    /// `T(tag, ..) = H(0x02 || E(tag, ..))`.
    #[must_use]
    pub fn tagged(self, tag: &str, fields: &[&[u8]]) -> Digest {
        let body = tagged_body(tag, fields);
        self.hash(&body)
    }

    /// `M(key, tag, ..) = HMAC-H(key, 0x02 || E(tag, ..))`.
    #[must_use]
    pub fn keyed(self, key: &[u8], tag: &str, fields: &[&[u8]]) -> Digest {
        let body = tagged_body(tag, fields);
        match self {
            Self::Sha256 => mac_with::<sha2::Sha256>(key, &body),
            Self::Sm3 => mac_with::<sm3::Sm3>(key, &body),
        }
    }

    /// The hash of one tree leaf.
    #[must_use]
    pub fn leaf(self, data: &[u8]) -> Digest {
        self.hash_parts(&[&[LEAF], data])
    }

    /// The hash of an inner tree node.
    #[must_use]
    pub fn node(self, left: &Digest, right: &Digest) -> Digest {
        self.hash_parts(&[&[NODE], &left.0, &right.0])
    }

    /// `MTH(leaves)`: the RFC 6962 section 2.1 tree hash, in one pass over the leaf data.
    #[must_use]
    pub fn tree<L: AsRef<[u8]>>(self, leaves: impl IntoIterator<Item = L>) -> Digest {
        // A stack of perfect subtrees, largest first; `size` tells which of them are due to merge.
        let mut stack: Vec<Digest> = Vec::new();
        let mut size: u64 = 0;
        for leaf in leaves {
            stack.push(self.leaf(leaf.as_ref()));
            size += 1;
            for _ in 0..size.trailing_zeros() {
                self.merge_top(&mut stack);
            }
        }
        while stack.len() > 1 {
            self.merge_top(&mut stack);
        }
        stack.pop().unwrap_or_else(|| self.hash(&[]))
    }

    /// The hashes that lead from a leaf to the root of the tree over leaf hashes, lowest first
    /// (RFC 6962, section 2.1.1); empty when there is no such leaf.
    #[must_use]
    pub fn path(self, leaves: &[Digest], index: usize) -> Vec<Digest> {
        let (mut out, mut within) = (Vec::new(), leaves);
        let mut index = index;
        while within.len() > 1 && index < within.len() {
            let (left, right) = within.split_at(split(within.len()));
            let (own, other) = if index < left.len() { (left, right) } else { (right, left) };
            index -= if index < left.len() { 0 } else { left.len() };
            out.push(self.join(other));
            within = own;
        }
        out.reverse();
        out
    }

    /// The root that a path leads to from a leaf hash; `None` when its length is wrong.
    #[must_use]
    pub fn climb(
        self,
        leaf: &Digest,
        index: usize,
        count: usize,
        path: &[Digest],
    ) -> Option<Digest> {
        if index >= count || (count == 1 && !path.is_empty()) {
            return None;
        }
        if count == 1 {
            return Some(*leaf);
        }
        let (other, path) = path.split_last()?;
        let left = split(count);
        match index < left {
            true => Some(self.node(&self.climb(leaf, index, left, path)?, other)),
            false => {
                let own = self.climb(leaf, index - left, count - left, path)?;
                Some(self.node(other, &own))
            }
        }
    }

    /// The root over leaf hashes.
    fn join(self, leaves: &[Digest]) -> Digest {
        match leaves {
            [] => self.hash(&[]),
            [one] => *one,
            more => {
                let (left, right) = more.split_at(split(more.len()));
                self.node(&self.join(left), &self.join(right))
            }
        }
    }

    fn merge_top(self, stack: &mut Vec<Digest>) {
        if let (Some(right), Some(left)) = (stack.pop(), stack.pop()) {
            stack.push(self.node(&left, &right));
        }
    }
}

/// The largest power of two below a count of two or more.
fn split(count: usize) -> usize {
    1 << (count - 1).ilog2()
}

fn hash_with<H: sha2::Digest>(parts: &[&[u8]]) -> Digest {
    let mut hasher = H::new();
    for part in parts {
        hasher.update(part);
    }
    to_digest(&hasher.finalize())
}

fn mac_with<H>(key: &[u8], body: &[u8]) -> Digest
where
    H: sha2::Digest + hmac::digest::block_api::BlockSizeUser,
    SimpleHmac<H>: KeyInit + Mac,
{
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104)")]
    let mut mac = <SimpleHmac<H> as KeyInit>::new_from_slice(key).expect("any key length");
    mac.update(body);
    to_digest(&mac.finalize().into_bytes())
}

fn to_digest(bytes: &[u8]) -> Digest {
    let mut out = [0; DIGEST_BYTES];
    out.copy_from_slice(bytes);
    Digest(out)
}

fn tagged_body(tag: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::with_capacity(128);
    body.push(TAGGED);
    push_field(&mut body, tag.as_bytes());
    for field in fields {
        push_field(&mut body, field);
    }
    body
}

/// Appends one field of `E(..)`: its length as four big-endian bytes, then the bytes.
///
/// # Panics
/// For a field of 4 GiB or more, which no limit of this program lets in.
pub fn push_field(out: &mut Vec<u8>, field: &[u8]) {
    #[expect(clippy::expect_used, reason = "fields are bounded far below 4 GiB at the edges")]
    let length = u32::try_from(field.len()).expect("field below 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(field);
}

/// `E(fields)` as a new buffer.
#[must_use]
pub fn encode(fields: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    for field in fields {
        push_field(&mut out, field);
    }
    out
}

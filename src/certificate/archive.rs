//! The archive of a campaign or of one visit (R128, R129) as a file: canonical JSON lines, the first of which
//! names every other with its digest. Lines that hold personal data may be left out; the first line, whose
//! digest stands in the log, stays the same, and so do the digests of what is left out.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::canon::{self, CanonError};
use crate::domain::hash::{Digest, Suite};

/// Name and version of the format.
pub const FORMAT: &str = "onevisit-archive/1";

/// Section with the campaign as it stands, its notice and its bulletin.
pub const CAMPAIGN: &str = "campaign";
/// Section with the annual plan and the scheme, every version.
pub const PAPERS: &str = "papers";
/// Section with the certificate of the draw: bundle, history, proofs.
pub const CERTIFICATE: &str = "certificate";
/// Section with further events and their proofs under the certificate's checkpoint.
pub const LOG: &str = "log";
/// Section with the visits: where they, their checks, results and what followed stand.
pub const VISITS: &str = "visits";
/// The section of missed deadlines (R130); those of before it was kept have none, so none is asked for.
pub const LIABILITY: &str = "liability";
/// Sections that every archive has, in order.
pub const PUBLIC: [&str; 5] = [CAMPAIGN, PAPERS, CERTIFICATE, LOG, VISITS];
/// How the name of a section with personal data begins; the visit's rank follows.
pub const RECORD: &str = "record/";

/// What the first line says of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Name of the section.
    pub name: String,
    /// Whether it holds personal data, and may be left out.
    pub personal: bool,
    /// SHA-256 of its line without the end of line.
    pub sha256: Digest,
    /// Bytes of its line without the end of line.
    pub size: u64,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The campaign.
    pub campaign: String,
    /// Always [`FORMAT`].
    pub format: String,
    /// The last day on which the archive must be kept (R128).
    pub keep_until: String,
    /// When it was made, in microseconds UTC.
    pub made_us: i64,
    /// Number of the archive of this campaign or visit.
    pub nth: i64,
    /// The sections in the order of their lines.
    pub sections: Vec<Named>,
    /// Rank of the visit; 0 for the whole campaign.
    pub visit: i64,
}

/// Another line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// What it holds.
    pub content: Value,
    /// Name of the section.
    pub name: String,
    /// Of personal data: keeps anybody from guessing it by the digest; empty otherwise.
    pub salt: String,
}

impl Section {
    /// The line, without the end of line.
    ///
    /// # Errors
    /// [`CanonError`] when a text is not NFC.
    pub fn line(&self) -> Result<Vec<u8>, CanonError> {
        line(self)
    }

    /// What the first line says of it.
    #[must_use]
    pub fn named(&self, line: &[u8]) -> Named {
        Named {
            name: self.name.clone(),
            personal: self.name.starts_with(RECORD),
            sha256: Suite::Sha256.hash(line),
            size: line.len() as u64,
        }
    }
}

fn line<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonError> {
    let bad = |_| CanonError::NotInteger { field: "$".to_owned() };
    canon::to_bytes(&serde_json::to_value(value).map_err(bad)?)
}

impl Header {
    /// The line, without the end of line.
    ///
    /// # Errors
    /// [`CanonError`] when a text is not NFC.
    pub fn line(&self) -> Result<Vec<u8>, CanonError> {
        line(self)
    }

    /// Whether a file begins like an archive.
    #[must_use]
    pub fn begins(bytes: &[u8]) -> bool {
        let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        serde_json::from_slice::<Self>(first).is_ok_and(|header| header.format == FORMAT)
    }
}

/// The file: each line with its end.
#[must_use]
pub fn file<'l>(lines: impl IntoIterator<Item = &'l [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out
}

//! The file itself.

use serde::{Deserialize, Serialize};

use crate::domain::canon::{self, CanonError};
use crate::domain::hash::Digest;
use crate::draw::bundle::Bundle;

/// Name and version of the format.
pub const FORMAT: &str = "onevisit-certificate/1";

/// What holds, and when; every certificate says it (SPEC.md of the draw, section 9).
pub const GUARANTEES: [&str; 6] = [
    "The result is a function of the published data if the hash is collision resistant.",
    "Without a beacon nobody could predict or steer it if one office was honest and kept its number \
     secret and there was no abort; each abort gives a coalition one visible retry. All offices \
     together with the operator could choose their numbers: this is not prevented without a beacon.",
    "With a beacon the same holds if the beacon is honest, or one office is honest and nobody withholds.",
    "The list was not changed after the randomness if the log was not forked: one witness is honest, \
     or anybody kept the checkpoint under which it was frozen.",
    "Targets stayed secret if the service and the holder of its key are honest; small strata give \
     their members away by themselves.",
    "That eligibility was honest is not shown by this file: counts per reason are public, auditors \
     open the excluded, everybody opens the others when the campaign is closed.",
];

/// One event of the campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The event's bytes, as text.
    pub event: String,
    /// Its position in the log.
    pub position: u64,
    /// That it stands there, in the tree of the checkpoint.
    pub proof: Vec<Digest>,
}

/// What is needed of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPart {
    /// The checkpoint that all proofs lead to, with what witnesses signed on it.
    pub checkpoint: String,
    /// That it continues `frozen_under`.
    pub consistency: Vec<Digest>,
    /// The first checkpoint that covers the freeze, with what witnesses signed on it.
    pub frozen_under: String,
    /// The log's key.
    pub key: String,
    /// Changes of the log's key up to the checkpoint, the last one to `key`; left out when there
    /// were none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_changes: Vec<Entry>,
    /// Whose cosignatures the checkpoints need.
    pub policy: String,
}

/// A draw with its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The draw's own data.
    pub bundle: Bundle,
    /// All events of the campaign up to the checkpoint, by position.
    pub entries: Vec<Entry>,
    /// Always [`FORMAT`].
    pub format: String,
    /// Always [`GUARANTEES`].
    pub guarantees: Vec<String>,
    /// Proofs and checkpoints.
    pub log: LogPart,
    /// Bundles of the supplementary draws, in the order of their events; left out when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supplements: Vec<Bundle>,
}

impl Certificate {
    /// The file's bytes.
    ///
    /// # Errors
    /// [`CanonError`] when a text is not NFC.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonError> {
        let value = serde_json::to_value(self)
            .map_err(|_| CanonError::NotInteger { field: "$".to_owned() })?;
        canon::to_bytes(&value)
    }
}

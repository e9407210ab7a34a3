//! Commitments, reveals and the keys they fix (SPEC.md section 3).

use super::DrawError;
use super::freeze::Freeze;
use super::hash::{DIGEST_BYTES, Digest, Suite};

/// A supervising office's secret number: 32 random bytes made outside the server.
pub type Number = [u8; DIGEST_BYTES];

/// `C_j = T("dr1/commit", freeze_hash, contributor, number)`.
#[must_use]
pub fn commitment(suite: Suite, freeze: &Digest, contributor: &str, number: &Number) -> Digest {
    suite.tagged("dr1/commit", &[freeze.bytes(), contributor.as_bytes(), number])
}

/// The seed of a draw and the keys derived from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    suite: Suite,
    /// `T("dr1/seed", ..)`.
    pub value: Digest,
    /// Hash over all commitments, in the freeze's order.
    pub commit_set: Digest,
}

impl Seed {
    /// Mixes the offices' numbers, checking each against its commitment.
    ///
    /// `reveals[j]` is `None` when office `j` withheld its number, which only a beacon allows.
    ///
    /// # Errors
    /// [`DrawError::WrongCount`], [`DrawError::WrongReveal`] or [`DrawError::MissingReveal`].
    pub fn mix(
        freeze: &Freeze,
        freeze_hash: &Digest,
        commitments: &[Digest],
        reveals: &[Option<Number>],
        beacon_value: &[u8],
    ) -> Result<Self, DrawError> {
        let wanted = freeze.contributors.len();
        for (what, given) in [("commitments", commitments.len()), ("reveals", reveals.len())] {
            if given != wanted {
                return Err(DrawError::WrongCount { what, given, wanted });
            }
        }
        for (j, name) in freeze.contributors.iter().enumerate() {
            match &reveals[j] {
                Some(r) if commitment(freeze.alg, freeze_hash, name, r) != commitments[j] => {
                    return Err(DrawError::WrongReveal(name.clone()));
                }
                None if freeze.beacon.is_none() => {
                    return Err(DrawError::MissingReveal(name.clone()));
                }
                _ => {}
            }
        }
        let suite = freeze.alg;
        let all: Vec<&[u8]> = commitments.iter().map(|c| &c.bytes()[..]).collect();
        let commit_set = suite.tagged("dr1/commits", &all);
        let mut fields: Vec<&[u8]> = vec![freeze_hash.bytes(), commit_set.bytes()];
        fields.extend(reveals.iter().map(|r| r.as_ref().map_or(&[][..], |r| &r[..])));
        fields.push(beacon_value);
        Ok(Self { suite, value: suite.tagged("dr1/seed", &fields), commit_set })
    }

    /// A seed in a domain of its own for a dry run: it tells nothing about any real draw.
    #[must_use]
    pub fn preview(suite: Suite, freeze_hash: &Digest, entropy: &Number) -> Self {
        let fields: [&[u8]; 2] = [freeze_hash.bytes(), entropy];
        let value = suite.tagged("onevisit/preview", &fields);
        Self { suite, value, commit_set: Digest::default() }
    }

    /// `key_S`: draws subjects.
    #[must_use]
    pub fn subject_key(&self) -> Digest {
        self.suite.tagged("dr1/key", &[self.value.bytes(), b"S"])
    }

    /// `key_I(d)`: deals a department's inspectors.
    #[must_use]
    pub fn inspector_key(&self, department: &str) -> Digest {
        self.suite.tagged("dr1/key", &[self.value.bytes(), b"I", department.as_bytes()])
    }
}

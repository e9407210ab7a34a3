//! DR1, the draw that anybody can re-compute and nobody can steer. `SPEC.md` beside this file is
//! normative; the vectors in `tests/vectors` are its law.
//!
//! Everything here is pure: bytes in, values out. The order of work is the order of the files:
//! [`frame`] (what may be drawn) is sealed by [`freeze`] into tickets and roots, [`seed`] turns the
//! offices' numbers into keys, [`lot`] draws subjects, [`visits`] merges them, [`deal`] and
//! [`repair`] send teams, [`result`] binds the outcome, and [`bundle`] and [`verify`] let anybody
//! redo it from the published bytes alone.

pub mod amend;
pub mod beacon;
pub mod bundle;
pub mod chacha;
pub mod deal;
pub mod frame;
pub mod freeze;
pub mod lot;
pub mod opening;
pub mod outcome;
pub mod pool;
pub mod repair;
pub mod result;
pub mod seed;
pub mod units;
pub mod verify;
pub mod visits;

use thiserror::Error;

pub use crate::domain::{hash, quota};
pub use frame::Frame;
pub use freeze::{Freeze, Sealed};
pub use hash::{Digest, Suite};

pub use outcome::{Outcome, draw};

/// Why a frame cannot be frozen, drawn or verified.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DrawError {
    /// A text or number has no canonical form.
    #[error(transparent)]
    Canon(#[from] crate::domain::canon::CanonError),
    /// Two units or two inspectors carry one id.
    #[error("{kind} {id} appears twice in the frame")]
    Duplicate {
        /// `unit` or `inspector`.
        kind: &'static str,
        /// The repeated id.
        id: String,
    },
    /// A status names a profile that the campaign does not define.
    #[error("department {department} uses profile {profile}, which is not defined")]
    UnknownProfile {
        /// The department.
        department: String,
        /// The missing profile.
        profile: String,
    },
    /// A status is neither `in:PROFILE` nor `x:REASON`.
    #[error("status {0:?} is neither in:PROFILE nor x:REASON")]
    BadStatus(String),
    /// A pair of avoidance or keep names somebody who is not in the frame.
    #[error("pair names {0}, who is not in the frame")]
    UnknownPair(String),
    /// Stored freeze bytes that cannot be read back.
    #[error("freeze bytes: {0}")]
    BadFreeze(String),
    /// A reveal is missing and no beacon lets the draw go on (DR1 section 3).
    #[error("contributor {0} has not revealed and there is no beacon")]
    MissingReveal(String),
    /// A reveal does not open its commitment.
    #[error("the number revealed by {0} does not open its commitment")]
    WrongReveal(String),
    /// More or fewer commitments or reveals than contributors.
    #[error("{given} {what} for {wanted} contributors")]
    WrongCount {
        /// `commitments` or `reveals`.
        what: &'static str,
        /// How many were given.
        given: usize,
        /// How many contributors the freeze names.
        wanted: usize,
    },
}

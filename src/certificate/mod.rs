//! The file a citizen keeps: a draw's bundle, every event of its campaign with a proof that it
//! stands in the log, and the signed checkpoints. [`verify`] needs nothing else.
//! `ledger/SPEC.md` section 8 says what is in it.

pub mod archive;
pub mod archived;
pub mod changes;
pub mod file;
mod log;
pub mod opening;
mod record;
pub mod supplements;
pub mod told;
pub mod verify;

pub use file::{Certificate, Entry, LogPart};
pub use verify::{Certified, Step, Trust, Wrong};

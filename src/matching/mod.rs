//! When are several departments' rows one subject?
//!
//! Three steps, all pure: [`read`] turns an identifier as people write it into the form that is
//! stored, with the mends it took; [`evidence`] says what links two rows; [`cluster`] unites
//! what is certain, queues what is doubtful, and names each subject. Links are never stored as
//! facts: they follow from the rows and the offices' decisions, so any of them can be undone
//! until a frame is frozen.

pub mod cluster;
pub mod evidence;
pub mod read;

pub use cluster::{Decision, Resolution, Row, resolve};
pub use read::{Mend, Reading, read_id};

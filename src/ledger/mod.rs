//! What is recorded of every deed: [`event`] bytes, the [`tree`] over them, [`checkpoint`]s that state
//! its size and root, the signed [`note`]s they are, and the [`witness`]es and [`quorum`] that keep the
//! log honest; each [`year`] is closed and can be put away as one [`year_file`], and what somebody
//! decides may bear their own [`call_signature`]. `SPEC.md` beside this file is enough to write another
//! checker.

pub mod call_signature;
pub mod checkpoint;
pub mod event;
pub mod growing;
pub mod note;
pub mod quorum;
pub mod succession;
pub mod tree;
pub mod witness;
pub mod year;
pub mod year_file;

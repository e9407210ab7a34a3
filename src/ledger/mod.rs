//! What is recorded of every deed: [`event`] bytes, the [`tree`] over them, [`checkpoint`]s that
//! state its size and root, the signed [`note`]s they are, and the [`witness`]es and [`quorum`] that keep
//! the log honest. `SPEC.md` beside this file is enough
//! to write another checker.

pub mod checkpoint;
pub mod event;
pub mod note;
pub mod quorum;
pub mod succession;
pub mod tree;
pub mod witness;

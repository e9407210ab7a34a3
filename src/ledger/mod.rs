//! What is recorded of every deed: [`event`] bytes, the [`tree`] over them, [`checkpoint`]s that
//! state its size and root, and the signed [`note`]s they are. `SPEC.md` beside this file is enough
//! to write another checker.

pub mod checkpoint;
pub mod event;
pub mod note;
pub mod tree;

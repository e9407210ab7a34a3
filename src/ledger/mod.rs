//! What is recorded of every deed. Events are stored bytes; order, tree and checkpoints follow.

pub mod event;

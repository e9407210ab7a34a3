//! What listens: its limits against broken peers, and its TLS.

mod frames;
mod limits;
mod tls;

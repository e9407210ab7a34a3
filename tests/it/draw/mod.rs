//! DR1 against its law and its promises.

mod properties;
mod tamper;
pub mod vectors;

//! DR1 against its law and its promises.

mod chance;
mod properties;
pub mod python;
pub mod random;
mod tamper;
pub mod vectors;

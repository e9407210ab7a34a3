//! DR1 against its law and its promises.

mod chance;
mod properties;
mod python;
mod random;
mod tamper;
pub mod vectors;

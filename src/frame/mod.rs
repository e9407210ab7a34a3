//! From registries and rules to a sampling frame: who may be drawn for what, and why not.
//!
//! [`units`] groups the rows of all departments into doors, [`rules`] gives each department's
//! status for a door with the id of the rule that excludes it, [`people`] says who may be sent,
//! and [`build`] puts the three together. Nothing is left out of a frame silently: an excluded
//! unit stays in it with its reason.

pub mod build;
pub mod experts;
pub mod neighbours;
pub mod people;
pub mod rules;
pub mod shortages;
pub mod supplement;
pub mod units;

pub use build::{Framed, Sources, build};

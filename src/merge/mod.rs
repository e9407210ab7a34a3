//! From tasks to visits, with the explanation.
//!
//! [`stab`] places the fewest visits for the tasks that departments already have; [`figures`]
//! counts what a draw saves; [`explain`] says why a door was drawn.

pub mod dates;
pub mod explain;
pub mod figures;
pub mod stab;

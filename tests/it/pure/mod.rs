//! The pure parts below the draw: matching, merging, rules, state machines.

mod approval;
mod assessment;
mod calendar;
mod campaign;
mod check;
mod dates;
mod disclosure;
mod exception;
mod experts;
mod follow_up;
mod liability;
mod log;
mod matching;
mod objection;
mod oversight;
mod packs;
mod policy;
mod schedule;
mod shortages;
mod stab;
mod witness;
mod year;

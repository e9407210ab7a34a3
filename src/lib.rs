#![doc = include_str!("ARCHITECTURE.md")]

pub mod domain;

pub mod draw;
pub mod matching;
pub mod merge;

pub mod store;

#![doc = include_str!("ARCHITECTURE.md")]

pub mod domain;

pub mod draw;
pub mod frame;
pub mod ledger;
pub mod matching;
pub mod merge;

pub mod store;

pub mod app;

pub mod rpc;

pub mod server;

pub mod config;

pub mod demo;

pub mod cli;

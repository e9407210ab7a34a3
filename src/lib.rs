#![doc = include_str!("ARCHITECTURE.md")]

pub mod domain;

pub mod certificate;
pub mod draw;
pub mod frame;
pub mod ledger;
pub mod matching;
pub mod merge;
pub mod oversight;

pub mod store;

pub mod app;

pub mod push;
pub mod rpc;
pub mod web;
pub mod witness;

pub mod server;

pub mod config;

pub mod demo;

pub mod cli;

//! The one integration binary. Everything that touches a database runs on both engines.

mod cli;
mod draw;
mod harness;
mod helm;
mod page;
mod pure;
mod real;
mod rpc;
mod schema;
mod server;
mod store;
mod story;
mod supply;
mod threat;
mod tidy;
mod web;

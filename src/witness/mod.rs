//! A witness of the log: a small process that a department or the discipline office runs on a
//! machine of its own (C2SP tlog-witness). [`state`] is what it must never lose, [`http`] how logs
//! reach it, [`client`] how the service asks one.

pub mod client;
pub mod http;
pub mod state;

//! The nouns of joint inspection, without IO, clock or randomness.
//!
//! To add one: a file with its type, its `parse`/`check` that reports [`Violations`], and its
//! state machine if it has one. A type here is also what is stored (as JSON) and hashed.

pub mod account;
pub mod annual_plan;
pub mod appointment;
pub mod approval;
pub mod archive;
pub mod breach;
pub mod bulletin;
pub mod calendar;
pub mod caller;
pub mod campaign;
pub mod canon;
pub mod ceremony;
pub mod chain;
pub mod change;
pub mod check;
pub mod correction;
pub mod credit;
pub mod csv_cell;
pub mod day;
pub mod deadline;
pub mod department;
pub mod dispatch;
pub mod erasure;
pub mod exception;
pub mod follow_up;
pub mod hash;
pub mod id;
pub mod inspection;
pub mod inspector;
pub mod item;
pub mod joint_rate;
pub mod liability;
pub mod local_mode;
pub mod notice;
pub mod objection;
pub mod outbox;
pub mod pack;
pub mod plan;
pub mod plan_check;
pub mod policy;
pub mod profile;
pub mod publication;
pub mod quota;
pub mod recusal;
pub mod release;
pub mod row;
pub mod schedule;
pub mod scheme;
pub mod scope;
pub mod shortage;
pub mod subject;
pub mod supplement;
pub mod text;
pub mod totp;
pub mod training;
pub mod uscc;
pub mod violation;
pub mod visit;
pub mod visit_code;

pub use violation::{Violation, Violations};

//! The wire: the only module that names tonic and the generated types.
//!
//! A method authenticates, converts, calls one use-case and converts back. Reading a message
//! collects every violation before anything is refused.

pub mod auth;
pub mod client;
pub mod convert;
pub mod page;
pub mod peer;
pub mod status;

mod access;
mod annual_plans;
mod appointments;
mod archives;
mod assessments;
mod calendar;
mod campaigns;
mod checks;
mod discipline;
mod disclosure;
mod erasures;
mod exceptions;
mod experts;
mod follow_ups;
mod item_lists;
mod joint;
mod ledger;
mod liability;
mod local_modes;
mod matching;
mod notices;
mod objections;
mod oversight;
mod plans;
mod policies;
mod recusals;
mod registry;
mod schedules;
mod schemes;
pub mod services;
mod trainings;
mod visits;
mod watch;

/// Generated from `proto/onevisit/v1`.
#[expect(clippy::allow_attributes, reason = "generated code; its docs are in the proto files")]
pub mod pb {
    tonic::include_proto!("onevisit.v1");
}

pub use access::Access;
pub use annual_plans::AnnualPlans;
pub use appointments::Appointments;
pub use archives::Archives;
pub use assessments::Assessments;
pub use calendar::Calendars;
pub use campaigns::Campaigns;
pub use checks::Checks;
pub use discipline::Discipline;
pub use disclosure::Disclosure;
pub use erasures::Erasures;
pub use exceptions::Exceptions;
pub use experts::Experts;
pub use follow_ups::FollowUps;
pub use item_lists::ItemLists;
pub use joint::Joint;
pub use ledger::Ledger;
pub use liability::Liabilities;
pub use local_modes::LocalModes;
pub use matching::Matching;
pub use notices::Notices;
pub use objections::Objections;
pub use oversight::Oversight;
pub use plans::Plans;
pub use policies::Policies;
pub use recusals::Recusals;
pub use registry::Registry;
pub use schedules::Schedules;
pub use schemes::Schemes;
pub use trainings::Trainings;
pub use visits::Visits;

/// The compiled contract, for reflection.
pub const DESCRIPTOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));
/// Largest message taken or given, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Piece of a downloaded file, in bytes.
pub const DOWNLOAD_CHUNK_BYTES: usize = 256 * 1024;

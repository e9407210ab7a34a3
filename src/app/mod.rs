//! Use-cases: one per file, each one transaction with its ledger event inside.
//!
//! To add one: check the caller, `app.begin(call)`, read and decide with `domain`, write rows,
//! `step.finish(kind, body, reply)`. A repeated `request_id` gets the stored reply.

pub mod abort;
pub mod access;
pub mod accounts;
pub mod aim;
pub mod annual_plans;
mod appends;
pub mod appointments;
pub mod archive;
pub mod attempt;
pub mod audit;
pub mod calendar;
pub mod campaigns;
pub mod ceremony;
pub mod certify;
pub mod chains;
pub mod changes;
pub mod check;
pub mod clock;
pub mod cosign;
pub mod credit;
pub mod departments;
pub mod disclosure;
pub mod dispatches;
mod drawn;
pub mod draws;
pub mod drift;
mod erase;
pub mod erasures;
pub mod exceptions;
pub mod experts;
pub mod export;
pub mod follow_ups;
pub mod framing;
pub mod fsck;
mod fsck_archives;
mod fsck_checks;
mod fsck_draws;
mod fsck_results;
mod fsck_settings;
mod fsck_signatures;
mod fsck_visits;
pub mod history;
mod import_apply;
pub mod imports;
pub mod inspectors;
pub mod items;
pub mod joint;
mod joint_list;
mod keys;
pub mod liability;
pub mod local_modes;
pub mod log;
pub mod matching;
pub mod names;
mod neighbours;
pub mod notices;
pub mod objection;
pub mod openings;
mod overrides;
pub mod oversight;
pub mod overview;
pub mod pack;
pub mod papers;
mod passwords;
pub mod plans;
pub mod policies;
pub mod proofs;
pub mod recusals;
pub mod registry_changes;
mod release;
mod replace;
mod reply;
pub mod restore;
pub mod rewrap;
mod scene;
pub mod schedule;
pub mod schemes;
pub mod seal;
pub mod sheet;
pub mod sign_in;
pub mod signing;
pub mod step;
mod substitute;
pub mod succession;
pub mod supplements;
pub mod templates;
pub mod trainings;
mod visit_code;
pub mod visits;
pub mod watch;
pub mod year_file;
pub mod years;

use thiserror::Error;

use crate::domain::Violations;
use crate::domain::calendar::UnknownYear;
use crate::domain::caller::{Caller, Role};
use crate::domain::canon::CanonError;
use crate::draw::DrawError;
use crate::store::{Db, StoreError};

pub use crate::store::{
    Contribution, Decision, Entry as LogEntry, LinkRow, Page, PaperFilter, Push, ReviewRow,
};
pub use aim::Aim;
pub use clock::{Clock, Entropy};
pub use log::Log;
pub use seal::Sealer;
pub use signing::Signatures;
pub use step::{Begun, Call, Event, Step};

/// Entries of a page when the caller names no number.
pub const PAGE_DEFAULT: i64 = 100;
/// Most entries of a page.
pub const PAGE_MAX: i64 = 1_000;

/// What the use-cases need.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// The key-encryption key, kept outside the database.
    pub sealer: Sealer,
    /// What signs the log and knows why it stands.
    pub log: Log,
    /// Where the credit platform takes results (R124); `None` while nobody has named it.
    pub credit_url: Option<String>,
    /// What is done with signatures of callers.
    pub signatures: Signatures,
    /// Whether browsers keep the session's cookie over TLS only; a proxy in front ends it.
    pub secure_cookies: bool,
    appends: appends::Appends,
    keys: keys::Keys,
}

impl App {
    /// What the use-cases need, with nothing waiting and nobody known yet.
    #[must_use]
    pub fn new(db: Db, clock: Clock, entropy: Entropy, sealer: Sealer, log: Log) -> Self {
        let (appends, keys, signatures) = Default::default();
        let (credit_url, secure_cookies) = (None, true);
        Self {
            db,
            clock,
            entropy,
            sealer,
            log,
            credit_url,
            signatures,
            secure_cookies,
            appends,
            keys,
        }
    }
}

/// Why a use-case refused.
#[derive(Debug, Error)]
pub enum AppError {
    /// The input breaks rules; all of them are listed.
    #[error("invalid: {0}")]
    Invalid(#[from] Violations),
    /// No or unknown credential.
    #[error("no valid credential")]
    Unauthenticated,
    /// A signature of the caller's own is missing or wrong.
    #[error("the call is not signed: {0}")]
    Unsigned(&'static str),
    /// The caller may not do this.
    #[error("not permitted: {0}")]
    Forbidden(&'static str),
    /// It does not exist.
    #[error("{kind} {id} does not exist")]
    NotFound {
        /// What kind of thing.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// It exists already, or the request id was used for something else.
    #[error("{kind} {id} exists already")]
    Exists {
        /// What kind of thing.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// The state does not allow it.
    #[error("{reason}: {detail}")]
    Precondition {
        /// The rule's id.
        reason: &'static str,
        /// What stands in the way.
        detail: String,
    },
    /// Somebody else changed it meanwhile; read it again.
    #[error("{0} was changed meanwhile")]
    Stale(String),
    /// A day of this year has to be counted, and no calendar says which of its days are worked.
    #[error("{0}")]
    UnknownYear(#[from] UnknownYear),
    /// The log takes nothing more until somebody has looked.
    #[error("the log is stopped: {0}")]
    LogStopped(#[from] log::Fault),
    /// The frame cannot be drawn.
    #[error("draw: {0}")]
    Draw(#[from] DrawError),
    /// A value has no canonical form.
    #[error("canonical form: {0}")]
    Canon(#[from] CanonError),
    /// The database failed.
    #[error("store")]
    Store(#[from] StoreError),
    /// Something that cannot be, such as stored bytes that do not decrypt.
    #[error("broken invariant: {0}")]
    Broken(&'static str),
}

impl AppError {
    /// One violation.
    #[must_use]
    pub fn invalid(field: &str, rule: &str, value: &str) -> Self {
        let mut violations = Violations::default();
        violations.add(field, rule, value);
        Self::Invalid(violations)
    }

    pub(crate) fn not_found(kind: &'static str, id: &str) -> Self {
        Self::NotFound { kind, id: id.to_owned() }
    }

    pub(crate) fn precondition(reason: &'static str, detail: impl Into<String>) -> Self {
        Self::Precondition { reason, detail: detail.into() }
    }
}

/// Lets only offices pass.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn require_office(caller: &Caller) -> Result<(), AppError> {
    match caller.role {
        Role::Office => Ok(()),
        _ => Err(AppError::Forbidden("OFFICE_ONLY")),
    }
}

/// The department of a department system.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn require_department(caller: &Caller) -> Result<&str, AppError> {
    match caller.role {
        Role::Department => Ok(&caller.department),
        _ => Err(AppError::Forbidden("DEPARTMENT_ONLY")),
    }
}

/// The jurisdiction and the department of a department system.
///
/// # Errors
/// [`AppError`] for others, and when the department is not registered any more.
pub fn require_tenant(caller: &Caller) -> Result<[&str; 2], AppError> {
    match (require_department(caller)?, caller.jurisdiction.as_str()) {
        (department, "") => Err(AppError::not_found("department", department)),
        (department, jurisdiction) => Ok([jurisdiction, department]),
    }
}

/// The page size to use: the default for 0, bounded by [`PAGE_MAX`].
///
/// # Errors
/// A violation for a negative size.
pub fn page_size(asked: i32) -> Result<i64, AppError> {
    match i64::from(asked) {
        0 => Ok(PAGE_DEFAULT),
        size if size < 0 => Err(AppError::invalid("page_size", "NOT_NEGATIVE", &size.to_string())),
        size => Ok(size.min(PAGE_MAX)),
    }
}

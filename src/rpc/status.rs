//! From errors to gRPC statuses: code, reason and field violations are chosen here alone.
//!
//! Clients branch on `ErrorInfo.reason`. What the database says is logged and never sent.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::app::AppError;
use crate::domain::Violations;

/// `ErrorInfo.domain` of all errors.
pub const DOMAIN: &str = "onevisit";

fn status(code: Code, message: String, reason: &str, metadata: HashMap<String, String>) -> Status {
    let details = ErrorDetails::with_error_info(reason, DOMAIN, metadata);
    Status::with_error_details(code, message, details)
}

fn about(key: &str, value: impl Into<String>) -> HashMap<String, String> {
    HashMap::from([(key.to_owned(), value.into())])
}

impl From<Violations> for Status {
    fn from(violations: Violations) -> Self {
        let message = violations.to_string();
        let fields: Vec<FieldViolation> = violations
            .into_vec()
            .into_iter()
            .map(|v| FieldViolation::new(v.field, format!("{}: given {:?}", v.rule, v.value)))
            .collect();
        let mut details = ErrorDetails::with_bad_request(fields);
        details.set_error_info("INVALID", DOMAIN, HashMap::new());
        Self::with_error_details(Code::InvalidArgument, message, details)
    }
}

impl From<AppError> for Status {
    fn from(error: AppError) -> Self {
        let message = error.to_string();
        match error {
            AppError::Invalid(violations) => violations.into(),
            AppError::Unauthenticated => {
                status(Code::Unauthenticated, message, "NO_VALID_CREDENTIAL", HashMap::new())
            }
            AppError::Unsigned(reason) => {
                status(Code::Unauthenticated, message, reason, HashMap::new())
            }
            AppError::Forbidden(reason) => {
                status(Code::PermissionDenied, message, reason, HashMap::new())
            }
            AppError::NotFound { kind, id } => {
                status(Code::NotFound, message, "NOT_FOUND", about(kind, id))
            }
            AppError::Exists { kind, id } => {
                status(Code::AlreadyExists, message, "EXISTS", about(kind, id))
            }
            AppError::Precondition { reason, detail } => {
                status(Code::FailedPrecondition, message, reason, about("detail", detail))
            }
            AppError::Stale(what) => {
                status(Code::Aborted, message, "CHANGED_MEANWHILE", about("what", what))
            }
            AppError::UnknownYear(unknown) => {
                let year = about("year", unknown.year.to_string());
                status(Code::FailedPrecondition, message, "CALENDAR_YEAR_UNKNOWN", year)
            }
            AppError::LogStopped(fault) => {
                let why = about("fault", fault.to_string());
                status(Code::Unavailable, message, "LOG_STOPPED", why)
            }
            AppError::Draw(_) | AppError::Canon(_) => {
                status(Code::FailedPrecondition, message, "CANNOT_BE_DRAWN", HashMap::new())
            }
            AppError::Store(_) | AppError::Broken(_) => {
                tracing::error!(error = ?error, "a call failed inside");
                let text = "the service failed; the call may be repeated with its request_id";
                status(Code::Unavailable, text.to_owned(), "INTERNAL_FAILURE", HashMap::new())
            }
        }
    }
}

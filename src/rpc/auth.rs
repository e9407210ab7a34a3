//! From a call's credential to its caller. Other ways in (mTLS, JWT) will end here too.

use prost::Message;
use sha2::{Digest, Sha256};
use tonic::{Request, Status};

use crate::app::{App, AppError, Call, access};
use crate::domain::caller::Caller;

const SCHEME: &str = "Bearer ";

/// The caller of a request, by `authorization: Bearer SECRET`.
///
/// # Errors
/// UNAUTHENTICATED without a valid secret.
pub async fn caller<T>(app: &App, request: &Request<T>) -> Result<Caller, Status> {
    let header = request.metadata().get("authorization").and_then(|v| v.to_str().ok());
    let secret = header.and_then(|v| v.strip_prefix(SCHEME)).ok_or(AppError::Unauthenticated)?;
    Ok(access::authenticate(app, secret).await?)
}

/// The call behind a request, and its message.
///
/// # Errors
/// UNAUTHENTICATED without a valid secret.
pub async fn enter<T: Message>(
    app: &App,
    request: Request<T>,
    method: &'static str,
    request_id: impl FnOnce(&T) -> &str,
) -> Result<(Call, T), Status> {
    let caller = caller(app, &request).await?;
    let message = request.into_inner();
    let request_id = request_id(&message).to_owned();
    let payload = Sha256::digest(message.encode_to_vec()).into();
    Ok((Call { caller, request_id, method, payload }, message))
}

/// [`enter`] for a method that only reads.
///
/// # Errors
/// UNAUTHENTICATED without a valid secret.
pub async fn enter_read<T: Message>(
    app: &App,
    request: Request<T>,
    method: &'static str,
) -> Result<(Call, T), Status> {
    enter(app, request, method, |_| "").await
}

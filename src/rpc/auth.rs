//! From a call's credential to its caller: a key, a client's certificate, or both.

use prost::Message;
use sha2::{Digest, Sha256};
use tonic::{Request, Status};

use super::peer::Peer;
use crate::app::{App, AppError, Call, access, signing};
use crate::domain::caller::{Caller, Role};

const SCHEME: &str = "Bearer ";

/// The caller of a request, by `authorization: Bearer SECRET`, by the certificate of its connection, or
/// by both, which then have to be of one department.
///
/// # Errors
/// UNAUTHENTICATED without a valid secret or certificate, or with two that differ.
pub async fn caller<T>(app: &App, request: &Request<T>) -> Result<Caller, Status> {
    let peer = request.extensions().get::<Peer>();
    let shown = peer.and_then(|peer| peer.certificate.as_ref());
    let Some(header) = request.metadata().get("authorization") else {
        let shown = shown.ok_or(AppError::Unauthenticated)?;
        return Ok(access::certified(app, &shown.department, &shown.sha256).await?);
    };
    let secret = header.to_str().ok().and_then(|v| v.strip_prefix(SCHEME));
    let caller = access::authenticate(app, secret.ok_or(AppError::Unauthenticated)?).await?;
    // A department's key is worth nothing in another's hands, or in a thief's without its certificate.
    let asked = caller.role == Role::Department && peer.is_some_and(|peer| peer.asked);
    let same = shown.map_or(!asked, |shown| shown.department == caller.department);
    same.then_some(caller).ok_or_else(|| AppError::Unauthenticated.into())
}

/// The call behind a request, and its message.
///
/// # Errors
/// UNAUTHENTICATED without a valid secret, and for a signature that is wrong, or missing where the service
/// wants one (T07).
pub async fn enter<T: Message>(
    app: &App,
    request: Request<T>,
    method: &'static str,
    request_id: impl FnOnce(&T) -> &str,
) -> Result<(Call, T), Status> {
    let caller = caller(app, &request).await?;
    let (metadata, _, message) = request.into_parts();
    let request_id = request_id(&message).to_owned();
    let bytes = message.encode_to_vec();
    let header = metadata.get(signing::HEADER).map(|h| h.to_str().unwrap_or_default());
    let what = [method, request_id.as_str()];
    let signature = signing::check(app, &caller, what, &bytes, header).await?;
    let payload = Sha256::digest(bytes).into();
    Ok((Call { caller, request_id, method, payload, signature }, message))
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

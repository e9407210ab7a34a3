//! An event: canonical JSON, hashed and kept as it is. No personal data, no drawn identity in it.

use serde_json::{Value, json};

use super::call_signature::{CallSignature, FIELD};
use crate::domain::caller::Caller;
use crate::domain::canon::{self, CanonError};

/// Version of the form of events.
pub const VERSION: u64 = 1;
/// Largest event, in bytes; what is larger goes in by digest.
pub const EVENT_BYTES_MAX: usize = 60 * 1024;

/// The bytes of an event; `signature` is the caller's own on the call.
///
/// # Errors
/// [`CanonError`] when the body has no canonical form.
pub fn bytes(
    kind: &str,
    actor: &Caller,
    request_id: &str,
    at_us: i64,
    body: Value,
    signature: Option<&CallSignature>,
) -> Result<Vec<u8>, CanonError> {
    let mut event = json!({
        "actor": { "key": actor.key_id, "name": actor.name(), "role": actor.role.word() },
        "at_us": at_us,
        "body": body,
        "request_id": request_id,
        "type": kind,
        "v": VERSION,
    });
    if let Some(CallSignature { digest, key, method, signature }) = signature {
        event[FIELD] = json!({
            "digest": digest, "key": key, "method": method, "signature": signature,
        });
    }
    canon::to_bytes(&event)
}

//! Signatures of callers on what they decide (T07): registered keys, and which calls have to bear one.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{App, AppError, Begun, Call};
use crate::domain::Violations;
use crate::domain::caller::{Caller, Role};
use crate::store::{SigningKey, Tx};

pub use crate::ledger::call_signature::{
    CallSignature, CallSigner, KEY_BYTES, PublicKey, SALT_BYTES,
};

/// Metadata of a call that holds its signature.
pub const HEADER: &str = "onevisit-signature";
/// Kind of the event of a registration.
pub const KIND: &str = "signing_key.register";

/// What is done with signatures of callers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signatures {
    /// They are not looked at.
    Off,
    /// One that is given is checked and kept.
    #[default]
    Kept,
    /// The same, and critical calls are refused without one.
    Required,
}

/// Calls that decide: what they do is approved, ended, changed, published or opened by them.
pub const CRITICAL: [&str; 33] = [
    "AbortDraw",
    "AcknowledgeFault",
    "ApproveAbort",
    "ApproveAnnualPlan",
    "ApproveAttempt",
    "ApproveCampaign",
    "ApproveCampaignTemplate",
    "ApproveScheme",
    "CloseCampaign",
    "CommitNumber",
    "CreateApiKey",
    "DecideChange",
    "DecideCorrection",
    "DecideErasure",
    "DecideObjection",
    "DecideRecusal",
    "DecideResult",
    "DecideTermination",
    "DrawCampaign",
    "FreezeCampaign",
    "OpenUnit",
    "OpenVisit",
    "PublishAnnualPlan",
    "PublishBulletin",
    "PublishScheme",
    "RequestCorrection",
    "RequestErasure",
    "RequestReplacement",
    "RequestSubstitution",
    "RevealNumber",
    "RevokeApiKey",
    "SubmitResult",
    "TerminateCheck",
];

/// The signature on a call, checked; `None` where none is given and none is needed.
///
/// # Errors
/// [`AppError::Unsigned`].
pub async fn check(
    app: &App,
    caller: &Caller,
    [method, request_id]: [&str; 2],
    message: &[u8],
    header: Option<&str>,
) -> Result<Option<CallSignature>, AppError> {
    // What only reads leaves no event that could keep it.
    if app.signatures == Signatures::Off || request_id.is_empty() {
        return Ok(None);
    }
    let Some(header) = header else {
        let needed = app.signatures == Signatures::Required && CRITICAL.contains(&method);
        return if needed { Err(AppError::Unsigned("SIGNATURE_IS_MISSING")) } else { Ok(None) };
    };
    let key = in_use(&mut app.db.read().await?, &caller.key_id).await?;
    let key = key.ok_or(AppError::Unsigned("NO_SIGNING_KEY"))?.1;
    let signature = CallSignature::read(header, &key, [method, request_id], message);
    signature.map(Some).ok_or(AppError::Unsigned("SIGNATURE_IS_WRONG"))
}

/// Refuses a critical call that nobody has signed, where signatures are required: a browser signs nothing.
///
/// # Errors
/// [`AppError::Unsigned`].
pub fn require(app: &App, call: &Call) -> Result<(), AppError> {
    let needed = app.signatures == Signatures::Required && CRITICAL.contains(&call.method);
    // What the service does by itself was decided by those who approved its template.
    match needed && call.signature.is_none() && call.caller.role != Role::Service {
        true => Err(AppError::Unsigned("SIGNATURE_IS_MISSING")),
        false => Ok(()),
    }
}

async fn in_use(tx: &mut Tx, credential: &str) -> Result<Option<(i64, PublicKey)>, AppError> {
    let Some(SigningKey { nth, public_key, .. }) = tx.signing_key(credential).await? else {
        return Ok(None);
    };
    let key = PublicKey::from_bytes(&public_key);
    Ok(Some((nth, key.ok_or(AppError::Broken("a stored signing key is none"))?)))
}

/// The public key with which a caller signs; `None` before one is registered.
///
/// # Errors
/// [`AppError`].
pub async fn key_of(app: &App, caller: &Caller) -> Result<Option<PublicKey>, AppError> {
    Ok(in_use(&mut app.db.read().await?, &caller.key_id).await?.map(|(_, key)| key))
}

/// What is answered to a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The credential.
    pub credential: String,
    /// The public key, in hexadecimal.
    pub key: String,
    /// Which of the credential's keys it is, from 1.
    pub nth: i64,
}

/// Registers the key with which the caller signs from now on. The key itself signs that it is wanted
/// for this credential; one that replaces another comes by a call that the other has signed.
///
/// # Errors
/// A violation for what is no key or no proof; [`AppError::Precondition`] when the key in use has not
/// signed the call; [`AppError::Exists`] when the key is registered already.
pub async fn register(
    app: &App,
    call: &Call,
    public_key: &[u8],
    proof: &[u8],
) -> Result<Registered, AppError> {
    let credential = &call.caller.key_id;
    let mut violations = Violations::default();
    let key = PublicKey::from_bytes(public_key);
    violations.require(key.is_some(), "public_key", "ED25519_KEY", &hex::encode(public_key));
    let given = key.is_none_or(|key| key.is_given(credential, proof));
    violations.require(given, "proof", "SIGNED_BY_THE_KEY", &hex::encode(proof));
    violations.finish(())?;
    let key = key.map(|k| k.to_string()).unwrap_or_default();
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let before = in_use(&mut step.tx, credential).await?;
    let signed_by = call.signature.as_ref().map(|s| s.key.as_str());
    if let Some((_, old)) = before.filter(|(_, old)| signed_by != Some(old.to_string().as_str())) {
        return Err(AppError::precondition("SIGN_WITH_THE_KEY_IN_USE", old.to_string()));
    }
    let nth = before.map_or(1, |(nth, _)| nth + 1);
    let row = SigningKey {
        credential: credential.clone(),
        nth,
        public_key: public_key.to_vec(),
        since_us: step.now_us,
    };
    match step.tx.insert_signing_key(&row).await {
        Err(error) if error.is_conflict() => {
            return Err(AppError::Exists { kind: "signing key", id: key });
        }
        done => done?,
    }
    let body = json!({
        "credential": credential, "key": key, "nth": nth, "proof": hex::encode(proof),
    });
    let registered = Registered { credential: credential.clone(), key, nth };
    step.finish(call, KIND, body, registered).await
}

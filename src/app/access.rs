//! Credentials: made by offices, stored hashed, shown once.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{App, AppError, Begun, Call, Event, require_office};
use crate::domain::caller::{Caller, Role};
use crate::domain::{Violations, text};

/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;
/// Random bytes of a key's id.
const KEY_ID_BYTES: usize = 8;
/// What secrets begin with, so that scanners find them in logs and repositories.
pub const SECRET_PREFIX: &str = "ov_";

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// A new credential.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Who it stands for.
    pub caller: Caller,
    /// The secret, in clear here and in the reply only.
    pub secret: String,
}

/// What a repeated request is answered from: the secret is sealed in it.
#[derive(serde::Serialize, serde::Deserialize)]
struct Reply {
    caller: Caller,
    sealed: String,
}

fn place(caller: &Caller) -> String {
    format!("requests/{}/secret", caller.key_id)
}

fn reopen(app: &App, reply: Reply) -> Result<NewKey, AppError> {
    let broken = AppError::Broken("a stored reply is of another type");
    let sealed = hex::decode(&reply.sealed).map_err(|_| broken)?;
    let secret = app.sealer.open(&place(&reply.caller), &sealed)?;
    let secret = String::from_utf8_lossy(&secret).into_owned();
    Ok(NewKey { caller: reply.caller, secret })
}

fn check(role: Role, department: &str, office: &str) -> Result<(), AppError> {
    let mut violations = Violations::default();
    let is_department = role == Role::Department;
    violations.require(
        is_department != department.is_empty(),
        "department",
        "FOR_DEPARTMENTS_ONLY",
        department,
    );
    if is_department {
        violations.require(office.is_empty(), "office", "FOR_OFFICES_ONLY", office);
    } else {
        text::require(&mut violations, "office", office, text::SHORT_CHARS_MAX);
    }
    Ok(violations.finish(())?)
}

fn new_key(app: &App, role: Role, department: &str, office: &str) -> NewKey {
    let secret = hex::encode(app.entropy.bytes::<SECRET_BYTES>());
    let caller = Caller {
        key_id: format!("key-{}", hex::encode(app.entropy.bytes::<KEY_ID_BYTES>())),
        role,
        department: department.to_owned(),
        office: office.to_owned(),
    };
    NewKey { caller, secret: format!("{SECRET_PREFIX}{secret}") }
}

/// Makes a key from the machine the service runs on: how the first office gets in.
///
/// # Errors
/// [`AppError`] for a malformed office or an unknown department.
pub async fn create_local(
    app: &App,
    role: Role,
    department: &str,
    office: &str,
) -> Result<NewKey, AppError> {
    check(role, department, office)?;
    let key = new_key(app, role, department, office);
    let mut tx = app.db.begin().await?;
    let now_us = app.clock.now_us();
    if role == Role::Department && tx.department(department).await?.is_none() {
        return Err(AppError::not_found("department", department));
    }
    tx.insert_key(&key.caller, &hash(&key.secret), now_us).await?;
    let body = json!({ "key": key.caller.key_id, "name": key.caller.name(), "local": true });
    let event = Event { kind: "key.create", caller: &key.caller, request_id: "", body };
    app.record(&mut tx, &event, now_us).await?;
    tx.commit().await?;
    Ok(key)
}

/// Makes a key for a department or an office.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn create(
    app: &App,
    call: &Call,
    role: Role,
    department: &str,
    office: &str,
) -> Result<NewKey, AppError> {
    require_office(&call.caller)?;
    check(role, department, office)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return reopen(app, reply),
        Begun::New(step) => step,
    };
    if role == Role::Department && step.tx.department(department).await?.is_none() {
        return Err(AppError::not_found("department", department));
    }
    let key = new_key(app, role, department, office);
    step.tx.insert_key(&key.caller, &hash(&key.secret), step.now_us).await?;
    let body = json!({ "key": key.caller.key_id, "name": key.caller.name() });
    let sealed = app.sealer.seal(&app.entropy, &place(&key.caller), key.secret.as_bytes())?;
    let reply = Reply { caller: key.caller, sealed: hex::encode(sealed) };
    reopen(app, step.finish(call, "key.create", body, reply).await?)
}

/// Revokes a key.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn revoke(app: &App, call: &Call, key_id: &str) -> Result<Caller, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(caller) => return Ok(caller),
        Begun::New(step) => step,
    };
    let key = step.tx.revoke_key(key_id, step.now_us).await?;
    let key = key.ok_or_else(|| AppError::not_found("key", key_id))?;
    let body = json!({ "key": key.caller.key_id });
    step.finish(call, "key.revoke", body, key.caller).await
}

/// Who a secret stands for.
///
/// # Errors
/// [`AppError::Unauthenticated`] for an unknown or revoked secret.
pub async fn authenticate(app: &App, secret: &str) -> Result<Caller, AppError> {
    let mut tx = app.db.read().await?;
    match tx.find_key(&hash(secret)).await? {
        Some(key) if !key.revoked => Ok(key.caller),
        _ => Err(AppError::Unauthenticated),
    }
}

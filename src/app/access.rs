//! Credentials: made by offices, stored hashed, shown once.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{App, AppError, Begun, Call, Event, require_office};
use crate::domain::caller::{Caller, Role};
use crate::domain::{Violations, text};
use crate::store::Tx;

/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;
/// Random bytes of a key's id.
const KEY_ID_BYTES: usize = 8;
/// What secrets begin with, so that scanners find them in logs and repositories.
pub const SECRET_PREFIX: &str = "ov_";

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
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

/// Whether what a role needs is given, and nothing else.
fn check(holder: &Caller) -> Result<(), AppError> {
    let Caller { role, department, office, inspector, .. } = holder;
    let mut violations = Violations::default();
    let of_department = matches!(role, Role::Department | Role::Inspector);
    let rule = "FOR_DEPARTMENTS_ONLY";
    violations.require(of_department != department.is_empty(), "department", rule, department);
    if of_department {
        violations.require(office.is_empty(), "office", "FOR_OFFICES_ONLY", office);
    } else {
        text::require(&mut violations, "office", office, text::SHORT_CHARS_MAX);
    }
    if *role == Role::Inspector {
        text::require(&mut violations, "inspector_id", inspector, text::SHORT_CHARS_MAX);
    } else {
        let rule = "FOR_INSPECTORS_ONLY";
        violations.require(inspector.is_empty(), "inspector_id", rule, inspector);
    }
    Ok(violations.finish(())?)
}

/// The department and, for an inspector's key, the person are known.
pub(super) async fn check_known(tx: &mut Tx, holder: &Caller) -> Result<(), AppError> {
    let Caller { department, inspector, .. } = holder;
    if department.is_empty() {
        return Ok(());
    }
    let known = tx.department(department).await?;
    let (known, _) = known.ok_or_else(|| AppError::not_found("department", department))?;
    if inspector.is_empty() {
        return Ok(());
    }
    let people = tx.inspectors_in(&[known.jurisdiction]).await?;
    match people.iter().any(|(_, d, i)| d == department && i.id == *inspector) {
        true => Ok(()),
        false => Err(AppError::not_found("inspector", inspector)),
    }
}

fn new_key(app: &App, holder: Caller) -> NewKey {
    let secret = hex::encode(app.entropy.bytes::<SECRET_BYTES>());
    let key_id = format!("key-{}", hex::encode(app.entropy.bytes::<KEY_ID_BYTES>()));
    NewKey { caller: Caller { key_id, ..holder }, secret: format!("{SECRET_PREFIX}{secret}") }
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
    let holder = Caller::holder(role, department, office, "");
    check(&holder)?;
    let mut tx = app.db.begin().await?;
    let now_us = app.clock.now_us();
    check_known(&mut tx, &holder).await?;
    let key = new_key(app, holder);
    tx.insert_key(&key.caller, &hash(&key.secret), now_us).await?;
    let body = json!({ "key": key.caller.key_id, "name": key.caller.name(), "local": true });
    let event =
        Event { kind: "key.create", caller: &key.caller, request_id: "", body, signature: None };
    app.record(&mut tx, &event, now_us).await?;
    tx.commit().await?;
    Ok(key)
}

/// Makes a key for whom it is to stand for.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn create(app: &App, call: &Call, holder: Caller) -> Result<NewKey, AppError> {
    require_office(&call.caller)?;
    check(&holder)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return reopen(app, reply),
        Begun::New(step) => step,
    };
    check_known(&mut step.tx, &holder).await?;
    let key = new_key(app, holder);
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
    let revoked = step.finish(call, "key.revoke", body, key.caller).await?;
    app.keys.forget();
    Ok(revoked)
}

/// Who a secret stands for.
///
/// # Errors
/// [`AppError::Unauthenticated`] for an unknown or revoked secret.
pub async fn authenticate(app: &App, secret: &str) -> Result<Caller, AppError> {
    let (hash, now_us) = (hash(secret), app.clock.now_us());
    if let Some(caller) = app.keys.get(&hash, now_us) {
        return Ok(caller);
    }
    match app.db.read().await?.find_key(&hash).await? {
        Some(key) if !key.revoked => {
            app.keys.put(hash, key.caller.clone(), now_us);
            Ok(key.caller)
        }
        _ => Err(AppError::Unauthenticated),
    }
}

/// The department that a client's certificate names; `sha256` is the certificate's digest in hexadecimal.
///
/// # Errors
/// [`AppError::Unauthenticated`] for a department that is not registered.
pub async fn certified(app: &App, department: &str, sha256: &str) -> Result<Caller, AppError> {
    let known = app.db.read().await?.department(department).await?;
    let (known, _) = known.ok_or(AppError::Unauthenticated)?;
    let digest = sha256.get(..2 * KEY_ID_BYTES).ok_or(AppError::Unauthenticated)?;
    let holder = Caller::holder(Role::Department, department, "", "");
    let key_id = format!("cert-{digest}");
    Ok(Caller { key_id, jurisdiction: known.jurisdiction, ..holder })
}

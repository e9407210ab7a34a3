//! Accounts of people who sign in with a browser: made by offices, each with a second factor.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{App, AppError, Begun, Call, Event, Page, access, passwords, reply, require_office};
use crate::domain::account::{self, Account, Attempts};
use crate::domain::caller::{Caller, Role};
use crate::domain::{Violations, totp};
use crate::store::{StoredAccount, Tx};

/// Random bytes of an account's id.
const ID_BYTES: usize = 8;

/// What a new account is made of.
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its first password.
    pub password: String,
    /// Who it is for.
    pub holder: Caller,
}

/// A new account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewAccount {
    /// The account.
    pub account: Account,
    /// The second factor's secret as people type it, shown once.
    pub secret: String,
    /// The same for an authenticator app.
    pub uri: String,
}

pub(super) fn place(id: &str) -> String {
    format!("accounts/{id}/totp")
}

fn check(wanted: &Wanted) -> Result<(), AppError> {
    let mut violations = Violations::default();
    account::check_name(&mut violations, &wanted.name);
    account::check_password(&mut violations, &wanted.name, &wanted.password);
    account::check_holder(&mut violations, &wanted.holder);
    Ok(violations.finish(())?)
}

async fn prepare(app: &App, wanted: Wanted) -> Result<(StoredAccount, NewAccount), AppError> {
    let id = format!("acc-{}", hex::encode(app.entropy.bytes::<ID_BYTES>()));
    let secret = app.entropy.bytes::<{ totp::SECRET_BYTES }>();
    let totp = app.sealer.seal(&app.entropy, &place(&id), &secret)?;
    let caller = Caller { key_id: id, ..wanted.holder };
    let account = Account { name: wanted.name, caller, version: 1, enabled: true };
    let password = passwords::hash(app, wanted.password).await?;
    let uri = totp::uri(&account.name, &secret);
    let new = NewAccount { account: account.clone(), secret: totp::base32(&secret), uri };
    let attempts = Attempts::default();
    Ok((StoredAccount { account, password, totp, last_step: 0, attempts }, new))
}

async fn insert(tx: &mut Tx, stored: &StoredAccount, now_us: i64) -> Result<(), AppError> {
    access::check_known(tx, &stored.account.caller).await?;
    match tx.insert_account(stored, now_us).await {
        Err(error) if error.is_conflict() => {
            Err(AppError::Exists { kind: "account", id: stored.account.name.clone() })
        }
        done => Ok(done?),
    }
}

/// What the public log tells of an account: no name.
fn told(account: &Account) -> serde_json::Value {
    let Account { caller, version, enabled, .. } = account;
    json!({
        "account": caller.key_id,
        "enabled": enabled,
        "of": caller.name(),
        "role": caller.role,
        "version": version,
    })
}

/// Makes an account on the machine of the service: how the first person gets in.
///
/// # Errors
/// [`AppError`].
pub async fn create_local(app: &App, wanted: Wanted) -> Result<NewAccount, AppError> {
    check(&wanted)?;
    app.require_log()?;
    let (stored, new) = prepare(app, wanted).await?;
    let now_us = app.clock.now_us();
    let mut tx = app.db.begin().await?;
    insert(&mut tx, &stored, now_us).await?;
    let (caller, body) = (&new.account.caller, told(&new.account));
    let event = Event { kind: "account.create", caller, request_id: "", body, signature: None };
    app.record(&mut tx, &event, now_us).await?;
    tx.commit().await?;
    Ok(new)
}

/// Makes an account.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn create(app: &App, call: &Call, wanted: Wanted) -> Result<NewAccount, AppError> {
    require_office(&call.caller)?;
    check(&wanted)?;
    let reply_place = reply::place(call, "account");
    let (stored, new) = prepare(app, wanted).await?;
    let mut step = match app.begin::<String>(call).await? {
        Begun::Repeated(kept) => return reply::open(app, &reply_place, &kept),
        Begun::New(step) => step,
    };
    insert(&mut step.tx, &stored, step.now_us).await?;
    let (body, kept) = (told(&new.account), reply::seal(app, &reply_place, &new)?);
    step.finish(call, "account.create", body, kept).await?;
    Ok(new)
}

/// What becomes of an account.
pub enum Change {
    /// It stands for somebody else from now on.
    Role(Caller),
    /// Nobody signs in with it any more.
    Disable,
}

/// Changes an account and ends its sessions.
///
/// # Errors
/// [`AppError`]; offices only, and nobody their own.
pub async fn change(
    app: &App,
    call: &Call,
    (id, etag): (&str, i64),
    change: Change,
) -> Result<Account, AppError> {
    require_office(&call.caller)?;
    if call.caller.key_id == id {
        return Err(AppError::Forbidden("OWN_ACCOUNT"));
    }
    let mut step = match app.begin(call).await? {
        Begun::Repeated(kept) => return Ok(kept),
        Begun::New(step) => step,
    };
    let found = step.tx.account(id, "").await?;
    let mut account = found.ok_or_else(|| AppError::not_found("account", id))?.account;
    if account.version != etag {
        return Err(AppError::Stale(format!("account {id}")));
    }
    let kind = match change {
        Change::Role(holder) => {
            let mut violations = Violations::default();
            account::check_holder(&mut violations, &holder);
            violations.finish(())?;
            access::check_known(&mut step.tx, &holder).await?;
            account.caller = Caller { key_id: account.caller.key_id, ..holder };
            "account.role"
        }
        Change::Disable => {
            account.enabled = false;
            "account.disable"
        }
    };
    account.version += 1;
    if !step.tx.update_account(&account, etag, step.now_us).await? {
        return Err(AppError::Stale(format!("account {id}")));
    }
    step.tx.delete_sessions(id).await?;
    step.finish(call, kind, told(&account), account).await
}

/// Gives the caller's own account another password and ends its sessions.
///
/// # Errors
/// [`AppError`]; [`AppError::Forbidden`] when the old one is wrong.
pub async fn change_password(
    app: &App,
    call: &Call,
    old: String,
    new: String,
) -> Result<(), AppError> {
    let id = &call.caller.key_id;
    let found = app.db.read().await?.account(id, "").await?;
    let found = found.ok_or(AppError::Unauthenticated)?;
    let mut violations = Violations::default();
    account::check_password(&mut violations, &found.account.name, &new);
    violations.finish(())?;
    if !passwords::is_right(Some(found.password), old).await? {
        return Err(AppError::Forbidden("WRONG_PASSWORD"));
    }
    let hash = passwords::hash(app, new).await?;
    let mut step = match app.begin::<()>(call).await? {
        Begun::Repeated(()) => return Ok(()),
        Begun::New(step) => step,
    };
    step.tx.update_password(id, &hash).await?;
    step.tx.delete_sessions(id).await?;
    step.finish(call, "account.password", json!({ "account": id }), ()).await
}

/// A page of accounts by name.
///
/// # Errors
/// [`AppError`]; offices and auditors only.
pub async fn list(app: &App, call: &Call, page: &Page<'_>) -> Result<Vec<Account>, AppError> {
    match call.caller.role {
        Role::Office | Role::Auditor => Ok(app.db.read().await?.accounts(page).await?),
        _ => Err(AppError::Forbidden("OFFICE_OR_AUDITOR_ONLY")),
    }
}

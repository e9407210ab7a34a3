//! Item lists: a change is a new version (R11).

use serde_json::json;

use super::{App, AppError, Begun, Call, require_department};
use crate::domain::Violations;
use crate::domain::hash::Suite;
use crate::domain::item::{ItemList, ItemListDiff};
use crate::store::Tx;

/// Stores a new version of the caller's list, unless nothing changed.
///
/// # Errors
/// [`AppError`]; department systems only.
pub async fn put(
    app: &App,
    call: &Call,
    mut list: ItemList,
) -> Result<(i64, ItemListDiff), AppError> {
    let department = require_department(&call.caller)?.to_owned();
    list.department.clone_from(&department);
    let mut violations = Violations::default();
    list.check(&mut violations, "item_list");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    // Two versions at once of one list: the second waits and then sees the first.
    step.tx.lock(lock_key(&department)).await?;
    let before = step.tx.item_list(&department, 0).await?;
    let version = before.as_ref().map_or(0, |l| l.version);
    check_asked(&mut step.tx, &list).await?;
    let diff = list.diff(before.as_ref().map_or(&[], |l| &l.items));
    let items = serde_json::to_vec(&list.items);
    let items = items.map_err(|_| AppError::Broken("an item list has no JSON"))?;
    let body = json!({
        "added": diff.added.len(),
        "changed": diff.changed.len(),
        "consulted": list.consultations.len(),
        "department": department,
        "removed": diff.removed.len(),
        "sha256": Suite::Sha256.hash(&items).to_string(),
    });
    if before.is_some_and(|l| l.effective_from == list.effective_from) && diff.is_empty() {
        return step.finish(call, "item_list.same", body, (version, diff)).await;
    }
    list.version = version + 1;
    step.tx.insert_item_list(&list, step.now_us).await?;
    step.finish(call, "item_list.put", body, (list.version, diff)).await
}

/// Who was asked is registered, and another than the department itself.
async fn check_asked(tx: &mut Tx, list: &ItemList) -> Result<(), AppError> {
    let mut violations = Violations::default();
    for (i, said) in list.consultations.iter().enumerate() {
        let field = format!("item_list.consultations[{i}].department");
        let known = tx.department(&said.department).await?.is_some();
        violations.require(known, &field, "UNKNOWN_DEPARTMENT", &said.department);
        let other = said.department != list.department;
        violations.require(other, &field, "OWN_DEPARTMENT", &said.department);
    }
    Ok(violations.finish(())?)
}

fn lock_key(department: &str) -> i64 {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(department.as_bytes());
    digest.first_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

/// A version of a list with what it changed (R12).
#[derive(Clone, Debug)]
pub struct Version {
    /// The list.
    pub list: ItemList,
    /// When it was published, in microseconds UTC.
    pub published_us: i64,
    /// What it changed against the version before.
    pub diff: ItemListDiff,
}

/// A page of the versions of a department's list, oldest first.
///
/// # Errors
/// [`AppError::NotFound`] for a department without a list.
pub async fn versions(
    app: &App,
    department: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Version>, AppError> {
    let mut tx = app.db.read().await?;
    if tx.item_list(department, 0).await?.is_none() {
        return Err(AppError::not_found("item list", department));
    }
    let mut before = match after {
        0 => None,
        version => tx.item_list(department, version).await?,
    };
    let mut out = Vec::new();
    for (list, published_us) in tx.item_list_versions(department, after, limit).await? {
        let diff = list.diff(before.as_ref().map_or(&[], |l| &l.items));
        before = Some(list.clone());
        out.push(Version { list, published_us, diff });
    }
    Ok(out)
}

/// One version of a list, or the latest for 0.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(app: &App, department: &str, version: i64) -> Result<ItemList, AppError> {
    let list = app.db.read().await?.item_list(department, version).await?;
    list.ok_or_else(|| AppError::not_found("item list", &format!("{department}@{version}")))
}

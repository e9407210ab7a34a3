//! Chains of approval as configuration (R69).

use serde_json::json;

use super::step::digest;
use super::{App, AppError, Begun, Call, require_office};
use crate::domain::Violations;
use crate::domain::approval::{ApprovalChain, PaperKind};
use crate::store::Tx;

/// The chain of a unit: its own, or the one for all.
///
/// # Errors
/// [`AppError::Precondition`] when none is configured.
pub async fn chain_of(
    tx: &mut Tx,
    jurisdiction: &str,
    kind: PaperKind,
    unit: &str,
) -> Result<ApprovalChain, AppError> {
    let own = tx.chain(jurisdiction, kind, unit).await?;
    let chain = match own {
        Some(own) => Some(own),
        None => tx.chain(jurisdiction, kind, "").await?,
    };
    chain.ok_or_else(|| AppError::precondition("NO_APPROVAL_CHAIN", kind.word()))
}

/// Configures a chain. `version` is the stored one as read; 0 makes a new one.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn put(
    app: &App,
    call: &Call,
    mut chain: ApprovalChain,
) -> Result<ApprovalChain, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    chain.check(&mut violations, "chain");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    chain.version += 1;
    if !step.tx.put_chain(&chain).await? {
        return Err(AppError::Stale(format!("chain of {}", chain.jurisdiction)));
    }
    let steps: Vec<&str> = chain.steps.iter().map(|s| s.name.as_str()).collect();
    let body = json!({
        "jurisdiction": chain.jurisdiction,
        "kind": chain.kind,
        "sha256": digest(&chain)?,
        "steps": steps,
        "unit": chain.unit,
        "version": chain.version,
    });
    step.finish(call, "approval_chain.put", body, chain).await
}

/// A page of a jurisdiction's chains.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    jurisdiction: &str,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<ApprovalChain>, AppError> {
    Ok(app.db.read().await?.chains(jurisdiction, after, limit).await?)
}

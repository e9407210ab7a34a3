//! Local modes (R63): an office adds them as data; a campaign keeps what its mode asked when it was
//! proposed.

use serde_json::json;

use super::{App, AppError, Begun, Call, campaigns, require_office};
use crate::domain::Violations;
use crate::domain::campaign::{Campaign, Mode};
use crate::domain::local_mode::LocalMode;
use crate::store::{Page, Tx};

/// Stores a new version of a mode, unless it says the same as the latest.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn put(app: &App, call: &Call, mut mode: LocalMode) -> Result<LocalMode, AppError> {
    require_office(&call.caller)?;
    let mut violations = Violations::default();
    mode.check(&mut violations, "local_mode");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    if step.tx.jurisdiction(&mode.jurisdiction).await?.is_none() {
        return Err(AppError::not_found("jurisdiction", &mode.jurisdiction));
    }
    let before = step.tx.local_mode(&mode.jurisdiction, &mode.id).await?;
    mode.version = before.as_ref().map_or(0, |b| b.version);
    let same = before.as_ref() == Some(&mode);
    mode.version += i64::from(!same);
    let body = json!({ "basis": mode.basis, "jurisdiction": mode.jurisdiction,
        "local_mode": mode.id, "version": mode.version });
    if same {
        return step.finish(call, "local_mode.same", body, mode).await;
    }
    match step.tx.insert_local_mode(&mode).await {
        Err(error) if error.is_conflict() => {
            return Err(AppError::Stale(format!("local mode {}", mode.id)));
        }
        done => done?,
    }
    step.finish(call, "local_mode.put", body, mode).await
}

/// A page of a jurisdiction's modes, each in its latest version.
///
/// # Errors
/// [`AppError`].
pub async fn list(
    app: &App,
    jurisdiction: &str,
    page: &Page<'_>,
) -> Result<Vec<LocalMode>, AppError> {
    Ok(app.db.read().await?.local_modes(jurisdiction, page).await?)
}

/// Gives a LOCAL campaign what its mode asks, and holds it against that. A supplement keeps what the
/// campaign it supplements was asked.
///
/// # Errors
/// Its violations; [`AppError`].
pub async fn bind(tx: &mut Tx, campaign: &mut Campaign) -> Result<(), AppError> {
    if campaign.mode != Mode::Local {
        return Ok(());
    }
    let parent = campaign.supplement.as_ref().map(|of| of.parent.clone());
    if let Some(parent) = parent {
        let parent = campaigns::find(tx, &parent).await?;
        (campaign.asks, campaign.local_mode_version) = (parent.asks, parent.local_mode_version);
        return Ok(());
    }
    let mode = tx.local_mode(&campaign.jurisdiction, &campaign.local_mode).await?;
    let unknown =
        || AppError::invalid("campaign.local_mode_id", "UNKNOWN_MODE", &campaign.local_mode);
    let mode = mode.ok_or_else(unknown)?;
    let mut violations = Violations::default();
    mode.asks.require(&mut violations, "campaign", campaign);
    let ids: Vec<String> = campaign.participants.iter().map(|p| p.department.clone()).collect();
    let lists = tx.item_lists_on(&ids, campaign.first_day).await?;
    mode.asks.require_items(&mut violations, "campaign", campaign, &lists);
    violations.finish(())?;
    campaign.local_mode_version = mode.version;
    campaign.asks = Some(mode.asks);
    Ok(())
}

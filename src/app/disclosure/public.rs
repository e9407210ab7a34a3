//! What everybody may read without a key (R2, R8): published results and bulletins, nothing else.

use crate::app::{App, AppError};
use crate::domain::bulletin::Bulletin;
use crate::domain::publication::Publication;

/// Every published version of a result, the first one first (R115).
///
/// # Errors
/// [`AppError::NotFound`], also for a result that is there and not published.
pub async fn versions(app: &App, id: &str) -> Result<Vec<Publication>, AppError> {
    let versions = app.db.read().await?.publications(id).await?;
    match versions.is_empty() {
        true => Err(AppError::not_found("published result", id)),
        false => Ok(versions),
    }
}

/// One published version.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn version(app: &App, id: &str, version: i64) -> Result<Publication, AppError> {
    let found = versions(app, id).await?.into_iter().find(|p| p.version == version);
    found.ok_or_else(|| AppError::not_found("published result", &format!("{id}/{version}")))
}

/// A page of what stands published of a campaign or of a subject.
///
/// # Errors
/// A violation when neither is named: nobody gets everything at once.
pub async fn list(
    app: &App,
    [campaign, subject]: [&str; 2],
    after: &str,
    limit: i64,
) -> Result<Vec<Publication>, AppError> {
    if campaign.is_empty() && subject.is_empty() {
        return Err(AppError::invalid("campaign_id", "CAMPAIGN_OR_SUBJECT", ""));
    }
    Ok(app.db.read().await?.published([campaign, subject], after, limit).await?)
}

/// The bulletin of a campaign.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn bulletin(app: &App, campaign: &str) -> Result<Bulletin, AppError> {
    let found = app.db.read().await?.bulletin(campaign).await?;
    found.ok_or_else(|| AppError::not_found("bulletin of campaign", campaign))
}

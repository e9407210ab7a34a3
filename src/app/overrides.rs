//! What is listed is drawn: a campaign that visits everybody says why (R17).

use super::{AppError, schemes};
use crate::domain::Violations;
use crate::domain::campaign::Campaign;
use crate::store::Tx;

/// Refuses a campaign whose participants leave nothing to chance, whatever its mode, unless it says
/// why or the plan task that it carries out does. Participants check listed items only.
///
/// # Errors
/// The violation of each such quota; [`AppError`].
pub async fn require(tx: &mut Tx, campaign: &Campaign) -> Result<(), AppError> {
    let mut violations = Violations::default();
    for (i, participant) in campaign.participants.iter().enumerate() {
        for (k, quota) in participant.quotas.iter().enumerate() {
            let field = format!("campaign.participants[{i}].quotas[{k}]");
            let drawn = !quota.rule.leaves_no_chance();
            let rule = "LISTED_ITEM_NEEDS_OVERRIDE_REASON";
            violations.require(drawn, field, rule, &participant.department);
        }
    }
    let said = !campaign.override_reason.trim().is_empty();
    if said || violations.is_empty() || is_explained(tx, campaign).await? {
        return Ok(());
    }
    Ok(violations.finish(())?)
}

async fn is_explained(tx: &mut Tx, campaign: &Campaign) -> Result<bool, AppError> {
    if campaign.plan.is_empty() {
        return Ok(false);
    }
    let plan = schemes::in_force(tx, &campaign.plan).await?;
    let task = plan.content.task(&campaign.plan_task);
    Ok(task.is_some_and(|task| !task.override_reason.trim().is_empty()))
}

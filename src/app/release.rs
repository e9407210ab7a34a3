//! Who may open the names of a visit, and from when on: as the policy says (R86).

use super::{AppError, Call, openings};
use crate::domain::caller::Role;
use crate::domain::campaign::Campaign;
use crate::domain::policy::Policy;
use crate::domain::visit::{Names, Visit};
use crate::domain::{day, release};
use crate::store::Tx;

/// The policy on the first day of a campaign's visits.
///
/// # Errors
/// [`AppError::Store`].
pub async fn policy_of(tx: &mut Tx, campaign: &Campaign) -> Result<Policy, AppError> {
    let issued = tx.policies(&campaign.jurisdiction).await?;
    Ok(Policy::resolve(&campaign.jurisdiction, &issued, campaign.first_day))
}

/// That the names of a visit are open by now.
///
/// # Errors
/// [`AppError::Precondition`].
pub async fn require_released(
    tx: &mut Tx,
    campaign: &Campaign,
    visit: &Visit,
    now_us: i64,
) -> Result<(), AppError> {
    let policy = policy_of(tx, campaign).await?;
    let fixed = tx.appointment(&campaign.id, visit.attempt, visit.rank).await?;
    let unfixed = || AppError::precondition("NO_DAY_FIXED", visit.rank.to_string());
    let from = release::from(&policy, campaign.first_day, fixed.map(|f| f.day));
    let from = from.ok_or_else(unfixed)?;
    match day::of_instant(now_us) < from {
        true => Err(AppError::precondition("BEFORE_THE_VISIT_DAY", from.to_string())),
        false => Ok(()),
    }
}

/// That a visit opens to the caller now; the caller's ticket in its team, empty for a department.
///
/// # Errors
/// [`AppError`].
pub async fn require_open_to(
    tx: &mut Tx,
    call: &Call,
    (campaign, visit, hidden): (&Campaign, &Visit, &Names),
    now_us: i64,
) -> Result<String, AppError> {
    let policy = policy_of(tx, campaign).await?;
    let own = |s: &crate::domain::visit::Section| s.department == call.caller.department;
    let member = match call.caller.role {
        Role::Inspector => openings::require_member(call, visit, hidden)?,
        Role::Department if release::to_departments(&policy) => {
            match visit.sections.iter().any(own) {
                true => String::new(),
                false => return Err(AppError::Forbidden("NOT_OF_THE_VISIT")),
            }
        }
        _ => return Err(AppError::Forbidden("TEAM_OR_AUDITOR_ONLY")),
    };
    if release::to_leader_only(&policy) && member != visit.leader() {
        return Err(AppError::Forbidden("POLICY_OPENS_TO_THE_LEADER"));
    }
    require_released(tx, campaign, visit, now_us).await?;
    Ok(member)
}

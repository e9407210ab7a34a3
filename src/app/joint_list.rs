//! A joint campaign is held against the joint list (联合抽查工作指引, R15).

use super::{AppError, release};
use crate::domain::Violations;
use crate::domain::campaign::Campaign;
use crate::domain::item::ItemList;
use crate::domain::policy;
use crate::store::Tx;

/// Most items outside the joint list that a campaign remembers.
const OUTSIDE_MAX: usize = 200;

/// Items a campaign checks that are not on the joint list, as `department/code`.
fn outside(campaign: &Campaign, lists: &[ItemList]) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    for (i, participant) in campaign.participants.iter().enumerate() {
        let list = lists.iter().find(|l| l.department == participant.department);
        let items = list.map_or(&[][..], |l| &l.items);
        let named =
            |code: &String| participant.items.is_empty() || participant.items.contains(code);
        let off = items.iter().filter(|item| !item.joint && named(&item.code));
        found.extend(off.map(|item| (i, participant.department.clone(), item.code.clone())));
    }
    found.truncate(OUTSIDE_MAX);
    found
}

/// Notes on a campaign of several departments what is outside the joint list, or refuses it where the
/// policy says so.
///
/// # Errors
/// The violation of each such item; [`AppError`].
pub async fn hold(tx: &mut Tx, campaign: &mut Campaign) -> Result<(), AppError> {
    campaign.outside_joint_list.clear();
    let policy = release::policy_of(tx, campaign).await?;
    let word = policy.word(policy::JOINT_LIST);
    if campaign.participants.len() < 2 || word == "OFF" {
        return Ok(());
    }
    let ids: Vec<String> = campaign.participants.iter().map(|p| p.department.clone()).collect();
    let lists = tx.item_lists_on(&ids, campaign.first_day).await?;
    let found = outside(campaign, &lists);
    if word == "REFUSE" {
        let mut violations = Violations::default();
        for (i, _, code) in &found {
            let field = format!("campaign.participants[{i}].items");
            violations.add(field, "OUTSIDE_THE_JOINT_LIST", code);
        }
        return Ok(violations.finish(())?);
    }
    let name = |(_, department, code)| format!("{department}/{code}");
    campaign.outside_joint_list = found.into_iter().map(name).collect();
    Ok(())
}

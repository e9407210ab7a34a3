//! Campaigns from proposal to approval, and the dry run.

use serde_json::json;

use super::{
    App, AppError, Begun, Call, framing, joint_list, local_modes, overrides, release,
    require_department, require_office, schemes, supplements,
};
use crate::domain::caller::Role;
use crate::domain::campaign::{Action, Answer, Campaign, Mode, State};
use crate::domain::schedule::settle_answers;
use crate::domain::{Violations, day, policy};
use crate::draw::freeze::{freeze_hash, seal};
use crate::draw::outcome::draw;
use crate::draw::seed::Seed;
use crate::merge::figures::{self, Figures};
use crate::store::{Page, StoreError, Tx};

/// Proposes a campaign. The proposer's own department has accepted by proposing.
///
/// # Errors
/// [`AppError`]; offices or the lead department only.
pub async fn create(app: &App, call: &Call, mut campaign: Campaign) -> Result<Campaign, AppError> {
    let by_lead = call.caller.role == Role::Department && call.caller.department == campaign.lead;
    if !by_lead && call.caller.role != Role::Office {
        return Err(AppError::Forbidden("OFFICE_OR_LEAD_ONLY"));
    }
    campaign.state = State::Proposed;
    campaign.version = 1;
    campaign.attempts = 0;
    campaign.proposed_by = call.caller.name().to_owned();
    campaign.approved_by = String::new();
    for participant in &mut campaign.participants {
        let own = participant.department == call.caller.department;
        participant.answer = if own { Answer::Accepted } else { Answer::Invited };
    }
    let mut violations = Violations::default();
    campaign.check(&mut violations, "campaign");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    check_known(&mut step.tx, &campaign).await?;
    supplements::bind(&mut step.tx, &mut campaign).await?;
    local_modes::bind(&mut step.tx, &mut campaign).await?;
    joint_list::hold(&mut step.tx, &mut campaign).await?;
    schemes::bind(&mut step.tx, &mut campaign).await?;
    overrides::require(&mut step.tx, &campaign).await?;
    let id = campaign.id.clone();
    match step.tx.insert_campaign(&campaign, step.now_us).await {
        Err(error) if error.is_conflict() => return Err(AppError::Exists { kind: "campaign", id }),
        done => done?,
    }
    let mut body = json!({
        "campaign": campaign.id,
        "lead": campaign.lead,
        "local_mode": campaign.local_mode,
        "local_mode_version": campaign.local_mode_version,
        "mode": campaign.mode,
        "participants": campaign.participants.len(),
        "plan": campaign.plan,
        "plan_task": campaign.plan_task,
        "scheme": campaign.scheme,
        "outside_joint_list": campaign.outside_joint_list.len(),
        "overridden": !campaign.override_reason.is_empty(),
        "scheme_version": campaign.scheme_version,
    });
    if let Some(of) = &campaign.supplement {
        body["supplement"] = json!(of);
    }
    step.finish(call, "campaign.propose", body, campaign).await
}

/// Participants exist, serve the jurisdiction, and list the items they name.
///
/// # Errors
/// Their violations.
pub async fn check_known(tx: &mut Tx, campaign: &Campaign) -> Result<(), AppError> {
    let mut violations = Violations::default();
    let known = tx.departments_in(std::slice::from_ref(&campaign.jurisdiction)).await?;
    let ids: Vec<String> = campaign.participants.iter().map(|p| p.department.clone()).collect();
    let lists = tx.item_lists_on(&ids, campaign.first_day).await?;
    for (i, participant) in campaign.participants.iter().enumerate() {
        let at = format!("campaign.participants[{i}]");
        let id = &participant.department;
        let here = known.iter().any(|d| d.id == *id);
        violations.require(here, format!("{at}.department"), "UNKNOWN_DEPARTMENT", id);
        let list = lists.iter().find(|l| l.department == *id);
        for code in &participant.items {
            let listed = list.is_some_and(|l| l.items.iter().any(|item| item.code == *code));
            violations.require(listed, format!("{at}.items"), "UNKNOWN_ITEM", code);
        }
    }
    Ok(violations.finish(())?)
}

/// Reads a campaign inside a transaction.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(tx: &mut Tx, id: &str) -> Result<Campaign, AppError> {
    tx.campaign(id).await?.ok_or_else(|| AppError::not_found("campaign", id))
}

/// Does an action on a campaign and stores it.
///
/// # Errors
/// [`AppError::Precondition`] when the state does not allow it; [`AppError::Stale`] when somebody
/// else was faster.
pub async fn act(tx: &mut Tx, campaign: &mut Campaign, action: Action) -> Result<(), AppError> {
    let before = campaign.version;
    let state = campaign.state.word();
    if !campaign.act(action) {
        let detail = format!("campaign {} is {state}", campaign.id);
        return Err(AppError::precondition("CAMPAIGN_STATE", detail));
    }
    match tx.update_campaign(campaign, before).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(AppError::Stale(format!("campaign {}", campaign.id))),
        Err(error) => Err(conflict(error, campaign)),
    }
}

fn conflict(error: StoreError, campaign: &Campaign) -> AppError {
    if error.is_conflict() {
        let detail = format!("another campaign of {} is frozen", campaign.jurisdiction);
        return AppError::precondition("ANOTHER_DRAW_IS_OPEN", detail);
    }
    error.into()
}

/// A campaign.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(app: &App, id: &str) -> Result<Campaign, AppError> {
    find(&mut app.db.read().await?, id).await
}

/// A page of campaigns; `unplanned` leaves out those that carry out a plan (R17).
///
/// # Errors
/// [`AppError`].
pub async fn list(app: &App, page: &Page<'_>, unplanned: bool) -> Result<Vec<Campaign>, AppError> {
    let mut tx = app.db.read().await?;
    let mut after = page.after.to_owned();
    let mut found = Vec::new();
    let full = usize::try_from(page.limit).unwrap_or(0);
    while found.len() < full {
        let rows = tx.campaigns(&Page { after: &after, limit: page.limit }).await?;
        let Some(last) = rows.last() else { break };
        after = last.id.clone();
        found.extend(rows.into_iter().filter(|c| !unplanned || c.plan.is_empty()));
    }
    found.truncate(full);
    Ok(found)
}

/// A participant accepts or declines.
///
/// # Errors
/// [`AppError`]; invited department systems only.
pub async fn answer(app: &App, call: &Call, id: &str, accept: bool) -> Result<Campaign, AppError> {
    let department = require_department(&call.caller)?.to_owned();
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = find(&mut step.tx, id).await?;
    let lead = campaign.lead.clone();
    let over = campaign.answer_by.is_some_and(|by| day::of_instant(step.now_us) > by);
    let late = over && silence_declines(&mut step.tx, &campaign).await?;
    let part = campaign.participants.iter_mut().find(|p| p.department == department);
    let part = part.ok_or(AppError::Forbidden("NOT_INVITED"))?;
    if !accept && lead == department {
        return Err(AppError::precondition("LEAD_TAKES_PART", department));
    }
    if part.answer == Answer::Invited && late {
        return Err(AppError::precondition("INVITATION_IS_OVER", department));
    }
    part.answer = if accept { Answer::Accepted } else { Answer::Declined };
    act(&mut step.tx, &mut campaign, Action::Answer).await?;
    let body = json!({ "accept": accept, "campaign": id, "department": department });
    step.finish(call, "campaign.answer", body, campaign).await
}

/// Closes the invitations of a campaign that has a day for answers (R62): before the end of that day
/// everybody has to have answered; after it silence declines, or blocks where the policy says so.
async fn settle(tx: &mut Tx, campaign: &mut Campaign, now_us: i64) -> Result<(), AppError> {
    let Some(by) = campaign.answer_by else { return Ok(()) };
    let invited = |c: &Campaign| c.participants.iter().any(|p| p.answer == Answer::Invited);
    if !invited(campaign) {
        return Ok(());
    }
    if day::of_instant(now_us) <= by {
        return Err(AppError::precondition("INVITATIONS_ARE_OPEN", by.to_string()));
    }
    if !silence_declines(tx, campaign).await? {
        return Err(AppError::precondition("INVITATIONS_ARE_UNANSWERED", by.to_string()));
    }
    settle_answers(campaign);
    Ok(())
}

async fn silence_declines(tx: &mut Tx, campaign: &Campaign) -> Result<bool, AppError> {
    Ok(release::policy_of(tx, campaign).await?.word(policy::UNANSWERED) == "DECLINES")
}

/// Approves a campaign as read.
///
/// # Errors
/// [`AppError`]; offices only, not the proposer, and only once the lead has accepted.
pub async fn approve(app: &App, call: &Call, id: &str, etag: i64) -> Result<Campaign, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut campaign = find(&mut step.tx, id).await?;
    if campaign.proposed_by == call.caller.name() {
        return Err(AppError::Forbidden("APPROVER_IS_PROPOSER"));
    }
    if campaign.version != etag {
        return Err(AppError::Stale(format!("campaign {id}")));
    }
    if !campaign.accepted().any(|p| p.department == campaign.lead) {
        return Err(AppError::precondition("LEAD_HAS_NOT_ACCEPTED", campaign.lead));
    }
    settle(&mut step.tx, &mut campaign, step.now_us).await?;
    call.caller.name().clone_into(&mut campaign.approved_by);
    act(&mut step.tx, &mut campaign, Action::Approve).await?;
    let body = json!({ "campaign": id, "proposed_by": campaign.proposed_by });
    step.finish(call, "campaign.approve", body, campaign).await
}

/// Draws in a seed domain of its own and returns figures alone. Everybody who has not declined
/// counts as taking part.
///
/// # Errors
/// [`AppError`]; offices and participants only.
pub async fn preview(app: &App, call: &Call, id: &str) -> Result<Figures, AppError> {
    what_if(app, call, id, |_| ()).await
}

/// [`preview`] of a campaign that is a little different, such as in its quotas; nothing of it is stored.
///
/// # Errors
/// As [`preview`], and the violations of the changed campaign.
pub async fn what_if(
    app: &App,
    call: &Call,
    id: &str,
    change: impl FnOnce(&mut Campaign),
) -> Result<Figures, AppError> {
    let mut tx = app.db.read().await?;
    let mut campaign = find(&mut tx, id).await?;
    change(&mut campaign);
    let mut violations = Violations::default();
    campaign.check(&mut violations, "campaign");
    violations.finish(())?;
    let invited = call.caller.role == Role::Department
        && campaign.participants.iter().any(|p| p.department == call.caller.department);
    if call.caller.role != Role::Office && !invited {
        return Err(AppError::Forbidden("OFFICE_OR_PARTICIPANT_ONLY"));
    }
    if campaign.mode != Mode::MatchedPlans {
        for participant in &mut campaign.participants {
            if participant.answer == Answer::Invited {
                participant.answer = Answer::Accepted;
            }
        }
    }
    let (framed, _) = framing::load(&app.sealer, &mut tx, &campaign, 0).await?;
    let mut frame = framed.frame;
    frame.draw_id = format!("campaigns/{id}/preview");
    let root_secret = app.entropy.bytes();
    let entropy = app.entropy.bytes();
    tokio::task::block_in_place(|| {
        let sealed = seal(&frame, &root_secret)?;
        let hash = freeze_hash(frame.alg, &sealed.freeze_bytes);
        let seed = Seed::preview(frame.alg, &hash, &entropy);
        let outcome = draw(&sealed.freeze, &sealed.pool, &seed);
        Ok(figures::count(&sealed.freeze, &sealed.pool, &outcome))
    })
}

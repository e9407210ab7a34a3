//! Templates of scheduled campaigns: proposed, answered and approved once, as a campaign is.

use serde_json::json;

use super::step::digest;
use super::{
    App, AppError, Begun, Call, campaigns, joint_list, local_modes, overrides, require_department,
    require_office,
};
use crate::domain::Violations;
use crate::domain::caller::Role;
use crate::domain::campaign::Answer;
use crate::domain::schedule::{Slot, Template, TemplateAction, TemplateState, settle_answers};
use crate::store::{Page, Tx};

/// Proposes a template. The proposer's own department has accepted by proposing.
///
/// # Errors
/// [`AppError`]; offices or the lead department only.
pub async fn create(app: &App, call: &Call, mut template: Template) -> Result<Template, AppError> {
    let campaign = &mut template.campaign;
    let by_lead = call.caller.role == Role::Department && call.caller.department == campaign.lead;
    if !by_lead && call.caller.role != Role::Office {
        return Err(AppError::Forbidden("OFFICE_OR_LEAD_ONLY"));
    }
    call.caller.name().clone_into(&mut campaign.proposed_by);
    for participant in &mut campaign.participants {
        let own = participant.department == call.caller.department;
        participant.answer = if own { Answer::Accepted } else { Answer::Invited };
    }
    template.state = TemplateState::Proposed;
    template.version = 1;
    let mut violations = Violations::default();
    template.check(&mut violations, "campaign_template");
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut now = template.campaign.clone();
    now.first_day = crate::domain::day::of_instant(step.now_us);
    campaigns::check_known(&mut step.tx, &now).await?;
    overrides::require(&mut step.tx, &now).await?;
    local_modes::bind(&mut step.tx, &mut now).await?;
    template.campaign.local_mode_version = now.local_mode_version;
    template.campaign.asks.clone_from(&now.asks);
    joint_list::hold(&mut step.tx, &mut now).await?;
    template.campaign.outside_joint_list = now.outside_joint_list;
    let id = template.id().to_owned();
    match step.tx.insert_template(&template).await {
        Err(error) if error.is_conflict() => {
            return Err(AppError::Exists { kind: "campaign template", id });
        }
        done => done?,
    }
    let body = json!({
        "lead": template.campaign.lead,
        "mode": template.campaign.mode,
        "participants": template.campaign.participants.len(),
        "rule": template.rule,
        "sha256": digest(&template)?,
        "template": id,
    });
    step.finish(call, "template.propose", body, template).await
}

async fn find(tx: &mut Tx, id: &str) -> Result<Template, AppError> {
    tx.template(id).await?.ok_or_else(|| AppError::not_found("campaign template", id))
}

async fn act(tx: &mut Tx, template: &mut Template, action: TemplateAction) -> Result<(), AppError> {
    let before = template.version;
    let state = template.state.word();
    if !template.act(action) {
        let detail = format!("campaign template {} is {state}", template.id());
        return Err(AppError::precondition("TEMPLATE_STATE", detail));
    }
    match tx.update_template(template, before).await? {
        true => Ok(()),
        false => Err(AppError::Stale(format!("campaign template {}", template.id()))),
    }
}

/// A participant accepts or declines every campaign of a template.
///
/// # Errors
/// [`AppError`]; invited department systems only.
pub async fn answer(app: &App, call: &Call, id: &str, accept: bool) -> Result<Template, AppError> {
    let department = require_department(&call.caller)?.to_owned();
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut template = find(&mut step.tx, id).await?;
    let lead = template.campaign.lead.clone();
    let participants = &mut template.campaign.participants;
    let part = participants.iter_mut().find(|p| p.department == department);
    let part = part.ok_or(AppError::Forbidden("NOT_INVITED"))?;
    if !accept && lead == department {
        return Err(AppError::precondition("LEAD_TAKES_PART", department));
    }
    part.answer = if accept { Answer::Accepted } else { Answer::Declined };
    act(&mut step.tx, &mut template, TemplateAction::Answer).await?;
    let body = json!({
        "accept": accept,
        "department": department,
        "sha256": digest(&template)?,
        "template": id,
    });
    step.finish(call, "template.answer", body, template).await
}

/// Approves a template as read: from now on a campaign comes of each of its slots. Who has not
/// answered does not take part.
///
/// # Errors
/// [`AppError`]; offices only, neither the proposer nor one that supervises its draws (R82), and
/// only once the lead has accepted.
pub async fn approve(app: &App, call: &Call, id: &str, etag: i64) -> Result<Template, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut template = find(&mut step.tx, id).await?;
    if template.campaign.proposed_by == call.caller.name() {
        return Err(AppError::Forbidden("APPROVER_IS_PROPOSER"));
    }
    // Its freezes follow from this approval: the approver carries the draws out.
    if template.campaign.contributors.iter().any(|office| office == call.caller.name()) {
        return Err(AppError::Forbidden("EXECUTOR_SUPERVISES"));
    }
    if template.version != etag {
        return Err(AppError::Stale(format!("campaign template {id}")));
    }
    let lead = &template.campaign.lead;
    if !template.campaign.accepted().any(|p| p.department == *lead) {
        return Err(AppError::precondition("LEAD_HAS_NOT_ACCEPTED", lead));
    }
    settle_answers(&mut template.campaign);
    call.caller.name().clone_into(&mut template.campaign.approved_by);
    template.approved_us = step.now_us;
    act(&mut step.tx, &mut template, TemplateAction::Approve).await?;
    let body = json!({
        "proposed_by": template.campaign.proposed_by,
        "sha256": digest(&template)?,
        "template": id,
    });
    step.finish(call, "template.approve", body, template).await
}

/// Stops a template: no further slot of it is used. What was announced goes on.
///
/// # Errors
/// [`AppError`]; offices only.
pub async fn stop(app: &App, call: &Call, id: &str) -> Result<Template, AppError> {
    require_office(&call.caller)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut template = find(&mut step.tx, id).await?;
    act(&mut step.tx, &mut template, TemplateAction::Stop).await?;
    let body = json!({ "sha256": digest(&template)?, "template": id });
    step.finish(call, "template.stop", body, template).await
}

/// A template.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(app: &App, id: &str) -> Result<Template, AppError> {
    find(&mut app.db.read().await?, id).await
}

/// A page of templates.
///
/// # Errors
/// [`AppError`].
pub async fn list(app: &App, page: &Page<'_>) -> Result<Vec<Template>, AppError> {
    Ok(app.db.read().await?.templates(page).await?)
}

/// A page of what became of a template's slots.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn slots(app: &App, id: &str, page: &Page<'_>) -> Result<Vec<Slot>, AppError> {
    let mut tx = app.db.read().await?;
    find(&mut tx, id).await?;
    Ok(tx.slots(id, page).await?)
}

//! Deciding a liability (R130, R131): by an office that is not the unit, with a reason and with what it
//! considered.

use super::attach::attached;
use super::{find, save, told};
use crate::app::{Aim, App, AppError, Begun, Call};
use crate::domain::Violations;
use crate::domain::caller::Role;
use crate::domain::liability::{Liability, LiabilityAction, Ruling};

/// Exempts the unit, or holds it liable.
///
/// # Errors
/// [`AppError`]; leading groups and supervising offices, never the unit itself.
pub async fn decide(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    mut ruling: Ruling,
) -> Result<Liability, AppError> {
    if !matches!(call.caller.role, Role::Office | Role::Supervisor) {
        return Err(AppError::Forbidden("OFFICE_OR_SUPERVISOR_ONLY"));
    }
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut liability = find(&mut step.tx, aim.id).await?;
    if call.caller.name() == liability.unit {
        return Err(AppError::Forbidden("DECIDER_IS_UNIT"));
    }
    aim.require("liability", liability.version)?;
    let evidence = attached(&mut step.tx, &liability).await?;
    let mut violations = Violations::default();
    ruling.check(&mut violations, &evidence);
    violations.finish(())?;
    call.caller.name().clone_into(&mut ruling.by);
    ruling.at_us = step.now_us;
    let since = liability.version;
    let action = match ruling.exempt {
        Some(_) => LiabilityAction::Exempt,
        None => LiabilityAction::Uphold,
    };
    if !liability.act(action) {
        return Err(AppError::precondition("LIABILITY_STATE", liability.state.word()));
    }
    let mut body = told(&liability);
    body["considered"] = ruling.considered.clone().into();
    body["document"] = ruling.document.clone().into();
    liability.ruling = Some(ruling);
    save(&mut step.tx, &liability, since).await?;
    step.finish(call, "liability.decide", body, liability).await
}

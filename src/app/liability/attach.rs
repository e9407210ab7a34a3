//! Attaching evidence of the duty of care (R131): by the unit, to a liability or to a visit, before anybody
//! asks for it too.

use serde_json::json;

use super::{find, require_unit};
use crate::app::{App, AppError, Begun, Call, require_department};
use crate::domain::liability::{DutyEvidence, Liability};
use crate::domain::{Violations, day};
use crate::store::Tx;

/// What evidence is about.
pub enum About<'a> {
    /// A liability, by its id.
    Liability(&'a str),
    /// A visit: campaign and rank.
    Visit(&'a str, i64),
}

/// The key under which evidence of a liability is kept.
#[must_use]
pub fn of_liability(id: &str) -> String {
    format!("liability {id}")
}

/// The key under which evidence of a visit is kept.
#[must_use]
pub fn of_visit(campaign: &str, rank: i64) -> String {
    format!("visit {campaign} {rank}")
}

/// Everything that the unit has attached to a liability and to the visit that it is about.
///
/// # Errors
/// [`AppError::Store`].
pub async fn attached(tx: &mut Tx, liability: &Liability) -> Result<Vec<DutyEvidence>, AppError> {
    let unit = &liability.unit;
    let mut out = tx.duty_evidence(&of_liability(&liability.id), unit).await?;
    if liability.rank > 0 {
        let visit = of_visit(&liability.campaign, liability.rank);
        out.extend(tx.duty_evidence(&visit, unit).await?);
    }
    Ok(out)
}

/// Attaches evidence; what is there already stays as it is.
///
/// # Errors
/// [`AppError`]; the unit itself only, of a liability that nobody has decided, or of a visit that it makes.
pub async fn attach(
    app: &App,
    call: &Call,
    about: About<'_>,
    mut evidence: DutyEvidence,
) -> Result<DutyEvidence, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut violations = Violations::default();
    evidence.check(&mut violations, "evidence", day::of_instant(step.now_us));
    violations.finish(())?;
    evidence.at_us = step.now_us;
    let (key, campaign, object) = match about {
        About::Liability(id) => {
            let liability = find(&mut step.tx, id).await?;
            require_unit(&call.caller, &liability)?;
            if !liability.state.is_undecided() {
                return Err(AppError::precondition("LIABILITY_STATE", liability.state.word()));
            }
            (of_liability(id), liability.campaign, id.to_owned())
        }
        About::Visit(campaign, rank) => {
            let department = require_department(&call.caller)?;
            let stored = step.tx.visit(campaign, rank).await?;
            let own =
                stored.filter(|s| s.visit.sections.iter().any(|s| s.department == department));
            let object = format!("{campaign}.{rank}");
            own.ok_or_else(|| AppError::not_found("visit", &object))?;
            (of_visit(campaign, rank), campaign.to_owned(), object)
        }
    };
    let unit = call.caller.name().to_owned();
    if !step.tx.insert_duty_evidence((&key, &unit), &evidence).await? {
        return Err(AppError::Exists { kind: "evidence", id: evidence.sha256 });
    }
    let body = json!({
        "campaign": campaign,
        "evidence": evidence.sha256,
        "ground": evidence.ground,
        "object": object,
        "unit": unit,
    });
    step.finish(call, "duty.attach", body, evidence).await
}

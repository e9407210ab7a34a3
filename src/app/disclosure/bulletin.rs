//! The bulletin of a draw: published once by the unit that initiated it (R113, R118).

use serde_json::json;

use crate::app::{App, AppError, Begun, Call, campaigns};
use crate::domain::bulletin::{Bulletin, Figures};
use crate::domain::caller::Role;
use crate::domain::campaign::{Campaign, State};
use crate::domain::check::CheckState;
use crate::domain::hash::Suite;
use crate::domain::{Violations, canon, text};
use crate::store::{CheckFilter, ResultFilter, Tx};

fn require_initiator(call: &Call, campaign: &Campaign) -> Result<(), AppError> {
    match call.caller.role {
        Role::Office => Ok(()),
        Role::Department if call.caller.department == campaign.lead => Ok(()),
        _ => Err(AppError::Forbidden("OFFICE_OR_LEAD_ONLY")),
    }
}

async fn figures(tx: &mut Tx, campaign: &Campaign) -> Result<Figures, AppError> {
    let id = campaign.id.as_str();
    let visits = tx.visits(id, "", 0, i64::MAX).await?;
    let visits = visits.iter().filter(|v| v.visit.dropped == 0).count();
    let wanted =
        CheckFilter { campaign: id, attempt: campaign.attempts, department: "", state: "" };
    let checks = tx.checks(&wanted, 0, i64::MAX).await?;
    let count = |state: CheckState| {
        let found = checks.iter().filter(|c| c.state == state.word()).count();
        i64::try_from(found).unwrap_or(i64::MAX)
    };
    let mut figures = Figures {
        visits: i64::try_from(visits).unwrap_or(i64::MAX),
        examined: count(CheckState::Completed),
        terminated: count(CheckState::Terminated),
        ..Figures::default()
    };
    let filter = ResultFilter { campaign: id, ..ResultFilter::default() };
    let records: Vec<_> =
        tx.results(&filter, "", i64::MAX).await?.into_iter().map(|s| s.record).collect();
    figures.count(&records, &tx.published([id, ""], "", i64::MAX).await?);
    Ok(figures)
}

/// Publishes the bulletin of a draw: after its visits are over or the campaign is closed, and after
/// every department has published or withheld its results.
///
/// # Errors
/// [`AppError`]; offices and the lead department only, once per campaign.
pub async fn publish(
    app: &App,
    call: &Call,
    id: &str,
    summary: &str,
) -> Result<Bulletin, AppError> {
    let mut violations = Violations::default();
    text::require(&mut violations, "summary", summary, text::LONG_CHARS_MAX);
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let campaign = campaigns::find(&mut step.tx, id).await?;
    require_initiator(call, &campaign)?;
    let figures = figures(&mut step.tx, &campaign).await?;
    let over = figures.examined + figures.terminated;
    let drawn = matches!(campaign.state, State::Drawn | State::Closed);
    if !drawn || (campaign.state == State::Drawn && over < figures.visits) {
        let detail = format!("{over} of {} visits are over", figures.visits);
        return Err(AppError::precondition("VISITS_ARE_OPEN", detail));
    }
    let open =
        figures.departments.values().map(|d| d.results - d.published - d.withheld).sum::<i64>();
    if open > 0 {
        return Err(AppError::precondition("RESULTS_ARE_OPEN", open.to_string()));
    }
    let bulletin = Bulletin {
        campaign: id.to_owned(),
        title: campaign.title,
        issued_by: call.caller.name().to_owned(),
        issued_us: step.now_us,
        summary: summary.to_owned(),
        figures,
    };
    match step.tx.insert_bulletin(&bulletin).await {
        Err(error) if error.is_conflict() => {
            return Err(AppError::Exists { kind: "bulletin of campaign", id: id.to_owned() });
        }
        done => done?,
    }
    let body = json!({ "campaign": id, "digest": digest(&bulletin)? });
    step.finish(call, "bulletin.publish", body, bulletin).await
}

/// SHA-256 of a bulletin's canonical form: stands in the log.
///
/// # Errors
/// [`AppError::Canon`].
pub fn digest(bulletin: &Bulletin) -> Result<String, AppError> {
    let broken = AppError::Broken("a bulletin has no JSON");
    let value = serde_json::to_value(bulletin).map_err(|_| broken)?;
    Ok(Suite::Sha256.hash(&canon::to_bytes(&value)?).to_string())
}

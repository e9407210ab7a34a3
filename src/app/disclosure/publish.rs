//! Publishing a result or withholding it: by its publisher, where the policy says so by two of its keys.

use serde_json::json;

use super::{find, first, issue, require_publisher, save, told};
use crate::app::{Aim, App, AppError, Begun, Call, Step};
use crate::domain::publication::{Asked, ResultAction, ResultRecord, Withholding};
use crate::domain::{Violations, text};
use crate::store::SealedResult;

fn impossible(record: &ResultRecord) -> AppError {
    AppError::precondition("RESULT_STATE", record.state.word())
}

/// Asks to publish a result (R111), or to withhold it on a legal ground (R112); done at once unless the
/// policy wants another key's review.
///
/// # Errors
/// [`AppError`]; the publisher only.
pub async fn submit(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    withhold: Option<Withholding>,
) -> Result<ResultRecord, AppError> {
    if let Some(withholding) = &withhold {
        let mut violations = Violations::default();
        let (field, basis) = ("withhold.basis", &withholding.basis);
        text::require(&mut violations, field, basis, text::SHORT_CHARS_MAX);
        violations.finish(())?;
    }
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let stored = find(&mut step.tx, aim.id).await?;
    require_publisher(&call.caller, &stored.record)?;
    aim.require("result", stored.record.version)?;
    let asked = Asked { withhold, key: call.caller.key_id.clone(), at_us: step.now_us };
    if !stored.record.reviewed {
        return settle(app, step, call, stored, asked).await;
    }
    let mut record = stored.record;
    let since = record.version;
    if !record.act(ResultAction::Submit) {
        return Err(impossible(&record));
    }
    record.asked = Some(asked);
    record.note.clear();
    save(&mut step, &record, since).await?;
    let body = told(&record);
    step.finish(call, "result.submit", body, record).await
}

/// Another key of the publisher agrees to what was asked, or gives the result back.
///
/// # Errors
/// [`AppError`]; never the key that asked.
pub async fn decide(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    approve: bool,
    note: &str,
) -> Result<ResultRecord, AppError> {
    let mut violations = Violations::default();
    match approve {
        true => text::check(&mut violations, "note", note, text::SHORT_CHARS_MAX),
        false => text::require(&mut violations, "note", note, text::SHORT_CHARS_MAX),
    }
    violations.finish(())?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut stored = find(&mut step.tx, aim.id).await?;
    require_publisher(&call.caller, &stored.record)?;
    aim.require("result", stored.record.version)?;
    let back = match stored.record.withheld {
        Some(_) => ResultAction::ReturnWithheld,
        None => ResultAction::Return,
    };
    let in_review = stored.record.state.after(ResultAction::Return).is_some();
    let Some(asked) = stored.record.asked.clone().filter(|_| in_review) else {
        return Err(impossible(&stored.record));
    };
    if asked.key == call.caller.key_id {
        return Err(AppError::Forbidden("REVIEWER_IS_REQUESTER"));
    }
    note.clone_into(&mut stored.record.note);
    if approve {
        return settle(app, step, call, stored, asked).await;
    }
    let mut record = stored.record;
    let since = record.version;
    record.act(back);
    save(&mut step, &record, since).await?;
    let body = told(&record);
    step.finish(call, "result.return", body, record).await
}

/// What was asked for happens.
async fn settle(
    app: &App,
    mut step: Step,
    call: &Call,
    mut stored: SealedResult,
    asked: Asked,
) -> Result<ResultRecord, AppError> {
    let now_us = step.now_us;
    let publication = match asked.withhold {
        Some(_) => None,
        None => Some(first(app, &mut step.tx, &stored, now_us).await?),
    };
    let record = &mut stored.record;
    let since = record.version;
    let action = match publication {
        Some(_) => ResultAction::Publish,
        None => ResultAction::Withhold,
    };
    if !record.act(action) {
        return Err(impossible(record));
    }
    record.withheld.clone_from(&asked.withhold);
    if record.settled_us == 0 {
        record.settled_us = now_us;
    }
    record.hands = vec![asked.key.clone(), call.caller.key_id.clone()];
    record.hands.dedup();
    record.asked = Some(asked);
    let mut body = told(record);
    let kind = match &publication {
        Some(publication) => {
            issue(&mut step, record, publication, &mut body).await?;
            "result.publish"
        }
        None => {
            body["ground"] = json!(record.withheld.as_ref().map(|w| w.ground));
            "result.withhold"
        }
    };
    let record = stored.record;
    save(&mut step, &record, since).await?;
    step.finish(call, kind, body, record).await
}

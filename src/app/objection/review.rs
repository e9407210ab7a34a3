//! The review of an objection: materials, pauses, decision, answer. Who published does not decide.

use jiff::civil::Date;
use serde_json::Value;

use super::{find, require_reader, seal, told};
use crate::app::disclosure::{self, correct};
use crate::app::{Aim, App, AppError, Begun, Call, Step, calendar, campaigns, reply};
use crate::domain::calendar::Calendar;
use crate::domain::correction::Erratum;
use crate::domain::deadline::Deadline;
use crate::domain::hash::Digest;
use crate::domain::objection::{Decision, Objection, ObjectionAction, PAUSES_MAX, Pause};
use crate::domain::policy::{self, Policy};
use crate::domain::{Violations, day, text};

/// Most digests of materials.
pub const MATERIALS_MAX: usize = 100;

/// An objection under change.
struct Under {
    step: Step,
    objection: Objection,
    calendar: Calendar,
    today: Date,
    since: i64,
    place: String,
}

enum Loaded {
    Repeated(Box<Objection>),
    New(Box<Under>),
}

async fn load(app: &App, call: &Call, aim: Aim<'_>) -> Result<Loaded, AppError> {
    let place = reply::place(call, "objection");
    let mut step = match app.begin::<String>(call).await? {
        Begun::Repeated(stored) => {
            return Ok(Loaded::Repeated(Box::new(reply::open(app, &place, &stored)?)));
        }
        Begun::New(step) => step,
    };
    let objection = find(app, &mut step.tx, aim.id).await?;
    require_reader(call, &objection)?;
    let since = objection.version;
    aim.require("objection", since)?;
    let campaign = campaigns::find(&mut step.tx, &objection.campaign).await?;
    let calendar = calendar::load(&mut step.tx, &campaign.jurisdiction).await?;
    let today = day::of_instant(step.now_us);
    Ok(Loaded::New(Box::new(Under { step, objection, calendar, today, since, place })))
}

impl Under {
    fn act(&mut self, action: ObjectionAction) -> Result<(), AppError> {
        let word = self.objection.state.word();
        match self.objection.act(action) {
            true => Ok(()),
            false => Err(AppError::precondition("OBJECTION_STATE", word)),
        }
    }

    async fn finish(
        mut self,
        app: &App,
        call: &Call,
        kind: &str,
        more: &[(&str, Value)],
    ) -> Result<Objection, AppError> {
        let sealed = seal(app, &self.objection)?;
        if !self.step.tx.update_objection(&sealed, self.since).await? {
            return Err(AppError::Stale(format!("objection {}", self.objection.id)));
        }
        let mut body = told(&self.objection);
        for (key, value) in more {
            body[*key] = value.clone();
        }
        let stored = reply::seal(app, &self.place, &self.objection)?;
        self.step.finish(call, kind, body, stored).await?;
        Ok(self.objection)
    }
}

/// Notes that the materials were received: the days of the review begin to count after that day (R116).
///
/// # Errors
/// [`AppError`]; a year without a calendar is said so when the deadline is read.
pub async fn receive(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    received_on: Option<Date>,
    materials: Vec<String>,
) -> Result<Objection, AppError> {
    let mut violations = Violations::default();
    let count = materials.len();
    let some = (1..=MATERIALS_MAX).contains(&count);
    violations.require(some, "materials_sha256", "FROM_1_TO_100", &count.to_string());
    for (i, sha256) in materials.iter().enumerate() {
        let good = Digest::from_hex(sha256).is_some();
        violations.require(good, format!("materials_sha256[{i}]"), "SHA256_HEX", sha256);
    }
    violations.finish(())?;
    let mut under = match load(app, call, aim).await? {
        Loaded::Repeated(reply) => return Ok(*reply),
        Loaded::New(under) => *under,
    };
    let on = received_on.unwrap_or(under.today);
    if on > under.today {
        return Err(AppError::invalid("received_on", "IN_THE_FUTURE", &on.to_string()));
    }
    under.act(ObjectionAction::Receive)?;
    let campaign = campaigns::find(&mut under.step.tx, &under.objection.campaign).await?;
    let issued = under.step.tx.policies(&campaign.jurisdiction).await?;
    let policy = Policy::resolve(&campaign.jurisdiction, &issued, on);
    let objection = &mut under.objection;
    objection.review_days = policy.number(policy::OBJECTION_REVIEW_DAYS);
    objection.feedback_days = policy.number(policy::OBJECTION_ANSWER_DAYS);
    objection.received_on = Some(on);
    objection.materials = materials;
    objection.review_due = objection.count_review(&under.calendar).unwrap_or(None);
    under.finish(app, call, "objection.receive", &[("on", on.to_string().into())]).await
}

/// Pauses the review: days from today on do not count.
///
/// # Errors
/// [`AppError`].
pub async fn pause(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    reason: &str,
) -> Result<Objection, AppError> {
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", reason, text::SHORT_CHARS_MAX);
    violations.finish(())?;
    let mut under = match load(app, call, aim).await? {
        Loaded::Repeated(reply) => return Ok(*reply),
        Loaded::New(under) => *under,
    };
    under.act(ObjectionAction::Pause)?;
    let objection = &mut under.objection;
    if objection.pauses.len() >= PAUSES_MAX {
        return Err(AppError::precondition("TOO_MANY_PAUSES", PAUSES_MAX.to_string()));
    }
    objection.pauses.push(Pause { from: under.today, until: None, reason: reason.to_owned() });
    objection.review_due = None;
    under.finish(app, call, "objection.pause", &[]).await
}

/// The review goes on: today counts again.
///
/// # Errors
/// [`AppError`].
pub async fn resume(app: &App, call: &Call, aim: Aim<'_>) -> Result<Objection, AppError> {
    let mut under = match load(app, call, aim).await? {
        Loaded::Repeated(reply) => return Ok(*reply),
        Loaded::New(under) => *under,
    };
    under.act(ObjectionAction::Resume)?;
    let objection = &mut under.objection;
    if let Some(pause) = objection.pauses.last_mut() {
        pause.until = Some(under.today);
    }
    objection.review_due = objection.count_review(&under.calendar).unwrap_or(None);
    under.finish(app, call, "objection.resume", &[]).await
}

/// Decides an objection (R116); one that is upheld asks for the correction of the result (R117), which
/// somebody else approves.
///
/// # Errors
/// [`AppError`]; never a key by which the result was published.
pub async fn decide(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    reason: &str,
    erratum: Option<Erratum>,
) -> Result<Objection, AppError> {
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", reason, text::LONG_CHARS_MAX);
    violations.finish(())?;
    let mut under = match load(app, call, aim).await? {
        Loaded::Repeated(reply) => return Ok(*reply),
        Loaded::New(under) => *under,
    };
    let upheld = erratum.is_some();
    under.act(if upheld { ObjectionAction::Uphold } else { ObjectionAction::Reject })?;
    let result = disclosure::find(&mut under.step.tx, &under.objection.result).await?.record;
    if result.hands.contains(&call.caller.key_id) {
        return Err(AppError::Forbidden("REVIEWER_HAS_PUBLISHED"));
    }
    let mut correction = 0;
    if let Some(erratum) = erratum {
        let id = under.objection.id.clone();
        correction = correct::add(&mut under.step, call, &result, erratum, &id).await?.nth;
    }
    let objection = &mut under.objection;
    objection.feedback = Some(Deadline::set(&under.calendar, under.today, objection.feedback_days));
    objection.decision = Some(Decision {
        upheld,
        reason: reason.to_owned(),
        by: call.caller.name().to_owned(),
        on: under.today,
        correction,
    });
    let kind = if upheld { "objection.uphold" } else { "objection.reject" };
    under.finish(app, call, kind, &[("correction", correction.into())]).await
}

/// Notes that the outcome was told, by the receipt of service (R117).
///
/// # Errors
/// [`AppError`].
pub async fn answer(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    receipt: &str,
) -> Result<Objection, AppError> {
    if Digest::from_hex(receipt).is_none() {
        return Err(AppError::invalid("receipt_sha256", "SHA256_HEX", receipt));
    }
    let mut under = match load(app, call, aim).await? {
        Loaded::Repeated(reply) => return Ok(*reply),
        Loaded::New(under) => *under,
    };
    under.act(ObjectionAction::Answer)?;
    under.objection.answered_on = Some(under.today);
    receipt.clone_into(&mut under.objection.receipt);
    under.finish(app, call, "objection.answer", &[("receipt", receipt.into())]).await
}

/// Notes that whoever filed an objection has withdrawn it.
///
/// # Errors
/// [`AppError`].
pub async fn withdraw(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    reason: &str,
) -> Result<Objection, AppError> {
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", reason, text::SHORT_CHARS_MAX);
    violations.finish(())?;
    let mut under = match load(app, call, aim).await? {
        Loaded::Repeated(reply) => return Ok(*reply),
        Loaded::New(under) => *under,
    };
    under.act(ObjectionAction::Withdraw)?;
    reason.clone_into(&mut under.objection.withdrawn);
    under.finish(app, call, "objection.withdraw", &[]).await
}

//! Filing an objection: by the subject without a key, bounded against floods, or on paper.

use super::{require_reader, seal, told, word};
use crate::app::disclosure::{correct, find};
use crate::app::{App, AppError, Begun, Call, Step, check, reply};
use crate::domain::Violations;
use crate::domain::caller::{Caller, Role};
use crate::domain::hash::Suite;
use crate::domain::objection::{Application, Filing, Objection, ObjectionState};
use crate::domain::publication::ResultRecord;

/// Most open objections to one result that came in one way: nobody drowns a department in one result.
pub const OPEN_MAX: i64 = 5;
/// Most objections without a visit code in an hour, over all results. With a code there is no such bound,
/// so a flood of strangers keeps no subject from filing.
pub const UNPROVEN_PER_HOUR_MAX: i64 = 60;
const HOUR_US: i64 = 3_600 * 1_000_000;
/// Random bytes of an objection's id.
const ID_BYTES: usize = 16;

/// What comes over HTTP.
pub struct Filed<'a> {
    /// The id that the sender chose.
    pub request_id: &'a str,
    /// The result.
    pub result: &'a str,
    /// The visit code; empty for none.
    pub visit_code: &'a str,
    /// What is filed.
    pub application: Application,
}

/// Whoever has no key. The payload stands in the id of the key, so that nobody's request id is in
/// anybody's way.
fn public_call(app: &App, filed: &Filed<'_>) -> Result<Call, AppError> {
    let form = serde_json::to_vec(&filed.application);
    let form = form.map_err(|_| AppError::Broken("a form has no JSON"))?;
    let fields = [filed.result.as_bytes(), filed.visit_code.as_bytes(), &form];
    let payload = Suite::Sha256.tagged("onevisit/objection", &fields);
    // The log is public: under the service's key nobody guesses names from what stands there.
    let payload = app.sealer.mark(b"objection", payload.bytes());
    let mut caller = Caller::holder(Role::Subject, "", "公众", "");
    caller.key_id = format!("public-{}", hex::encode(payload));
    let request_id = filed.request_id.to_owned();
    Ok(Call { caller, request_id, method: "FileObjection/http", payload, signature: None })
}

/// The code is this service's, and of the visit whose result it is.
fn proves(app: &App, record: &ResultRecord, code: &str) -> bool {
    app.log.read_visit_code(code).is_some_and(|said| {
        said.campaign == record.campaign && said.rank == record.rank && said.ticket == record.ticket
    })
}

/// Files an objection without a key.
///
/// # Errors
/// [`AppError`]; of a result that is not published nothing is said but that it is not there.
pub async fn by_subject(app: &App, filed: Filed<'_>) -> Result<Objection, AppError> {
    let mut violations = Violations::default();
    filed.application.check(&mut violations, "application");
    violations.finish(())?;
    let call = public_call(app, &filed)?;
    let stored = app.db.read().await?.result(filed.result).await?;
    let record = stored.map(|s| s.record).filter(|r| r.publications > 0);
    let record = record.ok_or_else(|| AppError::not_found("published result", filed.result))?;
    let filing = match filed.visit_code {
        "" => Filing::Unproven,
        code if proves(app, &record, code) => Filing::VisitCode,
        code => return Err(AppError::invalid("visit_code", "VISIT_CODE_OF_ANOTHER_VISIT", code)),
    };
    add(app, &call, filed.result, filing, filed.application).await
}

/// Enters an objection that came on paper.
///
/// # Errors
/// [`AppError`]; the department whose result it is, and offices.
pub async fn on_paper(
    app: &App,
    call: &Call,
    result: &str,
    application: Application,
) -> Result<Objection, AppError> {
    let mut violations = Violations::default();
    application.check(&mut violations, "application");
    violations.finish(())?;
    add(app, call, result, Filing::Paper, application).await
}

async fn require_room(step: &mut Step, result: &str, filing: Filing) -> Result<(), AppError> {
    if step.tx.open_objections(result, word(filing)).await? >= OPEN_MAX {
        return Err(AppError::precondition("TOO_MANY_OBJECTIONS", result));
    }
    if filing != Filing::Unproven {
        return Ok(());
    }
    let since = step.now_us - HOUR_US;
    match step.tx.objections_since(word(filing), since).await? >= UNPROVEN_PER_HOUR_MAX {
        true => Err(AppError::precondition("TOO_MANY_OBJECTIONS", "in this hour")),
        false => Ok(()),
    }
}

async fn add(
    app: &App,
    call: &Call,
    result: &str,
    filing: Filing,
    application: Application,
) -> Result<Objection, AppError> {
    let reply_place = reply::place(call, "objection");
    let mut step = match app.begin::<String>(call).await? {
        Begun::Repeated(stored) => return reply::open(app, &reply_place, &stored),
        Begun::New(step) => step,
    };
    let record = find(&mut step.tx, result).await?.record;
    let objection = Objection {
        id: hex::encode(app.entropy.bytes::<ID_BYTES>()),
        result: record.id.clone(),
        campaign: record.campaign.clone(),
        department: record.department.clone(),
        filing,
        application,
        filed_us: step.now_us,
        state: ObjectionState::Filed,
        version: 1,
        review_days: 0,
        feedback_days: 0,
        received_on: None,
        materials: Vec::new(),
        pauses: Vec::new(),
        review_due: None,
        decision: None,
        feedback: None,
        answered_on: None,
        receipt: String::new(),
        withdrawn: String::new(),
    };
    if filing == Filing::Paper {
        require_reader(call, &objection)?;
    }
    // Only what stands published can be objected to.
    correct::standing(&mut step.tx, &record).await?;
    step.tx.lock(check::lock_key("objections", 0)).await?;
    require_room(&mut step, result, filing).await?;
    step.tx.insert_objection(&seal(app, &objection)?).await?;
    let stored = reply::seal(app, &reply_place, &objection)?;
    step.finish(call, "objection.file", told(&objection), stored).await?;
    Ok(objection)
}

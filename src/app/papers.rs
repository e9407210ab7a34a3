//! What annual plans and schemes have in common: drafts, chains, filing, publication (R69–R73).

use serde_json::json;
use sha2::{Digest, Sha256};

use super::chains::chain_of;
use super::{Aim, App, AppError, Begun, Call, Step};
use crate::domain::approval::{Content, Deed, Filing, Flow, Paper, PaperState, Refusal};
use crate::domain::caller::{Caller, Role};
use crate::domain::{Violations, text};
use crate::store::{Page, PaperFilter, Tx};

fn refused(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::State(state) => AppError::precondition("PAPER_STATE", state.word()),
        Refusal::NotTheStep => AppError::Forbidden("NOT_YOUR_STEP"),
        Refusal::Author => AppError::Forbidden("APPROVER_IS_REQUESTER"),
        Refusal::TookAnotherStep => AppError::Forbidden("APPROVER_TOOK_ANOTHER_STEP"),
    }
}

/// The unit itself writes its papers; offices write the leading group's (R78).
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn require_unit(caller: &Caller, unit: &str) -> Result<(), AppError> {
    match caller.role {
        Role::Department if !unit.is_empty() && caller.department == unit => Ok(()),
        Role::Office if unit.is_empty() => Ok(()),
        _ => Err(AppError::Forbidden("OWN_UNIT_ONLY")),
    }
}

/// Offices, and the unit itself.
fn require_unit_or_office(caller: &Caller, unit: &str) -> Result<(), AppError> {
    if caller.role == Role::Office { Ok(()) } else { require_unit(caller, unit) }
}

/// One version of a paper, or the latest for 0.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find<T: Content>(tx: &mut Tx, id: &str, version: i64) -> Result<Paper<T>, AppError> {
    let found = tx.paper(id, version).await?;
    found.ok_or_else(|| AppError::not_found(T::KIND.event(), &format!("{id}@{version}")))
}

/// The latest version, if it is still the one that was read.
async fn aimed<T: Content>(tx: &mut Tx, aim: Aim<'_>) -> Result<Paper<T>, AppError> {
    let paper: Paper<T> = find(tx, aim.id, 0).await?;
    aim.require(T::KIND.event(), paper.flow.etag)?;
    Ok(paper)
}

fn stale<T: Content>(paper: &Paper<T>) -> AppError {
    AppError::Stale(format!("{} {}", T::KIND.event(), paper.id))
}

async fn save<T: Content>(tx: &mut Tx, paper: &Paper<T>, before: i64) -> Result<(), AppError> {
    match tx.update_paper(paper, before).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(stale(paper)),
        Err(error) if error.is_conflict() => Err(stale(paper)),
        Err(error) => Err(error.into()),
    }
}

/// Ends a deed: its event says what was done to which content, by digest.
async fn finish<T: Content>(
    step: Step,
    call: &Call,
    paper: Paper<T>,
    done: &str,
) -> Result<Paper<T>, AppError> {
    let content = serde_json::to_vec(&paper.content)
        .map_err(|_| AppError::Broken("the content of a paper has no JSON"))?;
    let filing = paper.flow.filing.as_ref();
    let body = json!({
        "content_sha256": hex::encode(Sha256::digest(content)),
        "filing": filing.map(|f| f.number.as_str()),
        "id": paper.id,
        "jurisdiction": paper.jurisdiction,
        "parent": paper.parent,
        "receipt": filing.map(|f| f.receipt.as_str()),
        "state": paper.flow.state,
        "step": paper.flow.taken.last().map(|t| t.step.as_str()),
        "unit": paper.unit,
        "version": paper.flow.version,
        "year": paper.year,
    });
    step.finish(call, &format!("{}.{done}", T::KIND.event()), body, paper).await
}

/// Makes a paper, or replaces what its draft says.
///
/// # Errors
/// [`AppError`]; the unit itself, offices for the leading group's. `etag` 0 makes a new one.
pub async fn put<T: Content>(
    mut step: Step,
    call: &Call,
    paper: Paper<T>,
    etag: i64,
) -> Result<Paper<T>, AppError> {
    if etag == 0 {
        let (kind, id) = (T::KIND.event(), paper.id.clone());
        return match step.tx.insert_paper(&paper, step.now_us).await {
            Err(error) if error.is_conflict() => Err(AppError::Exists { kind, id }),
            done => {
                done?;
                finish(step, call, paper, "draft").await
            }
        };
    }
    let mut stored: Paper<T> = aimed(&mut step.tx, Aim { id: &paper.id, etag }).await?;
    let same = stored.jurisdiction == paper.jurisdiction
        && (&stored.unit, stored.year, &stored.parent) == (&paper.unit, paper.year, &paper.parent);
    if !same {
        return Err(AppError::precondition("UNIT_AND_YEAR_ARE_FIXED", stored.id));
    }
    stored.flow.act(Deed::Edit).map_err(refused)?;
    stored.flow.sign(&call.caller);
    call.caller.name().clone_into(&mut stored.flow.drafted_by);
    stored.content = paper.content;
    save(&mut step.tx, &stored, etag).await?;
    finish(step, call, stored, Deed::Edit.word()).await
}

/// Opens the next version, with what the one before says (R72).
///
/// # Errors
/// [`AppError`]; the unit itself, once the version before is approved.
pub async fn amend<T: Content>(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    reason: &str,
) -> Result<Paper<T>, AppError> {
    let reason = explained(reason)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut paper: Paper<T> = aimed(&mut step.tx, aim).await?;
    require_unit(&call.caller, &paper.unit)?;
    if !paper.flow.state.is_settled() {
        return Err(refused(Refusal::State(paper.flow.state)));
    }
    paper.flow = Flow::new(paper.flow.version + 1, &reason, &call.caller);
    match step.tx.insert_paper(&paper, step.now_us).await {
        Err(error) if error.is_conflict() => Err(stale(&paper)),
        done => {
            done?;
            finish(step, call, paper, "amend").await
        }
    }
}

fn explained(reason: &str) -> Result<String, AppError> {
    let mut violations = Violations::default();
    text::require(&mut violations, "reason", reason, text::SHORT_CHARS_MAX);
    Ok(violations.finish(reason.to_owned())?)
}

/// Sends the draft into the chain of its unit (R69).
///
/// # Errors
/// [`AppError`]; the unit itself, and only where a chain is configured.
pub async fn submit<T: Content>(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
) -> Result<Paper<T>, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut paper: Paper<T> = aimed(&mut step.tx, aim).await?;
    require_unit(&call.caller, &paper.unit)?;
    let chain = chain_of(&mut step.tx, &paper.jurisdiction, T::KIND, &paper.unit).await?;
    if let Some(nobody) = chain.steps.iter().find(|s| !s.has_taker(&paper.unit)) {
        return Err(AppError::precondition("NOBODY_TAKES_THE_STEP", nobody.name.clone()));
    }
    paper.flow.act(Deed::Submit).map_err(refused)?;
    paper.flow.sign(&call.caller);
    paper.flow.steps = chain.steps;
    save(&mut step.tx, &paper, aim.etag).await?;
    finish(step, call, paper, Deed::Submit.word()).await
}

/// The version whose next step the caller may take, inside a mutation.
///
/// # Errors
/// [`AppError`].
pub async fn due<T: Content>(tx: &mut Tx, call: &Call, aim: Aim<'_>) -> Result<Paper<T>, AppError> {
    let paper: Paper<T> = aimed(tx, aim).await?;
    paper.flow.due(&call.caller, &paper.unit).map_err(refused)?;
    Ok(paper)
}

/// Takes the step that is due.
///
/// # Errors
/// [`AppError`].
pub async fn endorse<T: Content>(
    mut step: Step,
    call: &Call,
    mut paper: Paper<T>,
) -> Result<Paper<T>, AppError> {
    let before = paper.flow.etag;
    let deed = paper.flow.endorse(&call.caller, &paper.unit, step.now_us).map_err(refused)?;
    save(&mut step.tx, &paper, before).await?;
    finish(step, call, paper, deed.word()).await
}

/// Sends it back to its unit.
///
/// # Errors
/// [`AppError`]; whoever may take the step that is due.
pub async fn send_back<T: Content>(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    reason: &str,
) -> Result<Paper<T>, AppError> {
    let reason = explained(reason)?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut paper: Paper<T> = aimed(&mut step.tx, aim).await?;
    paper.flow.send_back(&call.caller, &paper.unit, &reason).map_err(refused)?;
    save(&mut step.tx, &paper, aim.etag).await?;
    finish(step, call, paper, Deed::Return.word()).await
}

/// Publishes an approved version; an earlier one is superseded (R71, R73).
///
/// # Errors
/// [`AppError`]; offices and the unit itself.
pub async fn publish<T: Content>(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
) -> Result<Paper<T>, AppError> {
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut paper: Paper<T> = aimed(&mut step.tx, aim).await?;
    require_unit_or_office(&call.caller, &paper.unit)?;
    paper.flow.act(Deed::Publish).map_err(refused)?;
    paper.flow.published_us = step.now_us;
    let versions: Vec<Paper<T>> = step.tx.paper_versions(aim.id, 0, i64::MAX).await?;
    for mut earlier in versions {
        let before = earlier.flow.etag;
        let older = earlier.flow.version < paper.flow.version;
        if older && earlier.flow.act(Deed::Supersede).is_ok() {
            save(&mut step.tx, &earlier, before).await?;
        }
    }
    save(&mut step.tx, &paper, aim.etag).await?;
    finish(step, call, paper, Deed::Publish.word()).await
}

/// Records that an approved version was filed with the superior, or the superior's receipt (R70).
///
/// # Errors
/// [`AppError`]; offices and the unit itself. There is one filing and one receipt per version.
pub async fn file<T: Content>(
    app: &App,
    call: &Call,
    aim: Aim<'_>,
    filed: Filed<'_>,
) -> Result<Paper<T>, AppError> {
    filed.check()?;
    let mut step = match app.begin(call).await? {
        Begun::Repeated(reply) => return Ok(reply),
        Begun::New(step) => step,
    };
    let mut paper: Paper<T> = aimed(&mut step.tx, aim).await?;
    require_unit_or_office(&call.caller, &paper.unit)?;
    let (now_us, by) = (step.now_us, call.caller.name().to_owned());
    let deed = match (filed, paper.flow.filing.as_mut()) {
        (Filed::Sent { with, number }, None) => {
            let (with, number) = (with.to_owned(), number.to_owned());
            paper.flow.filing = Some(Filing {
                with,
                number,
                filed_by: by,
                filed_us: now_us,
                receipt: String::new(),
                received_by: String::new(),
                received_us: 0,
            });
            Deed::File
        }
        (Filed::Received { receipt }, Some(filing)) if filing.receipt.is_empty() => {
            receipt.clone_into(&mut filing.receipt);
            (filing.received_by, filing.received_us) = (by, now_us);
            Deed::Receive
        }
        (Filed::Received { .. }, None) => {
            return Err(AppError::precondition("NOT_FILED", paper.id));
        }
        _ => return Err(AppError::precondition("ALREADY_FILED", paper.id)),
    };
    paper.flow.act(deed).map_err(refused)?;
    save(&mut step.tx, &paper, aim.etag).await?;
    finish(step, call, paper, deed.word()).await
}

/// What is recorded of a filing.
#[derive(Clone, Copy, Debug)]
pub enum Filed<'a> {
    /// It was sent.
    Sent {
        /// To whom.
        with: &'a str,
        /// Number of the letter.
        number: &'a str,
    },
    /// The superior has it.
    Received {
        /// Number of the receipt.
        receipt: &'a str,
    },
}

impl Filed<'_> {
    fn check(&self) -> Result<(), AppError> {
        let mut violations = Violations::default();
        let texts = match self {
            Self::Sent { with, number } => vec![("filed_with", *with), ("number", *number)],
            Self::Received { receipt } => vec![("receipt", *receipt)],
        };
        for (field, value) in texts {
            text::require(&mut violations, field, value, text::SHORT_CHARS_MAX);
        }
        Ok(violations.finish(())?)
    }
}

/// One version, or the latest for 0.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get<T: Content>(app: &App, id: &str, version: i64) -> Result<Paper<T>, AppError> {
    find(&mut app.db.read().await?, id, version).await
}

/// The version of a paper that is published.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn published<T: Content>(app: &App, id: &str) -> Result<Paper<T>, AppError> {
    let versions = app.db.read().await?.paper_versions(id, 0, i64::MAX).await?;
    let mut versions = versions.into_iter().rev();
    let found = versions.find(|p: &Paper<T>| p.flow.state == PaperState::Published);
    found.ok_or_else(|| AppError::not_found(T::KIND.event(), id))
}

/// A page of papers.
///
/// # Errors
/// [`AppError`].
pub async fn list<T: Content>(
    app: &App,
    filter: &PaperFilter<'_>,
    page: &Page<'_>,
) -> Result<Vec<Paper<T>>, AppError> {
    Ok(app.db.read().await?.papers(filter, page).await?)
}

/// A page of versions, oldest first.
///
/// # Errors
/// [`AppError`].
pub async fn versions<T: Content>(
    app: &App,
    id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Paper<T>>, AppError> {
    Ok(app.db.read().await?.paper_versions(id, after, limit).await?)
}

//! An objection: its materials received, decided by another than published, its outcome told.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};
use sha2::{Digest, Sha256};

use super::objections::state;
use super::{minute, part, word};
use crate::app::disclosure::read as results;
use crate::app::objection::{read, review};
use crate::app::{Aim, App, AppError};
use crate::domain::check::ResultCode;
use crate::domain::correction::Erratum;
use crate::domain::objection::{Objection, ObjectionState};
use crate::domain::publication::result_text;
use crate::domain::{Violations, day};
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Table, View};

/// What the field of an item's corrected result begins with.
const ITEM: &str = "item.";

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/office/objections/{id}", get(show))
        .route("/office/objections/{id}/receive", post(receive))
        .route("/office/objections/{id}/pause", post(pause))
        .route("/office/objections/{id}/resume", post(resume))
        .route("/office/objections/{id}/decide", post(decide))
        .route("/office/objections/{id}/answer", post(answer))
}

fn address(id: &str) -> String {
    format!("/office/objections/{id}")
}

async fn show(Path(id): Path<String>, clerk: Clerk) -> Response {
    clerk.show(view(&clerk, &id).await)
}

async fn view(clerk: &Clerk, id: &str) -> Result<View, AppError> {
    let shown = read::get(&clerk.app, &clerk.reads(), id).await?;
    let o = &shown.objection;
    let decided = o.decision.as_ref();
    let mut blocks = vec![Block::Facts(vec![
        (clerk.t("state"), state(clerk, &shown)),
        (clerk.t("due_on"), Cell::text(&shown.due_on)),
        (clerk.t("applicant"), Cell::text(&o.application.applicant)),
        (clerk.t("contact"), Cell::text(&o.application.contact)),
        (clerk.t("grounds"), Cell::text(&o.application.grounds)),
        (clerk.t("filing"), Cell::text(clerk.lang.word("filing", &word(&o.filing)))),
        (clerk.t("filed_at"), Cell::text(minute(o.filed_us))),
        (clerk.t("result"), Cell::link(format!("/office/results/{}", part(&o.result)), &o.result)),
        (
            clerk.t("received_on"),
            Cell::text(o.received_on.map(|d| d.to_string()).unwrap_or_default()),
        ),
        (
            clerk.t("decision"),
            Cell::text(decided.map_or(String::new(), |d| {
                clerk.t(if d.upheld { "objection.upheld" } else { "objection.rejected" })
            })),
        ),
        (clerk.t("reason"), Cell::text(decided.map_or("", |d| &d.reason))),
        (
            clerk.t("answered_on"),
            Cell::text(o.answered_on.map(|d| d.to_string()).unwrap_or_default()),
        ),
    ])];
    if !o.materials.is_empty() {
        blocks.push(Block::Table(Table {
            caption: clerk.t("materials"),
            columns: vec![clerk.t("sha256")],
            rows: o.materials.iter().map(|m| vec![Cell::code(m)]).collect(),
            next: None,
        }));
    }
    if clerk.department() == o.department {
        blocks.extend(forms(clerk, o).await?);
    }
    let trail = vec![Link::new("/office/objections", clerk.t("menu.objections"))];
    let title = clerk.lang.f("objection.title", &[&o.application.applicant]);
    Ok(View { title, trail, blocks, ..View::default() })
}

async fn forms(clerk: &Clerk, o: &Objection) -> Result<Vec<Block>, AppError> {
    let at = address(&o.id);
    let etag = || Field::hidden("etag", o.version.to_string());
    let form = |deed: &str, fields: Vec<Field>| {
        let (title, submit) = (format!("objection.{deed}.title"), format!("objection.{deed}"));
        Form::new(format!("{at}/{deed}"), clerk.t(&title), clerk.t(&submit), fields)
    };
    let file =
        |key: &str| Field::new(Kind::File, "file", clerk.t(key)).hint(clerk.t("file.hashed"));
    Ok(match o.state {
        ObjectionState::Filed => {
            let today = day::of_instant(clerk.app.clock.now_us());
            let on = Field::new(Kind::Date, "received_on", clerk.t("received_on"));
            let fields = vec![etag(), file("materials"), on.with(today.to_string())];
            vec![Block::Form(form("receive", fields))]
        }
        ObjectionState::UnderReview => {
            let mut fields = vec![etag()];
            let choices =
                ["reject", "uphold"].map(|d| (d.to_owned(), clerk.t(&format!("objection.{d}"))));
            fields.push(
                Field::new(Kind::Select, "decision", clerk.t("decision")).of(choices.to_vec()),
            );
            fields.push(Field::new(Kind::Area, "reason", clerk.t("reason")));
            fields.extend(corrected(clerk, o).await?);
            let mut wait =
                form("pause", vec![etag(), Field::new(Kind::Text, "why", clerk.t("reason"))]);
            wait.main = false;
            vec![Block::Form(form("decide", fields)), Block::Form(wait)]
        }
        ObjectionState::Paused => vec![Block::Form(form("resume", vec![etag()]))],
        ObjectionState::Upheld | ObjectionState::Rejected => {
            vec![Block::Form(form("answer", vec![etag(), file("receipt")]))]
        }
        ObjectionState::Answered | ObjectionState::Withdrawn => Vec::new(),
    })
}

/// One choice per item of the result: what it ought to say, where it is wrong.
async fn corrected(clerk: &Clerk, o: &Objection) -> Result<Vec<Field>, AppError> {
    let (shown, _) = results::get(&clerk.app, &clerk.reads(), &o.result).await?;
    let mut choices = vec![(String::new(), clerk.t("item.stays"))];
    choices.extend(ResultCode::ALL.map(|code| (word(&code), result_text(code).to_owned())));
    let field = |i: &crate::domain::publication::ResultItem| {
        let label = clerk.lang.f("item.ought", &[&i.code, &i.name, result_text(i.result)]);
        let field = Field::new(Kind::Select, format!("{ITEM}{}", i.code), label);
        field.of(choices.clone()).optional()
    };
    let mut fields: Vec<Field> = shown.content.items.iter().map(field).collect();
    let why = Field::new(Kind::Area, "correction", clerk.t("correction.reason")).optional();
    fields.push(why.hint(clerk.t("correction.reason.hint")));
    Ok(fields)
}

fn hashed(file: &[u8]) -> Result<String, AppError> {
    match file {
        [] => Err(AppError::Invalid({
            let mut violations = Violations::default();
            violations.add("file", "REQUIRED", "");
            violations
        })),
        file => Ok(hex::encode(Sha256::digest(file))),
    }
}

async fn then(posted: &Posted, id: &str, done: Result<Objection, AppError>) -> Response {
    let to = done.map(|o| format!("{}?done=objection.{}", address(id), o.state.word()));
    posted.then_or(to, view(posted, id)).await
}

fn aim<'a>(posted: &Posted, id: &'a str) -> Aim<'a> {
    Aim { id, etag: posted.given.number("etag") }
}

async fn receive(Path(id): Path<String>, posted: Posted) -> Response {
    let done = received(&posted, &id).await;
    then(&posted, &id, done).await
}

async fn received(posted: &Posted, id: &str) -> Result<Objection, AppError> {
    let mut violations = Violations::default();
    let on = posted.given.get("received_on");
    let on = day::parse_optional(&mut violations, "received_on", &on);
    violations.finish(())?;
    let materials = vec![hashed(posted.given.file())?];
    let call = posted.asks("ReceiveMaterials");
    review::receive(&posted.app, &call, aim(posted, id), on, materials).await
}

async fn pause(Path(id): Path<String>, posted: Posted) -> Response {
    let (call, why) = (posted.asks("PauseObjection"), posted.given.text("why"));
    let done = review::pause(&posted.app, &call, aim(&posted, &id), &why).await;
    then(&posted, &id, done).await
}

async fn resume(Path(id): Path<String>, posted: Posted) -> Response {
    let call = posted.asks("ResumeObjection");
    let done = review::resume(&posted.app, &call, aim(&posted, &id)).await;
    then(&posted, &id, done).await
}

async fn decide(Path(id): Path<String>, posted: Posted) -> Response {
    let given = &posted.given;
    let code = |value: &str| ResultCode::ALL.into_iter().find(|c| word(c) == value);
    let items = given.with(ITEM).filter_map(|(item, v)| Some((item.to_owned(), code(v)?)));
    let erratum = (given.get("decision") == "uphold").then(|| Erratum {
        items: items.collect(),
        drop_ground: false,
        reason: given.text("correction"),
    });
    let (call, reason) = (posted.asks("DecideObjection"), given.text("reason"));
    let done = review::decide(&posted.app, &call, aim(&posted, &id), &reason, erratum).await;
    then(&posted, &id, done).await
}

async fn answer(Path(id): Path<String>, posted: Posted) -> Response {
    let done = match hashed(posted.given.file()) {
        Ok(receipt) => {
            let call = posted.asks("AnswerObjection");
            review::answer(&posted.app, &call, aim(&posted, &id), &receipt).await
        }
        Err(error) => Err(error),
    };
    then(&posted, &id, done).await
}

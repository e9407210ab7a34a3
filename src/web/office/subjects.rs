//! The registry of subjects (检查对象名录库): brought as a file, read page by page.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::{departments_of, imports as pages, is_full, next, part};
use crate::app::{App, AppError, imports, sheet};
use crate::domain::subject::Entry;
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::view::{Block, Cell, Field, Form, Kind, Table, View};

const HERE: &str = "/office/subjects";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(list).post(bring))
}

/// The department whose registry is shown; for offices the one they ask for.
pub fn whose(clerk: &Clerk) -> String {
    match clerk.department() {
        "" => clerk.asked("department"),
        own => own.to_owned(),
    }
}

/// For offices: which department.
pub async fn choice(clerk: &Clerk, here: &str, chosen: &str) -> Result<Form, AppError> {
    let all = departments_of(&clerk.app, "").await?;
    let options = all.into_iter().map(|d| (d.id, d.name)).collect();
    let field = Field::new(Kind::Select, "department", clerk.t("department"));
    let fields = vec![field.of(options).with(chosen)];
    let mut form = Form::new(here, "", clerk.t("show"), fields);
    form.asks = true;
    Ok(form)
}

/// The form that brings a list.
pub fn upload(clerk: &Clerk, here: &str, title: &str, hint: &str) -> Form {
    let modes = [("", "import.keep_good"), ("1", "import.all_or_nothing")];
    let modes = modes.map(|(value, key)| (value.to_owned(), clerk.t(key))).to_vec();
    let fields = vec![
        Field::new(Kind::File, "file", clerk.t("file")).hint(clerk.t(hint)),
        Field::new(Kind::Select, "all_or_nothing", clerk.t("import.mode")).of(modes).optional(),
    ];
    Form::new(here, clerk.t(title), clerk.t("upload"), fields)
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let department = whose(clerk);
    let mut blocks = Vec::new();
    if clerk.department().is_empty() {
        blocks.push(Block::Form(choice(clerk, HERE, &department).await?));
    }
    if !department.is_empty() {
        blocks.extend(rows(clerk, &department).await?);
    }
    if !clerk.department().is_empty() {
        let form = upload(clerk, HERE, "subjects.upload", "subjects.file.hint");
        blocks.push(Block::Form(form));
    }
    let (title, lead) = (clerk.t("menu.subjects"), clerk.t("subjects.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

async fn rows(clerk: &Clerk, department: &str) -> Result<Vec<Block>, AppError> {
    let (after, premises) = (clerk.asked("after"), clerk.asked("premises"));
    let after = (after.as_str(), premises.as_str());
    let found =
        imports::entries(&clerk.app, clerk.caller(), department, after, super::ROWS).await?;
    if found.is_empty() {
        return Ok(vec![Block::Empty(clerk.t("subjects.empty"), Vec::new())]);
    }
    let last = found.last().map(|e| (part(&e.subject_id), part(&e.premises)));
    let (id, site) = last.unwrap_or_default();
    let to = format!("{HERE}?department={department}&after={id}&premises={site}");
    let next = next(clerk, is_full(found.len()), &to);
    let row = |e: Entry| {
        vec![
            Cell::code(&e.subject_id),
            Cell::text(&e.premises),
            Cell::text(&e.name),
            Cell::text(clerk.lang.word("subject_kind", e.kind.word())),
            Cell::text(clerk.lang.word("subject_state", e.state.word())),
            Cell::text(e.risk.map_or("", |r| r.word())),
            Cell::text(&e.more.address),
        ]
    };
    let columns = ["subject.id", "premises", "name", "kind", "state", "risk", "address"];
    Ok(vec![Block::Table(Table {
        caption: clerk.lang.f("subjects.caption", &[department]),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows: found.into_iter().map(row).collect(),
        next,
    })])
}

async fn bring(posted: Posted) -> Response {
    let id = posted.given.get("request_id");
    let how = (id.as_str(), posted.given.is("all_or_nothing"));
    let file = posted.given.file();
    let done = sheet::import_subjects(&posted.app, posted.caller(), how, file).await;
    posted.then_or(done.map(|_| pages::address(&id)), view(&posted)).await
}

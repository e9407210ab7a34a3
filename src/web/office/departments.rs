//! Places and departments.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};

use super::{departments_of, places, word};
use crate::app::{App, AppError, departments};
use crate::domain::department::{Department, Jurisdiction, Level};
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Table, View};

const HERE: &str = "/office/departments";

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/office/departments", get(list).post(put))
        .route("/office/places", post(put_place))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let mut blocks = Vec::new();
    let places = places(&clerk.app).await?;
    let all = departments_of(&clerk.app, "").await?;
    if all.is_empty() {
        let key = if clerk.is_office() { "departments.empty" } else { "departments.empty.other" };
        blocks.push(Block::Empty(clerk.t(key), Vec::new()));
    } else {
        let row = |d: Department| {
            let place = places.iter().find(|p| p.code == d.jurisdiction);
            vec![
                Cell::code(&d.id),
                Cell::text(&d.name),
                Cell::text(place.map_or(&d.jurisdiction, |p| &p.name)),
                Cell::link(format!("/office/items?department={}", d.id), clerk.t("menu.items")),
            ]
        };
        blocks.push(Block::Table(Table {
            caption: clerk.t("menu.departments"),
            columns: ["id", "name", "place", "menu.items"].map(|k| clerk.t(k)).to_vec(),
            rows: all.into_iter().map(row).collect(),
            next: None,
        }));
    }
    if clerk.is_office() {
        if places.is_empty() {
            blocks.push(Block::Form(place_form(clerk)));
        } else {
            blocks.push(Block::Form(department_form(clerk, &places)));
            blocks.push(Block::Form(place_form(clerk)));
            let to = vec![Link::new("/office/accounts", clerk.t("departments.next"))];
            blocks.push(Block::Links(to));
        }
    }
    let (title, lead) = (clerk.t("menu.departments"), clerk.t("departments.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

fn place_form(clerk: &Clerk) -> Form {
    let levels = Level::ALL.map(|l| (word(&l), clerk.lang.word("level", &word(&l)))).to_vec();
    let level = Field::new(Kind::Select, "level", clerk.t("level")).of(levels);
    let fields = vec![
        Field::new(Kind::Text, "code", clerk.t("place.code")).hint(clerk.t("place.code.hint")),
        Field::new(Kind::Text, "place_name", clerk.t("place.name")),
        level.with(word(&Level::County)),
    ];
    Form::new("/office/places", clerk.t("place.new"), clerk.t("save"), fields)
}

fn department_form(clerk: &Clerk, places: &[Jurisdiction]) -> Form {
    let choices = places.iter().map(|p| (p.code.clone(), format!("{} {}", p.code, p.name)));
    let id = Field::new(Kind::Text, "department_id", clerk.t("department.id"));
    let fields = vec![
        id.hint(clerk.t("department.id.hint")),
        Field::new(Kind::Text, "name", clerk.t("department.name")),
        Field::new(Kind::Select, "jurisdiction", clerk.t("place")).of(choices.collect()),
    ];
    Form::new(HERE, clerk.t("department.new"), clerk.t("save"), fields)
}

async fn put(posted: Posted) -> Response {
    let done = put_one(&posted).await;
    posted.then_or(done, view(&posted)).await
}

/// What the form does not ask for stays as it is.
async fn put_one(posted: &Posted) -> Result<String, AppError> {
    let id = posted.given.get("department_id");
    let before = departments_of(&posted.app, "").await?.into_iter().find(|d| d.id == id);
    let department = Department {
        id,
        name: posted.given.get("name"),
        jurisdiction: posted.given.get("jurisdiction"),
        powers: before.as_ref().map(|d| d.powers.clone()).unwrap_or_default(),
        complaint_channel: before.map(|d| d.complaint_channel).unwrap_or_default(),
    };
    departments::put(&posted.app, &posted.asks("PutDepartment"), department, 0).await?;
    Ok(format!("{HERE}?done=department"))
}

async fn put_place(posted: Posted) -> Response {
    let done = put_one_place(&posted).await;
    posted.then_or(done, view(&posted)).await
}

async fn put_one_place(posted: &Posted) -> Result<String, AppError> {
    let code = posted.given.get("code");
    let before = places(&posted.app).await?.into_iter().find(|p| p.code == code);
    let (parent, neighbours) = before.map(|p| (p.parent, p.neighbours)).unwrap_or_default();
    let given = posted.given.get("level");
    let level = Level::ALL.into_iter().find(|l| word(l) == given);
    let level = level.ok_or_else(|| AppError::invalid("level", "REQUIRED", &given))?;
    let name = posted.given.get("place_name");
    let place = Jurisdiction { code, name, level, parent, neighbours };
    let call = posted.asks("PutJurisdiction");
    departments::put_jurisdiction(&posted.app, &call, place).await?;
    Ok(format!("{HERE}?done=place"))
}

//! The pool of inspectors (执法检查人员名录库), and which of them may check what.

use std::collections::BTreeMap;

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::subjects::{choice, upload, whose};
use super::{imports as pages, is_full, next, part, word};
use crate::app::{App, AppError, Page, inspectors, items, sheet};
use crate::domain::inspector::{Inspector, InspectorKind};
use crate::domain::item::ItemList;
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::view::{Block, Cell, Table, View};

const HERE: &str = "/office/inspectors";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(list).post(bring))
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
        let form = upload(clerk, HERE, "inspectors.upload", "inspectors.file.hint");
        blocks.push(Block::Form(form));
    }
    let (title, lead) = (clerk.t("menu.inspectors"), clerk.t("inspectors.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

async fn rows(clerk: &Clerk, department: &str) -> Result<Vec<Block>, AppError> {
    let after = clerk.asked("after");
    let page = Page { after: &after, limit: super::ROWS };
    let found = inspectors::list(&clerk.app, &clerk.reads(), department, &page).await?;
    if found.is_empty() {
        return Ok(vec![Block::Empty(clerk.t("inspectors.empty"), Vec::new())]);
    }
    let last = found.last().map(|i| part(&i.id)).unwrap_or_default();
    let next =
        next(clerk, is_full(found.len()), &format!("{HERE}?department={department}&after={last}"));
    let row = |i: &Inspector| {
        let until = i.certificate_valid_until.map(|d| d.to_string()).unwrap_or_default();
        let (kind, key) = if i.active { ("good", "on_duty") } else { ("wait", "left") };
        vec![
            Cell::code(&i.id),
            Cell::text(clerk.lang.word("inspector_kind", &word(&i.kind))),
            Cell::text(&i.certificate_number),
            Cell::text(until),
            Cell::text(i.tags.join("、")),
            Cell::text(clerk.t(if i.may_lead { "yes" } else { "no" })),
            Cell::state(kind, clerk.t(key)),
        ]
    };
    let columns = ["id", "kind", "certificate", "certificate.until", "tags", "may_lead", "state"];
    let mut blocks = vec![Block::Table(Table {
        caption: clerk.lang.f("inspectors.caption", &[department]),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows: found.iter().map(row).collect(),
        next,
    })];
    match items::get(&clerk.app, department, 0).await {
        Ok(list) => blocks.push(Block::Table(coverage(clerk, &list, &found))),
        Err(AppError::NotFound { .. }) => {}
        Err(error) => return Err(error),
    }
    Ok(blocks)
}

/// Which qualification each item needs, and how many of the people shown have it (R30).
fn coverage(clerk: &Clerk, list: &ItemList, people: &[Inspector]) -> Table {
    let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in &list.items {
        needs.entry(&item.competence).or_default().push(&item.code);
    }
    let row = |(competence, codes): (&str, Vec<&str>)| {
        let fits = |i: &&Inspector| {
            let has = competence.is_empty() || i.tags.iter().any(|t| t == competence);
            i.active && i.kind == InspectorKind::Inspector && has
        };
        let fit: Vec<&str> = people.iter().filter(fits).map(|i| i.id.as_str()).collect();
        let kind = if fit.is_empty() { "bad" } else { "good" };
        let needed = if competence.is_empty() { clerk.t("any") } else { competence.to_owned() };
        vec![
            Cell::text(needed),
            Cell::text(codes.join("、")),
            Cell::state(kind, fit.len().to_string()),
            Cell::text(fit.join("、")),
        ]
    };
    let columns = ["competence", "menu.items", "inspectors.count", "menu.inspectors"];
    Table {
        caption: clerk.t("inspectors.coverage"),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows: needs.into_iter().map(row).collect(),
        next: None,
    }
}

async fn bring(posted: Posted) -> Response {
    let id = posted.given.get("request_id");
    let how = (id.as_str(), posted.given.is("all_or_nothing"));
    let file = posted.given.file();
    let done = sheet::import_people(&posted.app, posted.caller(), how, file).await;
    posted.then_or(done.map(|_| pages::address(&id)), view(&posted)).await
}

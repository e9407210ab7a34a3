//! Item lists with their history; a department brings a new version as a file.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::{departments_of, percent, place, word};
use crate::app::sheet::{self, Sheet};
use crate::app::{App, AppError, items};
use crate::domain::Violations;
use crate::domain::day;
use crate::domain::item::{CheckItem, ItemList, RatioRule};
use crate::web::clerk::Clerk;
use crate::web::form::Posted;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Table, View};

const HERE: &str = "/office/items";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(list).post(put))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let asked = clerk.asked("department");
    let department = if asked.is_empty() { clerk.department().to_owned() } else { asked };
    let mut blocks = Vec::new();
    if department.is_empty() || clerk.asked("all") == "1" {
        blocks.extend(everybody(clerk).await?);
    } else {
        let version = clerk.asked("version").parse().unwrap_or(0);
        match items::get(&clerk.app, &department, version).await {
            Ok(list) => blocks.extend(one(clerk, &list).await?),
            Err(AppError::NotFound { .. }) => {
                let own = clerk.department() == department;
                let key = if own { "items.empty" } else { "items.empty.other" };
                blocks.push(Block::Empty(clerk.t(key), Vec::new()));
            }
            Err(error) => return Err(error),
        }
        blocks.push(Block::Links(vec![Link::new(format!("{HERE}?all=1"), clerk.t("items.all"))]));
    }
    if !clerk.department().is_empty() && clerk.department() == department {
        blocks.push(Block::Form(upload(clerk)));
    }
    let (title, lead) = (clerk.t("menu.items"), clerk.t("items.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

/// The latest list of every department, also of those without one.
async fn everybody(clerk: &Clerk) -> Result<Vec<Block>, AppError> {
    let here = place(clerk).await?.map(|p| p.code).unwrap_or_default();
    let departments = departments_of(&clerk.app, &here).await?;
    if departments.is_empty() {
        let to = vec![Link::new("/office/departments", clerk.t("departments.go"))];
        return Ok(vec![Block::Empty(clerk.t("departments.empty"), to)]);
    }
    let mut rows = Vec::new();
    for department in departments {
        let list = match items::get(&clerk.app, &department.id, 0).await {
            Ok(list) => Some(list),
            Err(AppError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        rows.push(vec![
            Cell::link(format!("{HERE}?department={}", department.id), department.name),
            Cell::number(list.as_ref().map_or(0, |l| l.version)),
            Cell::text(list.as_ref().map_or(String::new(), |l| l.effective_from.to_string())),
            Cell::number(list.as_ref().map_or(0, |l| l.items.len())),
        ]);
    }
    let columns = ["department", "version", "items.from", "items.count"];
    Ok(vec![Block::Table(Table {
        caption: clerk.t("menu.items"),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows,
        next: None,
    })])
}

/// A ratio in words.
pub fn ratio(clerk: &Clerk, rule: &RatioRule) -> String {
    let share = |n: i64| percent(u64::try_from(n).unwrap_or(0));
    let mut out = Vec::new();
    out.extend(rule.min.map(|n| clerk.lang.f("ratio.min", &[&share(n)])));
    out.extend(rule.max.map(|n| clerk.lang.f("ratio.max", &[&share(n)])));
    out.extend(rule.fixed.map(|n| clerk.lang.f("ratio.fixed", &[&n.to_string()])));
    out.extend((!rule.deferred.is_empty()).then(|| rule.deferred.clone()));
    out.join("；")
}

async fn one(clerk: &Clerk, list: &ItemList) -> Result<Vec<Block>, AppError> {
    let row = |item: &CheckItem| {
        let methods = item.methods.iter().map(|m| clerk.lang.word("method", &word(m)));
        vec![
            Cell::code(&item.code),
            Cell::text(&item.name),
            Cell::text(&item.basis),
            Cell::text(&item.object),
            Cell::text(&item.content),
            Cell::text(methods.collect::<Vec<_>>().join("、")),
            Cell::text(ratio(clerk, &item.ratio)),
        ]
    };
    let columns = ["item.code", "item.name", "item.basis", "item.object", "item.content"];
    let columns = columns.into_iter().chain(["item.methods", "item.ratio"]);
    let caption = clerk.lang.f("items.caption", &[&list.department, &list.version.to_string()]);
    let mut blocks = vec![
        Block::Facts(vec![
            (clerk.t("version"), Cell::number(list.version)),
            (clerk.t("items.from"), Cell::text(list.effective_from.to_string())),
            (clerk.t("items.reason"), Cell::text(&list.reason)),
        ]),
        Block::Table(Table {
            caption,
            columns: columns.map(|k| clerk.t(k)).collect(),
            rows: list.items.iter().map(row).collect(),
            next: None,
        }),
    ];
    blocks.push(history(clerk, list).await?);
    Ok(blocks)
}

/// Every version with what it changed: none is lost (R11).
async fn history(clerk: &Clerk, list: &ItemList) -> Result<Block, AppError> {
    let latest = items::get(&clerk.app, &list.department, 0).await?.version;
    let mut rows = Vec::new();
    let mut before: Vec<CheckItem> = Vec::new();
    for version in 1..=latest {
        let found = items::get(&clerk.app, &list.department, version).await?;
        let diff = found.diff(&before);
        rows.push(vec![
            Cell::link(
                format!("{HERE}?department={}&version={version}", list.department),
                version.to_string(),
            ),
            Cell::text(found.effective_from.to_string()),
            Cell::text(&found.reason),
            Cell::number(diff.added.len()),
            Cell::number(diff.changed.len()),
            Cell::number(diff.removed.len()),
        ]);
        before = found.items;
    }
    rows.reverse();
    let columns = ["version", "items.from", "items.reason", "added", "changed", "removed"];
    Ok(Block::Table(Table {
        caption: clerk.t("items.history"),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows,
        next: None,
    }))
}

fn upload(clerk: &Clerk) -> Form {
    let fields = vec![
        Field::new(Kind::File, "file", clerk.t("file")).hint(clerk.t("items.file.hint")),
        Field::new(Kind::Date, "effective_from", clerk.t("items.from")),
        Field::new(Kind::Text, "reason", clerk.t("items.reason")),
    ];
    Form::new(HERE, clerk.t("items.upload"), clerk.t("upload"), fields)
}

async fn put(posted: Posted) -> Response {
    let done = put_list(&posted).await;
    posted.then_or(done, view(&posted)).await
}

async fn put_list(posted: &Posted) -> Result<String, AppError> {
    let mut violations = Violations::default();
    let given = posted.given.get("effective_from");
    let from = day::parse(&mut violations, "effective_from", &given);
    violations.finish(())?;
    let sheet = Sheet::read(posted.given.file())?;
    let list = ItemList {
        department: String::new(),
        version: 0,
        effective_from: from.unwrap_or_default(),
        reason: posted.given.get("reason"),
        consultations: Vec::new(),
        items: sheet::items::rows(&sheet)?,
    };
    let (version, _) = items::put(&posted.app, &posted.asks("PutItemList"), list).await?;
    Ok(format!("{HERE}?version={version}&done=items"))
}

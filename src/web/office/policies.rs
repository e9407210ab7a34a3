//! Policy values in force with their sources, and the packs as the texts they are.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;

use super::{place, word};
use crate::app::{App, AppError, policies};
use crate::domain::pack::Pack;
use crate::domain::policy::PolicyValue;
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Link, Table, View};

const HERE: &str = "/office/policies";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(list)).route("/office/policies/{pack}", get(pack))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let mut blocks = Vec::new();
    if let Some(place) = place(clerk).await? {
        let policy = policies::in_force(&clerk.app, &place.code, None).await?;
        let row = |v: &PolicyValue| {
            let issued = v.effective_from != jiff::civil::Date::MIN;
            let from = if issued { v.effective_from.to_string() } else { clerk.t("default") };
            vec![Cell::code(&v.key), Cell::text(&v.value), Cell::text(from), Cell::text(&v.source)]
        };
        blocks.push(Block::Table(Table {
            caption: clerk.lang.f("policies.caption", &[&place.name]),
            columns: ["policy.key", "policy.value", "effective_from", "source"]
                .map(|k| clerk.t(k))
                .to_vec(),
            rows: policy.values().map(row).collect(),
            next: None,
        }));
    }
    let row = |p: Pack| {
        vec![
            Cell::link(format!("{HERE}/{}", p.id), &p.title),
            Cell::text(&p.document),
            Cell::text(clerk.lang.word("level", &word(&p.level))),
            Cell::number(p.values.len()),
        ]
    };
    blocks.push(Block::Table(Table {
        caption: clerk.t("packs"),
        columns: ["title", "document", "level", "count"].map(|k| clerk.t(k)).to_vec(),
        rows: Pack::all().into_iter().map(row).collect(),
        next: None,
    }));
    let (title, lead) = (clerk.t("menu.policies"), clerk.t("policies.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

async fn pack(Path(id): Path<String>, clerk: Clerk) -> Response {
    clerk.show(policies::pack(&id).map(|pack| text(&clerk, &pack)))
}

/// A pack read as text: every value with the clause behind it.
fn text(clerk: &Clerk, pack: &Pack) -> View {
    let rows = pack.values.iter().map(|v| {
        vec![Cell::code(&v.key), Cell::text(&v.value), Cell::text(&v.clause), Cell::text(&v.says)]
    });
    let columns = ["policy.key", "policy.value", "clause", "says"];
    let table = Table {
        caption: pack.document.clone(),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows: rows.collect(),
        next: None,
    };
    View {
        title: pack.title.clone(),
        trail: vec![Link::new(HERE, clerk.t("menu.policies"))],
        blocks: vec![Block::Table(table), Block::Plain(pack.text.to_owned())],
        ..View::default()
    }
}

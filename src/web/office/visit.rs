//! A visit on one sheet (一企一表): why this door, who comes, what is checked, what was found.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;

use super::visits::{check_state, ticket};
use super::{Names, campaign, items, minute, word};
use crate::app::check::read::{self, FormSection};
use crate::app::{App, AppError, campaigns, visits};
use crate::domain::check::CheckSection;
use crate::domain::publication::result_text;
use crate::domain::visit::{Section, Visit};
use crate::merge::explain;
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Link, Notice, Table, View};

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route("/office/campaigns/{id}/visits/{rank}", get(show))
}

async fn show(Path((id, rank)): Path<(String, i64)>, clerk: Clerk) -> Response {
    clerk.show(view(&clerk, &id, rank).await)
}

async fn view(clerk: &Clerk, id: &str, rank: i64) -> Result<View, AppError> {
    let campaign = campaigns::get(&clerk.app, id).await?;
    let visit = visits::get(&clerk.app, &clerk.reads(), id, rank).await?;
    let names = Names::read(&clerk.app).await?;
    let form = read::form(&clerk.app, &clerk.reads(), id, rank).await?;
    let check = match read::get(&clerk.app, &clerk.reads(), id, rank).await {
        Ok(shown) => Some(shown.check),
        Err(AppError::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    let state = check.as_ref().map_or_else(|| "SCHEDULED".to_owned(), |c| word(&c.state));
    let text = |text: &str| match text {
        "" => Cell::state("wait", clerk.t("sealed")),
        text => Cell::text(text),
    };
    let mut blocks = vec![
        Block::Facts(vec![
            (clerk.t("state"), check_state(clerk, &state)),
            (clerk.t("subject"), text(&visit.name)),
            (clerk.t("address"), text(&visit.address)),
            (clerk.t("ticket"), Cell::code(&visit.ticket)),
            (clerk.t("days"), Cell::text(format!("{} – {}", visit.first_day, visit.last_day))),
        ]),
        Block::Heading(clerk.t("visit.why")),
        Block::Notice(Notice {
            kind: "",
            text: clerk.t("visit.why.text"),
            items: explain::visit(&visit),
        }),
        Block::Table(teams(clerk, &visit, &names)),
    ];
    if visit.name.is_empty() {
        blocks.push(Block::Text(clerk.t("visit.sealed")));
    }
    blocks.push(Block::Heading(clerk.t("visit.form")));
    for section in &form {
        let found = check.as_ref().and_then(|c| c.section(&section.department));
        blocks.push(Block::Table(sheet(clerk, section, found, names.of(&section.department))));
    }
    if let Some(check) = &check {
        blocks.push(Block::Facts(vec![
            (clerk.t("visit.started"), Cell::text(minute(check.started_us))),
            (clerk.t("visit.finished"), Cell::text(minute(check.finished_us))),
        ]));
    }
    let at = campaign::address(id);
    let trail = vec![
        Link::new("/office/campaigns", clerk.t("menu.campaigns")),
        Link::new(&*at, campaign.title),
        Link::new(format!("{at}/visits"), clerk.t("visits")),
    ];
    let title = clerk.lang.f("visit.title", &[&rank.to_string()]);
    Ok(View { title, trail, blocks, ..View::default() })
}

fn teams(clerk: &Clerk, visit: &Visit, names: &Names) -> Table {
    let rows = visit.sections.iter().flat_map(|s: &Section| {
        s.team.iter().map(|m| {
            let who = match (m.inspector.as_str(), m.ticket.as_str()) {
                ("", "") => Cell::state("bad", clerk.t("shortage")),
                ("", mark) => ticket(mark),
                (id, _) => Cell::code(id),
            };
            let part = if s.drawn { "visit.drew" } else { "visit.joined" };
            let lead = if m.leader { clerk.t("visit.leads") } else { String::new() };
            vec![
                Cell::text(names.of(&s.department)),
                Cell::text(clerk.t(part)),
                who,
                Cell::text(lead),
            ]
        })
    });
    let columns = ["department", "visit.part", "menu.inspectors", "visit.leader"];
    Table {
        caption: clerk.t("visit.team"),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows: rows.collect(),
        next: None,
    }
}

/// One department's part of the form, with what was found.
fn sheet(clerk: &Clerk, section: &FormSection, found: Option<&CheckSection>, name: &str) -> Table {
    let rows = section.items.iter().map(|item| {
        let finding = found.and_then(|f| f.findings.iter().find(|f| f.given.item == item.code));
        let methods = item.methods.iter().map(|m| clerk.lang.word("method", &word(m)));
        let result = match finding {
            Some(f) => Cell::text(result_text(f.given.result)),
            None => Cell::state("wait", clerk.t("visit.open")),
        };
        vec![
            Cell::code(&item.code),
            Cell::text(&item.name),
            Cell::text(&item.content),
            Cell::text(&item.basis),
            Cell::text(methods.collect::<Vec<_>>().join("、")),
            Cell::text(items::ratio(clerk, &item.ratio)),
            result,
        ]
    });
    let columns = [
        "item.code",
        "item.name",
        "item.content",
        "item.basis",
        "item.methods",
        "item.ratio",
        "result",
    ];
    let version = section.item_list_version.to_string();
    Table {
        caption: clerk.lang.f("visit.section", &[name, &version]),
        columns: columns.map(|k| clerk.t(k)).to_vec(),
        rows: rows.collect(),
        next: None,
    }
}

//! What is out of order and what to do about it.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::{is_full, next, part, place, word};
use crate::app::oversight::warnings;
use crate::app::{App, AppError, Page};
use crate::oversight::warning::{Warning, WarningKind};
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Table, View};

const HERE: &str = "/office/warnings";

/// Every kind, as they are chosen from.
pub const KINDS: [WarningKind; 11] = [
    WarningKind::RepeatedVisit,
    WarningKind::AnnualCapNear,
    WarningKind::ItemUncovered,
    WarningKind::NoCompetentInspector,
    WarningKind::ShortageUnsolved,
    WarningKind::CheckOverdue,
    WarningKind::AttemptEnded,
    WarningKind::DirectAssignment,
    WarningKind::AppointedReplacement,
    WarningKind::SmallStratum,
    WarningKind::ListStale,
];

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(list))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let (title, lead) = (clerk.t("menu.warnings"), clerk.t("warnings.lead"));
    let Some(place) = place(clerk).await? else {
        let to = vec![Link::new("/office/departments", clerk.t("departments.go"))];
        let blocks = vec![Block::Empty(clerk.t("no_place"), to)];
        return Ok(View { title, lead, blocks, ..View::default() });
    };
    let (asked, after) = (clerk.asked("kind"), clerk.asked("after"));
    let kind = KINDS.into_iter().find(|k| word(k) == asked);
    let page = Page { after: &after, limit: super::ROWS };
    let of = (place.code.as_str(), kind);
    let found = warnings::list(&clerk.app, &clerk.reads(), of, &page).await?;
    let mut kinds = vec![(String::new(), clerk.t("all"))];
    kinds.extend(KINDS.map(|k| (word(&k), clerk.lang.word("warning", &word(&k)))));
    let field = Field::new(Kind::Select, "kind", clerk.t("kind")).of(kinds).optional();
    let mut form = Form::new(HERE, "", clerk.t("show"), vec![field.with(&asked)]);
    form.asks = true;
    let mut blocks = vec![Block::Form(form)];
    if found.is_empty() {
        blocks.push(Block::Empty(clerk.t("warnings.empty"), Vec::new()));
    } else {
        let last = found.last().map(|w| part(&w.key())).unwrap_or_default();
        let to = format!("{HERE}?kind={asked}&place={}&after={last}", place.code);
        let columns = ["warning", "warning.about", "since", "detail", "warning.remedy"];
        blocks.push(Block::Table(Table {
            caption: clerk.t("menu.warnings"),
            columns: columns.map(|k| clerk.t(k)).to_vec(),
            rows: found.iter().map(|w| row(clerk, w)).collect(),
            next: next(clerk, is_full(found.len()), &to),
        }));
    }
    Ok(View { title, lead, blocks, ..View::default() })
}

fn row(clerk: &Clerk, w: &Warning) -> Vec<Cell> {
    let about = &w.about;
    let mut of: Vec<&str> = vec![&about.department, &about.item, &about.subject, &about.campaign];
    let rank = about.rank.to_string();
    if about.rank > 0 {
        of.push(&rank);
    }
    of.retain(|t| !t.is_empty());
    let of = of.join(" · ");
    let about = match (about.campaign.as_str(), about.rank) {
        ("", _) => Cell::text(of),
        (id, 0) => Cell::link(format!("/office/campaigns/{id}"), of),
        (id, rank) => Cell::link(format!("/office/campaigns/{id}/visits/{rank}"), of),
    };
    let kind = word(&w.kind);
    vec![
        Cell::state("warn", clerk.lang.word("warning", &kind)),
        about,
        Cell::text(w.since.to_string()),
        Cell::text(&w.detail),
        Cell::text(clerk.lang.word("remedy", &kind)),
    ]
}

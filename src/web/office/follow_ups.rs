//! What follows from results that call for it.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::{is_full, next, part};
use crate::app::follow_ups::{self, Shown};
use crate::app::{App, AppError};
use crate::domain::follow_up::FollowUpState;
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Link, Table, View};

const HERE: &str = "/office/follow-ups";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(list))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let (after, asked) = (clerk.asked("after"), clerk.asked("state"));
    let state = FollowUpState::ALL.into_iter().find(|s| s.word() == asked);
    let found =
        follow_ups::list(&clerk.app, &clerk.reads(), ("", state), &after, super::ROWS).await?;
    let mut blocks = Vec::new();
    if found.is_empty() {
        let to = vec![Link::new("/office/results", clerk.t("menu.results"))];
        blocks.push(Block::Empty(clerk.t("follow_ups.empty"), to));
    } else {
        let last = found.last().map(|s| part(&s.follow_up.result)).unwrap_or_default();
        let row = |s: &Shown| {
            let f = &s.follow_up;
            let kind = match (s.overdue, f.state) {
                (true, _) => "bad",
                (_, FollowUpState::Closed) => "good",
                _ => "warn",
            };
            vec![
                Cell::link(format!("/office/results/{}", part(&f.result)), &s.content.name),
                Cell::text(&f.department),
                Cell::text(&f.unit),
                Cell::state(kind, clerk.lang.word("follow_up_state", f.state.word())),
                Cell::text(f.rectify_by.map(|d| d.to_string()).unwrap_or_default()),
                Cell::number(f.steps.len()),
            ]
        };
        let columns = ["subject", "department", "unit", "state", "rectify_by", "steps"];
        let to = format!("{HERE}?state={asked}&after={last}");
        blocks.push(Block::Table(Table {
            caption: clerk.t("menu.follow_ups"),
            columns: columns.map(|k| clerk.t(k)).to_vec(),
            rows: found.iter().map(row).collect(),
            next: next(clerk, is_full(found.len()), &to),
        }));
    }
    let (title, lead) = (clerk.t("menu.follow_ups"), clerk.t("follow_ups.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

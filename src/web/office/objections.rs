//! Objections to published results, those at risk first named.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::{is_full, minute, next, word};
use crate::app::objection::read::{self, Shown, Wanted};
use crate::app::{App, AppError};
use crate::domain::objection::ObjectionState;
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Table, View};

const HERE: &str = "/office/objections";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(list))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

/// The state of an objection.
pub fn state(clerk: &Clerk, shown: &Shown) -> Cell {
    let state = shown.objection.state;
    let kind = match (shown.overdue, state.is_open()) {
        (true, _) => "bad",
        (false, true) => "warn",
        (false, false) => "good",
    };
    let text = clerk.lang.word("objection_state", state.word());
    match shown.overdue {
        true => Cell::state(kind, clerk.lang.f("overdue", &[&text])),
        false => Cell::state(kind, text),
    }
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let (asked, after) = (clerk.asked("state"), clerk.asked("after"));
    let state_of = ObjectionState::ALL.into_iter().find(|s| s.word() == asked);
    let overdue = clerk.asked("overdue") == "1";
    let wanted = Wanted { department: "", state: state_of, overdue };
    let found = read::list(&clerk.app, &clerk.reads(), &wanted, &after, super::ROWS).await?;
    let word_of =
        |s: ObjectionState| (s.word().to_owned(), clerk.lang.word("objection_state", s.word()));
    let mut states = vec![(String::new(), clerk.t("all"))];
    states.extend(ObjectionState::ALL.map(word_of));
    let choice = Field::new(Kind::Select, "state", clerk.t("state")).of(states).optional();
    let late = Field::new(Kind::Check, "overdue", clerk.t("overdue.only"));
    let fields = vec![choice.with(&asked), late.with(clerk.asked("overdue"))];
    let mut form = Form::new(HERE, "", clerk.t("show"), fields);
    form.asks = true;
    let mut blocks = vec![Block::Form(form)];
    if found.is_empty() {
        let to = vec![Link::new("/office/results", clerk.t("menu.results"))];
        blocks.push(Block::Empty(clerk.t("objections.empty"), to));
    } else {
        let last = found.last().map(|s| s.objection.id.clone()).unwrap_or_default();
        let late = if overdue { "1" } else { "" };
        let to = format!("{HERE}?state={asked}&overdue={late}&after={last}");
        let row = |s: &Shown| {
            let o = &s.objection;
            vec![
                Cell::link(format!("{HERE}/{}", o.id), &o.application.applicant),
                Cell::text(clerk.lang.word("filing", &word(&o.filing))),
                Cell::text(&o.department),
                Cell::text(minute(o.filed_us)),
                Cell::text(&s.due_on),
                state(clerk, s),
            ]
        };
        let columns = ["applicant", "filing", "department", "filed_at", "due_on", "state"];
        blocks.push(Block::Table(Table {
            caption: clerk.t("menu.objections"),
            columns: columns.map(|k| clerk.t(k)).to_vec(),
            rows: found.iter().map(row).collect(),
            next: next(clerk, is_full(found.len()), &to),
        }));
    }
    let (title, lead) = (clerk.t("menu.objections"), clerk.t("objections.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

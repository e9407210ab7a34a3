//! Results of checks: what has to be published, and what was.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::{is_full, next, part, word};
use crate::app::disclosure::read::{self, Shown, Wanted};
use crate::app::{App, AppError};
use crate::domain::publication::ResultState;
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Field, Form, Kind, Link, Table, View};

const HERE: &str = "/office/results";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(list))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

/// The state of a result.
pub fn state(clerk: &Clerk, state: &str, overdue: bool) -> Cell {
    let kind = match (state, overdue) {
        (_, true) => "bad",
        ("PUBLISHED", _) => "good",
        ("WITHHELD", _) => "warn",
        _ => "wait",
    };
    let text = clerk.lang.word("result_state", state);
    match overdue {
        true => Cell::state(kind, clerk.lang.f("overdue", &[&text])),
        false => Cell::state(kind, text),
    }
}

fn filter(clerk: &Clerk) -> Form {
    let mut states = vec![(String::new(), clerk.t("all"))];
    states.extend(
        ResultState::ALL.map(|s| (s.word().to_owned(), clerk.lang.word("result_state", s.word()))),
    );
    let asked = |name: &str| clerk.asked(name);
    let mut fields = vec![
        Field::new(Kind::Select, "state", clerk.t("state"))
            .of(states)
            .optional()
            .with(asked("state")),
        Field::new(Kind::Check, "overdue", clerk.t("overdue.only")).with(asked("overdue")),
    ];
    if !clerk.asked("campaign").is_empty() {
        fields.push(Field::hidden("campaign", asked("campaign")));
    }
    let mut form = Form::new(HERE, "", clerk.t("show"), fields);
    form.asks = true;
    form
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let (campaign, after) = (clerk.asked("campaign"), clerk.asked("after"));
    let asked = clerk.asked("state");
    let wanted = Wanted {
        campaign: &campaign,
        department: "",
        state: ResultState::ALL.into_iter().find(|s| s.word() == asked),
        overdue: clerk.asked("overdue") == "1",
    };
    let found = read::list(&clerk.app, &clerk.reads(), &wanted, &after, super::ROWS).await?;
    let mut blocks = vec![Block::Form(filter(clerk))];
    if found.is_empty() {
        let to = vec![Link::new("/office/campaigns", clerk.t("menu.campaigns"))];
        blocks.push(Block::Empty(clerk.t("results.empty"), to));
    } else {
        let last = found.last().map(|s| part(&s.record.id)).unwrap_or_default();
        let overdue = if wanted.overdue { "1" } else { "" };
        let to = format!("{HERE}?campaign={campaign}&state={asked}&overdue={overdue}&after={last}");
        let row = |s: &Shown| {
            let record = &s.record;
            vec![
                Cell::link(format!("{HERE}/{}", part(&record.id)), &s.content.name),
                Cell::text(&record.department),
                Cell::text(&record.publisher),
                Cell::text(record.finished_on.to_string()),
                Cell::text(&s.due_on),
                state(clerk, &word(&record.state), s.overdue),
            ]
        };
        let columns = ["subject", "department", "publisher", "finished_on", "due_on", "state"];
        blocks.push(Block::Table(Table {
            caption: clerk.t("menu.results"),
            columns: columns.map(|k| clerk.t(k)).to_vec(),
            rows: found.iter().map(row).collect(),
            next: next(clerk, is_full(found.len()), &to),
        }));
    }
    let (title, lead) = (clerk.t("menu.results"), clerk.t("results.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

//! The visits of a campaign: one door each, as tickets until their names may be read.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;

use super::{Names, campaign, is_full, next, percent, word};
use crate::app::check::read::{self, Counts, Wanted};
use crate::app::{App, AppError, campaigns, visits};
use crate::domain::visit::Visit;
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Figure, Link, Table, View};

/// Characters of a ticket that lists show.
const TICKET_CHARS: usize = 16;

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route("/office/campaigns/{id}/visits", get(list))
}

async fn list(Path(id): Path<String>, clerk: Clerk) -> Response {
    clerk.show(view(&clerk, &id).await)
}

/// A ticket, short.
pub fn ticket(text: &str) -> Cell {
    Cell::code(text.chars().take(TICKET_CHARS).collect::<String>())
}

/// The state of a check.
pub fn check_state(clerk: &Clerk, state: &str) -> Cell {
    let kind = match state {
        "COMPLETED" => "good",
        "TERMINATED" => "warn",
        _ => "wait",
    };
    Cell::state(kind, clerk.lang.word("check_state", state))
}

async fn view(clerk: &Clerk, id: &str) -> Result<View, AppError> {
    let campaign = campaigns::get(&clerk.app, id).await?;
    let after = clerk.asked("after").parse().unwrap_or(0);
    let found = visits::list(&clerk.app, &clerk.reads(), id, "", after, super::ROWS).await?;
    let names = Names::read(&clerk.app).await?;
    let at = campaign::address(id);
    let mut blocks = Vec::new();
    if found.is_empty() {
        let to = vec![Link::new(&*at, clerk.t("campaign"))];
        blocks.push(Block::Empty(clerk.t("visits.empty"), to));
    } else {
        let counts = read::counts(&clerk.app, &clerk.reads(), id, "").await?;
        blocks.push(Block::Figures(figures(clerk, &counts)));
        let wanted = Wanted { campaign: id, department: "", state: None };
        let checks = read::list(&clerk.app, &clerk.reads(), &wanted, after, super::ROWS).await?;
        let state = |rank: i64| checks.iter().find(|c| c.rank == rank).map(|c| word(&c.state));
        let last = found.last().map_or(0, |v| v.rank);
        let next = next(clerk, is_full(found.len()), &format!("{at}/visits?after={last}"));
        let row = |v: &Visit| {
            let departments: Vec<&str> =
                v.sections.iter().map(|s| names.of(&s.department)).collect();
            let items: usize = v.sections.iter().map(|s| s.items.len()).sum();
            let state = match (v.dropped > 0, state(v.rank)) {
                (true, _) => Cell::state("bad", clerk.t("visit.dropped")),
                (false, state) => check_state(clerk, &state.unwrap_or_else(|| "SCHEDULED".into())),
            };
            let name = if v.name.is_empty() { clerk.t("sealed") } else { v.name.clone() };
            vec![
                Cell::link(format!("{at}/visits/{}", v.rank), v.rank.to_string()),
                ticket(&v.ticket),
                Cell::text(name),
                Cell::text(departments.join("、")),
                Cell::number(items),
                Cell::text(format!("{} – {}", v.first_day, v.last_day)),
                state,
            ]
        };
        let columns = ["rank", "ticket", "subject", "departments", "items.count", "days", "state"];
        blocks.push(Block::Table(Table {
            caption: clerk.t("visits"),
            columns: columns.map(|k| clerk.t(k)).to_vec(),
            rows: found.iter().map(row).collect(),
            next,
        }));
    }
    let trail = vec![
        Link::new("/office/campaigns", clerk.t("menu.campaigns")),
        Link::new(at, campaign.title),
    ];
    Ok(View {
        title: clerk.t("visits"),
        lead: clerk.t("visits.lead"),
        trail,
        blocks,
        ..View::default()
    })
}

fn figures(clerk: &Clerk, c: &Counts) -> Vec<Figure> {
    let share = |n: i64| percent(u64::try_from(n).unwrap_or(0));
    let figure = |key: &str, value: String| Figure {
        label: clerk.t(key),
        value,
        formula: clerk.t(&format!("{key}.formula")),
        ..Figure::default()
    };
    vec![
        figure("visits", c.visits.to_string()),
        figure("scheduled", c.scheduled.to_string()),
        figure("under_way", c.under_way.to_string()),
        figure("completion", share(c.completion())),
        figure("examination", share(c.examination())),
    ]
}

//! Joint campaigns.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::{campaign_state, is_full, next};
use crate::app::{App, AppError, Page, campaigns};
use crate::domain::campaign::Campaign;
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Form, Link, Table, View};

const HERE: &str = "/office/campaigns";

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route(HERE, get(list))
}

async fn list(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let after = clerk.asked("after");
    let page = Page { after: &after, limit: super::ROWS };
    let found = campaigns::list(&clerk.app, &page, false).await?;
    let mut blocks = Vec::new();
    let may_propose = clerk.is_office() || !clerk.department().is_empty();
    if may_propose {
        let mut button = Form::button(format!("{HERE}/new"), clerk.t("campaign.new"));
        button.asks = true;
        blocks.push(Block::Buttons(vec![button]));
    }
    if found.is_empty() {
        let steps = [
            ("/office/departments", "campaigns.step.departments"),
            ("/office/items", "campaigns.step.items"),
            ("/office/subjects", "campaigns.step.subjects"),
            ("/office/inspectors", "campaigns.step.inspectors"),
        ];
        let steps = steps.map(|(href, key)| Link::new(href, clerk.t(key))).to_vec();
        blocks.push(Block::Empty(clerk.t("campaigns.empty"), steps));
    } else {
        let last = found.last().map(|c| c.id.clone()).unwrap_or_default();
        let next = next(clerk, is_full(found.len()), &format!("{HERE}?after={last}"));
        let row = |c: Campaign| {
            vec![
                Cell::link(format!("{HERE}/{}", c.id), &c.title),
                Cell::code(&c.id),
                campaign_state(clerk, c.state.word()),
                Cell::text(format!("{} – {}", c.first_day, c.last_day)),
                Cell::number(c.participants.len()),
                Cell::text(&c.lead),
            ]
        };
        let columns = ["title", "id", "state", "days", "participants", "lead"];
        blocks.push(Block::Table(Table {
            caption: clerk.t("menu.campaigns"),
            columns: columns.map(|k| clerk.t(k)).to_vec(),
            rows: found.into_iter().map(row).collect(),
            next,
        }));
    }
    let (title, lead) = (clerk.t("menu.campaigns"), clerk.t("campaigns.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

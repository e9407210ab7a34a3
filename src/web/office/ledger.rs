//! The log's state: its latest signed checkpoint, and whether it goes on.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use crate::app::{App, AppError, proofs};
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Link, Notice, Table, View};

/// Latest entries that are shown.
const ENTRIES: i64 = 20;

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route("/office/ledger", get(show))
}

async fn show(clerk: Clerk) -> Response {
    clerk.show(view(&clerk).await)
}

async fn view(clerk: &Clerk) -> Result<View, AppError> {
    let head = proofs::head(&clerk.app).await?;
    let notice = match head.fault.as_str() {
        "" => Notice { kind: "good", text: clerk.t("ledger.goes_on"), items: Vec::new() },
        fault => {
            Notice { kind: "bad", text: clerk.t("ledger.stopped"), items: vec![fault.to_owned()] }
        }
    };
    let size: i64 = head.note.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0);
    let mut blocks = vec![
        Block::Notice(notice),
        Block::Facts(vec![
            (clerk.t("ledger.size"), Cell::number(size)),
            (clerk.t("ledger.key"), Cell::code(&head.key)),
        ]),
    ];
    if head.note.is_empty() {
        blocks.push(Block::Empty(clerk.t("ledger.empty"), Vec::new()));
    } else {
        blocks.push(Block::Heading(clerk.t("ledger.checkpoint")));
        blocks.push(Block::Plain(head.note));
        blocks.push(Block::Table(latest(clerk, size).await?));
    }
    if !head.policy.is_empty() {
        blocks.push(Block::Heading(clerk.t("ledger.policy")));
        blocks.push(Block::Plain(head.policy));
    }
    let to = Link::new("/log/checkpoint", clerk.t("ledger.public"));
    blocks.push(Block::Links(vec![to]));
    let (title, lead) = (clerk.t("menu.ledger"), clerk.t("ledger.lead"));
    Ok(View { title, lead, blocks, ..View::default() })
}

/// The latest entries by their kinds: what was done is public, by whom as an office.
async fn latest(clerk: &Clerk, size: i64) -> Result<Table, AppError> {
    let first = (size - ENTRIES).max(0);
    let mut found = proofs::entries(&clerk.app, first, ENTRIES).await?;
    found.reverse();
    let row = |(position, bytes): (i64, Vec<u8>)| {
        let event: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let kind = event["type"].as_str().unwrap_or_default();
        let by = event["actor"]["name"].as_str().unwrap_or_default();
        let at = super::minute(event["at_us"].as_i64().unwrap_or(0));
        vec![Cell::number(position), Cell::code(kind), Cell::text(by), Cell::text(at)]
    };
    Ok(Table {
        caption: clerk.t("ledger.latest"),
        columns: ["position", "kind", "account.of", "time"].map(|k| clerk.t(k)).to_vec(),
        rows: found.into_iter().map(row).collect(),
        next: None,
    })
}

//! What became of a list that was brought: the figures, and every report on a row.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;

use super::{is_full, next, part, word};
use crate::app::{App, AppError, imports};
use crate::domain::row::RowReport;
use crate::web::clerk::Clerk;
use crate::web::view::{Block, Cell, Figure, Link, Notice, Table, View};

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route("/office/imports/{id}", get(one))
}

/// Where an import is looked at.
pub fn address(id: &str) -> String {
    format!("/office/imports/{}", part(id))
}

async fn one(Path(id): Path<String>, clerk: Clerk) -> Response {
    clerk.show(view(&clerk, &id).await)
}

async fn view(clerk: &Clerk, id: &str) -> Result<View, AppError> {
    let (import, _) = imports::get(&clerk.app, clerk.caller(), id).await?;
    let after = (clerk.asked("row").parse().unwrap_or(0), clerk.asked("nth").parse().unwrap_or(0));
    let found = imports::reports(&clerk.app, clerk.caller(), id, after, super::ROWS).await?;
    let state = word(&import.state);
    let kind = match (state.as_str(), import.rejected) {
        ("FINISHED", 0) => "good",
        ("FINISHED", _) => "warn",
        _ => "bad",
    };
    let figure = |key: &str, n: i64, kind| Figure {
        label: clerk.t(key),
        value: n.to_string(),
        kind,
        ..Figure::default()
    };
    let mut blocks = vec![
        Block::Notice(Notice {
            kind,
            text: clerk.lang.word("import_state", &state),
            items: Vec::new(),
        }),
        Block::Figures(vec![
            figure("import.rows", import.rows, ""),
            figure("import.inserted", import.inserted, ""),
            figure("import.updated", import.updated, ""),
            figure("import.unchanged", import.unchanged, ""),
            figure(
                "import.rejected",
                import.rejected,
                if import.rejected > 0 { "bad" } else { "" },
            ),
            figure("import.mended", import.mended, if import.mended > 0 { "warn" } else { "" }),
        ]),
    ];
    let back =
        Link::new(format!("/office/{}", import.kind), clerk.t(&format!("menu.{}", import.kind)));
    if found.is_empty() {
        blocks.push(Block::Empty(clerk.t("import.clean"), vec![back.clone()]));
    } else {
        let last = found.last().map_or((0, 0), |(row, nth, _)| (*row, *nth));
        let to = format!("{}?row={}&nth={}", address(id), last.0, last.1);
        let row = |(_, _, r): (i64, i64, RowReport)| {
            let (kind, key) = if r.rejected { ("bad", "rejected") } else { ("warn", "mended") };
            vec![
                Cell::number(r.row),
                Cell::state(kind, clerk.t(key)),
                Cell::text(&r.field),
                Cell::text(clerk.lang.word("rule", &r.rule)),
                Cell::text(&r.value),
            ]
        };
        let next = next(clerk, is_full(found.len()), &to);
        blocks.push(Block::Table(Table {
            caption: clerk.t("import.reports"),
            columns: ["row", "outcome", "field", "rule", "given"].map(|k| clerk.t(k)).to_vec(),
            rows: found.into_iter().map(row).collect(),
            next,
        }));
    }
    Ok(View { title: clerk.t("import.title"), trail: vec![back], blocks, ..View::default() })
}

//! Item lists for citizens, at permanent addresses (R2, R12): every version, with what it changed.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::results::answer;
use crate::app::{App, PAGE_DEFAULT, items};
use crate::domain::day;

/// The routes below `/item-lists`.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/{department}", get(versions))
        .route("/{department}/{version}", get(version))
        .with_state(app)
}

fn shown(version: &items::Version) -> Value {
    let list = &version.list;
    json!({
        "added": version.diff.added,
        "address": format!("/item-lists/{}/{}", list.department, list.version),
        "changed": version.diff.changed,
        "effective_from": list.effective_from.to_string(),
        "published_at": day::instant_text(version.published_us),
        "reason": list.reason,
        "removed": version.diff.removed,
        "version": list.version,
    })
}

/// The `after=` of a query, which the page before has given.
fn after(query: Option<&str>) -> i64 {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(key, _)| *key == "after");
    found.next().and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
}

async fn versions(
    State(app): State<App>,
    Path(department): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let found = items::versions(&app, &department, after(query.as_deref()), PAGE_DEFAULT).await;
    answer(found.map(|found| {
        let full = i64::try_from(found.len()).is_ok_and(|n| n >= PAGE_DEFAULT);
        let last = found.last().filter(|_| full).map(|v| v.list.version);
        let versions: Vec<Value> = found.iter().map(shown).collect();
        json!({ "department": department, "next_after": last, "versions": versions })
    }))
}

async fn version(
    State(app): State<App>,
    Path((department, version)): Path<(String, i64)>,
) -> Response {
    answer(items::get(&app, &department, version).await)
}

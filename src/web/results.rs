//! Published results for citizens, at permanent addresses (R2, R8, R111): as JSON, and a campaign's as
//! tables. What is not published is not here.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::disclosure::export::{self, Table};
use crate::app::disclosure::public;
use crate::app::{App, AppError, PAGE_DEFAULT};
use crate::domain::day;
use crate::domain::publication::{Publication, result_text};

const JSON: &str = "application/json";
const CSV: &str = "text/csv; charset=utf-8";

/// The routes below `/results`.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/{result}", get(versions))
        .route("/{result}/{version}", get(version))
        .route("/campaigns/{campaign}", get(of_campaign))
        .route("/campaigns/{campaign}/bulletin", get(bulletin))
        .route("/campaigns/{campaign}/tasks.csv", get(tasks))
        .route("/campaigns/{campaign}/items.csv", get(items))
        .route("/campaigns/{campaign}/joint-punishment.csv", get(joint_punishment))
        .route("/subjects/{subject}", get(of_subject))
        .with_state(app)
}

/// A publication, with its words and its address.
fn shown(p: &Publication) -> Value {
    let item = |i: &crate::domain::publication::ResultItem| {
        json!({
            "code": i.code,
            "name": i.name,
            "result": i.result,
            "result_text": result_text(i.result),
        })
    };
    json!({
        "address": format!("/results/{}/{}", p.result, p.version),
        "campaign_id": p.campaign,
        "checked_on": p.checked_on.to_string(),
        "department": p.department,
        "department_name": p.department_name,
        "directed": p.directed,
        "ground": p.ground,
        "items": p.items.iter().map(item).collect::<Vec<_>>(),
        "jurisdiction": p.jurisdiction,
        "published_at": day::instant_text(p.published_us),
        "rank": p.rank,
        "reason": p.reason,
        "result_id": p.result,
        "subject_id": p.subject,
        "subject_name": p.name,
        "ticket": p.ticket,
        "title": p.title,
        "version": p.version,
        "words": p.words(),
    })
}

async fn versions(State(app): State<App>, Path(id): Path<String>) -> Response {
    answer(public::versions(&app, &id).await.map(|found| {
        let standing = found.last().map_or(0, |p| p.version);
        let versions: Vec<Value> = found.iter().map(shown).collect();
        json!({ "result_id": id, "standing_version": standing, "versions": versions })
    }))
}

async fn version(State(app): State<App>, Path((id, nth)): Path<(String, i64)>) -> Response {
    answer(public::version(&app, &id, nth).await.map(|found| shown(&found)))
}

/// The `after=` of a query, which the page before has given.
fn after(query: Option<&str>) -> String {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let found = pairs.into_iter().find(|(key, _)| *key == "after");
    found.map(|(_, value)| value.to_owned()).unwrap_or_default()
}

async fn page(app: &App, wanted: [&str; 2], query: Option<&str>) -> Response {
    let found = public::list(app, wanted, &after(query), PAGE_DEFAULT).await;
    answer(found.map(|found| {
        let full = i64::try_from(found.len()).is_ok_and(|n| n >= PAGE_DEFAULT);
        let last = found.last().filter(|_| full).map(|p| p.result.clone());
        let results: Vec<Value> = found.iter().map(shown).collect();
        json!({ "next_after": last.unwrap_or_default(), "results": results })
    }))
}

async fn of_campaign(
    State(app): State<App>,
    Path(campaign): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    page(&app, [&campaign, ""], query.as_deref()).await
}

async fn of_subject(
    State(app): State<App>,
    Path(subject): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    page(&app, ["", &subject], query.as_deref()).await
}

async fn bulletin(State(app): State<App>, Path(campaign): Path<String>) -> Response {
    answer(public::bulletin(&app, &campaign).await)
}

async fn tasks(State(app): State<App>, Path(campaign): Path<String>) -> Response {
    table(export::export(&app, &campaign, Table::Tasks).await)
}

async fn items(State(app): State<App>, Path(campaign): Path<String>) -> Response {
    table(export::export(&app, &campaign, Table::Items).await)
}

async fn joint_punishment(State(app): State<App>, Path(campaign): Path<String>) -> Response {
    table(export::export(&app, &campaign, Table::JointPunishment).await)
}

fn table(found: Result<Vec<u8>, AppError>) -> Response {
    match found {
        Ok(bytes) => typed(CSV, bytes),
        Err(error) => failed(&error),
    }
}

/// JSON, or why not.
pub(super) fn answer<T: Serialize>(found: Result<T, AppError>) -> Response {
    match found.map(|value| serde_json::to_vec(&value)) {
        Ok(Ok(bytes)) => typed(JSON, bytes),
        Ok(Err(_)) => failed(&AppError::Broken("an answer has no JSON")),
        Err(error) => failed(&error),
    }
}

fn typed(kind: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, bytes).into_response()
}

fn failed(error: &AppError) -> Response {
    match error {
        AppError::NotFound { .. } => StatusCode::NOT_FOUND.into_response(),
        AppError::Invalid(_) => StatusCode::BAD_REQUEST.into_response(),
        error => {
            tracing::error!(?error, "a published result could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

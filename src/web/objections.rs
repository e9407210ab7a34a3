//! Objections of subjects, without a key: `POST /results/RESULT/objections` files one and answers with its
//! id, `GET /objections/ID` tells where it stands (R116).

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::objection::file::{self, Filed};
use crate::app::objection::read::{self, Shown};
use crate::app::{App, AppError};
use crate::domain::objection::Application;

/// Largest form, in bytes.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// What is filed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    /// Makes the filing idempotent.
    request_id: String,
    /// The visit code, as the business was shown it; empty without one.
    #[serde(default)]
    visit_code: String,
    applicant: String,
    contact: String,
    grounds: String,
}

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/results/{result}/objections", post(post_objection))
        .route("/objections/{objection}", get(status))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .with_state(app)
}

async fn post_objection(
    State(app): State<App>,
    Path(result): Path<String>,
    body: String,
) -> Response {
    let Ok(form) = serde_json::from_str::<Form>(&body) else {
        return answer(StatusCode::BAD_REQUEST, &json!({ "reason": "NOT_THE_FORM" }));
    };
    let Form { request_id, visit_code, applicant, contact, grounds } = form;
    let application = Application { applicant, contact, grounds };
    let (request_id, visit_code) = (request_id.as_str(), visit_code.as_str());
    let filed = Filed { request_id, result: &result, visit_code, application };
    match file::by_subject(&app, filed).await {
        Ok(objection) => {
            let address = format!("/objections/{}", objection.id);
            let said = json!({ "address": address, "objection_id": objection.id });
            answer(StatusCode::CREATED, &said)
        }
        Err(error) => refuse(&error),
    }
}

async fn status(State(app): State<App>, Path(id): Path<String>) -> Response {
    match read::status(&app, &id).await {
        Ok(Shown { objection, due_on, overdue }) => {
            let said = json!({
                "due_on": due_on,
                "objection_id": objection.id,
                "overdue": overdue,
                "result_id": objection.result,
                "state": objection.state,
                "upheld": objection.decision.map(|d| d.upheld),
            });
            answer(StatusCode::OK, &said)
        }
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &AppError) -> Response {
    match error {
        AppError::NotFound { .. } => {
            answer(StatusCode::NOT_FOUND, &json!({ "reason": "NOT_FOUND" }))
        }
        AppError::Invalid(violations) => {
            let violations = violations.clone().into_vec();
            let said = json!({ "reason": "INVALID", "violations": violations });
            answer(StatusCode::BAD_REQUEST, &said)
        }
        AppError::Precondition { reason: reason @ "TOO_MANY_OBJECTIONS", .. } => {
            answer(StatusCode::TOO_MANY_REQUESTS, &json!({ "reason": reason }))
        }
        AppError::Precondition { reason, .. } => {
            answer(StatusCode::CONFLICT, &json!({ "reason": reason }))
        }
        error => {
            tracing::error!(?error, "an objection could not be filed or read");
            answer(StatusCode::SERVICE_UNAVAILABLE, &json!({ "reason": "FAILED" }))
        }
    }
}

fn answer(status: StatusCode, said: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, said.to_string()).into_response()
}

//! What is published of a draw, at permanent addresses.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::{App, AppError, certify, draws};

/// The routes below `/campaigns`.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/{campaign}/draws/{attempt}/bundle.json", get(bundle))
        .route("/{campaign}/draws/{attempt}/certificate.json", get(certificate))
        .with_state(app)
}

async fn bundle(State(app): State<App>, Path((id, attempt)): Path<(String, i64)>) -> Response {
    file(draws::bundle(&app, &id, attempt).await)
}

async fn certificate(State(app): State<App>, Path((id, attempt)): Path<(String, i64)>) -> Response {
    file(certify::certificate(&app, &id, attempt).await)
}

fn file(found: Result<Vec<u8>, AppError>) -> Response {
    match found {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(AppError::NotFound { .. } | AppError::Precondition { .. }) => {
            StatusCode::NOT_FOUND.into_response()
        }
        Err(error) => {
            tracing::error!(?error, "a published file could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

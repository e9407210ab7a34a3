//! The witness over HTTP: `POST /add-checkpoint` (C2SP tlog-witness), and its key at `GET /`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::state::{NotCosigned, Witness};
use crate::ledger::witness::{REQUEST_BYTES_MAX, Refusal};

/// Type of the body that tells a log which size the witness has.
const SIZE_TYPE: &str = "text/x.tlog.size";

/// The routes of a witness.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/", get(key))
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(witness)
}

async fn key(State(witness): State<Arc<Witness>>) -> String {
    format!("{}\n", witness.public())
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: String) -> Response {
    // Reading and syncing the state's files blocks.
    let answer = tokio::task::spawn_blocking(move || witness.cosign(&body)).await;
    match answer {
        Ok(Ok(line)) => line.into_response(),
        Ok(Err(NotCosigned::Refused(refusal))) => refuse(&refusal),
        Ok(Err(NotCosigned::State(error))) => {
            tracing::error!(%error, "the witness's state cannot be read or kept");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refuse(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match refusal {
        Refusal::Conflict(size) => {
            (status, [(header::CONTENT_TYPE, SIZE_TYPE)], format!("{size}\n")).into_response()
        }
        other => (status, format!("{other}\n")).into_response(),
    }
}

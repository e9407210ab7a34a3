//! The form by which a visited subject asks that a member of the team stays away (R91), and the same
//! as JSON. The visit code is the credential.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use crate::app::{App, AppError, recusals};
use crate::domain::Violations;
use crate::domain::recusal::{Plea, RecusalAsk, RecusalReason};

/// Where it stands.
pub const PATH: &str = "/recusals";
/// Largest request, in bytes: a visit code, a person and a statement.
pub const BODY_BYTES_MAX: usize = 32 * 1024;
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const HTML: &str = "text/html; charset=utf-8";

/// The page has no script, and sends its form to nobody else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// The page; [`SAID`] in it stands for what became of the form.
const PAGE: &str = include_str!("recusal/form.html");
const SAID: &str = "{SAID}";

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route(PATH, get(|| async { page(StatusCode::OK, "") }).post(ask))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(app)
}

async fn ask(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let plea = match kind {
        JSON => {
            serde_json::from_slice(&body).map_err(|_| AppError::invalid("body", "NOT_A_PLEA", ""))
        }
        FORM => read_form(&body),
        _ => return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
    };
    let done = match plea {
        Ok(plea) => recusals::ask(&app, plea).await,
        Err(error) => Err(error),
    };
    match kind == FORM {
        true => shown(&done),
        false => answered(&done),
    }
}

fn read_form(body: &[u8]) -> Result<Plea, AppError> {
    let field = |name: &str| {
        let mut pairs = form_urlencoded::parse(body);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let mut violations = Violations::default();
    let word = field("reason");
    let reason = RecusalReason::from_word(&word);
    violations.require(reason.is_some(), "reason", "UNKNOWN_REASON", &word);
    // A text area sends its line ends as CR LF.
    let text = |name: &str| field(name).replace("\r\n", "\n");
    let plea = Plea {
        code: text("code"),
        person: field("person").trim().to_owned(),
        reason: reason.unwrap_or(RecusalReason::OtherRelation),
        statement: text("statement").replace('\n', " ").trim().to_owned(),
    };
    Ok(violations.finish(plea)?)
}

/// Status and reason of an error; what failed inside is logged and not said.
fn why(error: &AppError) -> (StatusCode, &str) {
    match error {
        AppError::Invalid(_) => (StatusCode::BAD_REQUEST, "INVALID"),
        AppError::Precondition { reason, .. } => (StatusCode::CONFLICT, reason),
        AppError::Stale(_) => (StatusCode::CONFLICT, "CHANGED_MEANWHILE"),
        AppError::NotFound { .. } => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        AppError::LogStopped(_) => (StatusCode::SERVICE_UNAVAILABLE, "LOG_STOPPED"),
        error => {
            tracing::error!(?error, "a recusal could not be taken");
            (StatusCode::SERVICE_UNAVAILABLE, "INTERNAL_FAILURE")
        }
    }
}

fn answered(done: &Result<RecusalAsk, AppError>) -> Response {
    let (status, body) = match done {
        Ok(ask) => (StatusCode::OK, json!({ "campaign_id": ask.campaign, "nth": ask.nth })),
        Err(error) => {
            let (status, reason) = why(error);
            let fields = match error {
                AppError::Invalid(violations) => violations.clone().into_vec(),
                _ => Vec::new(),
            };
            let fields: Vec<Value> =
                fields.iter().map(|v| json!({ "field": v.field, "rule": v.rule })).collect();
            (status, json!({ "reason": reason, "violations": fields }))
        }
    };
    (status, [(header::CONTENT_TYPE, JSON)], body.to_string()).into_response()
}

fn shown(done: &Result<RecusalAsk, AppError>) -> Response {
    match done {
        Ok(ask) => {
            let said = format!(
                "已收到回避申请，编号 {0}/{1}。 / Received under number {0}/{1}.",
                ask.campaign, ask.nth
            );
            page(StatusCode::OK, &said)
        }
        Err(error) => {
            let (status, reason) = why(error);
            let rules = match error {
                AppError::Invalid(violations) => violations.clone().into_vec(),
                _ => Vec::new(),
            };
            let rules: Vec<String> =
                rules.iter().map(|v| format!("{}: {}", v.field, v.rule)).collect();
            let said = format!("未受理 / Not taken: {reason} {}", rules.join(", "));
            page(status, &said)
        }
    }
}

/// The page; `said` is made of ids and rules here, never of what was sent.
fn page(status: StatusCode, said: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HTML),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, PAGE.replace(SAID, said)).into_response()
}

//! What every page says to the browser: it runs nothing but this host's files, and shows in no frame.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;

/// A page may load its own files, send forms to this host, and reach nobody else.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                          connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Browsers come back over TLS for a year.
const TLS_ONLY: &str = "max-age=31536000";

const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Adds what an answer has not set itself.
pub async fn add(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    put(&app, answer.headers_mut());
    answer
}

/// Adds what these headers do not say yet.
pub fn put(app: &App, headers: &mut HeaderMap) {
    let all = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (PERMISSIONS, "camera=(), geolocation=(), microphone=()"),
        (OPENER, "same-origin"),
        (RESOURCE, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in all {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.secure_cookies {
        let value = HeaderValue::from_static(TLS_ONLY);
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(value);
    }
}

//! The page that verifies a draw in the browser, with nothing but its own files.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The page may load its own files and reach nobody else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
                      connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Name, type and text of every file of the page.
const FILES: [(&str, &str, &str); 13] = [
    ("", HTML, include_str!("verify/index.html")),
    ("style.css", STYLE, include_str!("verify/style.css")),
    ("page.js", SCRIPT, include_str!("verify/page.js")),
    ("messages.js", SCRIPT, include_str!("verify/messages.js")),
    ("verify.js", SCRIPT, include_str!("verify/verify.js")),
    ("draw.js", SCRIPT, include_str!("verify/draw.js")),
    ("deal.js", SCRIPT, include_str!("verify/deal.js")),
    ("log.js", SCRIPT, include_str!("verify/log.js")),
    ("note.js", SCRIPT, include_str!("verify/note.js")),
    ("canon.js", SCRIPT, include_str!("verify/canon.js")),
    ("hash.js", SCRIPT, include_str!("verify/hash.js")),
    ("chacha.js", SCRIPT, include_str!("verify/chacha.js")),
    ("ed25519.js", SCRIPT, include_str!("verify/ed25519.js")),
];

/// The routes of the page.
pub fn router() -> Router {
    Router::new()
        .route("/verify", get(|| async { Redirect::permanent("/verify/") }))
        .route("/verify/", get(|| async { file("") }))
        .route("/verify/{file}", get(|Path(name): Path<String>| async move { file(&name) }))
}

fn file(name: &str) -> Response {
    let Some((_, kind, text)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, *kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, *text).into_response()
}

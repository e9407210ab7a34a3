//! The pages that verify a draw and a visit code in the browser, with nothing but their own files.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::app::App;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// A page may load its own files and reach nobody else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
                      connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Name, type and text of every file of the pages.
const FILES: [(&str, &str, &str); 14] = [
    ("", HTML, include_str!("verify/index.html")),
    ("style.css", STYLE, include_str!("verify/style.css")),
    ("page.js", SCRIPT, include_str!("verify/page.js")),
    ("messages.js", SCRIPT, include_str!("verify/messages.js")),
    ("visit.js", SCRIPT, include_str!("verify/visit.js")),
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

/// The page for visit codes; [`KEY`] in it stands for the keys they are signed with.
const VISIT: &str = include_str!("verify/visit.html");
const KEY: &str = "{KEY}";

/// The routes of the pages.
pub fn router(app: &App) -> Router {
    // The keys come with the page, so that the page asks for nothing later.
    let keys: Vec<String> = app.log.visit_keys().iter().map(ToString::to_string).collect();
    let key = keys.join(" ");
    let key = key.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let visit = VISIT.replace(KEY, &key);
    Router::new()
        .route("/verify", get(|| async { Redirect::permanent("/verify/") }))
        .route("/verify/", get(|| async { file("") }))
        .route("/verify/visit", get(|| async move { page(HTML, visit) }))
        .route("/verify/{file}", get(|Path(name): Path<String>| async move { file(&name) }))
}

fn file(name: &str) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, text)) => page(kind, *text),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn page(kind: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}

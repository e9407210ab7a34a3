//! A view as HTML, with what all pages have; and errors as pages.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::chart::Shape;
use super::clerk::Visitor;
use super::menu;
use super::messages::Lang;
use super::view::{Block, Kind, Link, Notice, View};
use crate::app::AppError;

const HTML: &str = "text/html; charset=utf-8";
/// Random bytes of a form's request id.
const ONCE_BYTES: usize = 12;

#[derive(Template)]
#[template(path = "page.html", config = "src/web/askama.toml")]
struct Page<'a> {
    view: &'a View,
    lang: Lang,
    /// The language it can be changed to.
    other: Lang,
    /// The address of this page.
    here: &'a str,
    /// Who is signed in.
    who: Option<String>,
    menu: Vec<(Link, bool)>,
    /// The session's mark, which every form holds.
    mark: &'a str,
    /// What makes the requests of this page's forms one each.
    once: String,
}

/// Shows a view.
pub fn show(visitor: &Visitor, status: StatusCode, view: &View) -> Response {
    let lang = visitor.lang;
    let caller = visitor.signed.as_ref().map(|s| &s.account);
    let page = Page {
        view,
        lang,
        other: if lang == Lang::Zh { Lang::En } else { Lang::Zh },
        here: &visitor.here,
        who: caller.map(|a| format!("{} · {}", a.name, a.caller.name())),
        menu: menu::of(visitor),
        mark: visitor.signed.as_ref().map_or("", |s| &s.mark),
        once: hex::encode(visitor.app.entropy.bytes::<ONCE_BYTES>()),
    };
    match page.render() {
        Ok(text) => (status, [(header::CONTENT_TYPE, HTML)], text).into_response(),
        Err(error) => {
            tracing::error!(?error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Status, reason and details of an error; what failed inside is logged and not said.
pub fn why(error: &AppError) -> (StatusCode, String, Vec<(String, String, String)>) {
    let plain = |status, reason: &str| (status, reason.to_owned(), Vec::new());
    match error {
        AppError::Invalid(violations) => {
            let all = violations.clone().into_vec().into_iter();
            let all = all.map(|v| (v.field, v.rule, v.value)).collect();
            (StatusCode::BAD_REQUEST, "INVALID".to_owned(), all)
        }
        AppError::Unauthenticated => plain(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
        AppError::Forbidden(reason) => plain(StatusCode::FORBIDDEN, reason),
        AppError::NotFound { .. } => plain(StatusCode::NOT_FOUND, "NOT_FOUND"),
        AppError::Exists { .. } => plain(StatusCode::CONFLICT, "ALREADY_EXISTS"),
        AppError::Precondition { reason, .. } => plain(StatusCode::CONFLICT, reason),
        AppError::Stale(_) => plain(StatusCode::CONFLICT, "CHANGED_MEANWHILE"),
        AppError::UnknownYear(_) => plain(StatusCode::CONFLICT, "UNKNOWN_YEAR"),
        AppError::LogStopped(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "LOG_STOPPED"),
        error => {
            tracing::error!(?error, "a page failed");
            plain(StatusCode::SERVICE_UNAVAILABLE, "INTERNAL_FAILURE")
        }
    }
}

/// A field as people know it: by the last part of its path, where that has words.
fn field_words(lang: Lang, field: &str) -> String {
    let last = field.rsplit('.').next().unwrap_or_default();
    let last = last.split('[').next().unwrap_or_default();
    lang.table().get(last).map_or_else(|| field.to_owned(), |words| (*words).to_owned())
}

/// What is wrong, to stand above a form that is shown again.
pub fn notice(lang: Lang, error: &AppError) -> (StatusCode, Notice) {
    let (status, reason, violations) = why(error);
    let one = |(field, rule, value): &(String, String, String)| {
        let (field, rule) = (&field_words(lang, field), lang.word("rule", rule));
        match value.as_str() {
            "" => lang.f("violation", &[field, &rule]),
            value => lang.f("violation.given", &[field, &rule, value]),
        }
    };
    let items = violations.iter().map(one).collect();
    let mut text = lang.word("reason", &reason);
    if let AppError::Precondition { detail, .. } = error
        && !detail.is_empty()
    {
        text = lang.f("reason.detail", &[&text, detail]);
    }
    (status, Notice { kind: "bad", text, items })
}

/// An error as a page, with the way back.
pub fn failed(visitor: &Visitor, error: &AppError) -> Response {
    let lang = visitor.lang;
    let (status, notice) = notice(lang, error);
    let back = match visitor.here.rsplit_once('/') {
        Some((before, _)) if before.starts_with("/office") => before.to_owned(),
        _ => "/office".to_owned(),
    };
    let view = View {
        title: lang.t("error.title").to_owned(),
        blocks: vec![
            Block::Notice(notice),
            Block::Empty(lang.t("error.next").to_owned(), vec![Link::new(back, lang.t("back"))]),
        ],
        ..View::default()
    };
    show(visitor, status, &view)
}

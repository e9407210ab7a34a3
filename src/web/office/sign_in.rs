//! Signing in and out, one's own account, and the language of the pages.

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::app::{App, AppError, sign_in};
use crate::web::clerk::{SIGN_IN, Visitor, token};
use crate::web::form::{self, Sent, see};
use crate::web::messages::Lang;
use crate::web::view::{Block, Field, Form, Kind, View};
use crate::web::{cookies, page};

/// The first page of those who are signed in.
const FIRST: &str = "/office";

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/office/sign-in", get(ask).post(enter))
        .route("/office/sign-out", post(leave))
}

/// The route by which the language is chosen.
pub fn language() -> Router<App> {
    Router::new().route("/language", post(choose))
}

fn view(visitor: &Visitor, next: &str) -> View {
    let mut name = Field::new(Kind::Text, "name", visitor.t("sign_in.name"));
    name.autocomplete = "username";
    let mut password = Field::new(Kind::Password, "password", visitor.t("sign_in.password"));
    password.autocomplete = "current-password";
    let code = Field::new(Kind::Code, "code", visitor.t("sign_in.code"));
    let mut code = code.hint(visitor.t("sign_in.code.hint"));
    code.autocomplete = "one-time-code";
    let fields = vec![name, password, code, Field::hidden("next", next)];
    let form = Form::new(SIGN_IN, "", visitor.t("sign_in.submit"), fields);
    View {
        title: visitor.t("sign_in.title"),
        lead: visitor.t("sign_in.lead"),
        blocks: vec![Block::Form(form), Block::Text(visitor.t("sign_in.help"))],
        ..View::default()
    }
}

/// An address of these pages, and no other host's.
fn local(next: &str) -> &str {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let own = next == FIRST || next.starts_with("/office/") || next.starts_with("/office?");
    if plain && own && !next.contains("//") { next } else { FIRST }
}

async fn ask(visitor: Visitor) -> Response {
    let next = visitor.asked("next");
    visitor.show(Ok(view(&visitor, local(&next))))
}

async fn enter(State(app): State<App>, sent: Sent) -> Response {
    let Sent { visitor, given } = sent;
    let (name, password) = (given.get("name"), given.raw("password").to_owned());
    match sign_in::enter(&app, &name, password, &given.get("code")).await {
        Ok(token) => {
            let cookie = cookies::session(app.secure_cookies, &token);
            set(see(local(&given.get("next"))), &cookie)
        }
        Err(error) => {
            let (status, notice) = page::notice(visitor.lang, &error);
            let mut view = view(&visitor, local(&given.get("next")));
            view.blocks.insert(0, Block::Notice(notice));
            page::show(&visitor, status, &view)
        }
    }
}

fn set(mut answer: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
    answer
}

/// Ends the session; also one that has ended by itself.
async fn leave(State(app): State<App>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = match Visitor::from_request_parts(&mut parts, &app).await {
        Ok(visitor) => visitor,
        Err(answer) => return answer,
    };
    let token = token(&app, &parts);
    let own = form::is_own(&parts);
    let given = form::read(Request::from_parts(parts, body)).await.unwrap_or_default();
    let mark = visitor.signed.as_ref().map_or("", |s| &s.mark);
    if !own || given.raw("mark") != mark {
        return page::failed(&visitor, &AppError::Forbidden("NOT_FROM_THIS_PAGE"));
    }
    if let Some(token) = token
        && let Err(error) = sign_in::leave(&app, &token).await
    {
        return page::failed(&visitor, &error);
    }
    set(see(SIGN_IN), &cookies::no_session(app.secure_cookies))
}

async fn choose(sent: Sent) -> Response {
    let back = sent.given.get("back");
    let plain = back.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let own = plain && back.starts_with('/') && !back.contains("//");
    let back = if own { back.as_str() } else { "/" };
    match Lang::of_tag(&sent.given.get("to")) {
        Some(lang) => set(see(back), &cookies::language(lang.tag())),
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

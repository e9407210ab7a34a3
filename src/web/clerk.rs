//! Who looks at a page: anybody, or somebody who is signed in.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};

use super::messages::Lang;
use super::view::{Block, Notice, View};
use super::{cookies, page};
use crate::app::sign_in::{self, Signed};
use crate::app::{App, AppError, Call};
use crate::domain::account::Account;
use crate::domain::caller::{Caller, Role};

/// Where people sign in.
pub const SIGN_IN: &str = "/office/sign-in";

/// Whoever asks.
pub struct Visitor {
    /// The use-cases.
    pub app: App,
    /// The language of the pages.
    pub lang: Lang,
    /// Who it is, if signed in.
    pub signed: Option<Signed>,
    /// Path and query of the page.
    pub here: String,
    query: String,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let lang = Lang::of(&parts.headers);
        let here = parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let mut visitor = Self { app: app.clone(), lang, signed: None, here, query };
        if let Some(token) = token(app, parts) {
            match sign_in::session(app, &token).await {
                Ok(signed) => visitor.signed = signed,
                Err(error) => return Err(page::failed(&visitor, &error)),
            }
        }
        Ok(visitor)
    }
}

/// What the session's cookie holds.
pub fn token(app: &App, parts: &Parts) -> Option<String> {
    cookies::get(&parts.headers, cookies::session_name(app.secure_cookies))
}

impl Visitor {
    /// The words of a key.
    pub fn t(&self, key: &str) -> String {
        self.lang.t(key).to_owned()
    }

    /// The value of a query's field; empty without one.
    pub fn asked(&self, name: &str) -> String {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// All fields of the query that begin with a prefix, without it.
    pub fn asked_with(&self, prefix: &str) -> Vec<(String, String)> {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        let cut = |(key, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
            key.strip_prefix(prefix).map(|rest| (rest.to_owned(), value.into_owned()))
        };
        pairs.filter_map(cut).collect()
    }

    /// Shows a page or what went wrong.
    pub fn show(&self, view: Result<View, AppError>) -> Response {
        match view {
            Ok(mut view) => {
                let done = format!("done.{}", self.asked("done"));
                if let Some(text) = self.lang.table().get(done.as_str()) {
                    let text = (*text).to_owned();
                    let notice = Notice { kind: "good", text, items: Vec::new() };
                    view.blocks.insert(0, Block::Notice(notice));
                }
                page::show(self, StatusCode::OK, &view)
            }
            Err(error) => page::failed(self, &error),
        }
    }
}

/// Somebody who is signed in.
pub struct Clerk {
    /// Who asks.
    pub visitor: Visitor,
    /// As which account.
    pub account: Account,
}

impl std::ops::Deref for Clerk {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl FromRequestParts<App> for Clerk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        let Some(signed) = &visitor.signed else {
            let mut next = form_urlencoded::Serializer::new(String::new());
            if parts.method == axum::http::Method::GET {
                next.append_pair("next", &visitor.here);
            }
            let to = Redirect::to(&format!("{SIGN_IN}?{}", next.finish()));
            return Err(([(header::CACHE_CONTROL, "no-store")], to).into_response());
        };
        let account = signed.account.clone();
        Ok(Self { visitor, account })
    }
}

impl Clerk {
    /// Who the use-cases see.
    pub fn caller(&self) -> &Caller {
        &self.account.caller
    }

    /// Whether it is the leading-group office's account.
    pub fn is_office(&self) -> bool {
        self.caller().role == Role::Office
    }

    /// The department of a department's account; empty otherwise.
    pub fn department(&self) -> &str {
        &self.caller().department
    }

    /// A call that only reads.
    pub fn reads(&self) -> Call {
        self.call("", "Read", b"")
    }

    /// A call by its request id.
    pub fn call(&self, request_id: &str, method: &'static str, payload: &[u8]) -> Call {
        Call {
            caller: self.caller().clone(),
            request_id: request_id.to_owned(),
            method,
            payload: Sha256::digest(payload).into(),
            signature: None,
        }
    }
}

//! What a form sends: only of this host's pages, only of the session they were shown to.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::Response;

use super::clerk::{Clerk, Visitor};
use super::page;
use super::view::View;
use crate::app::{App, AppError, Call};

/// Where a browser says how far away the page was that sends this.
const FETCH_SITE: &str = "sec-fetch-site";
/// Fields that are no part of what is asked for: they come anew with each page, or are secret.
const NOT_ASKED: [&str; 5] = ["mark", "request_id", "password", "old_password", "code"];
/// Most fields of a form.
const FIELDS_MAX: usize = 5_000;

/// The fields of a form, in their order.
#[derive(Default)]
pub struct Given {
    fields: Vec<(String, String)>,
    file: Vec<u8>,
}

impl Given {
    /// A field's text, without space around it; empty when it is not there.
    pub fn get(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// A field's text as it came.
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A text of several lines as one: texts that are kept hold no line ends.
    pub fn text(&self, name: &str) -> String {
        let lines = self.raw(name).lines().map(str::trim).filter(|l| !l.is_empty());
        lines.collect::<Vec<_>>().join(" ")
    }

    /// The lines of a text that are not empty.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let lines = self.raw(name).lines().map(str::trim).filter(|l| !l.is_empty());
        lines.map(str::to_owned).collect()
    }

    /// Whether a box is ticked.
    pub fn is(&self, name: &str) -> bool {
        !self.raw(name).is_empty()
    }

    /// A number; 0 when it is none.
    pub fn number(&self, name: &str) -> i64 {
        self.get(name).parse().unwrap_or(0)
    }

    /// All fields that begin with a prefix, without it.
    pub fn with(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, value.trim())))
    }

    /// The file.
    pub fn file(&self) -> &[u8] {
        &self.file
    }

    fn payload(&self) -> Vec<u8> {
        let asked = |(key, _): &&(String, String)| !NOT_ASKED.contains(&key.as_str());
        let fields: Vec<&(String, String)> = self.fields.iter().filter(asked).collect();
        let mut bytes = serde_json::to_vec(&fields).unwrap_or_default();
        bytes.extend(&self.file);
        bytes
    }
}

/// Whether the page that sends this is one of this host. A page without referrer says `null` as its origin,
/// and then the browser's own word for how far away it was decides.
pub fn is_own(parts: &Parts) -> bool {
    let headers = &parts.headers;
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    // HTTP/2 names the host in the address.
    let host = match text(header::HOST.as_str()) {
        "" => parts.uri.authority().map_or("", |a| a.as_str()),
        host => host,
    };
    let site = text(FETCH_SITE);
    match text(header::ORIGIN.as_str()).split_once("://") {
        Some((_, from)) => {
            !host.is_empty() && from == host && !["cross-site", "same-site"].contains(&site)
        }
        None => site == "same-origin",
    }
}

/// Reads a form, of whatever kind.
pub async fn read(request: Request) -> Result<Given, AppError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let broken = || AppError::invalid("body", "NOT_THE_FORM", "");
    if kind.unwrap_or_default().starts_with("multipart/form-data") {
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
        let mut given = Given::default();
        while let Some(part) = parts.next_field().await.map_err(|_| broken())? {
            let name = part.name().unwrap_or_default().to_owned();
            if part.file_name().is_some() {
                given.file = part.bytes().await.map_err(|_| broken())?.to_vec();
            } else if given.fields.len() < FIELDS_MAX {
                let text = part.text().await.map_err(|_| broken())?;
                given.fields.push((name, text));
            }
        }
        return Ok(given);
    }
    let body = Bytes::from_request(request, &()).await.map_err(|_| broken())?;
    let pairs = form_urlencoded::parse(&body).take(FIELDS_MAX);
    let fields = pairs.map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    Ok(Given { fields, file: Vec::new() })
}

/// A form that somebody who is signed in has sent.
pub struct Posted {
    /// Who.
    pub clerk: Clerk,
    /// What.
    pub given: Given,
}

impl std::ops::Deref for Posted {
    type Target = Clerk;

    fn deref(&self) -> &Clerk {
        &self.clerk
    }
}

impl FromRequest<App> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let clerk = Clerk::from_request_parts(&mut parts, app).await?;
        let own = is_own(&parts);
        let given = read(Request::from_parts(parts, body)).await;
        let given = given.map_err(|error| page::failed(&clerk, &error))?;
        let mark = clerk.signed.as_ref().map_or("", |s| &s.mark);
        if !own || mark.is_empty() || given.raw("mark") != mark {
            return Err(page::failed(&clerk, &AppError::Forbidden("NOT_FROM_THIS_PAGE")));
        }
        Ok(Self { clerk, given })
    }
}

impl Posted {
    /// The call that the form makes.
    pub fn asks(&self, method: &'static str) -> Call {
        self.call(self.given.raw("request_id"), method, &self.given.payload())
    }

    /// Goes on to a page that says what was done, or shows what went wrong.
    pub fn then(&self, done: Result<String, AppError>) -> Response {
        match done {
            Ok(to) => see(&to),
            Err(error) => page::failed(self, &error),
        }
    }

    /// [`Posted::then`], which shows the form again with what is wrong and what was filled in.
    pub async fn then_or(
        &self,
        done: Result<String, AppError>,
        again: impl Future<Output = Result<View, AppError>>,
    ) -> Response {
        let error = match done {
            Ok(to) => return see(&to),
            Err(error) => error,
        };
        match again.await {
            Ok(mut view) => {
                let (status, notice) = page::notice(self.lang, &error);
                view.blocks.insert(0, super::view::Block::Notice(notice));
                page::show(self, status, &self.filled(view))
            }
            Err(_) => page::failed(self, &error),
        }
    }

    /// Puts what was filled in back into the forms of a page; passwords and files are asked for again.
    fn filled(&self, mut view: View) -> View {
        use super::view::{Block, Kind};
        let forms = view.blocks.iter_mut().filter_map(|b| match b {
            Block::Form(form) => Some(form),
            _ => None,
        });
        for field in forms.flat_map(|f| &mut f.fields) {
            let given = self.given.fields.iter().any(|(key, _)| *key == field.name);
            match field.kind {
                Kind::Password | Kind::Code | Kind::File | Kind::Hidden => {}
                // A box that is not ticked is not sent.
                _ if given || field.kind == Kind::Check => {
                    self.given.raw(&field.name).clone_into(&mut field.value);
                }
                _ => {}
            }
        }
        view
    }
}

/// Goes on to another page, by GET.
pub fn see(to: &str) -> Response {
    use axum::response::IntoResponse;
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())]).into_response()
}

/// A form that anybody has sent, of this host's pages.
pub struct Sent {
    /// Who.
    pub visitor: Visitor,
    /// What.
    pub given: Given,
}

impl FromRequest<App> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        if !is_own(&parts) {
            return Err(page::failed(&visitor, &AppError::Forbidden("NOT_FROM_THIS_PAGE")));
        }
        match read(Request::from_parts(parts, body)).await {
            Ok(given) => Ok(Self { visitor, given }),
            Err(error) => Err(page::failed(&visitor, &error)),
        }
    }
}

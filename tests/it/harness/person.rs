//! Somebody with an account, over plain HTTP as a browser sends it.

use std::collections::BTreeMap;

use onevisit::app::App;
use onevisit::app::accounts::{self, Wanted};
use onevisit::domain::caller::{Caller, Role};
use onevisit::domain::totp;

use super::WAIT_MAX;

pub const PASSWORD: &str = "correct-horse-battery";

/// An account and the secret of its second factor.
#[derive(Clone)]
pub struct Account {
    pub name: String,
    pub secret: Vec<u8>,
}

impl Account {
    /// An account made on the service's machine.
    pub async fn new(app: &App, name: &str, role: Role, of: &str) -> Self {
        let holder = match role {
            Role::Department => Caller::holder(role, of, "", ""),
            _ => Caller::holder(role, "", of, ""),
        };
        let (name, password) = (name.to_owned(), PASSWORD.to_owned());
        let wanted = Wanted { name: name.clone(), password, holder };
        let new = accounts::create_local(app, wanted).await.expect("account");
        Self { name, secret: unbase32(&new.secret) }
    }

    pub fn code(&self, app: &App) -> String {
        totp::code(&self.secret, app.clock.now_us())
    }
}

/// What an authenticator app reads of a secret that was typed.
pub fn unbase32(text: &str) -> Vec<u8> {
    let value = |c: u8| if c.is_ascii_digit() { c - b'2' + 26 } else { c - b'A' };
    let (mut out, mut bits, mut kept) = (Vec::new(), 0u32, 0);
    for c in text.bytes() {
        (bits, kept) = (bits << 5 | u32::from(value(c)), kept + 5);
        if kept >= 8 {
            kept -= 8;
            out.push(u8::try_from(bits >> kept & 0xff).expect("a byte"));
        }
    }
    out
}

/// An answer: status, headers in lower case, text.
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.text.split_once(&mark).unwrap_or_else(|| panic!("no {name}"));
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

/// A browser's memory without a browser.
#[derive(Clone)]
pub struct Person {
    pub address: String,
    pub cookie: String,
    /// Headers that a browser sends with a form.
    pub origin: Option<String>,
}

impl Person {
    pub fn new(address: &str) -> Self {
        let (address, cookie) = (address.to_owned(), String::new());
        Self { origin: Some(address.clone()), address, cookie }
    }

    fn answer(response: ureq::http::Response<ureq::Body>) -> Answer {
        let (parts, mut body) = response.into_parts();
        let text = |v: &ureq::http::HeaderValue| v.to_str().unwrap_or_default().to_owned();
        let headers = parts.headers.iter().map(|(k, v)| (k.as_str().to_owned(), text(v)));
        let headers = headers.collect();
        Answer {
            status: parts.status.as_u16(),
            headers,
            text: body.read_to_string().expect("text"),
        }
    }

    fn agent() -> ureq::Agent {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        config.timeout_global(Some(WAIT_MAX)).build().new_agent()
    }

    pub async fn get(&self, path: &str) -> Answer {
        let (url, cookie) = (format!("{}{path}", self.address), self.cookie.clone());
        let get = move || {
            let request = Self::agent().get(&url).header("accept", "text/html");
            Self::answer(request.header("cookie", &cookie).call().expect("an answer"))
        };
        tokio::task::spawn_blocking(get).await.expect("fetched")
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let (url, cookie) = (format!("{}{path}", self.address), self.cookie.clone());
        let (body, origin) = (form.finish(), self.origin.clone());
        let post = move || {
            let kind = "application/x-www-form-urlencoded";
            let mut request = Self::agent().post(&url).header("content-type", kind);
            request = request.header("cookie", &cookie);
            if let Some(origin) = origin {
                request = request.header("origin", &origin);
            }
            Self::answer(request.send(&body).expect("an answer"))
        };
        let answer = tokio::task::spawn_blocking(post).await.expect("sent");
        if let Some((session, _)) = answer.header("set-cookie").split_once(';') {
            session.clone_into(&mut self.cookie);
        }
        answer
    }

    pub async fn sign_in(&mut self, name: &str, password: &str, code: &str) -> Answer {
        let fields = [("name", name), ("password", password), ("code", code)];
        self.post("/office/sign-in", &fields).await
    }
}

//! Cookies of a request and of an answer.

use axum::http::{HeaderMap, header};

/// The value of a cookie, if the request has it.
#[must_use]
pub fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let pairs = all.flat_map(|v| v.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next()
}

/// Name of the session's cookie: the prefix makes browsers take it from this host over TLS only.
#[must_use]
pub const fn session_name(secure: bool) -> &'static str {
    if secure { "__Host-onevisit" } else { "onevisit" }
}

/// Sets the session's cookie until the browser is closed; no script reads it, no other site sends it.
#[must_use]
pub fn session(secure: bool, token: &str) -> String {
    let (name, over_tls) = (session_name(secure), if secure { "; Secure" } else { "" });
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{over_tls}")
}

/// Takes the session's cookie away.
#[must_use]
pub fn no_session(secure: bool) -> String {
    format!("{}; Max-Age=0", session(secure, ""))
}

/// Keeps the chosen language for a year.
#[must_use]
pub fn language(tag: &str) -> String {
    format!("{}={tag}; Path=/; Max-Age=31536000; SameSite=Lax", super::messages::COOKIE)
}

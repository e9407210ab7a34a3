//! Page tokens: the key of the last entry, opaque to clients.

use crate::app::AppError;

const MARK: char = '\u{1f}';

/// A token for a key of one or two parts.
#[must_use]
pub fn token(parts: &[&str]) -> String {
    hex::encode(parts.join(&MARK.to_string()))
}

/// The two parts of a key; empty ones for the first page.
///
/// # Errors
/// A violation when the token was not made here.
pub fn pair(token: &str) -> Result<(String, String), AppError> {
    let bad = || AppError::invalid("page_token", "PAGE_TOKEN", token);
    let text = String::from_utf8(hex::decode(token).map_err(|_| bad())?).map_err(|_| bad())?;
    let (first, second) = text.split_once(MARK).unwrap_or((&text, ""));
    Ok((first.to_owned(), second.to_owned()))
}

/// A key of one part.
///
/// # Errors
/// A violation when the token was not made here.
pub fn key(token: &str) -> Result<String, AppError> {
    Ok(pair(token)?.0)
}

/// A key of one number; 0 for the first page.
///
/// # Errors
/// A violation when the token was not made here.
pub fn number(token: &str) -> Result<i64, AppError> {
    numbers(token).map(|(first, _)| first)
}

/// A key of two numbers; zeros for the first page.
///
/// # Errors
/// A violation when the token was not made here.
pub fn numbers(token: &str) -> Result<(i64, i64), AppError> {
    if token.is_empty() {
        return Ok((0, 0));
    }
    let (first, second) = pair(token)?;
    let read = |text: &str| if text.is_empty() { Ok(0) } else { text.parse() };
    match (read(&first), read(&second)) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        _ => Err(AppError::invalid("page_token", "PAGE_TOKEN", token)),
    }
}

/// The token of the next page: of the last entry of a full page, nothing after a short one.
#[must_use]
pub fn next<T>(entries: &[T], limit: i64, token: impl Fn(&T) -> String) -> String {
    let full = i64::try_from(entries.len()).is_ok_and(|n| n >= limit);
    entries.last().filter(|_| full).map(token).unwrap_or_default()
}

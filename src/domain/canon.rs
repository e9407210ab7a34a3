//! JCS, the RFC 8785 subset that draws and events hash: sorted keys, no spaces, integers only,
//! NFC text.

use serde_json::Value;
use thiserror::Error;

/// Why a value has no canonical form.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CanonError {
    /// A text is not in Unicode normalisation form C (refused, never normalised).
    #[error("{field} is not NFC text: {value:?}")]
    NotNfc {
        /// Where the text stands.
        field: String,
        /// The text as given.
        value: String,
    },
    /// JSON that the subset does not allow, such as a fraction.
    #[error("{field} holds a number that is not an integer")]
    NotInteger {
        /// Where the number stands.
        field: String,
    },
}

/// Refuses text that is not in normalisation form C.
///
/// # Errors
/// [`CanonError::NotNfc`] with the field and the text.
pub fn require_nfc(field: &str, text: &str) -> Result<(), CanonError> {
    if text.is_ascii() || unicode_normalization::is_nfc(text) {
        return Ok(());
    }
    Err(CanonError::NotNfc { field: field.to_owned(), value: text.to_owned() })
}

/// The canonical bytes of a JSON value.
///
/// # Errors
/// [`CanonError::NotInteger`] or [`CanonError::NotNfc`] when the value is outside the subset.
pub fn to_bytes(value: &Value) -> Result<Vec<u8>, CanonError> {
    check(value, "$")?;
    let mut out = Vec::with_capacity(256);
    write(value, &mut out);
    Ok(out)
}

fn check(value: &Value, path: &str) -> Result<(), CanonError> {
    match value {
        Value::Number(n) if !(n.is_i64() || n.is_u64()) => {
            Err(CanonError::NotInteger { field: path.to_owned() })
        }
        Value::String(s) => require_nfc(path, s),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, path)),
        Value::Object(map) => map.iter().try_for_each(|(key, item)| {
            require_nfc(path, key)?;
            check(item, &format!("{path}.{key}"))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Value::Object(map) => {
            // Sorted here, because serde_json's own order depends on a feature of the build.
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push(b'{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write(&map[key], out);
            }
            out.push(b'}');
        }
        Value::String(s) => write_text(s, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            out.extend_from_slice(value.to_string().as_bytes());
        }
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    // serde_json escapes strings exactly as RFC 8785 section 3.2.2.2 asks for.
    out.extend_from_slice(Value::from(text).to_string().as_bytes());
}

//! Cells of bulk loads.

/// A cell of a bulk load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// BIGINT.
    Int(i64),
    /// TEXT.
    Text(std::borrow::Cow<'a, str>),
    /// BYTEA or BLOB.
    Bytes(&'a [u8]),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

//! What links two rows that go by different identifiers.

use serde::{Deserialize, Serialize};

use crate::domain::subject::split_scheme;
use crate::domain::uscc;

use super::read::{LEGACY, TAX};

/// Why two ids are, or may be, one subject. In order of strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Evidence {
    /// An office decided so.
    Decision,
    /// A row of one id lists the other id as its own.
    DeclaredId,
    /// The organisation code inside a tax id is that of exactly one code (USCC[8..17]).
    OrganisationCode,
    /// The organisation code and the name agree, where the number alone could be chance.
    OrganisationCodeAndName,
    /// Name and address agree, and nobody else bears the name.
    NameAndAddress,
    /// Only the name agrees: doubtful.
    SameName,
    /// Two codes share an organisation code: doubtful, and often two firms.
    SameOrganisationCode,
    /// Links would unite two codes: doubtful.
    JoinsTwoCodes,
}

impl Evidence {
    /// The rule's id.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Decision => "DECISION",
            Self::DeclaredId => "DECLARED_ID",
            Self::OrganisationCode => "ORGANISATION_CODE",
            Self::OrganisationCodeAndName => "ORGANISATION_CODE_AND_NAME",
            Self::NameAndAddress => "NAME_AND_ADDRESS",
            Self::SameName => "SAME_NAME",
            Self::SameOrganisationCode => "SAME_ORGANISATION_CODE",
            Self::JoinsTwoCodes => "JOINS_TWO_CODES",
        }
    }
}

/// Marks a name that was masked before it came here: it identifies nobody.
const MASKED: &str = "某某";
/// Shortest name that is compared, in characters.
const NAME_CHARS_MIN: usize = 4;

/// True when an id is a unified social credit code.
#[must_use]
pub fn is_code(id: &str) -> bool {
    !id.contains(':')
}

/// The organisation code that an id carries, if its form has one.
#[must_use]
pub fn organisation_code(id: &str) -> Option<&str> {
    let code = match split_scheme(id) {
        None => uscc::org_code(id)?,
        Some((TAX | LEGACY, value)) => value.get(6..15)?,
        Some(_) => return None,
    };
    uscc::is_org_code(code).then_some(code)
}

/// True when the id's organisation code alone links it: a tax id's does, an ambiguous number's not.
#[must_use]
pub fn is_bridge(id: &str) -> bool {
    split_scheme(id).is_some_and(|(scheme, _)| scheme == TAX)
}

/// A name in the form in which names are compared; `None` when it identifies nobody.
#[must_use]
pub fn name_key(name: &str) -> Option<String> {
    if name.contains(MASKED) || name.contains("..") {
        return None;
    }
    let key = fold(name);
    (key.chars().count() >= NAME_CHARS_MIN).then_some(key)
}

/// Narrow, upper-case, without spaces and brackets' shapes: for comparing only.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !crate::domain::text::ZERO_WIDTH.contains(c))
        .map(|c| match u32::from(c) {
            wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

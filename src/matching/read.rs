//! Reading identifiers as they come: mended only by these rules, each of them reported.

use crate::domain::subject::split_scheme;
use crate::domain::text::ZERO_WIDTH;
use crate::domain::uscc::{self, ORG_CHARS, USCC_CHARS};
use crate::domain::{Violations, id};

/// Scheme of a 13- or 15-digit business registration number.
pub const REGISTRATION: &str = "reg";
/// Scheme of a 15-character tax id: six digits of region, then the organisation code.
pub const TAX: &str = "tax";
/// Scheme of a 15-digit number that may be either.
pub const LEGACY: &str = "legacy";
/// Scheme of a discharge permit, which begins with the holder's code.
pub const PERMIT: &str = "permit";

/// Digits of the site in a permit number, behind the holder's code.
const PERMIT_SITE_DIGITS: usize = 3;
const LEGACY_DIGITS: usize = 15;
const OLD_REGISTRATION_DIGITS: usize = 13;
const REGION_DIGITS: usize = 6;
const FULL_WIDTH_FIRST: char = '\u{ff01}';
const FULL_WIDTH_LAST: char = '\u{ff5e}';
const FULL_WIDTH_SHIFT: u32 = 0xfee0;

/// A rule by which an identifier was mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mend {
    /// Full-width letters and digits were narrowed.
    FullWidth,
    /// Spaces, of any kind, were dropped.
    Space,
    /// Zero-width characters were dropped.
    ZeroWidth,
    /// Lower-case letters were raised.
    LowerCase,
    /// A tax office's leading `L` was dropped.
    LeadingL,
    /// A bracketed site suffix was read as premises.
    SiteSuffix,
    /// A tax id's two-digit branch suffix was dropped.
    BranchSuffix,
    /// The code was taken from the permit number.
    FromPermit,
}

impl Mend {
    /// The rule's id in reports.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::FullWidth => "MENDED_FULL_WIDTH",
            Self::Space => "MENDED_SPACE",
            Self::ZeroWidth => "MENDED_ZERO_WIDTH",
            Self::LowerCase => "MENDED_LOWER_CASE",
            Self::LeadingL => "MENDED_LEADING_L",
            Self::SiteSuffix => "MENDED_SITE_SUFFIX",
            Self::BranchSuffix => "MENDED_BRANCH_SUFFIX",
            Self::FromPermit => "MENDED_FROM_PERMIT",
        }
    }
}

/// An identifier as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Code, or `scheme:value`.
    pub id: String,
    /// Key of the premises that the identifier itself names; usually empty.
    pub premises: String,
    /// How it was mended, in order.
    pub mends: Vec<Mend>,
}

impl Reading {
    fn plain(id: String, mends: Vec<Mend>) -> Self {
        Self { id, premises: String::new(), mends }
    }
}

/// Reads a subject's identifier.
///
/// # Errors
/// The rule that the identifier breaks, such as `USCC_CHECK_CHARACTER`.
pub fn read_id(raw: &str) -> Result<Reading, &'static str> {
    if uscc::check(raw).is_ok() {
        return Ok(Reading::plain(raw.to_owned(), Vec::new()));
    }
    if let Some((scheme, value)) = split_scheme(raw) {
        return read_schemed(raw, scheme, value);
    }
    let (text, mends) = clean(raw);
    read_clean(&text, mends)
}

/// [`read_id`], falling back on a permit number among the other ids, which begins with the code.
///
/// # Errors
/// The rule that the identifier breaks, when no permit helps.
pub fn read_id_or_permit(raw: &str, other_ids: &[String]) -> Result<Reading, &'static str> {
    let schemed = other_ids.iter().filter_map(|other| split_scheme(other));
    let permit = schemed.filter(|(scheme, _)| *scheme == PERMIT).map(|(_, value)| value).next();
    let site = permit.and_then(|p| p.get(USCC_CHARS..USCC_CHARS + PERMIT_SITE_DIGITS));
    let site = site.filter(|s| s.bytes().all(|b| b.is_ascii_digit()));
    match (read_id(raw), permit) {
        (Ok(mut reading), Some(_)) if reading.premises.is_empty() => {
            reading.premises = site.unwrap_or_default().to_owned();
            Ok(reading)
        }
        (Err(rule), Some(permit)) => {
            let code = permit.get(..USCC_CHARS).filter(|c| uscc::check(c).is_ok()).ok_or(rule)?;
            let mut reading = Reading::plain(code.to_owned(), vec![Mend::FromPermit]);
            reading.premises = site.unwrap_or_default().to_owned();
            Ok(reading)
        }
        (reading, _) => reading,
    }
}

fn read_schemed(raw: &str, scheme: &str, value: &str) -> Result<Reading, &'static str> {
    let mut violations = Violations::default();
    crate::domain::text::require(&mut violations, "", value, id::SUBJECT_ID_BYTES_MAX);
    let good = violations.is_empty()
        && raw.len() <= id::SUBJECT_ID_BYTES_MAX
        && !value.contains(char::is_whitespace)
        && !value.contains(crate::domain::subject::PREMISES_MARK);
    if !good {
        return Err("SUBJECT_ID_FORM");
    }
    match scheme {
        "uscc" => Err("USCC_WITHOUT_SCHEME"),
        _ => Ok(Reading::plain(raw.to_owned(), Vec::new())),
    }
}

fn clean(raw: &str) -> (String, Vec<Mend>) {
    let mut out = String::with_capacity(raw.len());
    let mut mends = Vec::new();
    let mut note = |mend: Mend| {
        if !mends.contains(&mend) {
            mends.push(mend);
        }
    };
    for mut c in raw.chars() {
        if (FULL_WIDTH_FIRST..=FULL_WIDTH_LAST).contains(&c) {
            c = char::from_u32(u32::from(c) - FULL_WIDTH_SHIFT).unwrap_or(c);
            note(Mend::FullWidth);
        }
        if c.is_whitespace() {
            note(Mend::Space);
        } else if ZERO_WIDTH.contains(&c) {
            note(Mend::ZeroWidth);
        } else {
            if c.is_ascii_lowercase() {
                c = c.to_ascii_uppercase();
                note(Mend::LowerCase);
            }
            out.push(c);
        }
    }
    (out, mends)
}

fn read_clean(text: &str, mut mends: Vec<Mend>) -> Result<Reading, &'static str> {
    let fault = match uscc::check(text) {
        Ok(()) => return Ok(Reading::plain(text.to_owned(), mends)),
        Err(fault) => fault.rule(),
    };
    if let Some((code, site)) = split_site(text) {
        mends.push(Mend::SiteSuffix);
        return Ok(Reading { id: code.to_owned(), premises: site.to_owned(), mends });
    }
    if let Some(rest) = text.strip_prefix('L') {
        mends.push(Mend::LeadingL);
        if rest.len() == LEGACY_DIGITS + 2 && is_tax_id(rest.get(..LEGACY_DIGITS)) {
            mends.push(Mend::BranchSuffix);
            return Ok(Reading::plain(format!("{TAX}:{}", &rest[..LEGACY_DIGITS]), mends));
        }
        return read_unprefixed(rest, mends).ok_or(fault);
    }
    read_unprefixed(text, mends).ok_or(if text.is_empty() { "REQUIRED" } else { fault })
}

fn read_unprefixed(text: &str, mends: Vec<Mend>) -> Option<Reading> {
    if uscc::check(text).is_ok() {
        return Some(Reading::plain(text.to_owned(), mends));
    }
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let scheme = match text.len() {
        OLD_REGISTRATION_DIGITS if digits => REGISTRATION,
        LEGACY_DIGITS => match (is_tax_id(Some(text)), uscc::is_registration_number(text)) {
            (true, false) => TAX,
            (false, true) => REGISTRATION,
            _ if digits => LEGACY,
            _ => return None,
        },
        _ => return None,
    };
    Some(Reading::plain(format!("{scheme}:{text}"), mends))
}

/// `CODE(site)` where the code is good and the brackets close the text.
fn split_site(text: &str) -> Option<(&str, &str)> {
    let code = text.get(..USCC_CHARS).filter(|c| uscc::check(c).is_ok())?;
    let site = text.get(USCC_CHARS..)?.strip_prefix('(')?.strip_suffix(')')?;
    let plain = !site.contains(['(', ')']) && site.len() <= id::ID_BYTES_MAX;
    plain.then(|| (code, if site.bytes().all(|b| b == b'_') { "" } else { site }))
}

fn is_tax_id(text: Option<&str>) -> bool {
    let Some(text) = text.filter(|t| t.len() == LEGACY_DIGITS && t.is_ascii()) else {
        return false;
    };
    text.as_bytes()[..REGION_DIGITS].iter().all(u8::is_ascii_digit)
        && uscc::is_org_code(&text[REGION_DIGITS..REGION_DIGITS + ORG_CHARS])
}

//! Unified social credit codes (GB 32100-2015), the organisation codes inside them (GB 11714-1997)
//! and the registration numbers before them (GS 15-2006, ISO 7064 mod 11,10).

/// Characters of a code.
pub const USCC_CHARS: usize = 18;
/// Characters of an organisation code.
pub const ORG_CHARS: usize = 9;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORG_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// What is wrong with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not 18 characters.
    Length,
    /// A character outside the 31 of the alphabet (I, O, S, V, Z and lower case are not in it).
    Alphabet,
    /// The check character does not follow from the others.
    CheckCharacter,
}

impl Fault {
    /// The rule's id in reports.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Length => "USCC_LENGTH",
            Self::Alphabet => "USCC_ALPHABET",
            Self::CheckCharacter => "USCC_CHECK_CHARACTER",
        }
    }
}

fn value(byte: u8) -> Option<u32> {
    (0..).zip(ALPHABET).find(|(_, c)| **c == byte).map(|(i, _)| i)
}

/// The check character of the first 17 characters, if they are of the alphabet.
#[must_use]
pub fn check_character(body: &[u8]) -> Option<char> {
    let mut sum = 0;
    for (&byte, weight) in body.iter().zip(USCC_WEIGHTS) {
        sum += value(byte)? * weight;
    }
    Some(char::from(ALPHABET[((31 - sum % 31) % 31) as usize]))
}

/// Checks a code as it stands; mending is `matching`'s business.
///
/// # Errors
/// The first [`Fault`].
pub fn check(code: &str) -> Result<(), Fault> {
    let bytes = code.as_bytes();
    if bytes.len() != USCC_CHARS || !code.is_ascii() {
        return Err(Fault::Length);
    }
    if bytes.iter().any(|&b| value(b).is_none()) {
        return Err(Fault::Alphabet);
    }
    match check_character(&bytes[..USCC_CHARS - 1]) {
        Some(c) if c == char::from(bytes[USCC_CHARS - 1]) => Ok(()),
        _ => Err(Fault::CheckCharacter),
    }
}

/// The check character of the first 8 characters of an organisation code.
#[must_use]
pub fn org_check_character(body: &[u8]) -> Option<char> {
    let mut sum = 0;
    for (&byte, weight) in body.iter().zip(ORG_WEIGHTS) {
        sum += char::from(byte).to_digit(36)? * weight;
    }
    Some(match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10)?,
    })
}

/// True when an organisation code's own check character is right.
#[must_use]
pub fn is_org_code(code: &str) -> bool {
    code.len() == ORG_CHARS
        && code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && org_check_character(&code.as_bytes()[..ORG_CHARS - 1]) == code.chars().last()
}

/// The organisation code inside a code: characters 9 to 17.
#[must_use]
pub fn org_code(uscc: &str) -> Option<&str> {
    uscc.get(8..17)
}

/// True when a code's inner organisation code is right too. A failure is a warning: some real
/// codes pass the outer check and not this one.
#[must_use]
pub fn has_good_org_code(uscc: &str) -> bool {
    org_code(uscc).is_some_and(is_org_code)
}

/// True for a 15-digit business registration number with a right check digit (mod 11,10).
#[must_use]
pub fn is_registration_number(number: &str) -> bool {
    if number.len() != 15 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let (mut product, mut sum) = (10, 0);
    for digit in number.bytes().map(|b| u32::from(b - b'0')) {
        sum = (product + digit) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    // The running sum ends at 1 when the last digit is the check digit.
    sum == 1
}

//! Bounds and form of the texts people send. Text is refused or kept, never normalised silently.

use super::Violations;

/// Longest short text (names, titles, sources), in characters.
pub const SHORT_CHARS_MAX: usize = 200;
/// Longest long text (legal bases, standards, rules), in characters.
pub const LONG_CHARS_MAX: usize = 4_000;

/// Zero-width characters that hide in copied identifiers and names.
pub const ZERO_WIDTH: [char; 6] =
    ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{00ad}'];

/// Checks a text: NFC, no control or zero-width characters, at most `max` characters.
pub fn check(violations: &mut Violations, field: &str, text: &str, max: usize) {
    if text.is_ascii() {
        // The common case, decided without looking at single characters twice.
        violations.require(text.len() <= max, field, "TOO_LONG", text);
        violations.require(
            !text.bytes().any(|b| b.is_ascii_control()),
            field,
            "CONTROL_CHARACTER",
            text,
        );
        return;
    }
    violations.require(text.chars().count() <= max, field, "TOO_LONG", text);
    violations.require(unicode_normalization::is_nfc(text), field, "NOT_NFC", text);
    violations.require(!text.chars().any(char::is_control), field, "CONTROL_CHARACTER", text);
    violations.require(
        !text.chars().any(|c| ZERO_WIDTH.contains(&c)),
        field,
        "ZERO_WIDTH_CHARACTER",
        text,
    );
}

/// [`check`], and the text may not be empty or only space.
pub fn require(violations: &mut Violations, field: &str, text: &str, max: usize) {
    violations.require(!text.trim().is_empty(), field, "REQUIRED", text);
    check(violations, field, text, max);
}

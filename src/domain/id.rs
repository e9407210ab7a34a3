//! Identifiers and their forms.

use super::Violations;

/// Longest identifier, in bytes.
pub const ID_BYTES_MAX: usize = 64;
/// Longest `scheme:value` subject identifier, in bytes.
pub const SUBJECT_ID_BYTES_MAX: usize = 128;

/// Checks `[a-z0-9][a-z0-9-]*`, at most [`ID_BYTES_MAX`] bytes: departments, campaigns.
pub fn check_slug(violations: &mut Violations, field: &str, id: &str) {
    let good = !id.is_empty()
        && id.len() <= ID_BYTES_MAX
        && !id.starts_with('-')
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    violations.require(good, field, "ID_FORM", id);
}

/// Checks `[A-Za-z0-9][A-Za-z0-9._-]*`: ids that other systems make.
pub fn check_foreign(violations: &mut Violations, field: &str, id: &str) {
    let good = !id.is_empty()
        && id.len() <= ID_BYTES_MAX
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    violations.require(good, field, "ID_FORM", id);
}

/// Checks a division code (GB/T 2260): 6, 9 or 12 digits.
pub fn check_division(violations: &mut Violations, field: &str, code: &str) {
    let good = matches!(code.len(), 6 | 9 | 12) && code.bytes().all(|b| b.is_ascii_digit());
    violations.require(good, field, "DIVISION_CODE", code);
}

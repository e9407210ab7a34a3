//! The second factor: codes of six digits that change with time (RFC 6238, HMAC-SHA-256, 30 seconds).

use hmac::{KeyInit, Mac, SimpleHmac};
use sha2::Sha256;

/// Bytes of a secret.
pub const SECRET_BYTES: usize = 32;
/// Length of a step, in microseconds.
const STEP_US: i64 = 30_000_000;
/// Steps that a clock may be off, either way.
const STEPS_OFF_MAX: i64 = 1;
/// Digits of a code.
const DIGITS: usize = 6;
const CODES: u32 = 1_000_000;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The number that a code is the end of (RFC 4226, 5.3).
#[must_use]
pub fn number(secret: &[u8], step: i64) -> u32 {
    // HMAC takes keys of any length.
    let Ok(mut mac) = SimpleHmac::<Sha256>::new_from_slice(secret) else { return 0 };
    mac.update(&step.to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    let at = usize::from(bytes[bytes.len() - 1] & 0xf);
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    u32::from_be_bytes(four) & 0x7fff_ffff
}

/// The code of an instant.
#[must_use]
pub fn code(secret: &[u8], now_us: i64) -> String {
    at(secret, now_us.div_euclid(STEP_US))
}

fn at(secret: &[u8], step: i64) -> String {
    format!("{:0DIGITS$}", number(secret, step) % CODES)
}

/// The step whose code was given, if it is one of now and later than the one used last.
#[must_use]
pub fn accepted(secret: &[u8], given: &str, now_us: i64, last_step: i64) -> Option<i64> {
    let now = now_us.div_euclid(STEP_US);
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let mut found = None;
    // All are looked at, so that the time taken tells nothing.
    for step in now - STEPS_OFF_MAX..=now + STEPS_OFF_MAX {
        let same =
            at(secret, step).bytes().zip(given.bytes()).fold(0, |d, (a, b)| d | (a ^ b)) == 0;
        if same && given.len() == DIGITS && step > last_step {
            found = found.or(Some(step));
        }
    }
    found
}

/// A secret as people type it (RFC 4648, without padding).
#[must_use]
pub fn base32(secret: &[u8]) -> String {
    let mut out = String::new();
    for five in secret.chunks(5) {
        let mut bits: u64 = 0;
        for i in 0..5 {
            bits = bits << 8 | u64::from(five.get(i).copied().unwrap_or(0));
        }
        let chars = (five.len() * 8).div_ceil(5);
        for i in 0..chars {
            let at = usize::try_from(bits >> (35 - 5 * i) & 31).unwrap_or(0);
            out.push(char::from(BASE32[at]));
        }
    }
    out
}

/// What an authenticator app reads from a QR code; names are of [`super::account::check_name`]'s form.
#[must_use]
pub fn uri(name: &str, secret: &[u8]) -> String {
    format!(
        "otpauth://totp/onevisit:{name}?secret={}&issuer=onevisit&algorithm=SHA256&digits={DIGITS}&period=30",
        base32(secret)
    )
}

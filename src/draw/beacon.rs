//! Public randomness that did not exist when the offices committed: a round of the drand network
//! "quicknet", fixed by rule and checked offline (SPEC.md section 3).

use drand_verify::{G2PubkeyRfc, Pubkey};

use super::frame::Beacon;

/// Hash of the chain's parameters.
pub const CHAIN: &str = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
/// The chain's public key (BLS12-381, G2, compressed), in hexadecimal.
const KEY: &str = concat!(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c",
    "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb",
    "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
);
/// When round 1 came, in seconds since 1970.
const FIRST_S: u64 = 1_692_803_367;
/// Seconds from round to round.
const PERIOD_S: u64 = 3;
/// Text of a freeze's context that says until when offices reveal, in microseconds UTC.
pub const DEADLINE: &str = "reveal_by_us";
/// Microseconds of a second.
const SECOND_US: u64 = 1_000_000;
/// Bytes of a round's value: its signature.
pub const VALUE_BYTES: usize = 48;

/// The rule: the first round that comes after an instant in microseconds UTC.
#[must_use]
pub fn after(instant_us: u64) -> Beacon {
    let elapsed = (instant_us / SECOND_US).checked_sub(FIRST_S);
    let round = elapsed.map_or(1, |s| s / PERIOD_S + 2);
    Beacon { chain: CHAIN.to_owned(), round }
}

/// Whether bytes are the value of a round: the network's signature on it.
#[must_use]
pub fn is_value(beacon: &Beacon, value: &[u8]) -> bool {
    let key = hex::decode(KEY).ok().and_then(|k| G2PubkeyRfc::from_variable(&k).ok());
    beacon.chain == CHAIN
        && value.len() == VALUE_BYTES
        && key.is_some_and(|k| k.verify(beacon.round, b"", value).unwrap_or(false))
}

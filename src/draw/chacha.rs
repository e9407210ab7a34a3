//! ChaCha20 blocks at stated positions (the original layout: 64-bit counter, 64-bit nonce).
//!
//! A draw asks for one block per unit, each at a counter and nonce of its own. Stream ciphers'
//! libraries compute runs of consecutive counters, so that most of their work would be thrown
//! away here; this computes several unrelated blocks side by side instead. `tests/it/draw`
//! compares it with `rand_chacha` and the vectors hold it to SPEC.md.

use super::hash::{DIGEST_BYTES, Digest};

/// Blocks computed side by side.
pub const LANES: usize = 8;
/// Width of a lot, in bytes.
pub const LOT_BYTES: usize = 16;
/// Double rounds of ChaCha20.
const DOUBLE_ROUNDS: usize = 10;
const WORDS: usize = 16;
/// "expand 32-byte k".
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// The first 16 bytes of a unit's block.
pub type Lot = [u8; LOT_BYTES];

/// One word of every lane.
type Row = [u32; LANES];

fn key_words(key: &Digest) -> [u32; DIGEST_BYTES / 4] {
    let mut words = [0; DIGEST_BYTES / 4];
    for (word, bytes) in words.iter_mut().zip(key.0.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}

/// Words 12 to 15 of a block: counter, then nonce, both little-endian.
fn position(nonce: u64, counter: u64) -> [u32; 4] {
    let halves = |n: u64| [(n & u64::from(u32::MAX)) as u32, (n >> 32) as u32];
    let ([a, b], [c, d]) = (halves(counter), halves(nonce));
    [a, b, c, d]
}

#[inline(always)]
fn add_xor_turn(state: &mut [Row; WORDS], [a, b, d]: [usize; 3], left: u32) {
    let added = state[b];
    for (word, other) in state[a].iter_mut().zip(added) {
        *word = word.wrapping_add(other);
    }
    let mixed = state[a];
    for (word, other) in state[d].iter_mut().zip(mixed) {
        *word = (*word ^ other).rotate_left(left);
    }
}

#[inline(always)]
fn quarter(state: &mut [Row; WORDS], a: usize, b: usize, c: usize, d: usize) {
    add_xor_turn(state, [a, b, d], 16);
    add_xor_turn(state, [c, d, b], 12);
    add_xor_turn(state, [a, b, d], 8);
    add_xor_turn(state, [c, d, b], 7);
}

/// The first four words of each lane's block.
#[inline(always)]
fn blocks(key: &[u32; 8], positions: &[[u32; 4]; LANES]) -> [Row; 4] {
    let mut state = [[0; LANES]; WORDS];
    for (row, word) in state.iter_mut().zip(CONSTANTS.iter().chain(key)) {
        *row = [*word; LANES];
    }
    for (lane, position) in positions.iter().enumerate() {
        for (row, word) in state[12..].iter_mut().zip(position) {
            row[lane] = *word;
        }
    }
    for _ in 0..DOUBLE_ROUNDS {
        quarter(&mut state, 0, 4, 8, 12);
        quarter(&mut state, 1, 5, 9, 13);
        quarter(&mut state, 2, 6, 10, 14);
        quarter(&mut state, 3, 7, 11, 15);
        quarter(&mut state, 0, 5, 10, 15);
        quarter(&mut state, 1, 6, 11, 12);
        quarter(&mut state, 2, 7, 8, 13);
        quarter(&mut state, 3, 4, 9, 14);
    }
    let mut out = [[0; LANES]; 4];
    for (row, (words, constant)) in out.iter_mut().zip(state.iter().zip(CONSTANTS)) {
        for lane in 0..LANES {
            row[lane] = words[lane].wrapping_add(constant);
        }
    }
    out
}

#[inline(always)]
fn fill(key: &[u32; 8], tickets: &[Digest], lots: &mut [Lot]) {
    for (tickets, lots) in tickets.chunks(LANES).zip(lots.chunks_mut(LANES)) {
        let mut positions = [[0; 4]; LANES];
        for (position, ticket) in positions.iter_mut().zip(tickets) {
            // Counter and nonce are the ticket's first 16 bytes, which is words 12 to 15 as they stand.
            for (word, bytes) in position.iter_mut().zip(ticket.0.as_chunks::<4>().0) {
                *word = u32::from_le_bytes(*bytes);
            }
        }
        let rows = blocks(key, &positions);
        for (lane, lot) in lots.iter_mut().enumerate() {
            for (bytes, row) in lot.as_chunks_mut::<4>().0.iter_mut().zip(rows) {
                *bytes = row[lane].to_le_bytes();
            }
        }
    }
}

/// The lots of tickets under a key, in their order; with the widest instructions of the machine.
pub fn lots(key: &Digest, tickets: &[Digest], lots: &mut [Lot]) {
    let key = key_words(key);
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || fill(&key, tickets, lots),
    );
}

/// The lot of one ticket.
#[must_use]
pub fn lot(key: &Digest, ticket: &Digest) -> Lot {
    let mut lot = [Lot::default()];
    fill(&key_words(key), &[*ticket], &mut lot);
    lot[0]
}

/// Reads single blocks under one key.
#[derive(Clone, Debug)]
pub struct Blocks([u32; 8]);

impl Blocks {
    /// A reader for one key.
    #[must_use]
    pub fn new(key: &Digest) -> Self {
        Self(key_words(key))
    }

    /// The first eight bytes of the blocks at (`nonce`, `counter`), (`nonce`, `counter + 1`), ..
    /// as little-endian numbers: one computation gives as many as there are lanes.
    #[must_use]
    pub fn numbers(&self, nonce: u64, counter: u64) -> [u64; LANES] {
        let key = &self.0;
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                let mut positions = [[0; 4]; LANES];
                for (position, next) in positions.iter_mut().zip(0..) {
                    *position = self::position(nonce, counter.wrapping_add(next));
                }
                let rows = blocks(key, &positions);
                let mut out = [0; LANES];
                for (lane, number) in out.iter_mut().enumerate() {
                    *number = u64::from(rows[0][lane]) | u64::from(rows[1][lane]) << 32;
                }
                out
            },
        )
    }
}

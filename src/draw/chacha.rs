//! ChaCha20 blocks at stated positions (the original layout: 64-bit counter, 64-bit nonce).
//!
//! A draw asks for one block per unit, each at a counter and nonce of its own. Stream ciphers'
//! libraries compute runs of consecutive counters, so that most of their work would be thrown
//! away here; this computes several unrelated blocks side by side instead, one word of each in
//! one register. `tests/it/draw` compares it with `rand_chacha` and the vectors hold it to SPEC.md.

use pulp::{Simd, WithSimd};

use super::hash::{DIGEST_BYTES, Digest};

/// Most blocks computed side by side: 32-bit words in the widest registers there are.
pub const LANES_MAX: usize = 16;
/// Width of a lot, in bytes.
pub const LOT_BYTES: usize = 16;
/// Double rounds of ChaCha20.
const DOUBLE_ROUNDS: usize = 10;
const WORDS: usize = 16;
/// "expand 32-byte k".
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// The first 16 bytes of a unit's block.
pub type Lot = [u8; LOT_BYTES];

fn key_words(key: &Digest) -> [u32; DIGEST_BYTES / 4] {
    let mut words = [0; DIGEST_BYTES / 4];
    for (word, bytes) in words.iter_mut().zip(key.0.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}

#[inline(always)]
fn add_xor_turn<S: Simd>(simd: S, state: &mut [S::u32s; WORDS], at: [usize; 3], left: u32) {
    let [a, b, d] = at;
    state[a] = simd.add_u32s(state[a], state[b]);
    let mixed = simd.xor_u32s(state[d], state[a]);
    let high = simd.wrapping_dyn_shl_u32s(mixed, simd.splat_u32s(left));
    let low = simd.wrapping_dyn_shr_u32s(mixed, simd.splat_u32s(u32::BITS - left));
    state[d] = simd.or_u32s(high, low);
}

#[inline(always)]
fn quarter<S: Simd>(simd: S, state: &mut [S::u32s; WORDS], [a, b, c, d]: [usize; 4]) {
    add_xor_turn(simd, state, [a, b, d], 16);
    add_xor_turn(simd, state, [c, d, b], 12);
    add_xor_turn(simd, state, [a, b, d], 8);
    add_xor_turn(simd, state, [c, d, b], 7);
}

/// The first four words of each lane's block, from its words 12 to 15.
#[inline(always)]
fn blocks<S: Simd>(simd: S, key: &[u32; 8], position: [S::u32s; 4]) -> [S::u32s; 4] {
    let mut state = [simd.splat_u32s(0); WORDS];
    for (row, word) in state.iter_mut().zip(CONSTANTS.iter().chain(key)) {
        *row = simd.splat_u32s(*word);
    }
    state[12..].copy_from_slice(&position);
    for _ in 0..DOUBLE_ROUNDS {
        for first in 0..4 {
            quarter(simd, &mut state, [first, first + 4, first + 8, first + 12]);
        }
        for first in 0..4 {
            let turned = |row: usize| row * 4 + (first + row) % 4;
            quarter(simd, &mut state, [first, turned(1), turned(2), turned(3)]);
        }
    }
    let sum = |i: usize| simd.add_u32s(state[i], simd.splat_u32s(CONSTANTS[i]));
    [sum(0), sum(1), sum(2), sum(3)]
}

/// Computes the lots of tickets with registers of some width.
struct Fill<'a> {
    key: &'a [u32; 8],
    tickets: &'a [Digest],
    lots: &'a mut [Lot],
}

impl WithSimd for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = S::U32_LANES;
        let groups = self.tickets.chunks(width).zip(self.lots.chunks_mut(width));
        for (tickets, lots) in groups {
            let mut rows = [[0; LANES_MAX]; 4];
            for (lane, ticket) in tickets.iter().enumerate() {
                // Counter and nonce are the ticket's first 16 bytes, which is words 12 to 15 as they stand.
                for (row, bytes) in rows.iter_mut().zip(ticket.0.as_chunks::<4>().0) {
                    row[lane] = u32::from_le_bytes(*bytes);
                }
            }
            let position = rows.each_ref().map(|row| simd.partial_load_u32s(&row[..width]));
            let words = blocks(simd, self.key, position);
            for (row, word) in rows.iter_mut().zip(words) {
                simd.partial_store_u32s(&mut row[..width], word);
            }
            for (lane, lot) in lots.iter_mut().enumerate() {
                for (bytes, row) in lot.as_chunks_mut::<4>().0.iter_mut().zip(&rows) {
                    *bytes = row[lane].to_le_bytes();
                }
            }
        }
    }
}

/// The lots of tickets under a key, in their order; with the widest instructions of the machine.
pub fn lots(key: &Digest, tickets: &[Digest], lots: &mut [Lot]) {
    pulp::Arch::new().dispatch(Fill { key: &key_words(key), tickets, lots });
}

/// The lot of one ticket.
#[must_use]
pub fn lot(key: &Digest, ticket: &Digest) -> Lot {
    let mut out = [Lot::default()];
    lots(key, &[*ticket], &mut out);
    out[0]
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
    /// as little-endian numbers: asking for many at once costs less than one by one.
    #[must_use]
    pub fn numbers(&self, nonce: u64, counter: u64) -> [u64; LANES_MAX] {
        let mut tickets = [Digest::default(); LANES_MAX];
        for (ticket, next) in tickets.iter_mut().zip(0..) {
            ticket.0[..8].copy_from_slice(&counter.wrapping_add(next).to_le_bytes());
            ticket.0[8..16].copy_from_slice(&nonce.to_le_bytes());
        }
        let mut lots = [Lot::default(); LANES_MAX];
        let fill = Fill { key: &self.0, tickets: &tickets, lots: &mut lots };
        pulp::Arch::new().dispatch(fill);
        lots.map(|lot| lot.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }
}

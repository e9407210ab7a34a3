// One ChaCha20 block, original layout: 64-bit counter, 64-bit nonce.

const ROUNDS = [
  [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15],
  [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
];
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

/** The block's 16 words. `position` is four words: counter low and high, nonce low and high. */
export function block(key, position) {
  const start = new Uint32Array(16);
  start.set(CONSTANTS);
  const view = new DataView(key.buffer, key.byteOffset, 32);
  for (let i = 0; i < 8; i += 1) start[4 + i] = view.getUint32(4 * i, true);
  start.set(position, 12);
  const x = Uint32Array.from(start);
  const step = (p, q, r, n) => {
    x[p] += x[q];
    const v = x[r] ^ x[p];
    x[r] = (v << n) | (v >>> (32 - n));
  };
  for (let round = 0; round < 10; round += 1) {
    for (const [a, b, c, d] of ROUNDS) {
      step(a, b, d, 16);
      step(c, d, b, 12);
      step(a, b, d, 8);
      step(c, d, b, 7);
    }
  }
  for (let i = 0; i < 16; i += 1) x[i] += start[i];
  return x;
}

const swapped = (word) => {
  const v = new DataView(new ArrayBuffer(4));
  v.setUint32(0, word, true);
  return v.getUint32(0).toString(16).padStart(8, "0");
};

/** A unit's lot, in hexadecimal: the first 16 bytes of the block that its ticket names. */
export function lot(key, ticket) {
  const view = new DataView(ticket.buffer, ticket.byteOffset, 16);
  const position = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  return Array.from(block(key, position).subarray(0, 4), swapped).join("");
}

/** `prio(person, load)`, a BigInt. */
export function priority(key, person, load) {
  const [low, high] = block(key, [load, 0, person, 0]);
  return (BigInt(high) << 32n) | BigInt(low);
}

// SHA-256, SHA-512, SM3 and what the draw makes of them (draw SPEC section 1). They are here because
// a page that is not served over TLS has no others.

import { hex, join, need, utf8 } from "./canon.js";

function primes(count) {
  const out = [];
  for (let n = 2; out.length < count; n += 1) {
    if (out.every((p) => n % p !== 0)) out.push(n);
  }
  return out;
}

/** The whole part of a root, by bisection. */
function root(value, power) {
  let [low, high] = [0n, 1n << 80n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= value) low = middle;
    else high = middle;
  }
  return low;
}

const MASK = (1n << 64n) - 1n;
const PRIMES = primes(80).map(BigInt);
/** First 64 bits behind the point of cube roots, and of square roots (FIPS 180-4). */
const K512 = PRIMES.map((p) => root(p << 192n, 3n) & MASK);
const IV512 = PRIMES.slice(0, 8).map((p) => root(p << 128n, 2n) & MASK);
const K256 = Int32Array.from(K512.slice(0, 64), (k) => Number(k >> 32n));
const IV256 = Int32Array.from(IV512, (k) => Number(k >> 32n));

/** Message, a one bit, zeros, length in bits. */
function padded(data, block) {
  const length = Math.ceil((data.length + 1 + block / 8) / block) * block;
  const out = new Uint8Array(length);
  out.set(data);
  out[data.length] = 0x80;
  const view = new DataView(out.buffer);
  view.setUint32(length - 8, Math.floor(data.length / 2 ** 29));
  view.setUint32(length - 4, (data.length * 8) % 2 ** 32);
  return view;
}

function words(state) {
  const out = new Uint8Array(state.length * 4);
  const view = new DataView(out.buffer);
  state.forEach((word, i) => view.setInt32(4 * i, word));
  return out;
}

const right = (x, n) => (x >>> n) | (x << (32 - n));
const left = (x, n) => (x << n) | (x >>> (32 - n));

/** SHA-256 (FIPS 180-4). */
export function sha256(data) {
  const view = padded(data, 64);
  const h = Int32Array.from(IV256);
  const w = new Int32Array(64);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const [a, b] = [w[i - 15], w[i - 2]];
      const s0 = right(a, 7) ^ right(a, 18) ^ (a >>> 3);
      const s1 = right(b, 17) ^ right(b, 19) ^ (b >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
    for (let i = 0; i < 64; i += 1) {
      const s1 = right(e, 6) ^ right(e, 11) ^ right(e, 25);
      const t1 = (k + s1 + ((e & f) ^ (~e & g)) + K256[i] + w[i]) | 0;
      const s0 = right(a, 2) ^ right(a, 13) ^ right(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      k = g; g = f; f = e; e = (d + t1) | 0;
      d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
  }
  return words(h);
}

const IVSM3 = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
];

/** SM3 (GB/T 32905). */
export function sm3(data) {
  const view = padded(data, 64);
  const v = Int32Array.from(IVSM3);
  const w = new Int32Array(68);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 68; i += 1) {
      const x = w[i - 16] ^ w[i - 9] ^ left(w[i - 3], 15);
      w[i] = x ^ left(x, 15) ^ left(x, 23) ^ left(w[i - 13], 7) ^ w[i - 6];
    }
    let a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
    for (let i = 0; i < 64; i += 1) {
      const t = i < 16 ? 0x79cc4519 : 0x7a879d8a;
      const ss1 = left((left(a, 12) + e + left(t, i % 32)) | 0, 7);
      const ff = i < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = i < 16 ? e ^ f ^ g : (e & f) | (~e & g);
      const t1 = (ff + d + (ss1 ^ left(a, 12)) + (w[i] ^ w[i + 4])) | 0;
      const t2 = (gg + h + ss1 + w[i]) | 0;
      d = c; c = left(b, 9); b = a; a = t1;
      h = g; g = left(f, 19); f = e; e = t2 ^ left(t2, 9) ^ left(t2, 17);
    }
    v[0] ^= a; v[1] ^= b; v[2] ^= c; v[3] ^= d; v[4] ^= e; v[5] ^= f; v[6] ^= g; v[7] ^= h;
  }
  return words(v);
}

/** SHA-512 (FIPS 180-4), for signatures: a few messages, so BigInt will do. */
export function sha512(data) {
  const view = padded(data, 128);
  const turn = (x, n) => ((x >> n) | (x << (64n - n))) & MASK;
  const h = [...IV512];
  const w = [];
  for (let at = 0; at < view.byteLength; at += 128) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getBigUint64(at + 8 * i);
    for (let i = 16; i < 80; i += 1) {
      const [a, b] = [w[i - 15], w[i - 2]];
      const s0 = turn(a, 1n) ^ turn(a, 8n) ^ (a >> 7n);
      const s1 = turn(b, 19n) ^ turn(b, 61n) ^ (b >> 6n);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & MASK;
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let i = 0; i < 80; i += 1) {
      const s1 = turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n);
      const t1 = (k + s1 + ((e & f) ^ (~e & MASK & g)) + K512[i] + w[i]) & MASK;
      const s0 = turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) & MASK;
      [k, g, f, e] = [g, f, e, (d + t1) & MASK];
      [d, c, b, a] = [c, b, a, (t1 + t2) & MASK];
    }
    [a, b, c, d, e, f, g, k].forEach((x, i) => { h[i] = (h[i] + x) & MASK; });
  }
  const out = new DataView(new ArrayBuffer(64));
  h.forEach((x, i) => out.setBigUint64(8 * i, x));
  return new Uint8Array(out.buffer);
}

/** `E(x1..xn)`: each field behind its length. */
export function encode(fields) {
  const parts = [];
  for (const field of fields) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, field.length);
    parts.push(length, field);
  }
  return join(parts);
}

/** A u64, big-endian. */
export function be(number) {
  const out = new DataView(new ArrayBuffer(8));
  out.setBigUint64(0, BigInt(number));
  return new Uint8Array(out.buffer);
}

const HASHES = { "DR1-SHA256": sha256, "DR1-SM3": sm3 };

/** The hashes of one `alg`. Results are hexadecimal where they are compared, bytes where hashed on. */
export class Suite {
  constructor(alg) {
    need(Object.hasOwn(HASHES, alg), "unknown suite");
    this.h = HASHES[alg];
  }

  /** `T(tag, ..)`. */
  tagged(tag, ...fields) {
    return this.h(join([Uint8Array.of(2), encode([utf8(tag), ...fields])]));
  }

  leaf(data) {
    return this.h(join([Uint8Array.of(0), data]));
  }

  node(a, b) {
    return this.h(join([Uint8Array.of(1), a, b]));
  }

  /** RFC 6962 tree hash over leaf data, in hexadecimal. */
  tree(leaves) {
    let hashes = leaves.map((leaf) => this.leaf(leaf));
    if (hashes.length === 0) return hex(this.h(new Uint8Array(0)));
    while (hashes.length > 1) {
      const above = [];
      for (let i = 0; i + 1 < hashes.length; i += 2) above.push(this.node(hashes[i], hashes[i + 1]));
      if (hashes.length % 2 === 1) above.push(hashes.at(-1));
      hashes = above;
    }
    return hex(hashes[0]);
  }
}


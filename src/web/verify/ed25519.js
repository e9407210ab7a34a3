// Ed25519 signatures (RFC 8032), checking only.

import { join } from "./canon.js";
import { sha512 } from "./hash.js";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (x) => ((x % P) + P) % P;

function power(base, exponent) {
  let [result, square, left] = [1n, mod(base), exponent];
  while (left > 0n) {
    if (left & 1n) result = (result * square) % P;
    square = (square * square) % P;
    left >>= 1n;
  }
  return result;
}

const inverse = (x) => power(x, P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT = power(2n, (P - 1n) / 4n);

/** The x of a point, or null. */
function recover(y, sign) {
  if (y >= P) return null;
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square) !== 0n) x = (x * ROOT) % P;
  if (mod(x * x - square) !== 0n || (x === 0n && sign === 1n)) return null;
  return x % 2n === sign ? x : P - x;
}

/** Points as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z. */
const extended = (x, y) => [x, y, 1n, (x * y) % P];

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * D * t1 * t2);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(number, point) {
  let [result, square, left] = [extended(0n, 1n), point, number];
  while (left > 0n) {
    if (left & 1n) result = add(result, square);
    square = add(square, square);
    left >>= 1n;
  }
  return result;
}

const same = ([x1, y1, z1], [x2, y2, z2]) =>
  mod(x1 * z2 - x2 * z1) === 0n && mod(y1 * z2 - y2 * z1) === 0n;

function little(bytes) {
  let out = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) out = (out << 8n) | BigInt(bytes[i]);
  return out;
}

function point(bytes) {
  const number = little(bytes);
  const y = number & (2n ** 255n - 1n);
  const x = recover(y, number >> 255n);
  return x === null ? null : extended(x, y);
}

const BASE_Y = mod(4n * inverse(5n));
const BASE = extended(recover(BASE_Y, 0n), BASE_Y);

/** Whether a signature is the key's on a message. */
export function verify(key, message, signature) {
  if (signature.length !== 64) return false;
  const [a, r] = [point(key), point(signature.subarray(0, 32))];
  const s = little(signature.subarray(32));
  if (a === null || r === null || s >= L) return false;
  const k = little(sha512(join([signature.subarray(0, 32), key, message]))) % L;
  return same(times(s, BASE), add(r, times(k, a)));
}

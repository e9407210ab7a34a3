// Canonical JSON (draw SPEC section 1): read strictly, write again, compare.

/** A step that does not hold. */
export class Wrong extends Error {}

/** Throws unless something holds. */
export function need(holds, why) {
  if (!holds) throw new Wrong(why);
}

const encoder = new TextEncoder();

/** A text's UTF-8 bytes. */
export const utf8 = (text) => encoder.encode(text);

/** Text of bytes that must be UTF-8. */
export function text(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Wrong("not UTF-8");
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)/y;
const PLAIN = /"[^"\\\u0000-\u001f]*"/y;
const ESCAPED = /"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y;

/**
 * Reads JSON without white space, repeated keys or fractions. Whole numbers beyond what a Number
 * holds exactly become BigInt.
 */
export function parse(source) {
  let at = 0;

  function token(pattern) {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found === null) return null;
    at = pattern.lastIndex;
    return found[0];
  }

  function string() {
    const plain = token(PLAIN);
    if (plain !== null) return plain.slice(1, -1);
    const escaped = token(ESCAPED);
    need(escaped !== null, "not JSON");
    const value = JSON.parse(escaped);
    need(value.isWellFormed(), "half of a character");
    return value;
  }

  function integer() {
    const digits = token(NUMBER);
    need(digits !== null, "not JSON");
    need(!".eE".includes(source[at] ?? " "), "not an integer");
    const value = Number(digits);
    return Number.isSafeInteger(value) ? value : BigInt(digits);
  }

  function word(name, value) {
    need(source.startsWith(name, at), "not JSON");
    at += name.length;
    return value;
  }

  function list() {
    const out = [];
    at += 1;
    if (source[at] === "]") {
      at += 1;
      return out;
    }
    for (;;) {
      out.push(value());
      const next = source[at];
      at += 1;
      if (next === "]") return out;
      need(next === ",", "not JSON");
    }
  }

  function object() {
    const out = new Map();
    at += 1;
    if (source[at] === "}") {
      at += 1;
      return out;
    }
    for (;;) {
      const key = string();
      need(source[at] === ":", "not JSON");
      at += 1;
      need(!out.has(key), "a key appears twice");
      out.set(key, value());
      const next = source[at];
      at += 1;
      if (next === "}") return out;
      need(next === ",", "not JSON");
    }
  }

  function value() {
    switch (source[at]) {
      case "{": return object();
      case "[": return list();
      case '"': return string();
      case "t": return word("true", true);
      case "f": return word("false", false);
      case "n": return word("null", null);
      default: return integer();
    }
  }

  const out = value();
  need(at === source.length, "something stands behind the value");
  return out;
}

/** Orders texts by their UTF-8 bytes. */
export function byUtf8(a, b) {
  if (a === b) return 0;
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = left[i].codePointAt(0) - right[i].codePointAt(0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const ASCII = /^[\u0000-\u007f]*$/;

function quoted(string) {
  need(ASCII.test(string) || string.normalize("NFC") === string, "text is not NFC");
  return JSON.stringify(string);
}

/** The canonical text of a value. */
export function canonical(value) {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value instanceof Map) {
    const keys = [...value.keys()].sort(byUtf8);
    return `{${keys.map((k) => `${quoted(k)}:${canonical(value.get(k))}`).join(",")}}`;
  }
  return String(value);
}

const KINDS = {
  bool: (v) => typeof v === "boolean",
  int: (v) => typeof v === "bigint" || Number.isInteger(v),
  list: Array.isArray,
  map: (v) => v instanceof Map,
  optional: (v) => v === null || v instanceof Map,
  str: (v) => typeof v === "string",
};

/** A record that has exactly the fields given as `{name: kind}`, as a plain object. */
export function shape(value, fields, what) {
  const names = Object.keys(fields);
  need(value instanceof Map && value.size === names.length, `${what}: fields`);
  const out = {};
  for (const name of names) {
    need(value.has(name) && KINDS[fields[name]](value.get(name)), `${what}.${name}`);
    out[name] = value.get(name);
  }
  return out;
}

/** A number from 0 to 2^64 - 1. */
export function u64(value) {
  need(KINDS.int(value) && value >= 0 && value < 2n ** 64n, "not a u64");
  return value;
}

/** Lower-case hexadecimal of so many bytes, which is left as text: its order is that of the bytes. */
export function hexed(value, size = 32) {
  need(typeof value === "string" && value.length === 2 * size, "not a digest");
  need(/^[0-9a-f]*$/.test(value), "not lower-case hexadecimal");
  return value;
}

/** Bytes of a hexadecimal text. */
export function unhex(value) {
  const out = new Uint8Array(value.length / 2);
  for (let i = 0; i < out.length; i += 1) out[i] = Number.parseInt(value.substr(2 * i, 2), 16);
  return out;
}

const OCTETS = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));

/** Hexadecimal of bytes. */
export function hex(bytes) {
  let out = "";
  for (const byte of bytes) out += OCTETS[byte];
  return out;
}

/** One array of several. */
export function join(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

// Signed notes, checkpoints and witness policies (C2SP signed-note, tlog-checkpoint, tlog-policy).

import { hex, join, need, utf8 } from "./canon.js";
import { verify } from "./ed25519.js";
import { sha256 } from "./hash.js";

/** Purpose of a key: a log's, or a witness's cosignature with a time. */
export const LOG = 1;
export const WITNESS = 4;

function unbase64(text) {
  need(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text), "base64");
  const binary = atob(text);
  need(btoa(binary) === text, "base64");
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

const number = (bytes) => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

export class Key {
  constructor(text, purpose) {
    const [name, id, ...rest] = text.split("+");
    need(rest.length > 0, "not a key");
    const key = unbase64(rest.join("+"));
    need(key.length === 33 && key[0] === purpose, "not a key of its kind");
    this.name = name;
    this.purpose = purpose;
    this.key = key.subarray(1);
    this.id = hex(sha256(join([utf8(`${name}\n`), key])).subarray(0, 4));
    need(this.id === id, "the key's id");
  }

  /** The time of this key's signature on a note (0 for a log's), or null. */
  signed(note) {
    for (const { name, blob } of note.lines) {
      if (name !== this.name || hex(blob.subarray(0, 4)) !== this.id) continue;
      const timed = this.purpose === WITNESS;
      const time = timed ? number(blob.subarray(4, 12)) : 0n;
      const message = timed ? `cosignature/v1\ntime ${time}\n${note.text}` : note.text;
      const signature = blob.subarray(timed ? 12 : 4);
      if (verify(this.key, utf8(message), signature)) return Number(time);
    }
    return null;
  }
}

/** Text and signature lines of a note. */
export function note(source) {
  need(source.endsWith("\n") && source.includes("\n\n"), "not a note");
  const at = source.lastIndexOf("\n\n");
  const lines = source.slice(at + 2, -1).split("\n").map((line) => {
    const words = line.split(" ");
    need(words.length === 3 && words[0] === "\u2014", "not a signature line");
    return { name: words[1], blob: unbase64(words[2]) };
  });
  return { text: source.slice(0, at + 1), lines };
}

/** Size and root of a checkpoint that the log signed. */
export function checkpoint(signed, key) {
  need(key.signed(signed) !== null, "a checkpoint is not signed");
  const [origin, size, root] = signed.text.split("\n");
  need(origin === key.name && /^(?:0|[1-9][0-9]*)$/.test(size), "not a checkpoint");
  const bytes = unbase64(root);
  need(bytes.length === 32 && Number.isSafeInteger(Number(size)), "not a checkpoint");
  return { size: Number(size), root: bytes };
}

export class Policy {
  constructor(text) {
    this.witnesses = new Map();
    this.groups = new Map();
    this.quorum = null;
    for (const line of text.split("\n")) {
      const words = line.split("#")[0].split(/\s+/).filter((word) => word !== "");
      if (words.length > 0) this.read(words[0], words.slice(1));
    }
    need(this.quorum !== null || text === "", "no quorum is named");
  }

  read(kind, words) {
    const [name, value, ...members] = words;
    if (kind === "log" && [1, 2].includes(words.length)) {
      new Key(name, LOG);
    } else if (kind === "witness" && [2, 3].includes(words.length)) {
      this.isNew(name);
      const key = new Key(value, WITNESS);
      const known = [...this.witnesses.values()].map((k) => hex(k.key));
      need(!known.includes(hex(key.key)), "a key twice");
      this.witnesses.set(name, key);
    } else if (kind === "group" && words.length >= 3) {
      this.isNew(name);
      need(members.every((m) => this.knows(m)), "an unknown member");
      const number = /^\+?[0-9]+$/.test(value) ? Number(value) : 0;
      const count = { any: 1, all: members.length }[value] ?? number;
      need(count >= 1 && count <= members.length, "the group needs more than its members");
      this.groups.set(name, { count, members });
    } else if (kind === "quorum" && words.length === 1 && this.quorum === null) {
      need(name === "none" || this.knows(name), "the quorum names nobody");
      this.quorum = name;
    } else {
      need(false, "not a line of a policy");
    }
  }

  knows(name) {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  isNew(name) {
    need(name !== "none" && !this.knows(name), "a name twice");
  }

  /** Witnesses whose cosignature a note bears, with their times in seconds. */
  signed(signed) {
    const all = [...this.witnesses].map(([name, key]) => [name, key.signed(signed)]);
    return new Map(all.filter(([, time]) => time !== null));
  }

  met(signed) {
    const found = this.signed(signed);
    const holds = (name) => {
      const group = this.groups.get(name);
      if (group === undefined) return found.has(name);
      return group.members.filter(holds).length >= group.count;
    };
    return this.quorum === null || this.quorum === "none" || holds(this.quorum);
  }
}

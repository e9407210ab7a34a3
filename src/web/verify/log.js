// A certificate's steps behind those of its draw (ledger SPEC section 8): L1 to L10.

import { canonical, hex, hexed, need, parse, shape, u64, unhex, utf8 } from "./canon.js";
import { Draw } from "./draw.js";
import { Suite, sha256 } from "./hash.js";
import { Key, LOG, Policy, checkpoint, note } from "./note.js";

/** Of the canonical list of texts that every certificate says about what holds, and when. */
const GUARANTEES = "64ef833ff930590980016d8ee3d3df62b43f580ba91d444b3cdfaaab4166d04a";
/** Longest that a witness's time may lie before an event it covers, in seconds. */
const DRIFT_MAX_S = 300;
/** Longest between a freeze and the first witness that signs it, in seconds. */
const LAG_MAX_S = 3 * 24 * 3600;

const TREE = new Suite("DR1-SHA256");

/** The largest power of two below a size. */
function split(size) {
  let k = 1;
  while (2 * k < size) k *= 2;
  return k;
}

/** The root that a proof leads to, RFC 6962 section 2.1.1, from the top down. */
function inclusionRoot(leaf, index, size, proof) {
  if (size === 1) {
    need(proof.length === 0, "the proof is too long");
    return TREE.leaf(leaf);
  }
  need(proof.length > 0, "the proof is too short");
  const [k, last, rest] = [split(size), proof.at(-1), proof.slice(0, -1)];
  return index < k
    ? TREE.node(inclusionRoot(leaf, index, k, rest), last)
    : TREE.node(last, inclusionRoot(leaf, index - k, size - k, rest));
}

/** The two roots that a proof leads to, RFC 6962 section 2.1.2. */
function consistencyRoots(m, n, proof, old) {
  if (m === n) {
    need(proof.length === (old === null ? 1 : 0), "the proof's length");
    return old === null ? [proof[0], proof[0]] : [old, old];
  }
  need(proof.length > 0, "the proof is too short");
  const [k, last, rest] = [split(n), proof.at(-1), proof.slice(0, -1)];
  if (m <= k) {
    const [before, after] = consistencyRoots(m, k, rest, old);
    return [before, TREE.node(after, last)];
  }
  const [before, after] = consistencyRoots(m - k, n - k, rest, null);
  return [TREE.node(last, before), TREE.node(last, after)];
}

function entryOf(value) {
  const entry = shape(value, { event: "str", position: "int", proof: "list" }, "entry");
  u64(entry.position);
  return { ...entry, proof: entry.proof.map((h) => unhex(hexed(h))) };
}

/** The keys, old and new, of a change of the log's key that both have signed (SPEC section 9). */
function keyChange({ event, position, proof }, { size, root }) {
  need(position < size, "a key change beyond the checkpoint");
  const found = inclusionRoot(utf8(event), position, size, proof);
  need(hex(found) === hex(root), "a key change is not in the log");
  const value = parse(event);
  need(value.get("type") === "key.change", "not a key change");
  const body = value.get("body");
  const texts = [body.get("old_key"), body.get("new_key")];
  const keys = texts.map((text) => new Key(text, LOG));
  need(keys[0].name === keys[1].name && texts[0] !== texts[1], "the keys of a key change");
  const signed = note(body.get("note"));
  const want = ["onevisit key change", keys[1].name, ...texts, value.get("at_us"), ""].join("\n");
  need(signed.text === want, "the note of a key change");
  need(keys.every((key) => key.signed(signed) !== null), "a key change is not signed by both keys");
  return texts;
}

export class Log {
  constructor(file, draw, trusted) {
    this.given = file;
    this.draw = draw;
    this.trusted = trusted;
  }

  static STEPS = [
    "format", "checkpoint", "entries", "freeze", "numbers", "outcome", "attempts", "time", "changes",
    "supplements",
  ];

  format() {
    const fields = {
      bundle: "map", entries: "list", format: "str", guarantees: "list", log: "map",
    };
    // Left out when there are none.
    const more = this.given.has("supplements");
    if (more) fields.supplements = "list";
    const file = shape(this.given, fields, "certificate");
    this.supplementList = file.supplements ?? [];
    need(!more || this.supplementList.length > 0, "an empty list of supplements");
    const texts = {
      checkpoint: "str", consistency: "list", frozen_under: "str", key: "str", policy: "str",
    };
    const changed = file.log.has("key_changes");
    this.log = shape(file.log, changed ? { ...texts, key_changes: "list" } : texts, "log");
    need(!changed || this.log.key_changes.length > 0, "an empty list of key changes");
    need(hex(sha256(utf8(canonical(file.guarantees)))) === GUARANTEES, "other guarantees");
    this.entryList = file.entries.map(entryOf);
    this.keyChanges = (this.log.key_changes ?? []).map(entryOf);
    this.consistency = this.log.consistency.map((h) => unhex(hexed(h)));
  }

  checkpoint() {
    const { log } = this;
    this.policy = new Policy(log.policy);
    this.notes = [note(log.frozen_under), note(log.checkpoint)];
    this.late = checkpoint(this.notes[1], new Key(log.key, LOG));
    const changes = this.keyChanges.map((entry) => keyChange(entry, this.late));
    const olds = [...changes.map(([old]) => old), log.key];
    need(changes.every(([, next], i) => next === olds[i + 1]), "the key changes");
    const known = this.trusted === null || olds.includes(this.trusted);
    need(known, "another log key than the one given");
    const keys = olds.map((text) => new Key(text, LOG));
    const signed = keys.find((key) => key.signed(this.notes[0]) !== null);
    need(signed !== undefined, "a checkpoint is not signed");
    this.early = checkpoint(this.notes[0], signed);
    need(this.notes.every((n) => this.policy.met(n)), "a checkpoint is not cosigned enough");
    const [{ size: m, root: old }, { size: n, root }] = [this.early, this.late];
    need(m > 0 && m <= n, "the sizes of the checkpoints");
    const roots = consistencyRoots(m, n, this.consistency, old).map(hex);
    need(roots[0] === hex(old) && roots[1] === hex(root), "a fork");
  }

  entries() {
    this.events = [];
    const { size, root } = this.late;
    for (const { event, position, proof } of this.entryList) {
      need(position < size, "beyond the checkpoint");
      const found = inclusionRoot(utf8(event), position, size, proof);
      need(hex(found) === hex(root), `event ${position} is not in the log`);
      const value = parse(event);
      need(canonical(value) === event, `event ${position} is not canonical`);
      need(typeof value.get("type") === "string", `the type of event ${position}`);
      u64(value.get("at_us"));
      const body = value.get("body");
      const own = `campaigns/${body.get("campaign")}/`;
      need(this.draw.statement.draw_id.startsWith(own), "an event of another campaign");
      const last = this.events.at(-1);
      need(last === undefined || last.position < position, "the events are not in order");
      const at = Math.floor(Number(value.get("at_us")) / 1_000_000);
      this.events.push({ position, kind: value.get("type"), body, at });
    }
  }

  of(attempt, kind) {
    return this.events.filter((e) => e.kind === kind && e.body.get("attempt") === attempt);
  }

  only(attempt, kind) {
    const found = this.of(attempt, kind);
    need(found.length === 1, `${found.length} events ${kind} of attempt ${attempt}`);
    return found[0];
  }

  get attempt() {
    return this.draw.statement.attempt;
  }

  freeze() {
    const { position, body } = this.only(this.attempt, "campaign.freeze");
    need(body.get("freeze_hash") === hex(this.draw.hash), "another freeze");
    const commits = this.of(this.attempt, "number.commit").map((e) => e.position);
    const first = Math.min(Infinity, ...commits);
    const signed = position < this.early.size && this.early.size <= first;
    need(signed, "not signed before the first commitment");
  }

  numbers() {
    const { commitments, numbers, statement } = this.draw;
    const logged = (kind, office) =>
      this.of(this.attempt, kind).filter((e) => e.body.get("office") === office);
    const are = (events, field, wanted) =>
      events.length === wanted.length && events.every((e, i) => e.body.get(field) === wanted[i]);
    let last = 0;
    statement.contributors.forEach((office, j) => {
      const events = logged("number.commit", office);
      need(are(events, "commitment", [commitments[j]]), office);
      last = Math.max(last, events[0].position);
    });
    statement.contributors.forEach((office, j) => {
      const events = logged("number.reveal", office);
      need(are(events, "number", numbers[j] === null ? [] : [numbers[j]]), office);
      need(events.every((e) => e.position > last), `${office} revealed too early`);
    });
    const values = this.of(this.attempt, "beacon.bring").map((e) => e.body.get("value"));
    need((values[0] ?? "") === this.draw.beaconValue, "another beacon");
  }

  outcome() {
    const { position, body } = this.only(this.attempt, "campaign.draw");
    const { published } = this.draw;
    need(body.get("seed") === published.seed, "another seed");
    need(body.get("result_root") === published.result_root, "another result");
    const inputs = this.events.filter((e) => ["number", "beacon"].includes(e.kind.split(".")[0]));
    const own = inputs.filter((e) => e.body.get("attempt") === this.attempt);
    need(own.every((e) => e.position < position), "a number behind the outcome");
  }

  attempts() {
    for (let attempt = 1; attempt < this.attempt; attempt += 1) {
      this.only(attempt, "campaign.freeze");
      this.only(attempt, "draw.abort");
    }
  }

  time() {
    [this.early.size, Infinity].forEach((below, i) => {
      const covered = this.events.filter((e) => e.position < below).map((e) => e.at);
      const latest = Math.max(0, ...covered);
      for (const [name, time] of this.policy.signed(this.notes[i])) {
        need(time + DRIFT_MAX_S >= latest, `${name} signed before an event it covers`);
      }
    });
    const times = [...this.policy.signed(this.notes[0]).values()];
    if (times.length === 0) return;
    const lag = Math.min(...times) - this.only(this.attempt, "campaign.freeze").at;
    need(lag <= LAG_MAX_S, "the freeze was seen long after its stated time");
  }

  changes() {
    const changes = (kind) => this.of(this.attempt, kind).map((e) => e.body.get("change"));
    const asked = new Map(changes("visit.change.request").map((c) => [c.get("nth"), c]));
    const used = new Map();
    this.changed = changes("visit.change");
    for (const change of this.changed) {
      const request = asked.get(change.get("nth"));
      need(request !== undefined, "nobody asked for a change");
      for (const field of ["requested_by", "reason", "rank"]) {
        need(request.get(field) === change.get(field), `another ${field} than asked`);
      }
      const decided = change.get("decided_by");
      need(decided !== "" && decided !== change.get("requested_by"), "approved by the same");
      for (const taken of change.get("taken")) {
        const names = [taken.get("department"), taken.get("stratum")];
        const key = JSON.stringify(names);
        used.set(key, (used.get(key) ?? 0) + 1);
        const want = this.draw.reserve(...names, used.get(key));
        const holds = want === null
          ? taken.get("ticket") === "" && taken.get("visit") === 0
          : taken.get("rank") === want.rank && taken.get("ticket") === want.ticket;
        need(holds, "not the next in reserve");
      }
    }
  }

  supplements() {
    const { draw } = this;
    const drawn = this.only(this.attempt, "campaign.draw").position;
    const told = this.of(this.attempt, "campaign.supplement");
    need(told.length === this.supplementList.length, "not all supplements are here");
    const bound = {
      supplement_of: draw.statement.draw_id,
      supplement_freeze_hash: hex(draw.hash),
      supplement_result_root: draw.published.result_root,
    };
    const used = new Set(draw.numbers.filter((n) => n !== null));
    const ids = new Set([draw.statement.draw_id]);
    told.forEach(({ position, body }, i) => {
      need(position > drawn, "a supplement before the outcome");
      const other = new Draw(this.supplementList[i]);
      for (const name of Draw.STEPS) other[name]();
      const { statement } = other;
      need(!ids.has(statement.draw_id), "two outcomes of a supplement");
      ids.add(statement.draw_id);
      for (const [key, text] of Object.entries(bound)) {
        need(statement.context.get(key) === text, `another ${key}`);
      }
      const offices = JSON.stringify(statement.contributors);
      need(offices === JSON.stringify(draw.statement.contributors), "other offices");
      const logged = body.get("supplement");
      need(logged.get("freeze_hash") === hex(other.hash), "another freeze");
      need(logged.get("result_root") === other.published.result_root, "another result");
      const by = body.get("approved_by");
      need(by !== "" && by !== body.get("requested_by"), "approved by the same");
      for (const number of other.numbers.filter((n) => n !== null)) {
        need(!used.has(number), "a number that was used before");
        used.add(number);
      }
    });
  }

  /** What a good certificate says besides its draw. */
  figures() {
    const ended = this.events.filter((e) => e.kind === "draw.abort");
    return {
      changed: this.changed.length,
      ended: ended.map(({ body }) => Object.fromEntries(body)),
      keyGiven: this.trusted !== null,
      void: this.of(this.attempt, "draw.abort").length > 0,
      witnesses: [...this.policy.signed(this.notes[1])],
    };
  }
}

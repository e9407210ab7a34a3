// One bundle, checked step by step (draw SPEC): V1 to V12.

import { byUtf8, canonical, hex, hexed, need, parse, shape, u64, unhex, utf8 } from "./canon.js";
import { lot } from "./chacha.js";
import { deal } from "./deal.js";
import { Suite, be, encode } from "./hash.js";

const IN = "in:";
/** drand quicknet. */
const CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
const CHAIN_START = 1_692_803_367n;

const profileOf = (status) => (status.startsWith(IN) ? status.slice(IN.length) : null);
const allText = (list) => list.every((item) => typeof item === "string");

/** Whether neighbours stand in order, none twice. */
function sorted(list, compare) {
  return list.every((item, i) => i === 0 || compare(list[i - 1], item) < 0);
}

const byText = (a, b) => (a < b ? -1 : Number(a > b));

function readUnit(value) {
  const unit = shape(value, { ticket: "str", stratum: "str", statuses: "list" }, "unit");
  hexed(unit.ticket);
  for (const status of unit.statuses) {
    need(Array.isArray(status) && status.length === 2 && allText(status), "status");
  }
  return unit;
}

function readInspector(value) {
  const fields = {
    ticket: "str", department: "str", tier: "int", may_lead: "bool", cap: "int", tags: "list",
  };
  const inspector = shape(value, fields, "inspector");
  hexed(inspector.ticket);
  need(allText(inspector.tags), "tags");
  u64(inspector.tier);
  u64(inspector.cap);
  return inspector;
}

function readPair(value) {
  need(Array.isArray(value) && value.length === 2, "pair");
  return value.map((ticket) => hexed(ticket)).join("");
}

function readVisit(value) {
  const visit = shape(value, { rank: "int", sections: "list", ticket: "str" }, "visit");
  u64(visit.rank);
  hexed(visit.ticket);
  visit.sections = visit.sections.map((section) => {
    const out = shape(section, { department: "str", how: "str", team: "list" }, "section");
    need(["drawn", "joined"].includes(out.how), "how");
    for (const member of out.team) need(member === null || hexed(member), "team");
    return out;
  });
  return visit;
}

function readWinner(value) {
  const fields = { department: "str", rank: "int", stratum: "str", ticket: "str" };
  const winner = shape(value, fields, "winner");
  u64(winner.rank);
  hexed(winner.ticket);
  return winner;
}

/** What a rule draws of so many. */
function drawOf(rule, base, eligible) {
  for (const [name, value] of rule) {
    need(["basis_points", "count", "max", "min"].includes(name), "rule");
    need(value === null || u64(value) >= 0, "rule");
  }
  const given = (name) => rule.get(name) ?? null;
  let k = given("count") === null ? null : BigInt(given("count"));
  k ??= (BigInt(base) * BigInt(given("basis_points") ?? 0) + 9_999n) / 10_000n;
  const [min, max] = [given("min"), given("max")];
  if (min !== null && k < min) k = BigInt(min);
  if (max !== null && k > max) k = BigInt(max);
  return k > eligible ? BigInt(eligible) : k;
}

export class Draw {
  constructor(bundle) {
    this.given = bundle;
  }

  static STEPS = [
    "bundle", "freeze", "units", "inspectors", "pairs", "quotas", "reveals", "seed", "winners",
    "visits", "result", "beacon",
  ];

  bundle() {
    const fields = {
      beacon_value: "str", commitments: "list", format: "str", freeze: "str", pool: "map",
      published: "map", reveals: "list",
    };
    const bundle = shape(this.given, fields, "bundle");
    need(bundle.format === "onevisit-bundle/1", "format");
    const lists = { units: "list", inspectors: "list", avoid: "list", keep: "list" };
    const pool = shape(bundle.pool, lists, "pool");
    const outcome = { result_root: "str", seed: "str", visits: "list", winners: "list" };
    this.published = shape(bundle.published, outcome, "published");
    this.commitments = bundle.commitments.map((c) => hexed(c));
    this.numbers = bundle.reveals.map((r) => (r === null ? null : hexed(r)));
    this.beaconValue = hexed(bundle.beacon_value, Math.floor(bundle.beacon_value.length / 2));
    this.frozen = bundle.freeze;
    this.pool = pool.units.map(readUnit);
    this.people = pool.inspectors.map(readInspector);
    this.avoid = pool.avoid.map(readPair);
    this.keep = pool.keep.map(readPair);
    hexed(this.published.result_root);
    hexed(this.published.seed);
    this.published.winners = this.published.winners.map(readWinner);
    this.published.visits = this.published.visits.map(readVisit);
  }

  freeze() {
    const value = parse(this.frozen);
    const fields = {
      alg: "str", attempt: "int", avoid: "map", beacon: "optional", context: "map",
      contributors: "list", draw_id: "str", inspectors: "map", join: "str", keep: "map",
      lead: "str", mc: "map", pool: "map", profiles: "map", quotas: "map", ratio_base: "str",
    };
    const freeze = shape(value, fields, "freeze");
    need(canonical(value) === this.frozen, "the statement is not canonical");
    this.suite = new Suite(freeze.alg);
    u64(freeze.attempt);
    for (const name of ["avoid", "inspectors", "keep", "pool"]) {
      freeze[name] = shape(freeze[name], { n: "int", root: "str" }, name);
      u64(freeze[name].n);
      hexed(freeze[name].root);
    }
    Object.values(shape(freeze.mc, { I: "str", S: "str", X: "str" }, "mc")).forEach((c) => hexed(c));
    if (freeze.beacon !== null) {
      freeze.beacon = shape(freeze.beacon, { chain: "str", round: "int" }, "beacon");
      u64(freeze.beacon.round);
    }
    need(["DRAWN_ONLY", "ALL_APPLICABLE"].includes(freeze.join), "join");
    need(["REGISTERED", "ELIGIBLE"].includes(freeze.ratio_base), "ratio_base");
    need(allText([...freeze.context.values(), ...freeze.contributors]), "context");
    for (const [name, slots] of freeze.profiles) {
      need(Array.isArray(slots), "profile");
      freeze.profiles.set(name, slots.map((slot) => {
        const out = shape(slot, { lead: "bool", requires: "list" }, "slot");
        need(allText(out.requires), "requires");
        return out;
      }));
    }
    this.statement = freeze;
    this.hash = this.suite.tagged("dr1/freeze", utf8(this.frozen));
  }

  rooted(name, leaves) {
    const given = this.statement[name];
    need(BigInt(given.n) === BigInt(leaves.length), `${name}: number of leaves`);
    need(this.suite.tree(leaves) === given.root, `${name}: root`);
  }

  units() {
    need(sorted(this.pool.map((u) => u.ticket), byText), "not sorted by ticket");
    const leaf = ({ ticket, stratum, statuses }) => {
      need(sorted(statuses.map(([d]) => d), byUtf8), "departments not sorted");
      return encode([unhex(ticket), utf8(stratum), ...statuses.flat().map(utf8)]);
    };
    this.rooted("pool", this.pool.map(leaf));
  }

  inspectors() {
    need(sorted(this.people.map((i) => i.ticket), byText), "not sorted by ticket");
    const leaf = (i) => {
      need(sorted(i.tags, byUtf8), "tags not sorted");
      const numbers = [be(i.tier), be(i.may_lead ? 1 : 0), be(i.cap)];
      return encode([unhex(i.ticket), utf8(i.department), ...numbers, ...i.tags.map(utf8)]);
    };
    this.rooted("inspectors", this.people.map(leaf));
  }

  pairs() {
    for (const name of ["avoid", "keep"]) {
      need(sorted(this[name], byText), `${name}: not sorted`);
      const leaf = (pair) => encode([unhex(pair.slice(0, 64)), unhex(pair.slice(64))]);
      this.rooted(name, this[name].map(leaf));
    }
  }

  quotas() {
    const counts = new Map();
    const key = (department, stratum) => JSON.stringify([department, stratum]);
    for (const { stratum, statuses } of this.pool) {
      for (const [department, status] of statuses) {
        const count = counts.get(key(department, stratum)) ?? { registered: 0, eligible: 0 };
        count.registered += 1;
        const profile = profileOf(status);
        if (profile !== null) {
          need(this.statement.profiles.has(profile), "a status names no profile");
          count.eligible += 1;
        }
        counts.set(key(department, stratum), count);
      }
    }
    const fields = { draw: "int", eligible: "int", registered: "int", rule: "map" };
    for (const [department, strata] of this.statement.quotas) {
      need(strata instanceof Map, "quotas");
      for (const [stratum, value] of strata) {
        const quota = shape(value, fields, "quota");
        const count = counts.get(key(department, stratum)) ?? { registered: 0, eligible: 0 };
        const registered = this.statement.ratio_base === "REGISTERED";
        const base = registered ? count.registered : count.eligible;
        const draw = drawOf(quota.rule, base, count.eligible);
        const same = quota.registered === count.registered && quota.eligible === count.eligible;
        need(same && BigInt(quota.draw) === draw, `${department} ${stratum}`);
        strata.set(stratum, Number(draw));
      }
    }
  }

  reveals() {
    const offices = this.statement.contributors;
    const beacon = this.statement.beacon !== null;
    need(beacon || this.beaconValue === "", "a beacon value without a beacon");
    const counts = [this.commitments.length, this.numbers.length];
    need(counts.every((n) => n === offices.length), "number of offices");
    offices.forEach((office, j) => {
      if (this.numbers[j] === null) {
        need(beacon, `${office} has not revealed`);
        return;
      }
      const number = unhex(this.numbers[j]);
      const opened = this.suite.tagged("dr1/commit", this.hash, utf8(office), number);
      need(hex(opened) === this.commitments[j], `the number of ${office} opens another commitment`);
    });
  }

  seed() {
    const commits = this.suite.tagged("dr1/commits", ...this.commitments.map(unhex));
    const numbers = this.numbers.map((r) => unhex(r ?? ""));
    const beacon = unhex(this.beaconValue);
    this.value = this.suite.tagged("dr1/seed", this.hash, commits, ...numbers, beacon);
    need(hex(this.value) === this.published.seed, "another seed");
  }

  winners() {
    const key = this.suite.tagged("dr1/key", this.value, utf8("S"));
    const lots = this.pool.map((u) => lot(key, unhex(u.ticket)) + u.ticket);
    this.order = [...this.pool.keys()].sort((a, b) => byText(lots[a], lots[b]));
    this.won = [];
    this.drawnBy = new Map();
    const { quotas } = this.statement;
    for (const department of [...quotas.keys()].sort(byUtf8)) {
      for (const stratum of [...quotas.get(department).keys()].sort(byUtf8)) {
        const quota = quotas.get(department).get(stratum);
        this.eligible(department, stratum).slice(0, quota).forEach((unit, i) => {
          const { ticket } = this.pool[unit];
          this.won.push({ department, rank: i + 1, stratum, ticket });
          if (!this.drawnBy.has(unit)) this.drawnBy.set(unit, new Set());
          this.drawnBy.get(unit).add(department);
        });
      }
    }
    const same = (a, b) =>
      a.department === b.department && a.rank === b.rank && a.stratum === b.stratum
      && a.ticket === b.ticket;
    const given = this.published.winners;
    need(given.length === this.won.length && given.every((w, i) => same(w, this.won[i])), "other winners");
  }

  /** Units that a department may draw in a stratum, in the order of their lots. */
  eligible(department, stratum) {
    if (this.drums === undefined) {
      this.drums = new Map();
      for (const unit of this.order) {
        const { stratum: own, statuses } = this.pool[unit];
        for (const [d, status] of statuses) {
          if (!status.startsWith(IN)) continue;
          const key = JSON.stringify([d, own]);
          if (!this.drums.has(key)) this.drums.set(key, []);
          this.drums.get(key).push(unit);
        }
      }
    }
    return this.drums.get(JSON.stringify([department, stratum])) ?? [];
  }

  /** Rank and ticket of a department's n-th reserve, or null. */
  reserve(department, stratum, nth) {
    const quota = this.statement.quotas.get(department).get(stratum);
    const unit = this.eligible(department, stratum)[quota + nth - 1];
    return unit === undefined ? null : { rank: quota + nth, ticket: this.pool[unit].ticket };
  }

  visits() {
    const { join, profiles } = this.statement;
    const section = (unit) => ([department, status]) => {
      const drawn = this.drawnBy.get(unit).has(department);
      const may = drawn || (join === "ALL_APPLICABLE" && status.startsWith(IN));
      if (!may) return [];
      const slots = profiles.get(profileOf(status));
      const team = slots.map(() => null);
      return [{ department, how: drawn ? "drawn" : "joined", slots, team }];
    };
    this.made = this.order
      .filter((unit) => this.drawnBy.has(unit))
      .map((unit) => ({
        ticket: this.pool[unit].ticket,
        sections: this.pool[unit].statuses.flatMap(section(unit)),
      }));
    deal(this, this.made);
    const given = this.published.visits;
    need(given.length === this.made.length, "number of visits");
    const same = (a, b) =>
      a.department === b.department && a.how === b.how && a.team.length === b.team.length
      && a.team.every((member, i) => member === b.team[i]);
    this.made.forEach((visit, i) => {
      const theirs = given[i];
      need(theirs.rank === i + 1 && theirs.ticket === visit.ticket, `visit ${i + 1}`);
      const sections = theirs.sections.length === visit.sections.length
        && theirs.sections.every((s, j) => same(s, visit.sections[j]));
      need(sections, `teams of visit ${i + 1}`);
    });
  }

  result() {
    const winner = (w) =>
      encode([utf8("winner"), utf8(w.department), utf8(w.stratum), be(w.rank), unhex(w.ticket)]);
    const visit = ({ ticket, sections }, i) => {
      const parts = sections.map(({ department, how, team }) =>
        encode([utf8(department), utf8(how), ...team.map((t) => unhex(t ?? ""))]));
      return encode([utf8("visit"), be(i + 1), unhex(ticket), ...parts]);
    };
    const leaves = [...this.won.map(winner), ...this.made.map(visit)];
    need(this.suite.tree(leaves) === this.published.result_root, "another result root");
  }

  /** All but the pairing behind the value, which is not computed here. */
  beacon() {
    const { beacon, context } = this.statement;
    if (beacon === null) return;
    const deadline = context.get("reveal_by_us") ?? "";
    need(/^[0-9]+$/.test(deadline), "no deadline for the reveals");
    const elapsed = BigInt(deadline) / 1_000_000n - CHAIN_START;
    const round = elapsed >= 0n ? elapsed / 3n + 2n : 1n;
    need(beacon.chain === CHAIN && BigInt(beacon.round) === round, "not the round of the deadline");
    need(this.beaconValue.length === 96, "not a value of the beacon");
  }

  /** What a good bundle says. */
  figures() {
    const sections = this.made.flatMap((v) => v.sections);
    return {
      attempt: this.statement.attempt,
      beacon: this.statement.beacon !== null,
      checks: sections.length,
      doors: this.made.length,
      drawId: this.statement.draw_id,
      shortages: sections.flatMap((s) => s.team).filter((member) => member === null).length,
      units: this.pool.length,
    };
  }
}

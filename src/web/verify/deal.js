// Teams (draw SPEC section 6), department by department.

import { byUtf8, utf8 } from "./canon.js";
import { priority } from "./chacha.js";

/** Fills the teams of all visits with tickets. */
export function deal(draw, visits) {
  const departments = new Set(visits.flatMap((v) => v.sections.map((s) => s.department)));
  const avoid = new Set(draw.avoid);
  const keep = new Map();
  for (const pair of draw.keep) {
    const unit = pair.slice(0, 64);
    if (!keep.has(unit)) keep.set(unit, []);
    keep.get(unit).push(pair.slice(64));
  }
  for (const department of [...departments].sort(byUtf8)) {
    const table = new Table(draw, visits, department, avoid);
    table.keeps(keep);
    table.deal();
    table.repair();
    table.places.forEach(({ section, position }, place) => {
      const person = table.holder[place];
      if (person !== null) section.team[position] = table.people[person].ticket;
    });
  }
}

/** The smaller of two turns: (tier, load, priority, person). */
function before(a, b) {
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] < b[i]) return true;
    if (a[i] > b[i]) return false;
  }
  return false;
}

class Table {
  constructor(draw, visits, department, avoid) {
    this.key = draw.suite.tagged("dr1/key", draw.value, utf8("I"), utf8(department));
    this.people = draw.people.filter((i) => i.department === department);
    this.avoid = avoid;
    this.priorities = this.people.map(() => new Map());
    this.held = this.people.map(() => []);
    this.places = [];
    this.sections = [];
    const leadsHere = department === draw.statement.lead;
    for (const { ticket, sections } of visits) {
      const section = sections.find((s) => s.department === department);
      if (section === undefined) continue;
      const first = this.places.length;
      section.slots.forEach(({ lead, requires }, position) => {
        const leads = lead && leadsHere;
        this.places.push({ ticket, section, position, requires, leads, first });
      });
      this.sections.push({ ticket, first, slots: section.slots.length });
    }
    this.holder = this.places.map(() => null);
    const demanding = ({ requires, leads }) => requires.length > 0 || leads;
    const all = [...this.places.keys()];
    this.order = [
      ...all.filter((p) => demanding(this.places[p])),
      ...all.filter((p) => !demanding(this.places[p])),
    ];
  }

  priority(person, load) {
    const known = this.priorities[person];
    if (!known.has(load)) known.set(load, priority(this.key, person, load));
    return known.get(load);
  }

  team(place) {
    const { first, section } = this.places[place];
    return this.holder.slice(first, first + section.slots.length);
  }

  suits(person, place) {
    const { ticket, requires, leads } = this.places[place];
    const leaf = this.people[person];
    return requires.every((tag) => leaf.tags.includes(tag))
      && (leaf.may_lead || !leads)
      && !this.avoid.has(ticket + leaf.ticket)
      && !this.team(place).includes(person);
  }

  isFull(person) {
    return this.held[person].length >= this.people[person].cap;
  }

  put(person, place) {
    this.holder[place] = person;
    this.held[person].push(place);
  }

  take(person, place) {
    this.holder[place] = null;
    this.held[person] = this.held[person].filter((p) => p !== place);
  }

  keeps(keep) {
    const index = new Map(this.people.map((leaf, i) => [leaf.ticket, i]));
    for (const { ticket, first, slots } of this.sections) {
      const people = (keep.get(ticket) ?? []).map((t) => index.get(t)).filter((i) => i !== undefined);
      for (const person of people.sort((a, b) => a - b)) {
        if (this.isFull(person)) continue;
        for (let place = first; place < first + slots; place += 1) {
          if (this.holder[place] === null && this.suits(person, place)) {
            this.put(person, place);
            break;
          }
        }
      }
    }
  }

  deal() {
    for (const place of this.order) {
      if (this.holder[place] !== null) continue;
      let best = null;
      for (let person = 0; person < this.people.length; person += 1) {
        if (this.isFull(person) || !this.suits(person, place)) continue;
        const load = this.held[person].length;
        const turn = [this.people[person].tier, load, this.priority(person, load), person];
        if (best === null || before(turn, best)) best = turn;
      }
      if (best !== null) this.put(best[3], place);
    }
  }

  repair() {
    const empty = this.order.filter((p) => this.holder[p] === null);
    if (empty.length === 0) return;
    const rank = new Map(this.order.map((p, at) => [p, at]));
    const turns = this.people.map((leaf, i) => [leaf.tier, this.priority(i, 0), i]);
    const people = turns.sort((a, b) => (before(a, b) ? -1 : 1)).map((turn) => turn[2]);
    for (const start of empty) {
      const path = this.search(people, rank, start);
      if (path !== null) this.apply(path);
    }
  }

  /** A path of (person, place the person moves to), last mover first, or null. */
  search(people, rank, start) {
    const reached = new Map();
    const seen = new Set([start]);
    const queue = [start];
    for (let at = 0; at < queue.length; at += 1) {
      const place = queue[at];
      for (const person of people) {
        if (reached.has(person) || !this.suits(person, place)) continue;
        reached.set(person, place);
        if (!this.isFull(person)) return this.trace(reached, start, person);
        const follow = this.held[person].filter((p) => !seen.has(p));
        follow.sort((a, b) => rank.get(a) - rank.get(b));
        for (const next of follow) {
          seen.add(next);
          queue.push(next);
        }
      }
    }
    return null;
  }

  trace(reached, start, last) {
    const path = [];
    for (let person = last; ; person = this.holder[reached.get(person)]) {
      path.push([person, reached.get(person)]);
      if (reached.get(person) === start) return path;
    }
  }

  apply(path) {
    const moves = path.map(([person, place]) => [person, place, this.holder[place]]);
    for (const [, place, holder] of moves) if (holder !== null) this.take(holder, place);
    for (const [person, place] of moves) this.put(person, place);
    const twice = path.some(([, place]) => {
      const team = this.team(place).filter((p) => p !== null);
      return new Set(team).size < team.length;
    });
    if (!twice) return;
    for (const [person, place] of moves) this.take(person, place);
    for (const [, place, holder] of moves) if (holder !== null) this.put(holder, place);
  }
}

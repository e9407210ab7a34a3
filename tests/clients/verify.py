"""Verifies a onevisit bundle or certificate with nothing but Python's standard library.

Written from src/draw/SPEC.md and src/ledger/SPEC.md, not from the Rust program, so that the two
check each other. usage: verify.py FILE [--log-key KEY], or verify.py - for many files on standard input
Prints one line per step and exits 1 at the first that fails. The pairing behind a beacon's value
is not in the standard library: for such a draw the last line says so.
"""

import base64
import hashlib
import hmac
import json
import struct
import sys
import unicodedata
from collections import deque

IN = "in:"
QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"


class Wrong(Exception):
    """A step that does not hold."""


def need(holds, why):
    if not holds:
        raise Wrong(why)


# --- canonical JSON ---------------------------------------------------------------------------


def no_repeats(pairs):
    need(len({k for k, _ in pairs}) == len(pairs), "a key appears twice")
    return dict(pairs)


def no_floats(text):
    raise Wrong(f"{text} is not an integer")


def parse(data):
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        return json.loads(
            text, object_pairs_hook=no_repeats, parse_float=no_floats, parse_constant=no_floats
        )
    except (ValueError, RecursionError) as error:
        raise Wrong(str(error)) from error


def nfc(value):
    if isinstance(value, str):
        need(unicodedata.is_normalized("NFC", value), "text is not NFC")
    elif isinstance(value, list):
        for item in value:
            nfc(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            nfc(key)
            nfc(item)


def by_utf8(value):
    """Keys in the order of their UTF-8 bytes."""
    if isinstance(value, dict):
        return {k: by_utf8(value[k]) for k in sorted(value, key=lambda k: k.encode())}
    return [by_utf8(v) for v in value] if isinstance(value, list) else value


def canonical(value):
    nfc(value)
    try:
        text = json.dumps(by_utf8(value), ensure_ascii=False, separators=(",", ":"))
        return text.encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise Wrong(str(error)) from error


def shape(value, fields, what):
    need(isinstance(value, dict) and set(value) == set(fields), f"{what}: fields")
    for name, kind in fields.items():
        good = isinstance(value[name], kind) and not (
            isinstance(value[name], bool) and kind is not bool
        )
        need(good, f"{what}.{name}")


def u64(value):
    need(isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64, "not a u64")
    return value


def hexed(text, size=32):
    need(isinstance(text, str) and len(text) == 2 * size, "not a digest")
    need(all(c in "0123456789abcdef" for c in text), "not lower-case hexadecimal")
    return bytes.fromhex(text)


# --- hashes (draw/SPEC.md section 1) ------------------------------------------------------------


class Suite:
    def __init__(self, alg):
        need(alg in ("DR1-SHA256", "DR1-SM3"), "unknown suite")
        self.name = "sha256" if alg == "DR1-SHA256" else "sm3"

    def h(self, data):
        return hashlib.new(self.name, data).digest()

    def tagged(self, tag, *fields):
        return self.h(b"\x02" + encode(tag.encode(), *fields))

    def tree(self, leaves):
        return fold([self.h(b"\x00" + leaf) for leaf in leaves], self)

    def node(self, left, right):
        return self.h(b"\x01" + left + right)


def fold(hashes, suite):
    if not hashes:
        return suite.h(b"")
    while len(hashes) > 1:
        pairs = [suite.node(hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = pairs + ([hashes[-1]] if len(hashes) % 2 else [])
    return hashes[0]


def encode(*fields):
    return b"".join(struct.pack(">I", len(f)) + f for f in fields)


def be(number):
    return struct.pack(">Q", number)


def chacha(key, counter, nonce, size):
    """The first bytes of one ChaCha20 block, original layout: 64-bit counter, 64-bit nonce."""
    start = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key))
    start += [counter & 0xFFFFFFFF, counter >> 32, nonce & 0xFFFFFFFF, nonce >> 32]
    x = start[:]
    for _ in range(10):
        for a, b, c, d in (
            (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
            (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
        ):  # fmt: skip
            for p, q, r, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                x[p] = (x[p] + x[q]) & 0xFFFFFFFF
                v = x[r] ^ x[p]
                x[r] = ((v << turn) | (v >> (32 - turn))) & 0xFFFFFFFF
    words = [(v + s) & 0xFFFFFFFF for v, s in zip(x, start)]
    return struct.pack("<16I", *words)[:size]


# --- the draw (draw/SPEC.md) --------------------------------------------------------------------


class Draw:
    """One bundle, checked step by step."""

    def __init__(self, bundle):
        self.bundle = bundle

    STEPS = [
        ("V1", "bundle"), ("V2", "freeze"), ("V3", "units"), ("V4", "inspectors"),
        ("V5", "pairs"), ("V6", "quotas"), ("V7", "reveals"), ("V8", "seed"),
        ("V9", "winners"), ("V10", "visits"), ("V11", "result"), ("V12", "beacon"),
    ]  # fmt: skip

    def check_bundle(self):
        shape(
            self.bundle,
            {"beacon_value": str, "commitments": list, "format": str, "freeze": str,
             "pool": dict, "published": dict, "reveals": list},
            "bundle",
        )  # fmt: skip
        need(self.bundle["format"] == "onevisit-bundle/1", "format")
        pool, published = self.bundle["pool"], self.bundle["published"]
        shape(pool, {"units": list, "inspectors": list, "avoid": list, "keep": list}, "pool")
        shape(
            published,
            {"result_root": str, "seed": str, "visits": list, "winners": list},
            "published",
        )
        self.commitments = [hexed(c) for c in self.bundle["commitments"]]
        self.reveals = [None if r is None else hexed(r) for r in self.bundle["reveals"]]
        value = self.bundle["beacon_value"]
        self.beacon_value = hexed(value, len(value) // 2)
        self.units = [self.read_unit(u) for u in pool["units"]]
        self.inspectors = [self.read_inspector(i) for i in pool["inspectors"]]
        self.avoid = [self.read_pair(p) for p in pool["avoid"]]
        self.keep = [self.read_pair(p) for p in pool["keep"]]
        hexed(published["result_root"]), hexed(published["seed"])
        for winner in published["winners"]:
            shape(winner, {"department": str, "rank": int, "stratum": str, "ticket": str}, "winner")
            u64(winner["rank"]), hexed(winner["ticket"])
        for visit in published["visits"]:
            shape(visit, {"rank": int, "sections": list, "ticket": str}, "visit")
            u64(visit["rank"]), hexed(visit["ticket"])
            for section in visit["sections"]:
                shape(section, {"department": str, "how": str, "team": list}, "section")
                need(section["how"] in ("drawn", "joined"), "how")
                for member in section["team"]:
                    need(member is None or hexed(member), "team")

    @staticmethod
    def read_unit(unit):
        shape(unit, {"ticket": str, "stratum": str, "statuses": list}, "unit")
        statuses = []
        for status in unit["statuses"]:
            need(isinstance(status, list) and len(status) == 2, "status")
            need(all(isinstance(s, str) for s in status), "status")
            statuses.append(tuple(status))
        return hexed(unit["ticket"]), unit["stratum"], statuses

    @staticmethod
    def read_inspector(i):
        shape(
            i,
            {"ticket": str, "department": str, "tier": int, "may_lead": bool, "cap": int,
             "tags": list},
            "inspector",
        )  # fmt: skip
        need(all(isinstance(t, str) for t in i["tags"]), "tags")
        u64(i["tier"]), u64(i["cap"])
        return {**i, "ticket": hexed(i["ticket"])}

    @staticmethod
    def read_pair(pair):
        need(isinstance(pair, list) and len(pair) == 2, "pair")
        return hexed(pair[0]), hexed(pair[1])

    def check_freeze(self):
        text = self.bundle["freeze"]
        freeze = self.freeze = parse(text)
        shape(
            freeze,
            {"alg": str, "attempt": int, "avoid": dict, "beacon": (dict, type(None)),
             "context": dict, "contributors": list, "draw_id": str, "inspectors": dict,
             "join": str, "keep": dict, "lead": str, "mc": dict, "pool": dict,
             "profiles": dict, "quotas": dict, "ratio_base": str},
            "freeze",
        )  # fmt: skip
        need(canonical(freeze) == text.encode(), "the statement is not canonical")
        self.suite = Suite(freeze["alg"])
        u64(freeze["attempt"])
        for name in ("avoid", "inspectors", "keep", "pool"):
            shape(freeze[name], {"n": int, "root": str}, name)
            u64(freeze[name]["n"]), hexed(freeze[name]["root"])
        shape(freeze["mc"], {"I": str, "S": str, "X": str}, "mc")
        for value in freeze["mc"].values():
            hexed(value)
        if freeze["beacon"] is not None:
            shape(freeze["beacon"], {"chain": str, "round": int}, "beacon")
            u64(freeze["beacon"]["round"])
        need(freeze["join"] in ("DRAWN_ONLY", "ALL_APPLICABLE"), "join")
        need(freeze["ratio_base"] in ("REGISTERED", "ELIGIBLE"), "ratio_base")
        need(all(isinstance(v, str) for v in freeze["context"].values()), "context")
        need(all(isinstance(c, str) for c in freeze["contributors"]), "contributors")
        for slots in freeze["profiles"].values():
            need(isinstance(slots, list), "profile")
            for slot in slots:
                shape(slot, {"lead": bool, "requires": list}, "slot")
                need(all(isinstance(t, str) for t in slot["requires"]), "requires")
        self.freeze_hash = self.suite.tagged("dr1/freeze", text.encode())

    def rooted(self, name, leaves):
        given = self.freeze[name]
        need(len(leaves) == given["n"], f"{name}: number of leaves")
        need(self.suite.tree(leaves).hex() == given["root"], f"{name}: root")

    def check_units(self):
        tickets = [u[0] for u in self.units]
        need(all(a < b for a, b in zip(tickets, tickets[1:])), "not sorted by ticket")
        leaves = []
        for ticket, stratum, statuses in self.units:
            names = [d.encode() for d, _ in statuses]
            need(all(a < b for a, b in zip(names, names[1:])), "departments not sorted")
            texts = [t.encode() for pair in statuses for t in pair]
            leaves.append(encode(ticket, stratum.encode(), *texts))
        self.rooted("pool", leaves)

    def check_inspectors(self):
        tickets = [i["ticket"] for i in self.inspectors]
        need(all(a < b for a, b in zip(tickets, tickets[1:])), "not sorted by ticket")
        leaves = []
        for i in self.inspectors:
            tags = [t.encode() for t in i["tags"]]
            need(all(a < b for a, b in zip(tags, tags[1:])), "tags not sorted")
            numbers = (be(i["tier"]), be(int(i["may_lead"])), be(i["cap"]))
            leaves.append(encode(i["ticket"], i["department"].encode(), *numbers, *tags))
        self.rooted("inspectors", leaves)

    def check_pairs(self):
        for name, pairs in (("avoid", self.avoid), ("keep", self.keep)):
            need(all(a < b for a, b in zip(pairs, pairs[1:])), f"{name}: not sorted")
            self.rooted(name, [encode(*pair) for pair in pairs])

    def check_quotas(self):
        counts = {}
        for _, stratum, statuses in self.units:
            for department, status in statuses:
                registered, eligible = counts.get((department, stratum), (0, 0))
                counts[department, stratum] = (registered + 1, eligible + status.startswith(IN))
                if status.startswith(IN):
                    need(status[len(IN) :] in self.freeze["profiles"], "a status names no profile")
        for department, strata in self.freeze["quotas"].items():
            need(isinstance(strata, dict), "quotas")
            for stratum, quota in strata.items():
                shape(
                    quota, {"draw": int, "eligible": int, "registered": int, "rule": dict}, "quota"
                )
                registered, eligible = counts.get((department, stratum), (0, 0))
                base = registered if self.freeze["ratio_base"] == "REGISTERED" else eligible
                draw = self.rule(quota["rule"], base, eligible)
                found = (quota["registered"], quota["eligible"], quota["draw"])
                need(found == (registered, eligible, draw), f"{department} {stratum}")

    @staticmethod
    def rule(rule, base, eligible):
        names = ("basis_points", "count", "max", "min")
        need(set(rule) <= set(names), "rule")
        for value in rule.values():
            need(value is None or u64(value) >= 0, "rule")
        k = rule.get("count")
        if k is None:
            k = -(-base * (rule.get("basis_points") or 0) // 10_000)
        if rule.get("min") is not None:
            k = max(k, rule["min"])
        if rule.get("max") is not None:
            k = min(k, rule["max"])
        return min(k, eligible)

    def check_reveals(self):
        offices = self.freeze["contributors"]
        has_beacon = self.freeze["beacon"] is not None
        need(has_beacon or not self.beacon_value, "a beacon value without a beacon")
        need(len(self.commitments) == len(self.reveals) == len(offices), "number of offices")
        for office, commitment, number in zip(offices, self.commitments, self.reveals):
            if number is None:
                need(has_beacon, f"{office} has not revealed")
                continue
            opened = self.suite.tagged("dr1/commit", self.freeze_hash, office.encode(), number)
            need(opened == commitment, f"the number of {office} does not open its commitment")

    def check_seed(self):
        commit_set = self.suite.tagged("dr1/commits", *self.commitments)
        numbers = [b"" if r is None else r for r in self.reveals]
        self.seed = self.suite.tagged(
            "dr1/seed", self.freeze_hash, commit_set, *numbers, self.beacon_value
        )
        need(self.seed.hex() == self.bundle["published"]["seed"], "another seed")

    def check_winners(self):
        key = self.suite.tagged("dr1/key", self.seed, b"S")
        self.lots = []
        for ticket, _, _ in self.units:
            counter, nonce = struct.unpack("<QQ", ticket[:16])
            self.lots.append(chacha(key, counter, nonce, 16))
        order = sorted(range(len(self.units)), key=lambda u: (self.lots[u], self.units[u][0]))
        self.order = order
        self.winners, self.drawn_by = [], {}
        quotas = self.freeze["quotas"]
        for department in sorted(quotas, key=str.encode):
            for stratum in sorted(quotas[department], key=str.encode):
                k = quotas[department][stratum]["draw"]
                mine = [u for u in order if self.may(u, department, stratum)][:k]
                for rank, unit in enumerate(mine, 1):
                    self.winners.append((department, stratum, rank, self.units[unit][0]))
                    self.drawn_by.setdefault(unit, set()).add(department)
        given = [
            (w["department"], w["stratum"], w["rank"], bytes.fromhex(w["ticket"]))
            for w in self.bundle["published"]["winners"]
        ]
        need(given == self.winners, "other winners")

    def reserve(self, department, stratum, nth):
        """Rank and ticket of a department's n-th reserve, if there is one."""
        k = self.freeze["quotas"][department][stratum]["draw"]
        mine = [u for u in self.order if self.may(u, department, stratum)][k:]
        return (k + nth, self.units[mine[nth - 1]][0].hex()) if nth <= len(mine) else None

    def may(self, unit, department, stratum):
        _, own, statuses = self.units[unit]
        return own == stratum and any(
            d == department and s.startswith(IN) for d, s in statuses
        )

    def check_visits(self):
        visits = []
        joins = self.freeze["join"] == "ALL_APPLICABLE"
        for unit in (u for u in self.order if u in self.drawn_by):
            sections = []
            for department, status in self.units[unit][2]:
                drawn = department in self.drawn_by[unit]
                if drawn or (joins and status.startswith(IN)):
                    profile = self.freeze["profiles"][status[len(IN) :]]
                    how = "drawn" if drawn else "joined"
                    sections.append([department, how, profile, [None] * len(profile)])
            visits.append((unit, sections))
        Deal(self, visits).run()
        self.visits = visits
        given = self.bundle["published"]["visits"]
        need(len(given) == len(visits), "number of visits")
        for rank, (theirs, (unit, sections)) in enumerate(zip(given, visits), 1):
            ticket = self.units[unit][0].hex()
            need((theirs["rank"], theirs["ticket"]) == (rank, ticket), f"visit {rank}")
            ours = [
                {"department": d, "how": how,
                 "team": [None if i is None else self.inspectors[i]["ticket"].hex() for i in team]}
                for d, how, _, team in sections
            ]  # fmt: skip
            need(theirs["sections"] == ours, f"teams of visit {rank}")

    def check_result(self):
        leaves = [
            encode(b"winner", d.encode(), s.encode(), be(rank), ticket)
            for d, s, rank, ticket in self.winners
        ]
        for rank, (unit, sections) in enumerate(self.visits, 1):
            parts = []
            for d, how, _, team in sections:
                people = [b"" if i is None else self.inspectors[i]["ticket"] for i in team]
                parts.append(encode(d.encode(), how.encode(), *people))
            leaves.append(encode(b"visit", be(rank), self.units[unit][0], *parts))
        root = self.suite.tree(leaves).hex()
        need(root == self.bundle["published"]["result_root"], "another result root")

    def check_beacon(self):
        beacon = self.freeze["beacon"]
        if beacon is None:
            return
        deadline = self.freeze["context"].get("reveal_by_us", "")
        need(deadline.isascii() and deadline.isdigit(), "no deadline for the reveals")
        elapsed = int(deadline) // 1_000_000 - 1_692_803_367
        round_ = elapsed // 3 + 2 if elapsed >= 0 else 1
        need(beacon == {"chain": QUICKNET, "round": round_}, "not the round of the deadline")
        need(len(self.beacon_value) == 48, "not a value of the beacon")


class Deal:
    """Teams (draw/SPEC.md section 6), department by department."""

    def __init__(self, draw, visits):
        self.draw, self.visits = draw, visits

    def run(self):
        departments = {s[0] for _, sections in self.visits for s in sections}
        for department in sorted(departments, key=str.encode):
            self.department(department)

    def department(self, name):
        draw = self.draw
        self.key = draw.suite.tagged("dr1/key", draw.seed, b"I", name.encode())
        self.pool = [i for i, leaf in enumerate(draw.inspectors) if leaf["department"] == name]
        self.people = [draw.inspectors[i] for i in self.pool]
        self.priorities = {}
        self.held = [[] for _ in self.people]
        # place: (visit, position, slot, team's places)
        self.places, self.section = [], []
        leads_here = name == draw.freeze["lead"]
        for v, (_, sections) in enumerate(self.visits):
            for section in sections:
                if section[0] != name:
                    continue
                first = len(self.places)
                for position, slot in enumerate(section[2]):
                    leads = slot["lead"] and leads_here
                    self.places.append((v, position, slot["requires"], leads, first, section))
                self.section.append((v, first, len(section[2])))
        self.holder = [None] * len(self.places)
        demanding = [p for p, place in enumerate(self.places) if place[2] or place[3]]
        rest = [p for p, place in enumerate(self.places) if not (place[2] or place[3])]
        self.order = demanding + rest
        self.keeps()
        self.deal()
        self.repair()
        for p, (_, position, _, _, _, section) in enumerate(self.places):
            if self.holder[p] is not None:
                section[3][position] = self.pool[self.holder[p]]

    def prio(self, person, load):
        if (person, load) not in self.priorities:
            number = int.from_bytes(chacha(self.key, load, person, 8), "little")
            self.priorities[person, load] = number
        return self.priorities[person, load]

    def team(self, place):
        first, section = self.places[place][4], self.places[place][5]
        return [self.holder[p] for p in range(first, first + len(section[3]))]

    def suits(self, person, place):
        v, _, requires, leads, _, _ = self.places[place]
        leaf = self.people[person]
        ticket = self.draw.units[self.visits[v][0]][0]
        return (
            all(tag in leaf["tags"] for tag in requires)
            and (leaf["may_lead"] or not leads)
            and (ticket, leaf["ticket"]) not in self.avoided
            and person not in self.team(place)
        )

    @property
    def avoided(self):
        if not hasattr(self, "_avoided"):
            self._avoided = set(self.draw.avoid)
        return self._avoided

    def full(self, person):
        return len(self.held[person]) >= self.people[person]["cap"]

    def put(self, person, place):
        self.holder[place] = person
        self.held[person].append(place)

    def take(self, person, place):
        self.holder[place] = None
        self.held[person].remove(place)

    def keeps(self):
        keep = {}
        for unit, inspector in self.draw.keep:
            keep.setdefault(unit, []).append(inspector)
        index = {leaf["ticket"]: i for i, leaf in enumerate(self.people)}
        for v, first, slots in self.section:
            ticket = self.draw.units[self.visits[v][0]][0]
            for person in sorted(index[t] for t in keep.get(ticket, []) if t in index):
                if self.full(person):
                    continue
                for place in range(first, first + slots):
                    if self.holder[place] is None and self.suits(person, place):
                        self.put(person, place)
                        break

    def deal(self):
        def turn(person):
            load = len(self.held[person])
            return self.people[person]["tier"], load, self.prio(person, load), person

        for place in self.order:
            if self.holder[place] is None:
                able = [i for i in range(len(self.people)) if not self.full(i)]
                best = min((turn(i) for i in able if self.suits(i, place)), default=None)
                if best is not None:
                    self.put(best[3], place)

    def repair(self):
        empty = [p for p in self.order if self.holder[p] is None]
        if not empty:
            return
        rank = {p: at for at, p in enumerate(self.order)}
        people = sorted(
            range(len(self.people)), key=lambda i: (self.people[i]["tier"], self.prio(i, 0), i)
        )
        for start in empty:
            path = self.search(people, rank, start)
            if path:
                self.apply(path)

    def search(self, people, rank, start):
        reached, seen, queue = {}, {start}, deque([start])
        while queue:
            place = queue.popleft()
            for person in people:
                if person in reached or not self.suits(person, place):
                    continue
                reached[person] = place
                if not self.full(person):
                    path = []
                    while True:
                        path.append((person, reached[person]))
                        if reached[person] == start:
                            return path
                        person = self.holder[reached[person]]
                follow = sorted((p for p in self.held[person] if p not in seen), key=rank.get)
                seen.update(follow)
                queue.extend(follow)
        return None

    def apply(self, path):
        moves = [(person, place, self.holder[place]) for person, place in path]
        for _, place, holder in moves:
            if holder is not None:
                self.take(holder, place)
        for person, place, _ in moves:
            self.put(person, place)
        for _, place in path:
            team = [p for p in self.team(place) if p is not None]
            if len(set(team)) < len(team):
                break
        else:
            return
        for person, place, _ in moves:
            self.take(person, place)
        for _, place, holder in moves:
            if holder is not None:
                self.put(holder, place)


# --- the log (ledger/SPEC.md) -------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def recover_x(y, sign):
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    return P - x if x % 2 != sign else x


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    m = D * x1 * x2 * y1 * y2 % P
    x3 = (x1 * y2 + x2 * y1) * pow(1 + m, P - 2, P)
    y3 = (y1 * y2 + x1 * x2) * pow(1 - m, P - 2, P)
    return x3 % P, y3 % P


def times(number, point):
    result = (0, 1)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def point(data):
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = recover_x(y, sign)
    return None if x is None else (x, y)


def ed25519(key, message, signature):
    a, r = point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or len(signature) != 64:
        return False
    k = hashlib.sha512(signature[:32] + key + message).digest()
    base = (recover_x(BASE_Y, 0), BASE_Y)
    return times(s, base) == add(r, times(int.from_bytes(k, "little") % L, a))


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong("base64") from error
    need(base64.b64encode(data).decode() == text, "base64")
    return data


class Key:
    def __init__(self, text, purpose):
        parts = text.split("+", 2)
        need(len(parts) == 3, "not a key")
        self.name, id_, key = parts[0], parts[1], unbase64(parts[2])
        need(len(key) == 33 and key[0] == purpose, "not a key of its kind")
        self.purpose, self.key = purpose, key[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + key).digest()[:4]
        need(self.id.hex() == id_, "the key's id")

    def signed(self, note):
        """The time of this key's signature on a note (0 for a log's); None without one."""
        text, lines = note
        for name, blob in lines:
            if name != self.name or blob[:4] != self.id:
                continue
            if self.purpose == 1:
                time, message, signature = 0, text.encode(), blob[4:]
            else:
                time = int.from_bytes(blob[4:12], "big")
                message, signature = f"cosignature/v1\ntime {time}\n{text}".encode(), blob[12:]
            if len(signature) == 64 and ed25519(self.key, message, signature):
                return time
        return None


def note_of(text):
    need(text.endswith("\n") and "\n\n" in text, "not a note")
    at = text.rindex("\n\n")
    lines = []
    for line in text[at + 2 :].splitlines():
        need(line.startswith("\u2014 ") and line.count(" ") == 2, "not a signature line")
        _, name, blob = line.split(" ")
        lines.append((name, unbase64(blob)))
    need(lines, "not signed")
    return text[: at + 1], lines


def checkpoint(note, key):
    need(key.signed(note) is not None, "a checkpoint is not signed")
    origin, size, root = note[0].split("\n")[:3]
    need(origin == key.name and size.isdigit() and str(int(size)) == size, "not a checkpoint")
    root = unbase64(root)
    need(len(root) == 32, "not a checkpoint")
    return int(size), root


class Policy:
    """C2SP tlog-policy."""

    def __init__(self, text):
        self.witnesses, self.groups, self.quorum = {}, {}, None
        lines = [line.split("#")[0].split() for line in text.split("\n")]
        for words in filter(None, lines):
            kind, rest = words[0], words[1:]
            if kind == "log" and len(rest) in (1, 2):
                Key(rest[0], 1)
            elif kind == "witness" and len(rest) in (2, 3):
                self.new(rest[0])
                key = Key(rest[1], 4)
                need(key.key not in [k.key for k in self.witnesses.values()], "a key twice")
                self.witnesses[rest[0]] = key
            elif kind == "group" and len(rest) >= 3:
                self.new(rest[0])
                self.groups[rest[0]] = self.group(rest[1], rest[2:])
            elif kind == "quorum" and len(rest) == 1 and self.quorum is None:
                need(rest[0] == "none" or self.knows(rest[0]), "the quorum names nobody")
                self.quorum = rest[0]
            else:
                raise Wrong("not a line of a policy")
        need(self.quorum is not None or not text, "no quorum is named")

    def knows(self, name):
        return name in self.witnesses or name in self.groups

    def new(self, name):
        need(name != "none" and not self.knows(name), "a name twice")

    def group(self, needed, members):
        need(all(self.knows(m) for m in members), "an unknown member")
        count = {"any": 1, "all": len(members)}.get(needed)
        if count is None:
            digits = needed.removeprefix("+")
            need(digits.isascii() and digits.isdigit(), "not a number")
            count = int(digits)
        need(1 <= count <= len(members), "the group needs more than its members")
        return count, members

    def signed(self, note):
        found = {name: key.signed(note) for name, key in self.witnesses.items()}
        return {name: time for name, time in found.items() if time is not None}

    def met(self, note):
        signed = self.signed(note)

        def holds(name):
            if name in self.groups:
                count, members = self.groups[name]
                return sum(holds(m) for m in members) >= count
            return name in signed

        return self.quorum in (None, "none") or holds(self.quorum)


SHA = Suite("DR1-SHA256")
# Of the canonical list of texts that every certificate says about what holds, and when.
GUARANTEES_SHA256 = "64ef833ff930590980016d8ee3d3df62b43f580ba91d444b3cdfaaab4166d04a"


def split(size):
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_root(leaf, index, size, proof):
    """The root that a proof leads to, RFC 6962 section 2.1.1, from the top down."""
    if size == 1:
        need(not proof, "the proof is too long")
        return SHA.h(b"\x00" + leaf)
    need(proof, "the proof is too short")
    k = split(size)
    if index < k:
        return SHA.node(inclusion_root(leaf, index, k, proof[:-1]), proof[-1])
    return SHA.node(proof[-1], inclusion_root(leaf, index - k, size - k, proof[:-1]))


def consistency_roots(m, n, proof, known, old):
    """The two roots that a proof leads to, RFC 6962 section 2.1.2."""
    if m == n:
        if known:
            need(not proof, "the proof is too long")
            return old, old
        need(len(proof) == 1, "the proof's length")
        return proof[0], proof[0]
    need(proof, "the proof is too short")
    k = split(n)
    if m <= k:
        before, after = consistency_roots(m, k, proof[:-1], known, old)
        return before, SHA.node(after, proof[-1])
    before, after = consistency_roots(m - k, n - k, proof[:-1], False, old)
    return SHA.node(proof[-1], before), SHA.node(proof[-1], after)


def key_change(entry, late):
    """The keys, old and new, of a change of the log's key that both have signed (SPEC section 9)."""
    (size, root), event, position = late, entry["event"], entry["position"]
    need(position < size, "a key change beyond the checkpoint")
    found = inclusion_root(event.encode(), position, size, entry["proof"])
    need(found == root, "a key change is not in the log")
    value = parse(event)
    need(value["type"] == "key.change", "not a key change")
    body = value["body"]
    texts = body["old_key"], body["new_key"]
    old, new = Key(texts[0], 1), Key(texts[1], 1)
    need(old.name == new.name and texts[0] != texts[1], "the keys of a key change")
    note = note_of(body["note"])
    want = f"onevisit key change\n{new.name}\n{texts[0]}\n{texts[1]}\n{value['at_us']}\n"
    need(note[0] == want, "the note of a key change")
    need(old.signed(note) is not None, "a key change the old key has not signed")
    need(new.signed(note) is not None, "a key change the new key has not signed")
    return texts


class Log:
    """A certificate's steps behind those of its draw."""

    STEPS = [
        ("L1", "format"), ("L2", "checkpoint"), ("L3", "entries"), ("L4", "freeze"),
        ("L5", "numbers"), ("L6", "outcome"), ("L7", "attempts"), ("L8", "time"),
        ("L9", "changes"), ("L10", "supplements"),
    ]  # fmt: skip

    def __init__(self, file, draw, trusted):
        self.file, self.draw, self.trusted = file, draw, trusted

    def check_format(self):
        fields = {"bundle": dict, "entries": list, "format": str, "guarantees": list, "log": dict}
        # Left out when there are none.
        self.supplements = self.file.get("supplements", [])
        if "supplements" in self.file:
            fields["supplements"] = list
            need(self.supplements != [], "an empty list of supplements")
        shape(self.file, fields, "certificate")
        texts = ("checkpoint", "frozen_under", "key", "policy")
        fields = {"consistency": list, **dict.fromkeys(texts, str)}
        if "key_changes" in self.file["log"]:
            fields["key_changes"] = list
        shape(self.file["log"], fields, "log")
        self.key_changes = self.file["log"].get("key_changes", [])
        need(self.key_changes or "key_changes" not in fields, "an empty list of key changes")
        said = hashlib.sha256(canonical(self.file["guarantees"])).hexdigest()
        need(said == GUARANTEES_SHA256, "other guarantees")
        for entry in [*self.file["entries"], *self.key_changes]:
            shape(entry, {"event": str, "position": int, "proof": list}, "entry")
            u64(entry["position"])
            entry["proof"] = [hexed(h) for h in entry["proof"]]
        self.consistency = [hexed(h) for h in self.file["log"]["consistency"]]

    def check_checkpoint(self):
        log = self.file["log"]
        key, self.policy = Key(log["key"], 1), Policy(log["policy"])
        self.notes = [note_of(log["frozen_under"]), note_of(log["checkpoint"])]
        self.late = checkpoint(self.notes[1], key)
        texts = [key_change(entry, self.late) for entry in self.key_changes]
        news = [new for _, new in texts]
        need([old for old, _ in texts][1:] + [log["key"]] == news or not texts, "the key changes")
        texts = [old for old, _ in texts] + [log["key"]]
        need(self.trusted is None or self.trusted in texts, "another log key than the one given")
        keys = [Key(text, 1) for text in texts]
        signed = [k for k in keys if k.signed(self.notes[0]) is not None]
        need(signed, "a checkpoint is not signed")
        self.early = checkpoint(self.notes[0], signed[0])
        for note in self.notes:
            need(self.policy.met(note), "a checkpoint is not cosigned enough")
        (m, old), (n, new) = self.early, self.late
        need(0 < m <= n, "the sizes of the checkpoints")
        roots = consistency_roots(m, n, self.consistency, True, old)
        need(roots == (old, new), "a fork")

    def check_entries(self):
        self.events = []
        size, root = self.late
        for entry in self.file["entries"]:
            position, event = entry["position"], entry["event"]
            need(position < size, "beyond the checkpoint")
            found = inclusion_root(event.encode(), position, size, entry["proof"])
            need(found == root, f"event {position} is not in the log")
            value = parse(event)
            need(canonical(value) == event.encode(), f"event {position} is not canonical")
            need(isinstance(value["type"], str), f"the type of event {position}")
            u64(value["at_us"])
            body = value["body"]
            own = f"campaigns/{body['campaign']}/"
            need(self.draw.freeze["draw_id"].startswith(own), "an event of another campaign")
            if self.events:
                need(self.events[-1][0] < position, "the events are not in order")
            self.events.append((position, value["type"], body, value["at_us"] // 1_000_000))

    def of(self, attempt, kind):
        return [e for e in self.events if e[1] == kind and e[2].get("attempt") == attempt]

    def only(self, attempt, kind):
        found = self.of(attempt, kind)
        need(len(found) == 1, f"{len(found)} events {kind} of attempt {attempt}")
        return found[0]

    def check_freeze(self):
        this = self.draw.freeze["attempt"]
        position, _, body, _ = self.only(this, "campaign.freeze")
        need(body["freeze_hash"] == self.draw.freeze_hash.hex(), "another freeze")
        first = min((e[0] for e in self.of(this, "number.commit")), default=2**64)
        need(position < self.early[0] <= first, "not signed before the first commitment")

    def check_numbers(self):
        this = self.draw.freeze["attempt"]
        last = 0
        offices = self.draw.freeze["contributors"]
        for office, commitment in zip(offices, self.draw.commitments):
            logged = [e for e in self.of(this, "number.commit") if e[2]["office"] == office]
            need([e[2]["commitment"] for e in logged] == [commitment.hex()], f"{office}")
            last = max(last, logged[0][0])
        for office, number in zip(offices, self.draw.reveals):
            logged = [e for e in self.of(this, "number.reveal") if e[2]["office"] == office]
            want = [] if number is None else [number.hex()]
            need([e[2]["number"] for e in logged] == want, f"{office}")
            need(all(e[0] > last for e in logged), f"{office} revealed too early")
        values = [e[2]["value"] for e in self.of(this, "beacon.bring")]
        need((values or [""])[0] == self.draw.bundle["beacon_value"], "another beacon")

    def check_outcome(self):
        this = self.draw.freeze["attempt"]
        position, _, body, _ = self.only(this, "campaign.draw")
        published = self.draw.bundle["published"]
        need(body["seed"] == published["seed"], "another seed")
        need(body["result_root"] == published["result_root"], "another result")
        for event in self.events:
            if event[1].split(".")[0] in ("number", "beacon") and event[2]["attempt"] == this:
                need(event[0] < position, "a number behind the outcome")

    def check_attempts(self):
        for attempt in range(1, self.draw.freeze["attempt"]):
            self.only(attempt, "campaign.freeze")
            self.only(attempt, "draw.abort")

    def check_time(self):
        for note, below in zip(self.notes, (self.early[0], 2**64)):
            latest = max((e[3] for e in self.events if e[0] < below), default=0)
            for name, time in self.policy.signed(note).items():
                need(time + 300 >= latest, f"{name} signed before an event it covers")
        this = self.draw.freeze["attempt"]
        times_ = self.policy.signed(self.notes[0]).values()
        if times_:
            lag = min(times_) - self.only(this, "campaign.freeze")[3]
            need(lag <= 3 * 24 * 3600, "the freeze was seen long after its stated time")


    def check_changes(self):
        this = self.draw.freeze["attempt"]
        asked = {e[2]["change"]["nth"]: e[2]["change"] for e in self.of(this, "visit.change.request")}
        used = {}
        self.changed = 0
        for _, _, body, _ in self.of(this, "visit.change"):
            change = body["change"]
            request = asked.get(change["nth"])
            need(request is not None, "nobody asked for a change")
            for field in ("requested_by", "reason", "rank"):
                need(request[field] == change[field], f"another {field} than asked")
            need(change["decided_by"] not in ("", change["requested_by"]), "approved by the same")
            for taken in change["taken"]:
                key = taken["department"], taken["stratum"]
                used[key] = used.get(key, 0) + 1
                want = self.draw.reserve(*key, used[key])
                found = taken["rank"], taken["ticket"], taken["visit"]
                need(found[:2] == want if want else found[1:] == ("", 0), "not the next in reserve")
            self.changed += 1

    def check_supplements(self):
        draw, this = self.draw, self.draw.freeze["attempt"]
        drawn = self.only(this, "campaign.draw")[0]
        told = self.of(this, "campaign.supplement")
        need(len(told) == len(self.supplements), "not all supplements are here")
        bound = {
            "supplement_of": draw.freeze["draw_id"],
            "supplement_freeze_hash": draw.freeze_hash.hex(),
            "supplement_result_root": draw.bundle["published"]["result_root"],
        }
        used = {number for number in draw.reveals if number is not None}
        ids = {draw.freeze["draw_id"]}
        for (position, _, body, _), bundle in zip(told, self.supplements):
            need(position > drawn, "a supplement before the outcome")
            other = Draw(bundle)
            for _, name in Draw.STEPS:
                getattr(other, f"check_{name}")()
            need(other.freeze["draw_id"] not in ids, "two outcomes of a supplement")
            ids.add(other.freeze["draw_id"])
            for key, text in bound.items():
                need(other.freeze["context"].get(key) == text, f"another {key}")
            need(other.freeze["contributors"] == draw.freeze["contributors"], "other offices")
            logged, published = body["supplement"], other.bundle["published"]
            need(logged["freeze_hash"] == other.freeze_hash.hex(), "another freeze")
            need(logged["result_root"] == published["result_root"], "another result")
            need(body["approved_by"] not in ("", body["requested_by"]), "approved by the same")
            for number in other.reveals:
                need(number is None or number not in used, "a number that was used before")
                used.add(number)


CAUGHT = (Wrong, KeyError, TypeError, AttributeError, ValueError, IndexError)


def steps(data, trusted, say):
    """Goes through the steps of a file; returns the first wrong one and why, or None."""
    try:
        value = parse(data)
        need(isinstance(value, dict) and canonical(value) == data, "not canonical")
    except Wrong as why:
        return "V1", why
    certificate = value.get("format") == "onevisit-certificate/1"
    draw = Draw(value.get("bundle") if certificate else value)
    parts = [draw, Log(value, draw, trusted)] if certificate else [draw]
    for part in parts:
        for step, name in part.STEPS:
            try:
                getattr(part, f"check_{name}")()
            except CAUGHT as why:
                return step, why
            say(f"ok    {step} {name}")
    if draw.freeze["beacon"] is not None:
        say("the beacon's signature is not checked here")
    if certificate and part.of(draw.freeze["attempt"], "draw.abort"):
        say("VOID: the outcome was declared void afterwards")
    if certificate:
        say(f"changed after the draw: {parts[1].changed}")
        say(f"supplementary draws: {len(parts[1].supplements)}")
    say(f"VERIFIED {draw.freeze['draw_id']} attempt {draw.freeze['attempt']}")
    return None


def many():
    """Reads a file in base64 from each line of standard input; answers with a line each."""
    for line in sys.stdin:
        wrong = steps(base64.b64decode(line), None, lambda _: None)
        print(wrong[0] if wrong else "ok", flush=True)


def main():
    if sys.argv[1] == "-":
        return many()
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    trusted = sys.argv[sys.argv.index("--log-key") + 1] if "--log-key" in sys.argv else None
    wrong = steps(data, trusted, print)
    if wrong:
        print(f"WRONG {wrong[0]} {wrong[1]}")
        sys.exit(1)
    return None


if __name__ == "__main__":
    main()

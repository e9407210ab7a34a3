"""Holds an opening's file, or a visit code, against a draw with nothing but Python's standard library.

Written from src/draw/SPEC.md and src/ledger/SPEC.md, not from the Rust program, so that the two check each other.
usage: opening.py FILE DRAW [--log-key KEY] [--visit-key KEY].. where DRAW is a certificate or a bundle.
Prints DRAWN stratum rank, or NOT DRAWN, once everything holds; exits 1 at the first step that does not.
"""

import sys

from verify import CAUGHT, Key, Suite, be, canonical, encode, hexed, need, note_of, parse, shape, steps


def ticket_of(suite, draw_id, kind, opening):
    rec = suite.h(canonical(opening["record"]))
    fields = draw_id.encode(), kind, hexed(opening["salt"]), opening["id"].encode(), rec
    return suite.tagged("dr1/ticket", *fields)


def root_of(suite, leaf, index, count, path):
    """The root that a path leads to, lowest hash first (RFC 6962, section 2.1.1)."""

    def climb(index, count, path):
        if count == 1:
            need(not path, "the path is too long")
            return suite.h(b"\x00" + leaf)
        need(path, "the path is too short")
        k = 1 << ((count - 1).bit_length() - 1)
        if index < k:
            return suite.node(climb(index, k, path[:-1]), path[-1])
        return suite.node(path[-1], climb(index - k, count - k, path[:-1]))

    need(0 <= index < count, "no such leaf")
    return climb(index, count, path)


class Opening:
    def __init__(self, data, draw, keys):
        self.data, self.keys = data, keys
        value = parse(draw)
        self.events = [parse(e["event"]) for e in value.get("entries", [])]
        self.bundle = value.get("bundle", value)
        self.freeze = parse(self.bundle["freeze"])
        self.suite = Suite(self.freeze["alg"])
        self.strata = {u["ticket"]: u["stratum"] for u in self.bundle["pool"]["units"]}
        self.published = self.bundle["published"]

    STEPS = [("O1", "format"), ("O2", "ticket"), ("O3", "standing")]

    def check_format(self):
        self.code = self.data.startswith(b"onevisit visit")
        if not self.code:
            self.file = parse(self.data)
            fields = {"draw_id": str, "format": str, "opening": dict}
            if "standing" in self.file:
                fields["standing"] = dict
            shape(self.file, fields, "opening")
            need(self.file["format"] == "onevisit-opening/1", "format")
            need(canonical(self.file) == self.data, "not canonical")
            shape(self.file["opening"], {"id": str, "record": dict, "salt": str}, "opening")
            return
        note = note_of(self.data.decode())
        signed = [k for k in self.keys if Key(k, 1).signed(note) is not None]
        need(signed, "not signed by a key that was given")
        title, visit, _, self.ticket, *_ = note[0].split("\n")
        need(title == "onevisit visit", "not a visit code")
        self.campaign, rank = visit.split(" ")
        self.rank = int(rank)

    def check_ticket(self):
        draw_id = self.freeze["draw_id"]
        if self.code:
            need(draw_id.startswith(f"campaigns/{self.campaign}/"), "of another campaign")
        else:
            need(self.file["draw_id"] == draw_id, "of another draw")
            both = [ticket_of(self.suite, draw_id, k, self.file["opening"]) for k in (b"S", b"X")]
            known = [t.hex() for t in both if t.hex() in self.strata]
            need(known, "its ticket is not in the frozen list")
            self.ticket = known[0]
        need(self.ticket in self.strata, "its ticket is not in the frozen list")

    def places(self):
        for w in self.published["winners"]:
            if w["ticket"] == self.ticket:
                yield f"DRAWN {w['stratum']} rank {w['rank']} for {w['department']}"
        for event in self.events:
            body = event["body"]
            if event["type"] == "visit.change" and body["attempt"] == self.freeze["attempt"]:
                for t in body["change"]["taken"]:
                    if t["ticket"] == self.ticket and t["visit"] > 0:
                        where = f"{t['stratum']} rank {t['rank']} for {t['department']}"
                        yield f"DRAWN {where}, from the reserve"

    def check_standing(self):
        self.found = list(self.places())
        if self.code:
            ranks = [v["rank"] for v in self.published["visits"] if v["ticket"] == self.ticket]
            later = all(p.endswith("from the reserve") for p in self.found)
            need(ranks == [self.rank] if ranks else later, "its visit is not the published one")
        elif "standing" in self.file:
            s = self.file["standing"]
            shape(s, {"count": int, "index": int, "leaf": str, "path": list}, "standing")
            leaf = hexed(s["leaf"], len(s["leaf"]) // 2)
            ranks = [v["rank"] for v in self.published["visits"] if v["ticket"] == self.ticket]
            heads = [encode(b"visit", be(rank), hexed(self.ticket)) for rank in ranks]
            need(any(leaf.startswith(head) for head in heads), "another visit's leaf")
            path = [hexed(h) for h in s["path"]]
            root = root_of(self.suite, leaf, s["index"], s["count"], path)
            need(root.hex() == self.published["result_root"], "another result")


def main():
    given, draw = (open(path, "rb").read() for path in sys.argv[1:3])
    more = sys.argv[3:]
    values = {name: [v for n, v in zip(more, more[1:]) if n == name] for name in ("--log-key", "--visit-key")}
    wrong = steps(draw, (values["--log-key"] or [None])[0], lambda _: None)
    if wrong:
        print(f"WRONG {wrong[0]} {wrong[1]}")
        sys.exit(1)
    print("ok    the draw holds, every step of it (verify.py names them)")
    opening = Opening(given, draw, values["--visit-key"])
    for step, name in Opening.STEPS:
        try:
            getattr(opening, f"check_{name}")()
        except CAUGHT as why:
            print(f"WRONG {step} {why}")
            sys.exit(1)
        print(f"ok    {step} {name}")
    print("\n".join(opening.found or [f"NOT DRAWN {opening.strata[opening.ticket]}"]))


if __name__ == "__main__":
    main()

"""Verifies the file of a year of a onevisit log with nothing but Python's standard library.

Written from src/ledger/SPEC.md section 11, not from the Rust program, so that the two check each other.
usage: year.py FILE --log-key KEY, or year.py - --log-key KEY for many files on standard input
Prints one line per step and exits 1 at the first that fails.
"""

import base64
import hashlib
import io
import struct
import sys

from verify import (
    CAUGHT, SHA, Key, Wrong, canonical, checkpoint, consistency_roots, hexed, inclusion_root,
    key_change, need, note_of, parse, shape, u64,
)  # fmt: skip


def proven(entry):
    shape(entry, {"event": str, "position": int, "proof": list}, "entry")
    u64(entry["position"])
    entry["proof"] = [hexed(h) for h in entry["proof"]]
    return entry


def event(data):
    value = parse(data)
    need(isinstance(value, dict) and canonical(value) == data, "an entry is not canonical")
    need(isinstance(value.get("type"), str), "an entry without a type")
    at = value.get("at_us")
    need(isinstance(at, int) and not isinstance(at, bool), "an entry without a time")
    return value


def close_of(data):
    """The body of a log.year event."""
    value = event(data)
    need(value["type"] == "log.year", "not the close of a year")
    body = value["body"]
    texts = dict.fromkeys(("checkpoint", "entries_sha256", "root"), str)
    numbers = dict.fromkeys(("entries", "first", "size", "year"), int)
    shape(body, {**texts, **numbers}, "log.year")
    need(body["first"] + body["entries"] == body["size"] and body["entries"] > 0, "its numbers")
    return body


class Year:
    STEPS = [
        ("Y1", "format"), ("Y2", "checkpoint"), ("Y3", "close"), ("Y4", "former"),
        ("Y5", "entries"), ("Y6", "tree"),
    ]  # fmt: skip

    def __init__(self, file, kept):
        self.file, self.kept = file, kept

    def line(self):
        line = self.file.readline()
        need(line.endswith(b"\n"), "a line without an end")
        return line[:-1]

    def open(self, text):
        """A checkpoint on which every line is of one of the log's keys."""
        note = note_of(text)
        for line in note[1]:
            need(any(k.signed((note[0], [line])) is not None for k in self.keys), "a foreign line")
        need(note[0].count("\n") == 3, "more than a checkpoint")
        signed = [k for k in self.keys if k.signed(note) is not None]
        return checkpoint(note, signed[0])

    def check_format(self):
        line = self.line()
        self.head = parse(line)
        texts = dict.fromkeys(("checkpoint", "format", "key"), str)
        lists = dict.fromkeys(("consistency", "frontier", "key_changes"), list)
        shape(self.head, {"close": dict, **texts, **lists}, "header")
        need(canonical(self.head) == line, "the first line is not canonical")
        need(self.head["format"] == "onevisit-year/1", "another format")
        for entry in [self.head["close"], *self.head["key_changes"]]:
            proven(entry)
        self.frontier = [hexed(h) for h in self.head["frontier"]]
        self.consistency = [hexed(h) for h in self.head["consistency"]]

    def check_checkpoint(self):
        key = self.head["key"]
        late = checkpoint(note_of(self.head["checkpoint"]), Key(key, 1))
        texts = [key_change(entry, late) for entry in self.head["key_changes"]]
        need([old for old, _ in texts][1:] + [key] == [new for _, new in texts] or not texts, "chain")
        texts = [old for old, _ in texts] + [key]
        need(self.kept in texts, "the kept key does not lead to the file's key")
        self.keys = [Key(text, 1) for text in texts]
        self.late = self.open(self.head["checkpoint"])

    def check_close(self):
        entry, (size, root) = self.head["close"], self.late
        data = entry["event"].encode()
        need(entry["position"] < size, "the close is beyond the checkpoint")
        found = inclusion_root(data, entry["position"], size, entry["proof"])
        need(found == root, "the close is not in the log")
        self.close = close_of(data)
        stated = self.close["size"], hexed(self.close["root"])
        need(self.close["size"] == entry["position"], "the close stands elsewhere")
        need(self.open(self.close["checkpoint"]) == stated, "the close states another tree")
        roots = consistency_roots(stated[0], size, self.consistency, True, stated[1])
        need(roots == (stated[1], root), "a fork")

    def root(self):
        """The frontier joined from the right."""
        hashes = self.frontier[:]
        while len(hashes) > 1:
            right = hashes.pop()
            hashes.append(SHA.node(hashes.pop(), right))
        return hashes[0] if hashes else SHA.h(b"")

    def check_former(self):
        first = self.close["first"]
        need(len(self.frontier) == first.bit_count(), "the frontier's length")
        self.first = self.line()
        if first == 0:
            return
        former = close_of(self.first)
        need(former["size"] == first and former["year"] + 1 == self.close["year"], "another year")
        stated = former["size"], hexed(former["root"])
        need(self.root() == stated[1], "the frontier is not the tree that was closed")
        need(self.open(former["checkpoint"]) == stated, "the former close states another tree")

    def check_entries(self):
        close, digest = self.close, hashlib.sha256()
        for position in range(close["first"], close["size"]):
            data = self.first if position == close["first"] else self.line()
            event(data)
            digest.update(struct.pack(">H", len(data)) + data)
            leaf = SHA.h(b"\x00" + data)
            while position & 1:
                leaf = SHA.node(self.frontier.pop(), leaf)
                position >>= 1
            self.frontier.append(leaf)
        need(self.file.read(1) == b"", "more entries than the year has")
        need(digest.hexdigest() == close["entries_sha256"], "other entries than those of the close")

    def check_tree(self):
        need(self.root() == hexed(self.close["root"]), "the entries give another root")


def steps(file, kept, say):
    """Goes through the steps of a file; returns the first wrong one and why, or None."""
    year = Year(file, kept)
    for step, name in Year.STEPS:
        try:
            getattr(year, f"check_{name}")()
        except (*CAUGHT, struct.error) as why:
            return step, why
        say(f"ok    {step} {name}")
    close = year.close
    say(f"VERIFIED {close['year']}: {close['entries']} entries, from {close['first']} to {close['size']}")
    return None


def main():
    kept = sys.argv[sys.argv.index("--log-key") + 1]
    if sys.argv[1] == "-":
        for line in sys.stdin:
            wrong = steps(io.BytesIO(base64.b64decode(line)), kept, lambda _: None)
            print(wrong[0] if wrong else "ok", flush=True)
        return
    with open(sys.argv[1], "rb") as file:
        wrong = steps(file, kept, print)
    if wrong:
        print(f"WRONG {wrong[0]} {wrong[1]}")
        sys.exit(1)


if __name__ == "__main__":
    main()

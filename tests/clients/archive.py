"""Verifies an archive of a campaign or a visit with nothing but Python's standard library.

Written from src/certificate/archive.rs, not from the Rust verifier, so that the two check each other; the
certificate in it is checked by verify.py beside this file. usage: archive.py FILE [--log-key KEY]
Prints one line per step and exits 1 at the first that fails.
"""

import hashlib
import sys

import verify
from verify import CAUGHT, canonical, hexed, inclusion_root, need, parse, shape, u64

FORMAT = "onevisit-archive/1"
PUBLIC = ("campaign", "papers", "certificate", "log", "visits")
RECORD = "record/"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Archive:
    """One archive, checked step by step; the certificate between the second and the third."""

    BEFORE = [("A1", "format"), ("A2", "sections")]
    BEHIND = [
        ("A3", "campaign"), ("A4", "log"), ("A5", "papers"), ("A6", "visits"), ("A7", "records"),
    ]  # fmt: skip

    def __init__(self, data, trusted):
        self.data, self.trusted = data, trusted

    def check_format(self):
        need(self.data.endswith(b"\n"), "the last line has no end")
        self.lines = self.data[:-1].split(b"\n")
        self.header = parse(self.lines[0])
        shape(
            self.header,
            {"campaign": str, "format": str, "keep_until": str, "made_us": int, "nth": int,
             "sections": list, "visit": int},
            "header",
        )  # fmt: skip
        need(self.header["format"] == FORMAT, "another format")
        need(canonical(self.header) == self.lines[0], "the first line is not canonical")

    def check_sections(self):
        self.content, rest = {}, self.lines[1:]
        for named in self.header["sections"]:
            shape(named, {"name": str, "personal": bool, "sha256": str, "size": int}, "named")
            u64(named["size"]), hexed(named["sha256"])
            name = named["name"]
            need(named["personal"] == name.startswith(RECORD), "what is personal")
            if not rest or sha256(rest[0]) != named["sha256"]:
                need(named["personal"], f"{name} is missing or another one")
                continue
            line, rest = rest[0], rest[1:]
            section = parse(line)
            shape(section, {"content": (dict, list), "name": str, "salt": str}, "section")
            need(canonical(section) == line and len(line) == named["size"], f"{name}: its line")
            need(section["name"] == name and name not in self.content, f"{name}: its name")
            self.content[name] = section["content"]
        need(not rest, "a line that the first one does not name")
        need(all(name in self.content for name in PUBLIC), "a section is missing")

    def certificate(self, say):
        data = canonical(self.content["certificate"])
        wrong = verify.steps(data, self.trusted, say)
        need(wrong is None, wrong and f"{wrong[0]} {wrong[1]}")
        self.file = parse(data)
        self.freeze = parse(self.file["bundle"]["freeze"])

    def check_campaign(self):
        own = self.header["campaign"]
        need(self.freeze["draw_id"].startswith(f"campaigns/{own}/"), "another campaign")
        section = self.content["campaign"]
        need(section["campaign"]["id"] == own, "another campaign")
        events = [parse(e["event"]) for e in self.file["entries"]]
        need(any(e["type"] == "campaign.close" for e in events), "the campaign is not closed")
        told = [e["body"]["digest"] for e in events if e["type"] == "bulletin.publish"]
        bulletin = section["bulletin"]
        found = [] if bulletin is None else [sha256(canonical(bulletin))]
        need(told == found, "another bulletin")

    def check_log(self):
        note = verify.note_of(self.file["log"]["checkpoint"])
        size, root = verify.checkpoint(note, verify.Key(self.file["log"]["key"], 1))
        further = self.content["log"]["entries"]
        for entry in further:
            shape(entry, {"event": str, "position": int, "proof": list}, "entry")
            position, proof = u64(entry["position"]), [hexed(h) for h in entry["proof"]]
            need(position < size, "beyond the checkpoint")
            found = inclusion_root(entry["event"].encode(), position, size, proof)
            need(found == root, f"event {position} is not in the log")
            event = parse(entry["event"])
            paper = event["type"].split(".")[0] in ("annual_plan", "scheme")
            own = event["body"].get("campaign") == self.header["campaign"]
            need(paper or own, "an event of another campaign")
        both = [(e["position"], parse(e["event"])) for e in [*further, *self.file["entries"]]]
        self.told = [event for _, event in sorted(both, key=lambda e: e[0])]

    def last(self, holds):
        found = [event["body"] for event in self.told if holds(event["type"], event["body"])]
        return found[-1] if found else None

    def check_papers(self):
        seen = set()
        for paper in self.content["papers"]["papers"]:
            kind, own, version = paper["kind"], paper["id"], paper["version"]
            seen.add((kind, own, version))
            body = self.last(
                lambda t, b: t.startswith(f"{kind}.") and (b["id"], b["version"]) == (own, version)
            )
            need(body is not None, f"nothing tells of {kind} {own}")
            need(body["content_sha256"] == sha256(paper["content"].encode()), f"{kind} {own}")
            need(paper["state"] in (body["state"], "SUPERSEDED"), f"the state of {kind} {own}")
        for event in self.told:
            kind, _, deed = event["type"].partition(".")
            if kind in ("annual_plan", "scheme") and deed == "publish":
                place = kind, event["body"]["id"], event["body"]["version"]
                need(place in seen, f"{place} is missing")

    def check_visits(self):
        this = self.freeze["attempt"]
        own = [e for e in self.told if e["body"].get("attempt", this) == this]
        self.told = own
        wanted = {}
        if self.freeze["context"].get("supplement_reason") != "NEIGHBOUR_POOL":
            for visit in self.file["bundle"]["published"]["visits"]:
                wanted[visit["rank"]] = visit["ticket"]
        changed = {}
        for event in own:
            told = event["body"].get("visits")
            # Some events count visits instead of telling what they have become.
            for visit in told if isinstance(told, list) else []:
                wanted[visit["rank"]] = visit["ticket"]
                changed[visit["rank"]] = visit
        only = self.header["visit"]
        wanted = {r: t for r, t in wanted.items() if only in (0, r)}
        self.visits = {v["rank"]: v for v in self.content["visits"]["visits"]}
        need(len(self.visits) == len(self.content["visits"]["visits"]), "a visit twice")
        need({r: v["ticket"] for r, v in self.visits.items()} == wanted, "other visits")
        for rank, visit in self.visits.items():
            for field in ("dropped", "stands_for", "sections"):
                said = changed.get(rank, visit["told"])[field]
                need(visit["told"][field] == said, f"visit {rank} was changed otherwise")
            body = self.last(lambda t, b: t.startswith("check.") and b.get("rank") == rank)
            check = visit["check"]
            need((body is None) == (check is None), f"the check of visit {rank}")
            for field in ("digest", "state", "version") if body else ():
                need(check[field] == body[field], f"the check of visit {rank}: {field}")
            for result in visit["results"]:
                self.result(result)

    def result(self, result):
        own = result["id"]
        body = self.last(lambda t, b: b.get("result") == own and isinstance(b.get("version"), int))
        stands = (body["state"], body["version"]) if body else (result["state"], 1)
        need((result["state"], result["version"]) == stands, f"result {own}")
        issued = {
            e["body"]["publication"]: e["body"]["digest"]
            for e in self.told
            if e["body"].get("result") == own and "publication" in e["body"]
        }
        given = {p["version"]: p["sha256"] for p in result["publications"]}
        need(given == issued, f"the published versions of {own}")
        for objection in result["objections"]:
            body = self.last(lambda t, b: b.get("objection") == objection["id"])
            stands = body["objection_state"], body["objection_version"]
            need((objection["state"], objection["version"]) == stands, f"an objection to {own}")
        body = self.last(lambda t, b: b.get("of") == own and "follow_up_version" in b)
        follows = result["follow_up"]
        if body is not None:
            stands = body["follow_up_state"], body["follow_up_version"]
            need((follows["state"], follows["version"]) == stands, f"what follows from {own}")
        else:
            need(follows is None or follows["version"] == 1, f"what follows from {own}")

    def check_records(self):
        self.records = [n for n in self.content if n.startswith(RECORD)]
        suite, draw_id = verify.Suite(self.freeze["alg"]), self.freeze["draw_id"].encode()
        for name in self.records:
            visit, record = self.visits[int(name[len(RECORD) :])], self.content[name]
            opening = record["opening"]
            if opening is not None:
                rec = suite.h(canonical(opening["record"]))
                fields = draw_id, b"S", hexed(opening["salt"]), opening["id"].encode(), rec
                ticket = suite.tagged("dr1/ticket", *fields).hex()
                need(ticket == visit["ticket"], f"{name} does not open its ticket")
                for field in ("address", "district", "name", "subject"):
                    same = record["names"][field] == opening["record"][field]
                    need(same, f"{name}: another {field} than drawn")
            if record["check"] is not None:
                digest = sha256(canonical(record["check"]))
                need(digest == visit["check"]["digest"], f"{name}: another check than signed")
            for version in record["publications"]:
                place = version["result"], version["version"]
                body = self.last(lambda t, b: (b.get("result"), b.get("publication")) == place)
                need(body and body["digest"] == sha256(canonical(version)), f"{name}: {place}")


def steps(data, trusted, say):
    """Goes through the steps of a file; returns the first wrong one and why, or None."""
    archive = Archive(data, trusted)
    for part in (archive.BEFORE, None, archive.BEHIND):
        if part is None:
            try:
                archive.certificate(say)
            except CAUGHT as why:
                return "certificate", why
            continue
        for step, name in part:
            try:
                getattr(archive, f"check_{name}")()
            except CAUGHT as why:
                return step, why
            say(f"ok    {step} {name}")
    say(f"the log tells of it as archive.made with header_sha256 {sha256(archive.lines[0])}")
    say(f"to be kept until {archive.header['keep_until']}")
    say(f"VERIFIED archive of {archive.header['campaign']}: {len(archive.records)} records")
    return None


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    trusted = sys.argv[sys.argv.index("--log-key") + 1] if "--log-key" in sys.argv else None
    wrong = steps(data, trusted, print)
    if wrong:
        print(f"WRONG {wrong[0]} {wrong[1]}")
        sys.exit(1)


if __name__ == "__main__":
    main()

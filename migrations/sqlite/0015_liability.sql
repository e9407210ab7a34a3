-- Missed deadlines (R130): one row per kind, object and unit. doc: due day, evidence considered, decision.
CREATE TABLE liabilities (
  id TEXT NOT NULL PRIMARY KEY,
  jurisdiction TEXT NOT NULL,
  campaign TEXT NOT NULL,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('PUBLICATION', 'OBJECTION_REVIEW', 'OBJECTION_ANSWER', 'RECTIFICATION',
    'HAND_OVER', 'ACCEPTANCE', 'REFERRAL_RECEIPT', 'INVITATION', 'CHECK', 'COMMITMENT', 'REVEAL')),
  object TEXT NOT NULL,
  due_on TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('OPEN', 'FULFILLED_LATE', 'EXEMPTED', 'UPHELD')),
  version INTEGER NOT NULL,
  doc TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX liabilities_once ON liabilities (kind, object, unit);
CREATE INDEX liabilities_by_jurisdiction ON liabilities (jurisdiction, id);
CREATE INDEX liabilities_by_campaign ON liabilities (campaign, id);
CREATE TRIGGER liabilities_move BEFORE UPDATE ON liabilities
WHEN OLD.id <> NEW.id OR OLD.jurisdiction <> NEW.jurisdiction OR OLD.campaign <> NEW.campaign
  OR OLD.unit <> NEW.unit OR OLD.kind <> NEW.kind OR OLD.object <> NEW.object OR OLD.due_on <> NEW.due_on
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'OPEN' AND NEW.state IN ('FULFILLED_LATE', 'EXEMPTED', 'UPHELD'))
    OR (OLD.state = 'FULFILLED_LATE' AND NEW.state IN ('EXEMPTED', 'UPHELD'))
    OR (OLD.state IN ('EXEMPTED', 'UPHELD') AND NEW.state = OLD.state))
BEGIN SELECT RAISE(ABORT, 'a liability moves only as it may'); END;
CREATE TRIGGER liabilities_stay BEFORE DELETE ON liabilities
BEGIN SELECT RAISE(ABORT, 'rows of liabilities are never deleted'); END;
-- Up to which day every missed deadline of a jurisdiction has its row.
CREATE TABLE liability_rounds (
  jurisdiction TEXT NOT NULL PRIMARY KEY,
  settled_on TEXT NOT NULL
) STRICT;
-- What a unit brings to show that it did its duty (R131): about a liability or a visit.
CREATE TABLE duty_evidence (
  about TEXT NOT NULL,
  unit TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (about, unit, sha256)
) STRICT;
CREATE TRIGGER duty_evidence_keep BEFORE UPDATE ON duty_evidence
BEGIN SELECT RAISE(ABORT, 'evidence does not change'); END;
CREATE TRIGGER duty_evidence_stay BEFORE DELETE ON duty_evidence
BEGIN SELECT RAISE(ABORT, 'rows of duty_evidence are never deleted'); END;
-- Breaches of discipline (R132), kept by supervising offices; no names.
CREATE TABLE breaches (
  id TEXT NOT NULL PRIMARY KEY,
  jurisdiction TEXT NOT NULL,
  unit TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('RECORDED', 'SANCTIONED', 'DISMISSED')),
  version INTEGER NOT NULL,
  doc TEXT NOT NULL
) STRICT;
CREATE INDEX breaches_by_jurisdiction ON breaches (jurisdiction, id);
CREATE TRIGGER breaches_move BEFORE UPDATE ON breaches
WHEN OLD.id <> NEW.id OR OLD.jurisdiction <> NEW.jurisdiction OR OLD.unit <> NEW.unit
  OR NEW.version <= OLD.version
  OR NOT (OLD.state = 'RECORDED' AND NEW.state IN ('SANCTIONED', 'DISMISSED'))
BEGIN SELECT RAISE(ABORT, 'a breach is decided once'); END;
CREATE TRIGGER breaches_stay BEFORE DELETE ON breaches
BEGIN SELECT RAISE(ABORT, 'rows of breaches are never deleted'); END;
-- Trainings of inspectors (R136); a later record of the same course and day replaces the earlier one.
CREATE TABLE trainings (
  jurisdiction TEXT NOT NULL,
  department TEXT NOT NULL,
  inspector TEXT NOT NULL,
  course TEXT NOT NULL,
  held_on TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, inspector, course, held_on)
) STRICT;

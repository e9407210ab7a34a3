-- Missed deadlines (R130): one row per kind, object and unit. doc: due day, evidence considered, decision.
CREATE TABLE liabilities (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  jurisdiction TEXT COLLATE "C" NOT NULL,
  campaign TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('PUBLICATION', 'OBJECTION_REVIEW', 'OBJECTION_ANSWER', 'RECTIFICATION',
    'HAND_OVER', 'ACCEPTANCE', 'REFERRAL_RECEIPT', 'INVITATION', 'CHECK', 'COMMITMENT', 'REVEAL')),
  object TEXT COLLATE "C" NOT NULL,
  due_on TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('OPEN', 'FULFILLED_LATE', 'EXEMPTED', 'UPHELD')),
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE UNIQUE INDEX liabilities_once ON liabilities (kind, object, unit);
CREATE INDEX liabilities_by_jurisdiction ON liabilities (jurisdiction, id);
CREATE INDEX liabilities_by_campaign ON liabilities (campaign, id);
CREATE TRIGGER liabilities_move BEFORE UPDATE ON liabilities FOR EACH ROW
WHEN (OLD.id <> NEW.id OR OLD.jurisdiction <> NEW.jurisdiction OR OLD.campaign <> NEW.campaign
  OR OLD.unit <> NEW.unit OR OLD.kind <> NEW.kind OR OLD.object <> NEW.object OR OLD.due_on <> NEW.due_on
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'OPEN' AND NEW.state IN ('FULFILLED_LATE', 'EXEMPTED', 'UPHELD'))
    OR (OLD.state = 'FULFILLED_LATE' AND NEW.state IN ('EXEMPTED', 'UPHELD'))
    OR (OLD.state IN ('EXEMPTED', 'UPHELD') AND NEW.state = OLD.state)))
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER liabilities_stay BEFORE DELETE OR TRUNCATE ON liabilities
EXECUTE FUNCTION refuse_change();
-- Up to which day every missed deadline of a jurisdiction has its row.
CREATE TABLE liability_rounds (
  jurisdiction TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  settled_on TEXT COLLATE "C" NOT NULL
);
-- What a unit brings to show that it did its duty (R131): about a liability or a visit.
CREATE TABLE duty_evidence (
  about TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (about, unit, sha256)
);
CREATE TRIGGER duty_evidence_keep BEFORE UPDATE ON duty_evidence
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER duty_evidence_stay BEFORE DELETE OR TRUNCATE ON duty_evidence
EXECUTE FUNCTION refuse_change();
-- Breaches of discipline (R132), kept by supervising offices; no names.
CREATE TABLE breaches (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  jurisdiction TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('RECORDED', 'SANCTIONED', 'DISMISSED')),
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX breaches_by_jurisdiction ON breaches (jurisdiction, id);
CREATE TRIGGER breaches_move BEFORE UPDATE ON breaches FOR EACH ROW
WHEN (OLD.id <> NEW.id OR OLD.jurisdiction <> NEW.jurisdiction OR OLD.unit <> NEW.unit
  OR NEW.version <= OLD.version
  OR NOT (OLD.state = 'RECORDED' AND NEW.state IN ('SANCTIONED', 'DISMISSED')))
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER breaches_stay BEFORE DELETE OR TRUNCATE ON breaches
EXECUTE FUNCTION refuse_change();
-- Trainings of inspectors (R136); a later record of the same course and day replaces the earlier one.
CREATE TABLE trainings (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  inspector TEXT COLLATE "C" NOT NULL,
  course TEXT COLLATE "C" NOT NULL,
  held_on TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, inspector, course, held_on)
);

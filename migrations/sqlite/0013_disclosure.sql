-- A department's result of a visit that is over. doc: where it stands; sealed: what was found, of whom.
CREATE TABLE results (
  id TEXT NOT NULL PRIMARY KEY,
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  department TEXT NOT NULL,
  publisher TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PENDING', 'IN_REVIEW', 'PUBLISHED', 'WITHHELD')),
  version INTEGER NOT NULL,
  doc TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX results_place ON results (campaign, attempt, rank, department);
CREATE TRIGGER results_move BEFORE UPDATE ON results
WHEN OLD.id <> NEW.id OR OLD.campaign <> NEW.campaign OR OLD.attempt <> NEW.attempt
  OR OLD.rank <> NEW.rank OR OLD.department <> NEW.department OR OLD.publisher <> NEW.publisher
  OR OLD.sealed <> NEW.sealed
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'PENDING' AND NEW.state IN ('IN_REVIEW', 'PUBLISHED', 'WITHHELD'))
    OR (OLD.state = 'IN_REVIEW' AND NEW.state IN ('PENDING', 'PUBLISHED', 'WITHHELD'))
    OR (OLD.state = 'WITHHELD' AND NEW.state IN ('IN_REVIEW', 'PUBLISHED'))
    OR (OLD.state = 'PUBLISHED' AND NEW.state = 'PUBLISHED'))
BEGIN SELECT RAISE(ABORT, 'a result moves only as it may'); END;
CREATE TRIGGER results_stay BEFORE DELETE ON results
BEGIN SELECT RAISE(ABORT, 'rows of results are never deleted'); END;
-- What is published: never changed, only superseded by a further version (R114, R115).
CREATE TABLE publications (
  result TEXT NOT NULL,
  version INTEGER NOT NULL,
  campaign TEXT NOT NULL,
  subject TEXT NOT NULL,
  published_us INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (result, version)
) STRICT;
CREATE INDEX publications_by_campaign ON publications (campaign, result);
CREATE INDEX publications_by_subject ON publications (subject, result);
CREATE TRIGGER publications_keep BEFORE UPDATE ON publications
BEGIN SELECT RAISE(ABORT, 'a publication does not change'); END;
CREATE TRIGGER publications_stay BEFORE DELETE ON publications
BEGIN SELECT RAISE(ABORT, 'rows of publications are never deleted'); END;
-- Corrections of published results: asked by one, approved by another, one open at a time.
CREATE TABLE corrections (
  result TEXT NOT NULL,
  nth INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('REQUESTED', 'APPROVED', 'DECLINED')),
  doc TEXT NOT NULL,
  PRIMARY KEY (result, nth)
) STRICT;
CREATE UNIQUE INDEX corrections_open ON corrections (result) WHERE state = 'REQUESTED';
CREATE TRIGGER corrections_decide BEFORE UPDATE ON corrections
WHEN OLD.state <> 'REQUESTED' OR NEW.state = 'REQUESTED' OR OLD.result <> NEW.result OR OLD.nth <> NEW.nth
BEGIN SELECT RAISE(ABORT, 'a correction is decided once'); END;
CREATE TRIGGER corrections_stay BEFORE DELETE ON corrections
BEGIN SELECT RAISE(ABORT, 'rows of corrections are never deleted'); END;
-- The summary of a draw, one per campaign (R113, R118).
CREATE TABLE bulletins (
  campaign TEXT NOT NULL PRIMARY KEY,
  doc TEXT NOT NULL
) STRICT;
CREATE TRIGGER bulletins_keep BEFORE UPDATE ON bulletins
BEGIN SELECT RAISE(ABORT, 'a bulletin does not change'); END;
CREATE TRIGGER bulletins_stay BEFORE DELETE ON bulletins
BEGIN SELECT RAISE(ABORT, 'rows of bulletins are never deleted'); END;
-- Objections to published results. sealed: who filed what, and everything that was said of it.
CREATE TABLE objections (
  id TEXT NOT NULL PRIMARY KEY,
  result TEXT NOT NULL,
  campaign TEXT NOT NULL,
  department TEXT NOT NULL,
  filing TEXT NOT NULL CHECK (filing IN ('VISIT_CODE', 'UNPROVEN', 'PAPER')),
  state TEXT NOT NULL CHECK (state IN
    ('FILED', 'UNDER_REVIEW', 'PAUSED', 'UPHELD', 'REJECTED', 'ANSWERED', 'WITHDRAWN')),
  version INTEGER NOT NULL,
  filed_us INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX objections_by_result ON objections (result, filing);
CREATE INDEX objections_by_time ON objections (filing, filed_us);
CREATE INDEX objections_by_department ON objections (department, id);
CREATE TRIGGER objections_move BEFORE UPDATE ON objections
WHEN OLD.id <> NEW.id OR OLD.result <> NEW.result OR OLD.campaign <> NEW.campaign
  OR OLD.department <> NEW.department OR OLD.filing <> NEW.filing OR OLD.filed_us <> NEW.filed_us
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'FILED' AND NEW.state IN ('UNDER_REVIEW', 'WITHDRAWN'))
    OR (OLD.state = 'UNDER_REVIEW' AND NEW.state IN ('PAUSED', 'UPHELD', 'REJECTED', 'WITHDRAWN'))
    OR (OLD.state = 'PAUSED' AND NEW.state IN ('UNDER_REVIEW', 'WITHDRAWN'))
    OR (OLD.state IN ('UPHELD', 'REJECTED') AND NEW.state = 'ANSWERED'))
BEGIN SELECT RAISE(ABORT, 'an objection moves only as it may'); END;
CREATE TRIGGER objections_stay BEFORE DELETE ON objections
BEGIN SELECT RAISE(ABORT, 'rows of objections are never deleted'); END;
-- What follows from a result that calls for it. sealed: the steps and what was said of them.
CREATE TABLE follow_ups (
  result TEXT NOT NULL PRIMARY KEY,
  campaign TEXT NOT NULL,
  department TEXT NOT NULL,
  unit TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('OPEN', 'HANDED_OVER', 'ACCEPTED', 'RECTIFYING', 'RECTIFIED',
    'CASE_OPENED', 'REFERRED', 'REFERRAL_RECEIVED', 'CLOSED')),
  version INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX follow_ups_by_department ON follow_ups (department, result);
CREATE INDEX follow_ups_by_unit ON follow_ups (unit, result);
CREATE TRIGGER follow_ups_move BEFORE UPDATE ON follow_ups
WHEN OLD.result <> NEW.result OR OLD.campaign <> NEW.campaign OR OLD.department <> NEW.department
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'OPEN' AND NEW.state IN ('HANDED_OVER', 'ACCEPTED'))
    OR (OLD.state = 'HANDED_OVER' AND NEW.state IN ('OPEN', 'ACCEPTED'))
    OR (OLD.state = 'ACCEPTED' AND NEW.state IN ('RECTIFYING', 'CASE_OPENED', 'REFERRED', 'CLOSED'))
    OR (OLD.state = 'RECTIFYING' AND NEW.state IN ('RECTIFIED', 'ACCEPTED'))
    OR (OLD.state = 'RECTIFIED' AND NEW.state IN ('CASE_OPENED', 'CLOSED'))
    OR (OLD.state = 'CASE_OPENED' AND NEW.state IN ('REFERRED', 'CLOSED'))
    OR (OLD.state = 'REFERRED' AND NEW.state = 'REFERRAL_RECEIVED')
    OR (OLD.state = 'REFERRAL_RECEIVED' AND NEW.state = 'CLOSED'))
BEGIN SELECT RAISE(ABORT, 'a follow-up moves only as it may'); END;
CREATE TRIGGER follow_ups_stay BEFORE DELETE ON follow_ups
BEGIN SELECT RAISE(ABORT, 'rows of follow_ups are never deleted'); END;
-- What the credit platform has to get: one row per published version (R124, R125).
CREATE TABLE outbox (
  result TEXT NOT NULL,
  version INTEGER NOT NULL,
  department TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PENDING', 'DELIVERED')),
  attempts INTEGER NOT NULL,
  next_us INTEGER NOT NULL,
  error TEXT NOT NULL,
  receipt TEXT NOT NULL,
  delivered_us INTEGER NOT NULL,
  PRIMARY KEY (result, version)
) STRICT;
CREATE INDEX outbox_due ON outbox (next_us) WHERE state = 'PENDING';
CREATE TRIGGER outbox_move BEFORE UPDATE ON outbox
WHEN OLD.state = 'DELIVERED' OR OLD.result <> NEW.result OR OLD.version <> NEW.version
  OR OLD.department <> NEW.department OR NEW.attempts <= OLD.attempts
BEGIN SELECT RAISE(ABORT, 'what was delivered stays delivered'); END;
CREATE TRIGGER outbox_stay BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'rows of outbox are never deleted'); END;
-- What the credit platform says of subjects, from a day on (R127).
CREATE TABLE credit_states (
  jurisdiction TEXT NOT NULL,
  subject TEXT NOT NULL,
  on_day TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, subject, on_day)
) STRICT;

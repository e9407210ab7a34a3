-- A department's result of a visit that is over. doc: where it stands; sealed: what was found, of whom.
CREATE TABLE results (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  publisher TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('PENDING', 'IN_REVIEW', 'PUBLISHED', 'WITHHELD')),
  version BIGINT NOT NULL,
  doc TEXT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE UNIQUE INDEX results_place ON results (campaign, attempt, rank, department);
CREATE TRIGGER results_move BEFORE UPDATE ON results FOR EACH ROW
WHEN (OLD.id <> NEW.id OR OLD.campaign <> NEW.campaign OR OLD.attempt <> NEW.attempt
  OR OLD.rank <> NEW.rank OR OLD.department <> NEW.department OR OLD.publisher <> NEW.publisher
  OR OLD.sealed <> NEW.sealed
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'PENDING' AND NEW.state IN ('IN_REVIEW', 'PUBLISHED', 'WITHHELD'))
    OR (OLD.state = 'IN_REVIEW' AND NEW.state IN ('PENDING', 'PUBLISHED', 'WITHHELD'))
    OR (OLD.state = 'WITHHELD' AND NEW.state IN ('IN_REVIEW', 'PUBLISHED'))
    OR (OLD.state = 'PUBLISHED' AND NEW.state = 'PUBLISHED')))
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER results_stay BEFORE DELETE OR TRUNCATE ON results
EXECUTE FUNCTION refuse_change();
-- What is published: never changed, only superseded by a further version (R114, R115).
CREATE TABLE publications (
  result TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  campaign TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  published_us BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (result, version)
);
CREATE INDEX publications_by_campaign ON publications (campaign, result);
CREATE INDEX publications_by_subject ON publications (subject, result);
CREATE TRIGGER publications_keep BEFORE UPDATE ON publications
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER publications_stay BEFORE DELETE OR TRUNCATE ON publications
EXECUTE FUNCTION refuse_change();
-- Corrections of published results: asked by one, approved by another, one open at a time.
CREATE TABLE corrections (
  result TEXT COLLATE "C" NOT NULL,
  nth BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('REQUESTED', 'APPROVED', 'DECLINED')),
  doc TEXT NOT NULL,
  PRIMARY KEY (result, nth)
);
CREATE UNIQUE INDEX corrections_open ON corrections (result) WHERE state = 'REQUESTED';
CREATE TRIGGER corrections_decide BEFORE UPDATE ON corrections FOR EACH ROW
WHEN (OLD.state <> 'REQUESTED' OR NEW.state = 'REQUESTED' OR OLD.result <> NEW.result OR OLD.nth <> NEW.nth)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER corrections_stay BEFORE DELETE OR TRUNCATE ON corrections
EXECUTE FUNCTION refuse_change();
-- The summary of a draw, one per campaign (R113, R118).
CREATE TABLE bulletins (
  campaign TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  doc TEXT NOT NULL
);
CREATE TRIGGER bulletins_keep BEFORE UPDATE ON bulletins
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bulletins_stay BEFORE DELETE OR TRUNCATE ON bulletins
EXECUTE FUNCTION refuse_change();
-- Objections to published results. sealed: who filed what, and everything that was said of it.
CREATE TABLE objections (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  result TEXT COLLATE "C" NOT NULL,
  campaign TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  filing TEXT COLLATE "C" NOT NULL CHECK (filing IN ('VISIT_CODE', 'UNPROVEN', 'PAPER')),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN
    ('FILED', 'UNDER_REVIEW', 'PAUSED', 'UPHELD', 'REJECTED', 'ANSWERED', 'WITHDRAWN')),
  version BIGINT NOT NULL,
  filed_us BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE INDEX objections_by_result ON objections (result, filing);
CREATE INDEX objections_by_time ON objections (filing, filed_us);
CREATE INDEX objections_by_department ON objections (department, id);
CREATE TRIGGER objections_move BEFORE UPDATE ON objections FOR EACH ROW
WHEN (OLD.id <> NEW.id OR OLD.result <> NEW.result OR OLD.campaign <> NEW.campaign
  OR OLD.department <> NEW.department OR OLD.filing <> NEW.filing OR OLD.filed_us <> NEW.filed_us
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'FILED' AND NEW.state IN ('UNDER_REVIEW', 'WITHDRAWN'))
    OR (OLD.state = 'UNDER_REVIEW' AND NEW.state IN ('PAUSED', 'UPHELD', 'REJECTED', 'WITHDRAWN'))
    OR (OLD.state = 'PAUSED' AND NEW.state IN ('UNDER_REVIEW', 'WITHDRAWN'))
    OR (OLD.state IN ('UPHELD', 'REJECTED') AND NEW.state = 'ANSWERED')))
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER objections_stay BEFORE DELETE OR TRUNCATE ON objections
EXECUTE FUNCTION refuse_change();
-- What follows from a result that calls for it. sealed: the steps and what was said of them.
CREATE TABLE follow_ups (
  result TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  campaign TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('OPEN', 'HANDED_OVER', 'ACCEPTED', 'RECTIFYING', 'RECTIFIED',
    'CASE_OPENED', 'REFERRED', 'REFERRAL_RECEIVED', 'CLOSED')),
  version BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE INDEX follow_ups_by_department ON follow_ups (department, result);
CREATE INDEX follow_ups_by_unit ON follow_ups (unit, result);
CREATE TRIGGER follow_ups_move BEFORE UPDATE ON follow_ups FOR EACH ROW
WHEN (OLD.result <> NEW.result OR OLD.campaign <> NEW.campaign OR OLD.department <> NEW.department
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'OPEN' AND NEW.state IN ('HANDED_OVER', 'ACCEPTED'))
    OR (OLD.state = 'HANDED_OVER' AND NEW.state IN ('OPEN', 'ACCEPTED'))
    OR (OLD.state = 'ACCEPTED' AND NEW.state IN ('RECTIFYING', 'CASE_OPENED', 'REFERRED', 'CLOSED'))
    OR (OLD.state = 'RECTIFYING' AND NEW.state IN ('RECTIFIED', 'ACCEPTED'))
    OR (OLD.state = 'RECTIFIED' AND NEW.state IN ('CASE_OPENED', 'CLOSED'))
    OR (OLD.state = 'CASE_OPENED' AND NEW.state IN ('REFERRED', 'CLOSED'))
    OR (OLD.state = 'REFERRED' AND NEW.state = 'REFERRAL_RECEIVED')
    OR (OLD.state = 'REFERRAL_RECEIVED' AND NEW.state = 'CLOSED')))
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER follow_ups_stay BEFORE DELETE OR TRUNCATE ON follow_ups
EXECUTE FUNCTION refuse_change();
-- What the credit platform has to get: one row per published version (R124, R125).
CREATE TABLE outbox (
  result TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('PENDING', 'DELIVERED')),
  attempts BIGINT NOT NULL,
  next_us BIGINT NOT NULL,
  error TEXT COLLATE "C" NOT NULL,
  receipt TEXT COLLATE "C" NOT NULL,
  delivered_us BIGINT NOT NULL,
  PRIMARY KEY (result, version)
);
CREATE INDEX outbox_due ON outbox (next_us) WHERE state = 'PENDING';
CREATE TRIGGER outbox_move BEFORE UPDATE ON outbox FOR EACH ROW
WHEN (OLD.state = 'DELIVERED' OR OLD.result <> NEW.result OR OLD.version <> NEW.version
  OR OLD.department <> NEW.department OR NEW.attempts <= OLD.attempts)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER outbox_stay BEFORE DELETE OR TRUNCATE ON outbox
EXECUTE FUNCTION refuse_change();
-- What the credit platform says of subjects, from a day on (R127).
CREATE TABLE credit_states (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  on_day TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, subject, on_day)
);

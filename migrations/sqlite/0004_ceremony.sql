-- Deadlines, beacons, and decisions that two persons take.
DROP INDEX campaigns_one_frozen;
ALTER TABLE campaigns RENAME TO campaigns_before;
CREATE TABLE campaigns (
  id TEXT NOT NULL PRIMARY KEY,
  jurisdiction TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'FROZEN', 'DRAWN', 'ABORTED')),
  version INTEGER NOT NULL,
  doc TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
INSERT INTO campaigns SELECT id, jurisdiction, state, version, doc, created_us FROM campaigns_before;
DROP TABLE campaigns_before;
CREATE UNIQUE INDEX campaigns_one_frozen ON campaigns (jurisdiction) WHERE state = 'FROZEN';

DROP TRIGGER draws_keep;
DROP TRIGGER draws_stay;
ALTER TABLE draws RENAME TO draws_before;
CREATE TABLE draws (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('FROZEN', 'DRAWN', 'ABORTED', 'VOID')),
  freeze_bytes BLOB NOT NULL,
  freeze_hash TEXT NOT NULL,
  root_secret BLOB NOT NULL,
  pool BLOB NOT NULL,
  openings BLOB NOT NULL,
  seed TEXT NOT NULL,
  result_root TEXT NOT NULL,
  figures TEXT NOT NULL,
  bundle BLOB NOT NULL,
  abort_reason TEXT NOT NULL,
  frozen_us INTEGER NOT NULL,
  frozen_by TEXT NOT NULL DEFAULT '',
  commit_by_us INTEGER NOT NULL DEFAULT 0,
  reveal_by_us INTEGER NOT NULL DEFAULT 0,
  beacon_value TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (campaign, attempt)
) STRICT;
INSERT INTO draws (campaign, attempt, state, freeze_bytes, freeze_hash, root_secret, pool, openings,
  seed, result_root, figures, bundle, abort_reason, frozen_us)
SELECT campaign, attempt, state, freeze_bytes, freeze_hash, root_secret, pool, openings,
  seed, result_root, figures, bundle, abort_reason, frozen_us FROM draws_before;
DROP TABLE draws_before;
-- An outcome may still become void; nothing of it changes then.
CREATE TRIGGER draws_keep BEFORE UPDATE ON draws
WHEN OLD.state IN ('ABORTED', 'VOID')
  OR (OLD.state = 'DRAWN' AND (NEW.state <> 'VOID' OR OLD.seed IS NOT NEW.seed
    OR OLD.result_root IS NOT NEW.result_root OR OLD.bundle IS NOT NEW.bundle
    OR OLD.figures IS NOT NEW.figures))
  OR (OLD.beacon_value <> '' AND OLD.beacon_value IS NOT NEW.beacon_value)
  OR OLD.freeze_bytes IS NOT NEW.freeze_bytes OR OLD.freeze_hash IS NOT NEW.freeze_hash
  OR OLD.pool IS NOT NEW.pool OR OLD.root_secret IS NOT NEW.root_secret
  OR OLD.openings IS NOT NEW.openings OR OLD.frozen_us IS NOT NEW.frozen_us
  OR OLD.frozen_by IS NOT NEW.frozen_by OR OLD.commit_by_us IS NOT NEW.commit_by_us
  OR OLD.reveal_by_us IS NOT NEW.reveal_by_us
BEGIN SELECT RAISE(ABORT, 'a frozen draw does not change'); END;
CREATE TRIGGER draws_stay BEFORE DELETE ON draws
BEGIN SELECT RAISE(ABORT, 'draws are append-only'); END;

-- What one asked for and another approved: to abort an attempt, to void an outcome, to try again.
CREATE TABLE decisions (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('ABORT', 'VOID', 'RETRY')),
  reason TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_role TEXT NOT NULL,
  requested_us INTEGER NOT NULL,
  approved_by TEXT NOT NULL,
  approved_us INTEGER NOT NULL,
  PRIMARY KEY (campaign, attempt, kind)
) STRICT;
CREATE TRIGGER decisions_keep BEFORE UPDATE ON decisions
WHEN OLD.approved_by <> '' OR OLD.reason IS NOT NEW.reason
  OR OLD.requested_by IS NOT NEW.requested_by OR OLD.requested_us IS NOT NEW.requested_us
BEGIN SELECT RAISE(ABORT, 'decisions do not change'); END;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

-- Deadlines, beacons, and decisions that two persons take.
ALTER TABLE campaigns DROP CONSTRAINT campaigns_state_check;
ALTER TABLE campaigns ADD CONSTRAINT campaigns_state_check
CHECK (state IN ('PROPOSED', 'APPROVED', 'FROZEN', 'DRAWN', 'ABORTED'));

DROP TRIGGER draws_keep ON draws;
ALTER TABLE draws DROP CONSTRAINT draws_state_check;
ALTER TABLE draws ADD CONSTRAINT draws_state_check
CHECK (state IN ('FROZEN', 'DRAWN', 'ABORTED', 'VOID'));
ALTER TABLE draws ADD COLUMN frozen_by TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE draws ADD COLUMN commit_by_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE draws ADD COLUMN reveal_by_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE draws ADD COLUMN beacon_value TEXT COLLATE "C" NOT NULL DEFAULT '';
-- An outcome may still become void; nothing of it changes then.
CREATE TRIGGER draws_keep BEFORE UPDATE ON draws FOR EACH ROW
WHEN (OLD.state IN ('ABORTED', 'VOID')
  OR (OLD.state = 'DRAWN' AND (NEW.state <> 'VOID' OR OLD.seed IS DISTINCT FROM NEW.seed
    OR OLD.result_root IS DISTINCT FROM NEW.result_root OR OLD.bundle IS DISTINCT FROM NEW.bundle
    OR OLD.figures IS DISTINCT FROM NEW.figures))
  OR (OLD.beacon_value <> '' AND OLD.beacon_value IS DISTINCT FROM NEW.beacon_value)
  OR OLD.freeze_bytes IS DISTINCT FROM NEW.freeze_bytes
  OR OLD.freeze_hash IS DISTINCT FROM NEW.freeze_hash
  OR OLD.pool IS DISTINCT FROM NEW.pool OR OLD.root_secret IS DISTINCT FROM NEW.root_secret
  OR OLD.openings IS DISTINCT FROM NEW.openings OR OLD.frozen_us IS DISTINCT FROM NEW.frozen_us
  OR OLD.frozen_by IS DISTINCT FROM NEW.frozen_by
  OR OLD.commit_by_us IS DISTINCT FROM NEW.commit_by_us
  OR OLD.reveal_by_us IS DISTINCT FROM NEW.reveal_by_us)
EXECUTE FUNCTION refuse_change();

-- What one asked for and another approved: to abort an attempt, to void an outcome, to try again.
CREATE TABLE decisions (
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('ABORT', 'VOID', 'RETRY')),
  reason TEXT NOT NULL,
  requested_by TEXT COLLATE "C" NOT NULL,
  requested_role TEXT COLLATE "C" NOT NULL,
  requested_us BIGINT NOT NULL,
  approved_by TEXT COLLATE "C" NOT NULL,
  approved_us BIGINT NOT NULL,
  PRIMARY KEY (campaign, attempt, kind)
);
CREATE TRIGGER decisions_keep BEFORE UPDATE ON decisions FOR EACH ROW
WHEN (OLD.approved_by <> '' OR OLD.reason IS DISTINCT FROM NEW.reason
  OR OLD.requested_by IS DISTINCT FROM NEW.requested_by
  OR OLD.requested_us IS DISTINCT FROM NEW.requested_us)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_stay BEFORE DELETE OR TRUNCATE ON decisions
EXECUTE FUNCTION refuse_change();

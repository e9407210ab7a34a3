-- Data keys: the names of an attempt and of each visit are sealed under a key of their own, which
-- stands here wrapped by the key file's newest key. An empty one: sealed by the key file itself, as
-- before there were data keys, or, where what it sealed is empty too, erased.
ALTER TABLE visits ADD COLUMN wrapped BYTEA NOT NULL DEFAULT '';
ALTER TABLE draws ADD COLUMN wrapped BYTEA NOT NULL DEFAULT '';

-- What a draw's tickets stand for may be erased once the attempt is over, and nothing else of it.
DROP TRIGGER draws_keep ON draws;
CREATE TRIGGER draws_keep BEFORE UPDATE ON draws FOR EACH ROW
WHEN (OLD.campaign IS DISTINCT FROM NEW.campaign OR OLD.attempt IS DISTINCT FROM NEW.attempt
  OR (OLD.state IN ('ABORTED', 'VOID') AND OLD.state IS DISTINCT FROM NEW.state)
  OR (OLD.state = 'DRAWN' AND NEW.state NOT IN ('DRAWN', 'VOID'))
  OR (OLD.state <> 'FROZEN' AND (OLD.seed IS DISTINCT FROM NEW.seed
    OR OLD.result_root IS DISTINCT FROM NEW.result_root OR OLD.bundle IS DISTINCT FROM NEW.bundle
    OR OLD.figures IS DISTINCT FROM NEW.figures OR OLD.beacon_value IS DISTINCT FROM NEW.beacon_value
    OR (OLD.state = NEW.state AND OLD.abort_reason IS DISTINCT FROM NEW.abort_reason)))
  OR (OLD.beacon_value <> '' AND OLD.beacon_value IS DISTINCT FROM NEW.beacon_value)
  OR OLD.freeze_bytes IS DISTINCT FROM NEW.freeze_bytes OR OLD.freeze_hash IS DISTINCT FROM NEW.freeze_hash
  OR OLD.pool IS DISTINCT FROM NEW.pool OR OLD.frozen_us IS DISTINCT FROM NEW.frozen_us
  OR OLD.frozen_by IS DISTINCT FROM NEW.frozen_by OR OLD.commit_by_us IS DISTINCT FROM NEW.commit_by_us
  OR OLD.reveal_by_us IS DISTINCT FROM NEW.reveal_by_us
  OR (OLD.root_secret IS DISTINCT FROM NEW.root_secret
    AND (length(NEW.root_secret) > 0 OR OLD.state = 'FROZEN'))
  OR (OLD.openings IS DISTINCT FROM NEW.openings AND (length(NEW.openings) > 0 OR OLD.state = 'FROZEN')))
EXECUTE FUNCTION refuse_change();
DROP TRIGGER changes_keep ON changes;
CREATE TRIGGER changes_keep BEFORE UPDATE ON changes FOR EACH ROW
WHEN ((OLD.state <> 'REQUESTED' AND (OLD.state IS DISTINCT FROM NEW.state OR OLD.doc IS DISTINCT FROM NEW.doc))
  OR OLD.campaign IS DISTINCT FROM NEW.campaign OR OLD.nth IS DISTINCT FROM NEW.nth
  OR (OLD.sealed IS DISTINCT FROM NEW.sealed AND length(NEW.sealed) > 0))
EXECUTE FUNCTION refuse_change();

-- What one asked to erase and another decided. sealed: whom it concerns, until it is decided.
CREATE TABLE erasures (
  nth BIGINT NOT NULL PRIMARY KEY,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('REQUESTED', 'CARRIED_OUT', 'DECLINED')),
  doc TEXT NOT NULL,
  sealed BYTEA NOT NULL
);
CREATE TRIGGER erasures_keep BEFORE UPDATE ON erasures FOR EACH ROW
WHEN (OLD.state <> 'REQUESTED' OR OLD.nth IS DISTINCT FROM NEW.nth
  OR (OLD.sealed IS DISTINCT FROM NEW.sealed AND length(NEW.sealed) > 0))
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasures_stay BEFORE DELETE OR TRUNCATE ON erasures
EXECUTE FUNCTION refuse_change();

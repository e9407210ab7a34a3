-- Data keys: the names of an attempt and of each visit are sealed under a key of their own, which
-- stands here wrapped by the key file's newest key. An empty one: sealed by the key file itself, as
-- before there were data keys, or, where what it sealed is empty too, erased.
ALTER TABLE visits ADD COLUMN wrapped BLOB NOT NULL DEFAULT x'';
ALTER TABLE draws ADD COLUMN wrapped BLOB NOT NULL DEFAULT x'';

-- What a draw's tickets stand for may be erased once the attempt is over, and nothing else of it.
DROP TRIGGER draws_keep;
CREATE TRIGGER draws_keep BEFORE UPDATE ON draws
WHEN OLD.campaign IS NOT NEW.campaign OR OLD.attempt IS NOT NEW.attempt
  OR (OLD.state IN ('ABORTED', 'VOID') AND OLD.state IS NOT NEW.state)
  OR (OLD.state = 'DRAWN' AND NEW.state NOT IN ('DRAWN', 'VOID'))
  OR (OLD.state <> 'FROZEN' AND (OLD.seed IS NOT NEW.seed
    OR OLD.result_root IS NOT NEW.result_root OR OLD.bundle IS NOT NEW.bundle
    OR OLD.figures IS NOT NEW.figures OR OLD.beacon_value IS NOT NEW.beacon_value
    OR (OLD.state = NEW.state AND OLD.abort_reason IS NOT NEW.abort_reason)))
  OR (OLD.beacon_value <> '' AND OLD.beacon_value IS NOT NEW.beacon_value)
  OR OLD.freeze_bytes IS NOT NEW.freeze_bytes OR OLD.freeze_hash IS NOT NEW.freeze_hash
  OR OLD.pool IS NOT NEW.pool OR OLD.frozen_us IS NOT NEW.frozen_us
  OR OLD.frozen_by IS NOT NEW.frozen_by OR OLD.commit_by_us IS NOT NEW.commit_by_us
  OR OLD.reveal_by_us IS NOT NEW.reveal_by_us
  OR (OLD.root_secret IS NOT NEW.root_secret
    AND (length(NEW.root_secret) > 0 OR OLD.state = 'FROZEN'))
  OR (OLD.openings IS NOT NEW.openings AND (length(NEW.openings) > 0 OR OLD.state = 'FROZEN'))
BEGIN SELECT RAISE(ABORT, 'a frozen draw does not change'); END;
DROP TRIGGER changes_keep;
CREATE TRIGGER changes_keep BEFORE UPDATE ON changes
WHEN (OLD.state <> 'REQUESTED' AND (OLD.state IS NOT NEW.state OR OLD.doc IS NOT NEW.doc))
  OR OLD.campaign IS NOT NEW.campaign OR OLD.nth IS NOT NEW.nth
  OR (OLD.sealed IS NOT NEW.sealed AND length(NEW.sealed) > 0)
BEGIN SELECT RAISE(ABORT, 'a decided change does not change'); END;

-- What one asked to erase and another decided. sealed: whom it concerns, until it is decided.
CREATE TABLE erasures (
  nth INTEGER NOT NULL PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('REQUESTED', 'CARRIED_OUT', 'DECLINED')),
  doc TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE TRIGGER erasures_keep BEFORE UPDATE ON erasures
WHEN OLD.state <> 'REQUESTED' OR OLD.nth IS NOT NEW.nth
  OR (OLD.sealed IS NOT NEW.sealed AND length(NEW.sealed) > 0)
BEGIN SELECT RAISE(ABORT, 'a decided erasure does not change'); END;
CREATE TRIGGER erasures_stay BEFORE DELETE ON erasures
BEGIN SELECT RAISE(ABORT, 'erasures are append-only'); END;

-- The log: events in order, the tree over them, its signed checkpoints.
DROP TRIGGER events_keep;
DROP TRIGGER events_stay;
DROP INDEX events_without_position;
ALTER TABLE events RENAME TO events_before;
-- nth is the order of insertion: what was decided after reading an event stands behind it.
-- mac is the service's mark: an event without a true one never enters the log.
CREATE TABLE events (
  nth INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  at_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body BLOB NOT NULL,
  mac BLOB NOT NULL,
  position INTEGER UNIQUE
) STRICT;
INSERT INTO events (id, at_us, kind, body, mac, position)
SELECT id, at_us, kind, body, x'', position FROM events_before ORDER BY at_us, id;
DROP TABLE events_before;
CREATE INDEX events_without_position ON events (nth) WHERE position IS NULL;
CREATE INDEX events_by_kind ON events (kind, nth);
CREATE TRIGGER events_keep BEFORE UPDATE ON events
WHEN OLD.nth IS NOT NEW.nth OR OLD.id IS NOT NEW.id OR OLD.at_us IS NOT NEW.at_us
  OR OLD.kind IS NOT NEW.kind OR OLD.body IS NOT NEW.body OR OLD.mac IS NOT NEW.mac
  OR OLD.position IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_stay BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- Hashes of the tree, 256 to a tile (C2SP tlog-tiles); the tiles of the right edge grow.
CREATE TABLE log_tiles (
  level INTEGER NOT NULL,
  nth INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, nth)
) STRICT;

-- Signed notes.
CREATE TABLE log_checkpoints (
  size INTEGER NOT NULL PRIMARY KEY,
  note TEXT NOT NULL,
  at_us INTEGER NOT NULL
) STRICT;
CREATE TRIGGER log_checkpoints_keep BEFORE UPDATE ON log_checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER log_checkpoints_stay BEFORE DELETE ON log_checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

-- Who has acknowledged that the log stands behind its pinned checkpoint.
CREATE TABLE log_acknowledgements (
  fault TEXT NOT NULL,
  office TEXT NOT NULL,
  reason TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (fault, office)
) STRICT;

-- The log: events in order, the tree over them, its signed checkpoints.
DROP TRIGGER events_keep ON events;
DROP TRIGGER events_stay ON events;
DROP INDEX events_without_position;
ALTER TABLE events RENAME TO events_before;
ALTER TABLE events_before RENAME CONSTRAINT events_pkey TO events_before_pkey;
ALTER TABLE events_before RENAME CONSTRAINT events_position_key TO events_before_position_key;
-- nth is the order of insertion: what was decided after reading an event stands behind it.
-- mac is the service's mark: an event without a true one never enters the log.
CREATE TABLE events (
  nth BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id BYTEA NOT NULL UNIQUE,
  at_us BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  mac BYTEA NOT NULL,
  position BIGINT UNIQUE
);
INSERT INTO events (id, at_us, kind, body, mac, position)
SELECT id, at_us, kind, body, '', position FROM events_before ORDER BY at_us, id;
DROP TABLE events_before;
CREATE INDEX events_without_position ON events (nth) WHERE position IS NULL;
CREATE INDEX events_by_kind ON events (kind, nth);
CREATE TRIGGER events_keep BEFORE UPDATE ON events FOR EACH ROW
WHEN (OLD.nth IS DISTINCT FROM NEW.nth OR OLD.id IS DISTINCT FROM NEW.id
  OR OLD.at_us IS DISTINCT FROM NEW.at_us OR OLD.kind IS DISTINCT FROM NEW.kind
  OR OLD.body IS DISTINCT FROM NEW.body OR OLD.mac IS DISTINCT FROM NEW.mac
  OR OLD.position IS NOT NULL)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_stay BEFORE DELETE OR TRUNCATE ON events
EXECUTE FUNCTION refuse_change();

-- Hashes of the tree, 256 to a tile (C2SP tlog-tiles); the tiles of the right edge grow.
CREATE TABLE log_tiles (
  level BIGINT NOT NULL,
  nth BIGINT NOT NULL,
  hashes BYTEA NOT NULL,
  PRIMARY KEY (level, nth)
);

-- Signed notes.
CREATE TABLE log_checkpoints (
  size BIGINT NOT NULL PRIMARY KEY,
  note TEXT NOT NULL,
  at_us BIGINT NOT NULL
);
CREATE TRIGGER log_checkpoints_keep BEFORE UPDATE ON log_checkpoints FOR EACH ROW
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_checkpoints_stay BEFORE DELETE OR TRUNCATE ON log_checkpoints
EXECUTE FUNCTION refuse_change();

-- Who has acknowledged that the log stands behind its pinned checkpoint.
CREATE TABLE log_acknowledgements (
  fault TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  reason TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (fault, office)
);

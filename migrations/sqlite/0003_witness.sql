-- Witnesses' lines on checkpoints, and which campaign an event is of.
CREATE TABLE log_cosignatures (
  size INTEGER NOT NULL,
  witness TEXT NOT NULL,
  line TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (size, witness)
) STRICT;

-- Checkpoints that bear the cosignatures the policy asked for when the last of them came.
CREATE TABLE log_witnessed (
  size INTEGER NOT NULL PRIMARY KEY,
  at_us INTEGER NOT NULL
) STRICT;

-- A projection of the body, so that all events of a campaign are found.
DROP TRIGGER events_keep;
ALTER TABLE events ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
UPDATE events SET campaign = COALESCE(json_extract(CAST(body AS TEXT), '$.body.campaign'), '');
CREATE INDEX events_by_campaign ON events (campaign, nth) WHERE campaign <> '';
CREATE TRIGGER events_keep BEFORE UPDATE ON events
WHEN OLD.nth IS NOT NEW.nth OR OLD.id IS NOT NEW.id OR OLD.at_us IS NOT NEW.at_us
  OR OLD.kind IS NOT NEW.kind OR OLD.body IS NOT NEW.body OR OLD.mac IS NOT NEW.mac
  OR OLD.campaign IS NOT NEW.campaign OR OLD.position IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

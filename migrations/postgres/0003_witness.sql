-- Witnesses' lines on checkpoints, and which campaign an event is of.
CREATE TABLE log_cosignatures (
  size BIGINT NOT NULL,
  witness TEXT COLLATE "C" NOT NULL,
  line TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (size, witness)
);

-- Checkpoints that bear the cosignatures the policy asked for when the last of them came.
CREATE TABLE log_witnessed (
  size BIGINT NOT NULL PRIMARY KEY,
  at_us BIGINT NOT NULL
);

-- A projection of the body, so that all events of a campaign are found.
DROP TRIGGER events_keep ON events;
ALTER TABLE events ADD COLUMN campaign TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE events SET campaign = COALESCE(convert_from(body, 'UTF8')::jsonb -> 'body' ->> 'campaign', '');
CREATE INDEX events_by_campaign ON events (campaign, nth) WHERE campaign <> '';
CREATE TRIGGER events_keep BEFORE UPDATE ON events FOR EACH ROW
WHEN (OLD.nth IS DISTINCT FROM NEW.nth OR OLD.id IS DISTINCT FROM NEW.id
  OR OLD.at_us IS DISTINCT FROM NEW.at_us OR OLD.kind IS DISTINCT FROM NEW.kind
  OR OLD.body IS DISTINCT FROM NEW.body OR OLD.mac IS DISTINCT FROM NEW.mac
  OR OLD.campaign IS DISTINCT FROM NEW.campaign OR OLD.position IS NOT NULL)
EXECUTE FUNCTION refuse_change();

-- Changes of lists are read in the order of the log (R24, R32).
CREATE INDEX events_of_registries ON events (position)
  WHERE kind IN ('subjects.import', 'inspectors.import', 'item_list.put');
-- That a business was told of a visit (R86): once, by whom and how; no names.
CREATE TABLE notices (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (campaign, attempt, rank)
) STRICT;
CREATE TRIGGER notices_keep BEFORE UPDATE ON notices
BEGIN SELECT RAISE(ABORT, 'a notice does not change'); END;
CREATE TRIGGER notices_stay BEFORE DELETE ON notices
BEGIN SELECT RAISE(ABORT, 'rows of notices are never deleted'); END;
-- Experts of a draw (R33, R96): the pool as frozen and published, the picks once drawn. sealed: who they are.
CREATE TABLE expert_draws (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  pool TEXT NOT NULL,
  picks TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (campaign, attempt)
) STRICT;
-- Experts who were assigned where nobody could be picked. sealed: who, and why.
CREATE TABLE expert_assignments (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  profession TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (campaign, attempt, rank, profession)
) STRICT;
CREATE TRIGGER expert_draws_keep BEFORE UPDATE ON expert_draws
WHEN OLD.campaign <> NEW.campaign OR OLD.attempt <> NEW.attempt OR OLD.pool <> NEW.pool
  OR (OLD.picks <> '' AND OLD.picks <> NEW.picks)
  OR OLD.sealed <> NEW.sealed
BEGIN SELECT RAISE(ABORT, 'experts are picked once'); END;
CREATE TRIGGER expert_draws_stay BEFORE DELETE ON expert_draws
BEGIN SELECT RAISE(ABORT, 'rows of expert_draws are never deleted'); END;
CREATE TRIGGER expert_assignments_keep BEFORE UPDATE ON expert_assignments
BEGIN SELECT RAISE(ABORT, 'an assignment does not change'); END;
CREATE TRIGGER expert_assignments_stay BEFORE DELETE ON expert_assignments
BEGIN SELECT RAISE(ABORT, 'rows of expert_assignments are never deleted'); END;

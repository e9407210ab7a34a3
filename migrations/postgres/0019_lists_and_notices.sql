-- Changes of lists are read in the order of the log (R24, R32).
CREATE INDEX events_of_registries ON events (position)
  WHERE kind IN ('subjects.import', 'inspectors.import', 'item_list.put');
-- That a business was told of a visit (R86): once, by whom and how; no names.
CREATE TABLE notices (
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (campaign, attempt, rank)
);
CREATE TRIGGER notices_keep BEFORE UPDATE ON notices FOR EACH ROW
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER notices_stay BEFORE DELETE OR TRUNCATE ON notices
EXECUTE FUNCTION refuse_change();
-- Experts of a draw (R33, R96): the pool as frozen and published, the picks once drawn. sealed: who they are.
CREATE TABLE expert_draws (
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  pool TEXT NOT NULL,
  picks TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (campaign, attempt)
);
-- Experts who were assigned where nobody could be picked. sealed: who, and why.
CREATE TABLE expert_assignments (
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  profession TEXT COLLATE "C" NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (campaign, attempt, rank, profession)
);
CREATE TRIGGER expert_draws_keep BEFORE UPDATE ON expert_draws FOR EACH ROW
WHEN (OLD.campaign <> NEW.campaign OR OLD.attempt <> NEW.attempt OR OLD.pool <> NEW.pool
  OR (OLD.picks <> '' AND OLD.picks <> NEW.picks)
  OR OLD.sealed <> NEW.sealed)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER expert_draws_stay BEFORE DELETE OR TRUNCATE ON expert_draws
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER expert_assignments_keep BEFORE UPDATE ON expert_assignments FOR EACH ROW
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER expert_assignments_stay BEFORE DELETE OR TRUNCATE ON expert_assignments
EXECUTE FUNCTION refuse_change();

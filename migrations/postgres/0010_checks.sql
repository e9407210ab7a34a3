-- The execution of visits on site. sealed: everything that was recorded, encrypted; digest: of what is sealed.
CREATE TABLE checks (
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL
    CHECK (state IN ('STARTED', 'SIGNED', 'TERMINATING', 'COMPLETED', 'TERMINATED')),
  version BIGINT NOT NULL,
  digest TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (campaign, attempt, rank)
);
CREATE TRIGGER checks_move BEFORE UPDATE ON checks FOR EACH ROW
WHEN (OLD.campaign IS DISTINCT FROM NEW.campaign OR OLD.attempt IS DISTINCT FROM NEW.attempt
  OR OLD.rank IS DISTINCT FROM NEW.rank
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'STARTED' AND NEW.state IN ('STARTED', 'SIGNED', 'TERMINATING'))
    OR (OLD.state = 'SIGNED' AND NEW.state IN ('STARTED', 'COMPLETED'))
    OR (OLD.state = 'TERMINATING' AND NEW.state IN ('STARTED', 'TERMINATING', 'TERMINATED'))))
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checks_stay BEFORE DELETE OR TRUNCATE ON checks
EXECUTE FUNCTION refuse_change();
-- Days on which a person of a department has no time for visits.
CREATE TABLE busy_days (
  department TEXT COLLATE "C" NOT NULL,
  inspector TEXT COLLATE "C" NOT NULL,
  day TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (department, inspector, day)
);
-- Days and hours at which a subject is not to be visited, by whoever told; whether it is drawn or not.
CREATE TABLE blackouts (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  giver TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, subject, giver)
);
-- The day that is fixed for a visit.
CREATE TABLE appointments (
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (campaign, attempt, rank)
);

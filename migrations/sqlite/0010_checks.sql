-- The execution of visits on site. sealed: everything that was recorded, encrypted; digest: of what is sealed.
CREATE TABLE checks (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('STARTED', 'SIGNED', 'TERMINATING', 'COMPLETED', 'TERMINATED')),
  version INTEGER NOT NULL,
  digest TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (campaign, attempt, rank)
) STRICT;
CREATE TRIGGER checks_move BEFORE UPDATE ON checks
WHEN OLD.campaign IS NOT NEW.campaign OR OLD.attempt IS NOT NEW.attempt OR OLD.rank IS NOT NEW.rank
  OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'STARTED' AND NEW.state IN ('STARTED', 'SIGNED', 'TERMINATING'))
    OR (OLD.state = 'SIGNED' AND NEW.state IN ('STARTED', 'COMPLETED'))
    OR (OLD.state = 'TERMINATING' AND NEW.state IN ('STARTED', 'TERMINATING', 'TERMINATED')))
BEGIN SELECT RAISE(ABORT, 'a check moves only as it may, and a finished one does not change'); END;
CREATE TRIGGER checks_stay BEFORE DELETE ON checks
BEGIN SELECT RAISE(ABORT, 'checks are never deleted'); END;
-- Days on which a person of a department has no time for visits.
CREATE TABLE busy_days (
  department TEXT NOT NULL,
  inspector TEXT NOT NULL,
  day TEXT NOT NULL,
  PRIMARY KEY (department, inspector, day)
) STRICT;
-- Days and hours at which a subject is not to be visited, by whoever told; whether it is drawn or not.
CREATE TABLE blackouts (
  jurisdiction TEXT NOT NULL,
  subject TEXT NOT NULL,
  giver TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, subject, giver)
) STRICT;
-- The day that is fixed for a visit.
CREATE TABLE appointments (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  version INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (campaign, attempt, rank)
) STRICT;

-- Exceptions of subjects and items from the rules of draws (R36–R44, R52).
CREATE TABLE exceptions (
  id TEXT NOT NULL PRIMARY KEY,
  jurisdiction TEXT NOT NULL,
  department TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('REQUESTED', 'IN_FORCE', 'DECLINED', 'WITHDRAWN')),
  version INTEGER NOT NULL,
  doc TEXT NOT NULL
) STRICT;
CREATE INDEX exceptions_by_department ON exceptions (department, id);
CREATE INDEX exceptions_by_jurisdiction ON exceptions (jurisdiction, state);
CREATE TRIGGER exceptions_move BEFORE UPDATE ON exceptions
WHEN OLD.id <> NEW.id OR OLD.jurisdiction <> NEW.jurisdiction OR OLD.department <> NEW.department
  OR OLD.subject <> NEW.subject OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'REQUESTED' AND NEW.state IN ('IN_FORCE', 'DECLINED', 'WITHDRAWN'))
    OR (OLD.state = 'IN_FORCE' AND NEW.state = 'WITHDRAWN'))
BEGIN SELECT RAISE(ABORT, 'an exception moves only as it may'); END;

-- Local modes of joint campaigns (R63): every version stays, the latest holds.
CREATE TABLE local_modes (
  jurisdiction TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, id, version)
) STRICT;
CREATE TRIGGER local_modes_keep BEFORE UPDATE ON local_modes
BEGIN SELECT RAISE(ABORT, 'modes are append-only'); END;
CREATE TRIGGER local_modes_stay BEFORE DELETE ON local_modes
BEGIN SELECT RAISE(ABORT, 'modes are append-only'); END;

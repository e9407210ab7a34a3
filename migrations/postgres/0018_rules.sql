-- Exceptions of subjects and items from the rules of draws (R36–R44, R52).
CREATE TABLE exceptions (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  jurisdiction TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('REQUESTED', 'IN_FORCE', 'DECLINED', 'WITHDRAWN')),
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX exceptions_by_department ON exceptions (department, id);
CREATE INDEX exceptions_by_jurisdiction ON exceptions (jurisdiction, state);
CREATE TRIGGER exceptions_move BEFORE UPDATE ON exceptions FOR EACH ROW
WHEN (OLD.id <> NEW.id OR OLD.jurisdiction <> NEW.jurisdiction OR OLD.department <> NEW.department
  OR OLD.subject <> NEW.subject OR NEW.version <= OLD.version
  OR NOT ((OLD.state = 'REQUESTED' AND NEW.state IN ('IN_FORCE', 'DECLINED', 'WITHDRAWN'))
    OR (OLD.state = 'IN_FORCE' AND NEW.state = 'WITHDRAWN')))
EXECUTE FUNCTION refuse_change();

-- Local modes of joint campaigns (R63): every version stays, the latest holds.
CREATE TABLE local_modes (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, id, version)
);
CREATE TRIGGER local_modes_keep BEFORE UPDATE ON local_modes FOR EACH ROW
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER local_modes_stay BEFORE DELETE OR TRUNCATE ON local_modes
EXECUTE FUNCTION refuse_change();

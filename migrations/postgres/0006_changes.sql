-- What one asked to change of an outcome and another approved. sealed: whom it names, encrypted.
CREATE TABLE changes (
  campaign TEXT COLLATE "C" NOT NULL,
  nth BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('REQUESTED', 'APPROVED', 'DECLINED')),
  doc TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (campaign, nth)
);
CREATE TRIGGER changes_keep BEFORE UPDATE ON changes FOR EACH ROW
WHEN (OLD.state <> 'REQUESTED' OR OLD.campaign IS DISTINCT FROM NEW.campaign
  OR OLD.nth IS DISTINCT FROM NEW.nth OR OLD.sealed IS DISTINCT FROM NEW.sealed)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER changes_stay BEFORE DELETE OR TRUNCATE ON changes
EXECUTE FUNCTION refuse_change();

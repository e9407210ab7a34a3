-- What one asked to change of an outcome and another approved. sealed: whom it names, encrypted.
CREATE TABLE changes (
  campaign TEXT NOT NULL,
  nth INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('REQUESTED', 'APPROVED', 'DECLINED')),
  doc TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (campaign, nth)
) STRICT;
CREATE TRIGGER changes_keep BEFORE UPDATE ON changes
WHEN OLD.state <> 'REQUESTED' OR OLD.campaign IS NOT NEW.campaign OR OLD.nth IS NOT NEW.nth
  OR OLD.sealed IS NOT NEW.sealed
BEGIN SELECT RAISE(ABORT, 'a decided change does not change'); END;
CREATE TRIGGER changes_stay BEFORE DELETE ON changes
BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END;

-- What was recorded on site, and what a subject stated, may be erased with the names; nothing else of them.
DROP TRIGGER checks_move;
CREATE TRIGGER checks_move BEFORE UPDATE ON checks
WHEN OLD.campaign IS NOT NEW.campaign OR OLD.attempt IS NOT NEW.attempt OR OLD.rank IS NOT NEW.rank
  OR ((NEW.version <= OLD.version
    OR NOT ((OLD.state = 'STARTED' AND NEW.state IN ('STARTED', 'SIGNED', 'TERMINATING'))
      OR (OLD.state = 'SIGNED' AND NEW.state IN ('STARTED', 'COMPLETED'))
      OR (OLD.state = 'TERMINATING' AND NEW.state IN ('STARTED', 'TERMINATING', 'TERMINATED'))))
    AND NOT (length(NEW.sealed) = 0 AND NEW.version = OLD.version AND NEW.state = OLD.state
      AND NEW.digest = OLD.digest))
BEGIN SELECT RAISE(ABORT, 'a check moves only as it may, and a finished one does not change'); END;
DROP TRIGGER recusal_asks_keep;
CREATE TRIGGER recusal_asks_keep BEFORE UPDATE ON recusal_asks
WHEN (OLD.state <> 'ASKED' AND (OLD.state IS NOT NEW.state OR OLD.doc IS NOT NEW.doc))
  OR OLD.campaign IS NOT NEW.campaign OR OLD.nth IS NOT NEW.nth OR OLD.attempt IS NOT NEW.attempt
  OR OLD.visit IS NOT NEW.visit OR OLD.of_visit IS NOT NEW.of_visit OR OLD.ticket IS NOT NEW.ticket
  OR (OLD.sealed IS NOT NEW.sealed AND length(NEW.sealed) > 0)
BEGIN SELECT RAISE(ABORT, 'a recusal that was asked for is decided once'); END;

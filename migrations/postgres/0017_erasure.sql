-- What was recorded on site, and what a subject stated, may be erased with the names; nothing else of them.
DROP TRIGGER checks_move ON checks;
CREATE TRIGGER checks_move BEFORE UPDATE ON checks FOR EACH ROW
WHEN (OLD.campaign IS DISTINCT FROM NEW.campaign OR OLD.attempt IS DISTINCT FROM NEW.attempt
  OR OLD.rank IS DISTINCT FROM NEW.rank
  OR ((NEW.version <= OLD.version
    OR NOT ((OLD.state = 'STARTED' AND NEW.state IN ('STARTED', 'SIGNED', 'TERMINATING'))
      OR (OLD.state = 'SIGNED' AND NEW.state IN ('STARTED', 'COMPLETED'))
      OR (OLD.state = 'TERMINATING' AND NEW.state IN ('STARTED', 'TERMINATING', 'TERMINATED'))))
    AND NOT (length(NEW.sealed) = 0 AND NEW.version = OLD.version AND NEW.state = OLD.state
      AND NEW.digest = OLD.digest)))
EXECUTE FUNCTION refuse_change();
DROP TRIGGER recusal_asks_keep ON recusal_asks;
CREATE TRIGGER recusal_asks_keep BEFORE UPDATE ON recusal_asks FOR EACH ROW
WHEN ((OLD.state <> 'ASKED' AND (OLD.state IS DISTINCT FROM NEW.state OR OLD.doc IS DISTINCT FROM NEW.doc))
  OR OLD.campaign IS DISTINCT FROM NEW.campaign
  OR OLD.nth IS DISTINCT FROM NEW.nth OR OLD.attempt IS DISTINCT FROM NEW.attempt
  OR OLD.visit IS DISTINCT FROM NEW.visit OR OLD.of_visit IS DISTINCT FROM NEW.of_visit
  OR OLD.ticket IS DISTINCT FROM NEW.ticket
  OR (OLD.sealed IS DISTINCT FROM NEW.sealed AND length(NEW.sealed) > 0))
EXECUTE FUNCTION refuse_change();

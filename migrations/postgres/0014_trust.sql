-- Closed years of the log, each once. first: where its entries begin; size: the tree at its close, which is also
-- the position of the log.year event.
CREATE TABLE log_years (
  year BIGINT NOT NULL PRIMARY KEY,
  first BIGINT NOT NULL,
  size BIGINT NOT NULL UNIQUE
);
CREATE TRIGGER log_years_keep BEFORE UPDATE ON log_years FOR EACH ROW
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_years_stay BEFORE DELETE OR TRUNCATE ON log_years
EXECUTE FUNCTION refuse_change();

-- Public keys with which holders of credentials sign what they decide; the last one of a credential is in use.
CREATE TABLE signing_keys (
  credential TEXT COLLATE "C" NOT NULL,
  nth BIGINT NOT NULL,
  public_key BYTEA NOT NULL UNIQUE,
  since_us BIGINT NOT NULL,
  PRIMARY KEY (credential, nth)
);
CREATE TRIGGER signing_keys_keep BEFORE UPDATE ON signing_keys FOR EACH ROW
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signing_keys_stay BEFORE DELETE OR TRUNCATE ON signing_keys
EXECUTE FUNCTION refuse_change();

-- What was found, filed and said may be erased with the names; nothing else of it changes by that.
DROP TRIGGER results_move ON results;
CREATE TRIGGER results_move BEFORE UPDATE ON results FOR EACH ROW
WHEN (OLD.id <> NEW.id OR OLD.campaign <> NEW.campaign OR OLD.attempt <> NEW.attempt
  OR OLD.rank <> NEW.rank OR OLD.department <> NEW.department OR OLD.publisher <> NEW.publisher
  OR ((OLD.sealed <> NEW.sealed
    OR NEW.version <= OLD.version
    OR NOT ((OLD.state = 'PENDING' AND NEW.state IN ('IN_REVIEW', 'PUBLISHED', 'WITHHELD'))
      OR (OLD.state = 'IN_REVIEW' AND NEW.state IN ('PENDING', 'PUBLISHED', 'WITHHELD'))
      OR (OLD.state = 'WITHHELD' AND NEW.state IN ('IN_REVIEW', 'PUBLISHED'))
      OR (OLD.state = 'PUBLISHED' AND NEW.state = 'PUBLISHED')))
    AND NOT (length(NEW.sealed) = 0 AND NEW.version = OLD.version AND NEW.state = OLD.state AND NEW.doc = OLD.doc)))
EXECUTE FUNCTION refuse_change();
DROP TRIGGER objections_move ON objections;
CREATE TRIGGER objections_move BEFORE UPDATE ON objections FOR EACH ROW
WHEN (OLD.id <> NEW.id OR OLD.result <> NEW.result OR OLD.campaign <> NEW.campaign
  OR OLD.department <> NEW.department OR OLD.filing <> NEW.filing OR OLD.filed_us <> NEW.filed_us
  OR ((NEW.version <= OLD.version
    OR NOT ((OLD.state = 'FILED' AND NEW.state IN ('UNDER_REVIEW', 'WITHDRAWN'))
      OR (OLD.state = 'UNDER_REVIEW' AND NEW.state IN ('PAUSED', 'UPHELD', 'REJECTED', 'WITHDRAWN'))
      OR (OLD.state = 'PAUSED' AND NEW.state IN ('UNDER_REVIEW', 'WITHDRAWN'))
      OR (OLD.state IN ('UPHELD', 'REJECTED') AND NEW.state = 'ANSWERED')))
    AND NOT (length(NEW.sealed) = 0 AND NEW.version = OLD.version AND NEW.state = OLD.state)))
EXECUTE FUNCTION refuse_change();
DROP TRIGGER follow_ups_move ON follow_ups;
CREATE TRIGGER follow_ups_move BEFORE UPDATE ON follow_ups FOR EACH ROW
WHEN (OLD.result <> NEW.result OR OLD.campaign <> NEW.campaign OR OLD.department <> NEW.department
  OR ((NEW.version <= OLD.version
    OR NOT ((OLD.state = 'OPEN' AND NEW.state IN ('HANDED_OVER', 'ACCEPTED'))
      OR (OLD.state = 'HANDED_OVER' AND NEW.state IN ('OPEN', 'ACCEPTED'))
      OR (OLD.state = 'ACCEPTED' AND NEW.state IN ('RECTIFYING', 'CASE_OPENED', 'REFERRED', 'CLOSED'))
      OR (OLD.state = 'RECTIFYING' AND NEW.state IN ('RECTIFIED', 'ACCEPTED'))
      OR (OLD.state = 'RECTIFIED' AND NEW.state IN ('CASE_OPENED', 'CLOSED'))
      OR (OLD.state = 'CASE_OPENED' AND NEW.state IN ('REFERRED', 'CLOSED'))
      OR (OLD.state = 'REFERRED' AND NEW.state = 'REFERRAL_RECEIVED')
      OR (OLD.state = 'REFERRAL_RECEIVED' AND NEW.state = 'CLOSED')))
    AND NOT (length(NEW.sealed) = 0 AND NEW.version = OLD.version AND NEW.state = OLD.state AND NEW.unit = OLD.unit)))
EXECUTE FUNCTION refuse_change();

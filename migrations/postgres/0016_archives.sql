-- Archives of campaigns (visit 0) and of single visits: the public file as it was hashed, compressed.
CREATE TABLE archives (
  campaign TEXT COLLATE "C" NOT NULL,
  visit BIGINT NOT NULL,
  nth BIGINT NOT NULL,
  doc TEXT NOT NULL,
  file BYTEA NOT NULL,
  PRIMARY KEY (campaign, visit, nth)
);
CREATE TRIGGER archives_keep BEFORE UPDATE ON archives
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER archives_stay BEFORE DELETE OR TRUNCATE ON archives
EXECUTE FUNCTION refuse_change();
-- What an archive holds of people and businesses, a part per visit, encrypted; empty once it is erased.
CREATE TABLE archive_parts (
  campaign TEXT COLLATE "C" NOT NULL,
  visit BIGINT NOT NULL,
  nth BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (campaign, visit, nth, rank)
);
CREATE INDEX archive_parts_by_visit ON archive_parts (campaign, rank);
CREATE TRIGGER archive_parts_keep BEFORE UPDATE ON archive_parts FOR EACH ROW
WHEN (OLD.campaign <> NEW.campaign OR OLD.visit <> NEW.visit OR OLD.nth <> NEW.nth
  OR OLD.rank <> NEW.rank OR length(NEW.sealed) > 0)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER archive_parts_stay BEFORE DELETE OR TRUNCATE ON archive_parts
EXECUTE FUNCTION refuse_change();

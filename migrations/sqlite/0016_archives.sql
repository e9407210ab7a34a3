-- Archives of campaigns (visit 0) and of single visits: the public file as it was hashed, compressed.
CREATE TABLE archives (
  campaign TEXT NOT NULL,
  visit INTEGER NOT NULL,
  nth INTEGER NOT NULL,
  doc TEXT NOT NULL,
  file BLOB NOT NULL,
  PRIMARY KEY (campaign, visit, nth)
) STRICT;
CREATE TRIGGER archives_keep BEFORE UPDATE ON archives
BEGIN SELECT RAISE(ABORT, 'an archive does not change'); END;
CREATE TRIGGER archives_stay BEFORE DELETE ON archives
BEGIN SELECT RAISE(ABORT, 'rows of archives are never deleted'); END;
-- What an archive holds of people and businesses, a part per visit, encrypted; empty once it is erased.
CREATE TABLE archive_parts (
  campaign TEXT NOT NULL,
  visit INTEGER NOT NULL,
  nth INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (campaign, visit, nth, rank)
) STRICT;
CREATE INDEX archive_parts_by_visit ON archive_parts (campaign, rank);
CREATE TRIGGER archive_parts_keep BEFORE UPDATE ON archive_parts
WHEN OLD.campaign IS NOT NEW.campaign OR OLD.visit IS NOT NEW.visit OR OLD.nth IS NOT NEW.nth
  OR OLD.rank IS NOT NEW.rank OR length(NEW.sealed) > 0
BEGIN SELECT RAISE(ABORT, 'a part of an archive is erased or stays'); END;
CREATE TRIGGER archive_parts_stay BEFORE DELETE ON archive_parts
BEGIN SELECT RAISE(ABORT, 'rows of archive_parts are never deleted'); END;

-- Years of the calendar of working days, every version for ever. scope: '' for the whole country.
CREATE TABLE calendar_years (
  scope TEXT NOT NULL,
  year INTEGER NOT NULL,
  version INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (scope, year, version)
) STRICT;
CREATE TRIGGER calendar_years_keep BEFORE UPDATE ON calendar_years
BEGIN SELECT RAISE(ABORT, 'a year of the calendar does not change'); END;
CREATE TRIGGER calendar_years_stay BEFORE DELETE ON calendar_years
BEGIN SELECT RAISE(ABORT, 'years of the calendar are append-only'); END;

-- Templates of scheduled campaigns; version is the etag. Every slot up to settled_on is recorded.
CREATE TABLE campaign_templates (
  id TEXT NOT NULL PRIMARY KEY,
  jurisdiction TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'STOPPED')),
  version INTEGER NOT NULL,
  settled_on TEXT NOT NULL,
  doc TEXT NOT NULL
) STRICT;
CREATE INDEX campaign_templates_by_state ON campaign_templates (state, id);

-- What became of each slot of a template. slot: its local time; campaign: '' when it was missed.
CREATE TABLE campaign_slots (
  template TEXT NOT NULL,
  slot TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ANNOUNCED', 'FROZEN', 'UNFROZEN', 'MISSED')),
  campaign TEXT NOT NULL,
  freeze_us INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (template, slot)
) STRICT;
CREATE UNIQUE INDEX campaign_slots_campaign ON campaign_slots (campaign) WHERE campaign <> '';
CREATE INDEX campaign_slots_to_freeze ON campaign_slots (freeze_us) WHERE state = 'ANNOUNCED';
CREATE TRIGGER campaign_slots_keep BEFORE UPDATE ON campaign_slots
WHEN OLD.state <> 'ANNOUNCED' OR NEW.state NOT IN ('FROZEN', 'UNFROZEN')
  OR OLD.template IS NOT NEW.template OR OLD.slot IS NOT NEW.slot
  OR OLD.campaign IS NOT NEW.campaign OR OLD.freeze_us IS NOT NEW.freeze_us
BEGIN SELECT RAISE(ABORT, 'what became of a slot does not change'); END;
CREATE TRIGGER campaign_slots_stay BEFORE DELETE ON campaign_slots
BEGIN SELECT RAISE(ABORT, 'slots are append-only'); END;

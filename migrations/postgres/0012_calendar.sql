-- Years of the calendar of working days, every version for ever. scope: '' for the whole country.
CREATE TABLE calendar_years (
  scope TEXT COLLATE "C" NOT NULL,
  year BIGINT NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (scope, year, version)
);
CREATE TRIGGER calendar_years_keep BEFORE UPDATE ON calendar_years
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER calendar_years_stay BEFORE DELETE OR TRUNCATE ON calendar_years
EXECUTE FUNCTION refuse_change();

-- Templates of scheduled campaigns; version is the etag. Every slot up to settled_on is recorded.
CREATE TABLE campaign_templates (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  jurisdiction TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'STOPPED')),
  version BIGINT NOT NULL,
  settled_on TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX campaign_templates_by_state ON campaign_templates (state, id);

-- What became of each slot of a template. slot: its local time; campaign: '' when it was missed.
CREATE TABLE campaign_slots (
  template TEXT COLLATE "C" NOT NULL,
  slot TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('ANNOUNCED', 'FROZEN', 'UNFROZEN', 'MISSED')),
  campaign TEXT COLLATE "C" NOT NULL,
  freeze_us BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (template, slot)
);
CREATE UNIQUE INDEX campaign_slots_campaign ON campaign_slots (campaign) WHERE campaign <> '';
CREATE INDEX campaign_slots_to_freeze ON campaign_slots (freeze_us) WHERE state = 'ANNOUNCED';
CREATE TRIGGER campaign_slots_keep BEFORE UPDATE ON campaign_slots FOR EACH ROW
WHEN (OLD.state <> 'ANNOUNCED' OR NEW.state NOT IN ('FROZEN', 'UNFROZEN')
  OR OLD.template IS DISTINCT FROM NEW.template OR OLD.slot IS DISTINCT FROM NEW.slot
  OR OLD.campaign IS DISTINCT FROM NEW.campaign OR OLD.freeze_us IS DISTINCT FROM NEW.freeze_us)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER campaign_slots_stay BEFORE DELETE OR TRUNCATE ON campaign_slots
EXECUTE FUNCTION refuse_change();

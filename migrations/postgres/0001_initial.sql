-- Immutable columns are those of the keys and every *_us; documents (doc) are JSON of a domain type.
-- Text keys compare as bytes on both engines. Booleans are 0 and 1. Times are microseconds UTC.

-- Divisions, their level and neighbours.
CREATE TABLE jurisdictions (
  code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  doc TEXT NOT NULL
);

-- Departments; version is the etag.
CREATE TABLE departments (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  jurisdiction TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX departments_by_jurisdiction ON departments (jurisdiction, id);

-- Credentials. The secret is never stored, only its SHA-256.
CREATE TABLE api_keys (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  secret_hash BYTEA NOT NULL UNIQUE,
  role TEXT COLLATE "C" NOT NULL CHECK (role IN ('DEPARTMENT', 'OFFICE', 'SUPERVISOR')),
  department TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  created_us BIGINT NOT NULL,
  revoked_us BIGINT
);

-- One row per mutation: what makes request_id idempotent. Written in the mutation's transaction.
CREATE TABLE requests (
  caller TEXT COLLATE "C" NOT NULL,
  request_id TEXT COLLATE "C" NOT NULL,
  method TEXT COLLATE "C" NOT NULL,
  payload BYTEA NOT NULL,
  reply TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (caller, request_id)
);

-- The ledger's events: stored bytes, never changed. The position is given later, once.
CREATE TABLE events (
  id BYTEA NOT NULL PRIMARY KEY,
  at_us BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  position BIGINT UNIQUE
);
CREATE INDEX events_without_position ON events (at_us, id) WHERE position IS NULL;

-- Policy values as issued; what holds on a day is resolved from them.
CREATE TABLE policies (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  level TEXT COLLATE "C" NOT NULL,
  effective_from TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, name, level, effective_from)
);

-- Item lists, every version for ever.
CREATE TABLE item_lists (
  department TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  PRIMARY KEY (department, version)
);

-- Subject registries. digest is a 64-bit hash of the row, so that an unchanged row is not rewritten.
CREATE TABLE entries (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  premises TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  risk TEXT COLLATE "C" NOT NULL,
  district TEXT COLLATE "C" NOT NULL,
  more TEXT NOT NULL,
  digest BIGINT NOT NULL,
  changed_us BIGINT NOT NULL,
  PRIMARY KEY (jurisdiction, department, id, premises)
);

-- Inspector pools.
CREATE TABLE inspectors (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL,
  digest BIGINT NOT NULL,
  changed_us BIGINT NOT NULL,
  PRIMARY KEY (jurisdiction, department, id)
);

-- Declared interests; they stay.
CREATE TABLE recusals (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  inspector TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, inspector, subject)
);

-- Risk facts, kept as recorded.
CREATE TABLE risk_facts (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  on_day TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, subject, kind, on_day)
);

-- Inspections made elsewhere, kept as recorded.
CREATE TABLE inspections (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  on_day TEXT COLLATE "C" NOT NULL,
  origin TEXT COLLATE "C" NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, subject, on_day, origin)
);

-- Imports: how far each has come, so that a cut connection resumes.
CREATE TABLE imports (
  department TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('RUNNING', 'FINISHED', 'REFUSED')),
  doc TEXT NOT NULL,
  started_us BIGINT NOT NULL,
  PRIMARY KEY (department, id)
);

-- What is to be said of single rows.
CREATE TABLE import_reports (
  department TEXT COLLATE "C" NOT NULL,
  import TEXT COLLATE "C" NOT NULL,
  row_number BIGINT NOT NULL,
  nth BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (department, import, row_number, nth)
);

-- Checked rows of all-or-nothing imports, until they are all good; a chunk per row.
CREATE TABLE import_chunks (
  department TEXT COLLATE "C" NOT NULL,
  import TEXT COLLATE "C" NOT NULL,
  first_row BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (department, import, first_row)
);

-- Doubtful pairs and what was decided; the smaller id first.
CREATE TABLE reviews (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  first_id TEXT COLLATE "C" NOT NULL,
  second_id TEXT COLLATE "C" NOT NULL,
  evidence TEXT COLLATE "C" NOT NULL,
  decision TEXT COLLATE "C" NOT NULL CHECK (decision IN ('', 'SAME', 'DIFFERENT')),
  reason TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (jurisdiction, first_id, second_id)
);

-- Links of the last resolution, for reading; a draw derives its own.
CREATE TABLE links (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  canonical TEXT COLLATE "C" NOT NULL,
  evidence TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (jurisdiction, department, id)
);

-- Tasks that departments have planned already.
CREATE TABLE tasks (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('OPEN', 'PROPOSED', 'ACCEPTED')),
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, id)
);

-- Visits proposed for tasks.
CREATE TABLE proposals (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('OPEN', 'ACCEPTED', 'DECLINED', 'SCHEDULED')),
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, id)
);

-- Campaigns; version is the etag.
CREATE TABLE campaigns (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  jurisdiction TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'FROZEN', 'DRAWN')),
  version BIGINT NOT NULL,
  doc TEXT NOT NULL,
  created_us BIGINT NOT NULL
);
-- One open draw per jurisdiction: two at once could send a third visit to one door.
CREATE UNIQUE INDEX campaigns_one_frozen ON campaigns (jurisdiction) WHERE state = 'FROZEN';

-- Attempts at a draw. The key makes a second outcome impossible. root_secret is encrypted;
-- pool and openings are compressed JSON; the bundle is what anybody may download.
CREATE TABLE draws (
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('FROZEN', 'DRAWN', 'ABORTED')),
  freeze_bytes BYTEA NOT NULL,
  freeze_hash TEXT COLLATE "C" NOT NULL,
  root_secret BYTEA NOT NULL,
  pool BYTEA NOT NULL,
  openings BYTEA NOT NULL,
  seed TEXT COLLATE "C" NOT NULL,
  result_root TEXT COLLATE "C" NOT NULL,
  figures TEXT NOT NULL,
  bundle BYTEA NOT NULL,
  abort_reason TEXT COLLATE "C" NOT NULL,
  frozen_us BIGINT NOT NULL,
  PRIMARY KEY (campaign, attempt)
);

-- What each supervising office has put into an attempt. A commitment is never replaced.
CREATE TABLE contributions (
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  commitment TEXT COLLATE "C" NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (campaign, attempt, office),
  UNIQUE (campaign, attempt, commitment)
);

-- Visits of a drawn attempt.
CREATE TABLE visits (
  campaign TEXT COLLATE "C" NOT NULL,
  rank BIGINT NOT NULL,
  jurisdiction TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  year BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (campaign, rank)
);
CREATE INDEX visits_by_year ON visits (jurisdiction, year, subject);

-- Which department takes part in which visit.
CREATE TABLE visit_sections (
  campaign TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  rank BIGINT NOT NULL,
  PRIMARY KEY (campaign, department, rank)
);

-- Slots that nobody could fill.
CREATE TABLE shortages (
  campaign TEXT COLLATE "C" NOT NULL,
  nth BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (campaign, nth)
);

-- Second wall: what is written once stays.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER events_keep BEFORE UPDATE ON events FOR EACH ROW
WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.at_us IS DISTINCT FROM NEW.at_us
  OR OLD.kind IS DISTINCT FROM NEW.kind OR OLD.body IS DISTINCT FROM NEW.body
  OR OLD.position IS NOT NULL)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_stay BEFORE DELETE OR TRUNCATE ON events
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER item_lists_keep BEFORE UPDATE ON item_lists FOR EACH ROW
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER item_lists_stay BEFORE DELETE OR TRUNCATE ON item_lists
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draws_keep BEFORE UPDATE ON draws FOR EACH ROW
WHEN (OLD.state <> 'FROZEN' OR OLD.freeze_bytes IS DISTINCT FROM NEW.freeze_bytes
  OR OLD.pool IS DISTINCT FROM NEW.pool OR OLD.root_secret IS DISTINCT FROM NEW.root_secret)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draws_stay BEFORE DELETE OR TRUNCATE ON draws
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contributions_keep BEFORE UPDATE ON contributions FOR EACH ROW
WHEN (OLD.commitment IS DISTINCT FROM NEW.commitment OR OLD.number <> '')
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contributions_stay BEFORE DELETE OR TRUNCATE ON contributions
EXECUTE FUNCTION refuse_change();

-- Immutable columns are those of the keys and every *_us; documents (doc) are JSON of a domain type.
-- Text keys compare as bytes on both engines. Booleans are 0 and 1. Times are microseconds UTC.

-- Divisions, their level and neighbours.
CREATE TABLE jurisdictions (
  code TEXT NOT NULL PRIMARY KEY,
  doc TEXT NOT NULL
) STRICT;

-- Departments; version is the etag.
CREATE TABLE departments (
  id TEXT NOT NULL PRIMARY KEY,
  jurisdiction TEXT NOT NULL,
  version INTEGER NOT NULL,
  doc TEXT NOT NULL
) STRICT;
CREATE INDEX departments_by_jurisdiction ON departments (jurisdiction, id);

-- Credentials. The secret is never stored, only its SHA-256.
CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  secret_hash BLOB NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('DEPARTMENT', 'OFFICE', 'SUPERVISOR')),
  department TEXT NOT NULL,
  office TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  revoked_us INTEGER
) STRICT;

-- One row per mutation: what makes request_id idempotent. Written in the mutation's transaction.
CREATE TABLE requests (
  caller TEXT NOT NULL,
  request_id TEXT NOT NULL,
  method TEXT NOT NULL,
  payload BLOB NOT NULL,
  reply TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (caller, request_id)
) STRICT;

-- The ledger's events: stored bytes, never changed. The position is given later, once.
CREATE TABLE events (
  id BLOB NOT NULL PRIMARY KEY,
  at_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body BLOB NOT NULL,
  position INTEGER UNIQUE
) STRICT;
CREATE INDEX events_without_position ON events (at_us, id) WHERE position IS NULL;

-- Policy values as issued; what holds on a day is resolved from them.
CREATE TABLE policies (
  jurisdiction TEXT NOT NULL,
  name TEXT NOT NULL,
  level TEXT NOT NULL,
  effective_from TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, name, level, effective_from)
) STRICT;

-- Item lists, every version for ever.
CREATE TABLE item_lists (
  department TEXT NOT NULL,
  version INTEGER NOT NULL,
  doc TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  PRIMARY KEY (department, version)
) STRICT;

-- Subject registries. digest is a 64-bit hash of the row, so that an unchanged row is not rewritten.
CREATE TABLE entries (
  jurisdiction TEXT NOT NULL,
  department TEXT NOT NULL,
  id TEXT NOT NULL,
  premises TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  risk TEXT NOT NULL,
  district TEXT NOT NULL,
  more TEXT NOT NULL,
  digest INTEGER NOT NULL,
  changed_us INTEGER NOT NULL,
  PRIMARY KEY (jurisdiction, department, id, premises)
) STRICT;

-- Inspector pools.
CREATE TABLE inspectors (
  jurisdiction TEXT NOT NULL,
  department TEXT NOT NULL,
  id TEXT NOT NULL,
  doc TEXT NOT NULL,
  digest INTEGER NOT NULL,
  changed_us INTEGER NOT NULL,
  PRIMARY KEY (jurisdiction, department, id)
) STRICT;

-- Declared interests; they stay.
CREATE TABLE recusals (
  jurisdiction TEXT NOT NULL,
  department TEXT NOT NULL,
  inspector TEXT NOT NULL,
  subject TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, inspector, subject)
) STRICT;

-- Risk facts, kept as recorded.
CREATE TABLE risk_facts (
  jurisdiction TEXT NOT NULL,
  department TEXT NOT NULL,
  subject TEXT NOT NULL,
  kind TEXT NOT NULL,
  on_day TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, subject, kind, on_day)
) STRICT;

-- Inspections made elsewhere, kept as recorded.
CREATE TABLE inspections (
  jurisdiction TEXT NOT NULL,
  department TEXT NOT NULL,
  subject TEXT NOT NULL,
  on_day TEXT NOT NULL,
  origin TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, subject, on_day, origin)
) STRICT;

-- Imports: how far each has come, so that a cut connection resumes.
CREATE TABLE imports (
  department TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('RUNNING', 'FINISHED', 'REFUSED')),
  doc TEXT NOT NULL,
  started_us INTEGER NOT NULL,
  PRIMARY KEY (department, id)
) STRICT;

-- What is to be said of single rows.
CREATE TABLE import_reports (
  department TEXT NOT NULL,
  import TEXT NOT NULL,
  row_number INTEGER NOT NULL,
  nth INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (department, import, row_number, nth)
) STRICT;

-- Checked rows of all-or-nothing imports, until they are all good; a chunk per row.
CREATE TABLE import_chunks (
  department TEXT NOT NULL,
  import TEXT NOT NULL,
  first_row INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (department, import, first_row)
) STRICT;

-- Doubtful pairs and what was decided; the smaller id first.
CREATE TABLE reviews (
  jurisdiction TEXT NOT NULL,
  first_id TEXT NOT NULL,
  second_id TEXT NOT NULL,
  evidence TEXT NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('', 'SAME', 'DIFFERENT')),
  reason TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, first_id, second_id)
) STRICT;

-- Links of the last resolution, for reading; a draw derives its own.
CREATE TABLE links (
  jurisdiction TEXT NOT NULL,
  department TEXT NOT NULL,
  id TEXT NOT NULL,
  canonical TEXT NOT NULL,
  evidence TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, id)
) STRICT;

-- Tasks that departments have planned already.
CREATE TABLE tasks (
  jurisdiction TEXT NOT NULL,
  department TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('OPEN', 'PROPOSED', 'ACCEPTED')),
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, department, id)
) STRICT;

-- Visits proposed for tasks.
CREATE TABLE proposals (
  jurisdiction TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('OPEN', 'ACCEPTED', 'DECLINED', 'SCHEDULED')),
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, id)
) STRICT;

-- Campaigns; version is the etag.
CREATE TABLE campaigns (
  id TEXT NOT NULL PRIMARY KEY,
  jurisdiction TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PROPOSED', 'APPROVED', 'FROZEN', 'DRAWN')),
  version INTEGER NOT NULL,
  doc TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
-- One open draw per jurisdiction: two at once could send a third visit to one door.
CREATE UNIQUE INDEX campaigns_one_frozen ON campaigns (jurisdiction) WHERE state = 'FROZEN';

-- Attempts at a draw. The key makes a second outcome impossible. root_secret is encrypted;
-- pool and openings are compressed JSON; the bundle is what anybody may download.
CREATE TABLE draws (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('FROZEN', 'DRAWN', 'ABORTED')),
  freeze_bytes BLOB NOT NULL,
  freeze_hash TEXT NOT NULL,
  root_secret BLOB NOT NULL,
  pool BLOB NOT NULL,
  openings BLOB NOT NULL,
  seed TEXT NOT NULL,
  result_root TEXT NOT NULL,
  figures TEXT NOT NULL,
  bundle BLOB NOT NULL,
  abort_reason TEXT NOT NULL,
  frozen_us INTEGER NOT NULL,
  PRIMARY KEY (campaign, attempt)
) STRICT;

-- What each supervising office has put into an attempt. A commitment is never replaced.
CREATE TABLE contributions (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  office TEXT NOT NULL,
  commitment TEXT NOT NULL,
  number TEXT NOT NULL,
  PRIMARY KEY (campaign, attempt, office),
  UNIQUE (campaign, attempt, commitment)
) STRICT;

-- Visits of a drawn attempt.
CREATE TABLE visits (
  campaign TEXT NOT NULL,
  rank INTEGER NOT NULL,
  jurisdiction TEXT NOT NULL,
  subject TEXT NOT NULL,
  year INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (campaign, rank)
) STRICT;
CREATE INDEX visits_by_year ON visits (jurisdiction, year, subject);

-- Which department takes part in which visit.
CREATE TABLE visit_sections (
  campaign TEXT NOT NULL,
  department TEXT NOT NULL,
  rank INTEGER NOT NULL,
  PRIMARY KEY (campaign, department, rank)
) STRICT;

-- Slots that nobody could fill.
CREATE TABLE shortages (
  campaign TEXT NOT NULL,
  nth INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (campaign, nth)
) STRICT;

-- Second wall: what is written once stays.
CREATE TRIGGER events_keep BEFORE UPDATE ON events
WHEN OLD.id IS NOT NEW.id OR OLD.at_us IS NOT NEW.at_us OR OLD.kind IS NOT NEW.kind
  OR OLD.body IS NOT NEW.body OR OLD.position IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_stay BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER item_lists_keep BEFORE UPDATE ON item_lists
BEGIN SELECT RAISE(ABORT, 'item lists are append-only'); END;
CREATE TRIGGER item_lists_stay BEFORE DELETE ON item_lists
BEGIN SELECT RAISE(ABORT, 'item lists are append-only'); END;
CREATE TRIGGER draws_keep BEFORE UPDATE ON draws
WHEN OLD.state <> 'FROZEN' OR OLD.freeze_bytes IS NOT NEW.freeze_bytes
  OR OLD.pool IS NOT NEW.pool OR OLD.root_secret IS NOT NEW.root_secret
BEGIN SELECT RAISE(ABORT, 'a frozen draw does not change'); END;
CREATE TRIGGER draws_stay BEFORE DELETE ON draws
BEGIN SELECT RAISE(ABORT, 'draws are append-only'); END;
CREATE TRIGGER contributions_keep BEFORE UPDATE ON contributions
WHEN OLD.commitment IS NOT NEW.commitment OR OLD.number <> ''
BEGIN SELECT RAISE(ABORT, 'contributions do not change'); END;
CREATE TRIGGER contributions_stay BEFORE DELETE ON contributions
BEGIN SELECT RAISE(ABORT, 'contributions are append-only'); END;

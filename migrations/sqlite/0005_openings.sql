-- Keys of inspectors and auditors; names of visits are sealed; campaigns are closed.
ALTER TABLE api_keys RENAME TO api_keys_before;
CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  secret_hash BLOB NOT NULL UNIQUE,
  role TEXT NOT NULL
    CHECK (role IN ('DEPARTMENT', 'OFFICE', 'SUPERVISOR', 'INSPECTOR', 'AUDITOR')),
  department TEXT NOT NULL,
  office TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  revoked_us INTEGER,
  inspector TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO api_keys (id, secret_hash, role, department, office, created_us, revoked_us)
SELECT id, secret_hash, role, department, office, created_us, revoked_us FROM api_keys_before;
DROP TABLE api_keys_before;

-- sealed: who is visited and by whom, encrypted; doc holds tickets only.
DROP INDEX visits_by_year;
ALTER TABLE visits DROP COLUMN subject;
ALTER TABLE visits ADD COLUMN sealed BLOB NOT NULL DEFAULT x'';
CREATE INDEX visits_by_year ON visits (jurisdiction, year);

DROP INDEX campaigns_one_frozen;
ALTER TABLE campaigns RENAME TO campaigns_before;
CREATE TABLE campaigns (
  id TEXT NOT NULL PRIMARY KEY,
  jurisdiction TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('PROPOSED', 'APPROVED', 'FROZEN', 'DRAWN', 'ABORTED', 'CLOSED')),
  version INTEGER NOT NULL,
  doc TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
INSERT INTO campaigns SELECT id, jurisdiction, state, version, doc, created_us FROM campaigns_before;
DROP TABLE campaigns_before;
CREATE UNIQUE INDEX campaigns_one_frozen ON campaigns (jurisdiction) WHERE state = 'FROZEN';

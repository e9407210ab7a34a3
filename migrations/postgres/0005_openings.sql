-- Keys of inspectors and auditors; names of visits are sealed; campaigns are closed.
ALTER TABLE api_keys DROP CONSTRAINT api_keys_role_check;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_role_check
CHECK (role IN ('DEPARTMENT', 'OFFICE', 'SUPERVISOR', 'INSPECTOR', 'AUDITOR'));
ALTER TABLE api_keys ADD COLUMN inspector TEXT COLLATE "C" NOT NULL DEFAULT '';

-- sealed: who is visited and by whom, encrypted; doc holds tickets only.
DROP INDEX visits_by_year;
ALTER TABLE visits DROP COLUMN subject;
ALTER TABLE visits ADD COLUMN sealed BYTEA NOT NULL DEFAULT '';
CREATE INDEX visits_by_year ON visits (jurisdiction, year);

ALTER TABLE campaigns DROP CONSTRAINT campaigns_state_check;
ALTER TABLE campaigns ADD CONSTRAINT campaigns_state_check
CHECK (state IN ('PROPOSED', 'APPROVED', 'FROZEN', 'DRAWN', 'ABORTED', 'CLOSED'));

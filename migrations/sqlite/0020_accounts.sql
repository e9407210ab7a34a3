-- Who signs in with a browser; inspectors have keys. password: argon2id; totp: the second factor's secret,
-- encrypted.
CREATE TABLE accounts (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('DEPARTMENT', 'OFFICE', 'SUPERVISOR', 'AUDITOR')),
  department TEXT NOT NULL,
  office TEXT NOT NULL,
  password TEXT NOT NULL,
  totp BLOB NOT NULL,
  last_step INTEGER NOT NULL,
  fails INTEGER NOT NULL,
  locked_until_us INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  disabled_us INTEGER
) STRICT;
-- An account keeps its id and name, and a code of the second factor is used once.
CREATE TRIGGER accounts_keep BEFORE UPDATE ON accounts
WHEN OLD.id <> NEW.id OR OLD.name <> NEW.name OR NEW.last_step < OLD.last_step
  OR NEW.version < OLD.version OR (OLD.disabled_us IS NOT NULL AND NEW.disabled_us IS NULL)
BEGIN SELECT RAISE(ABORT, 'an account changes only as it may'); END;
CREATE TRIGGER accounts_stay BEFORE DELETE ON accounts
BEGIN SELECT RAISE(ABORT, 'rows of accounts are never deleted'); END;
-- Who is signed in, by the hash of what the cookie holds.
CREATE TABLE sessions (
  hash BLOB NOT NULL PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  created_us INTEGER NOT NULL,
  seen_us INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);
-- Who tried to sign in to a known account, and whether it was let in.
CREATE TABLE sign_ins (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  at_us INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('IN', 'WRONG', 'LOCKED'))
) STRICT;
CREATE INDEX sign_ins_by_account ON sign_ins (account, at_us);
CREATE TRIGGER sign_ins_keep BEFORE UPDATE ON sign_ins
BEGIN SELECT RAISE(ABORT, 'what was tried does not change'); END;

-- Who signs in with a browser; inspectors have keys. password: argon2id; totp: the second factor's secret,
-- encrypted.
CREATE TABLE accounts (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  role TEXT COLLATE "C" NOT NULL CHECK (role IN ('DEPARTMENT', 'OFFICE', 'SUPERVISOR', 'AUDITOR')),
  department TEXT COLLATE "C" NOT NULL,
  office TEXT COLLATE "C" NOT NULL,
  password TEXT COLLATE "C" NOT NULL,
  totp BYTEA NOT NULL,
  last_step BIGINT NOT NULL,
  fails BIGINT NOT NULL,
  locked_until_us BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  disabled_us BIGINT
);
-- An account keeps its id and name, and a code of the second factor is used once.
CREATE TRIGGER accounts_keep BEFORE UPDATE ON accounts FOR EACH ROW
WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.name IS DISTINCT FROM NEW.name OR NEW.last_step < OLD.last_step
  OR NEW.version < OLD.version OR (OLD.disabled_us IS NOT NULL AND NEW.disabled_us IS NULL))
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER accounts_stay BEFORE DELETE OR TRUNCATE ON accounts
EXECUTE FUNCTION refuse_change();
-- Who is signed in, by the hash of what the cookie holds.
CREATE TABLE sessions (
  hash BYTEA NOT NULL PRIMARY KEY,
  account TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  created_us BIGINT NOT NULL,
  seen_us BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account);
-- Who tried to sign in to a known account, and whether it was let in.
CREATE TABLE sign_ins (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  account TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  at_us BIGINT NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('IN', 'WRONG', 'LOCKED'))
);
CREATE INDEX sign_ins_by_account ON sign_ins (account, at_us);
CREATE TRIGGER sign_ins_keep BEFORE UPDATE ON sign_ins
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a visited subject asks: that a member of its team stays away. doc holds tickets only; sealed is
-- what it says, encrypted. A visit code brings in so many and no more, each person once.
CREATE TABLE recusal_asks (
  campaign TEXT NOT NULL,
  nth INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  visit INTEGER NOT NULL,
  of_visit INTEGER NOT NULL CHECK (of_visit BETWEEN 1 AND 8),
  ticket TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ASKED', 'GRANTED', 'DECLINED')),
  doc TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (campaign, nth),
  UNIQUE (campaign, attempt, visit, of_visit),
  UNIQUE (campaign, attempt, visit, ticket)
) STRICT;
CREATE TRIGGER recusal_asks_keep BEFORE UPDATE ON recusal_asks
WHEN OLD.state <> 'ASKED' OR OLD.campaign IS NOT NEW.campaign OR OLD.nth IS NOT NEW.nth
  OR OLD.attempt IS NOT NEW.attempt OR OLD.visit IS NOT NEW.visit
  OR OLD.of_visit IS NOT NEW.of_visit OR OLD.ticket IS NOT NEW.ticket
  OR OLD.sealed IS NOT NEW.sealed
BEGIN SELECT RAISE(ABORT, 'a decided recusal does not change'); END;
CREATE TRIGGER recusal_asks_stay BEFORE DELETE ON recusal_asks
BEGIN SELECT RAISE(ABORT, 'recusals are append-only'); END;

-- Outcomes of supplementary draws, each once, with the drawn attempt they supplement.
CREATE TABLE supplements (
  campaign TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  parent TEXT NOT NULL,
  parent_attempt INTEGER NOT NULL,
  freeze_hash TEXT NOT NULL,
  result_root TEXT NOT NULL,
  PRIMARY KEY (campaign, attempt),
  UNIQUE (freeze_hash)
) STRICT;
CREATE INDEX supplements_by_parent ON supplements (parent, parent_attempt);
CREATE TRIGGER supplements_keep BEFORE UPDATE ON supplements
BEGIN SELECT RAISE(ABORT, 'a supplementary outcome does not change'); END;
CREATE TRIGGER supplements_stay BEFORE DELETE ON supplements
BEGIN SELECT RAISE(ABORT, 'supplementary outcomes are append-only'); END;

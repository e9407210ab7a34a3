-- What a visited subject asks: that a member of its team stays away. doc holds tickets only; sealed is
-- what it says, encrypted. A visit code brings in so many and no more, each person once.
CREATE TABLE recusal_asks (
  campaign TEXT COLLATE "C" NOT NULL,
  nth BIGINT NOT NULL,
  attempt BIGINT NOT NULL,
  visit BIGINT NOT NULL,
  of_visit BIGINT NOT NULL CHECK (of_visit BETWEEN 1 AND 8),
  ticket TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('ASKED', 'GRANTED', 'DECLINED')),
  doc TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (campaign, nth),
  UNIQUE (campaign, attempt, visit, of_visit),
  UNIQUE (campaign, attempt, visit, ticket)
);
CREATE TRIGGER recusal_asks_keep BEFORE UPDATE ON recusal_asks FOR EACH ROW
WHEN (OLD.state <> 'ASKED' OR OLD.campaign IS DISTINCT FROM NEW.campaign
  OR OLD.nth IS DISTINCT FROM NEW.nth OR OLD.attempt IS DISTINCT FROM NEW.attempt
  OR OLD.visit IS DISTINCT FROM NEW.visit OR OLD.of_visit IS DISTINCT FROM NEW.of_visit
  OR OLD.ticket IS DISTINCT FROM NEW.ticket OR OLD.sealed IS DISTINCT FROM NEW.sealed)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recusal_asks_stay BEFORE DELETE OR TRUNCATE ON recusal_asks
EXECUTE FUNCTION refuse_change();

-- Outcomes of supplementary draws, each once, with the drawn attempt they supplement.
CREATE TABLE supplements (
  campaign TEXT COLLATE "C" NOT NULL,
  attempt BIGINT NOT NULL,
  parent TEXT COLLATE "C" NOT NULL,
  parent_attempt BIGINT NOT NULL,
  freeze_hash TEXT COLLATE "C" NOT NULL,
  result_root TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (campaign, attempt),
  UNIQUE (freeze_hash)
);
CREATE INDEX supplements_by_parent ON supplements (parent, parent_attempt);
CREATE TRIGGER supplements_keep BEFORE UPDATE ON supplements FOR EACH ROW
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER supplements_stay BEFORE DELETE OR TRUNCATE ON supplements
EXECUTE FUNCTION refuse_change();

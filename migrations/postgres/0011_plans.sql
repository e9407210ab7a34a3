-- Chains of approval, as configured. unit: empty for every unit that has none of its own.
CREATE TABLE approval_chains (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('ANNUAL_PLAN', 'SCHEME')),
  unit TEXT COLLATE "C" NOT NULL,
  etag BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, kind, unit)
);

-- Annual plans and schemes, every version for ever. content: what it says; flow: where it stands.
CREATE TABLE papers (
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('ANNUAL_PLAN', 'SCHEME')),
  id TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  jurisdiction TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  year BIGINT NOT NULL,
  parent TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL
    CHECK (state IN ('DRAFT', 'IN_APPROVAL', 'APPROVED', 'PUBLISHED', 'SUPERSEDED')),
  etag BIGINT NOT NULL,
  content TEXT NOT NULL,
  flow TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  PRIMARY KEY (kind, id, version)
);
CREATE INDEX papers_by_year ON papers (kind, jurisdiction, year, id);
-- One version is worked on at a time, and one is published.
CREATE UNIQUE INDEX papers_one_open ON papers (kind, id) WHERE state IN ('DRAFT', 'IN_APPROVAL');
CREATE UNIQUE INDEX papers_one_published ON papers (kind, id) WHERE state = 'PUBLISHED';

-- What was submitted says the same from then on; what is approved is not open again.
CREATE TRIGGER papers_keep BEFORE UPDATE ON papers FOR EACH ROW
WHEN (OLD.kind IS DISTINCT FROM NEW.kind OR OLD.id IS DISTINCT FROM NEW.id
  OR OLD.version IS DISTINCT FROM NEW.version
  OR OLD.jurisdiction IS DISTINCT FROM NEW.jurisdiction OR OLD.unit IS DISTINCT FROM NEW.unit
  OR OLD.year IS DISTINCT FROM NEW.year OR OLD.parent IS DISTINCT FROM NEW.parent
  OR OLD.created_us IS DISTINCT FROM NEW.created_us
  OR (OLD.state <> 'DRAFT' AND OLD.content IS DISTINCT FROM NEW.content)
  OR (OLD.state = 'DRAFT' AND NEW.state NOT IN ('DRAFT', 'IN_APPROVAL'))
  OR (OLD.state = 'IN_APPROVAL' AND NEW.state NOT IN ('DRAFT', 'IN_APPROVAL', 'APPROVED'))
  OR (OLD.state = 'APPROVED' AND NEW.state NOT IN ('APPROVED', 'PUBLISHED', 'SUPERSEDED'))
  OR (OLD.state = 'PUBLISHED' AND NEW.state NOT IN ('PUBLISHED', 'SUPERSEDED'))
  OR OLD.state = 'SUPERSEDED')
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER papers_stay BEFORE DELETE OR TRUNCATE ON papers
EXECUTE FUNCTION refuse_change();

-- Tasks that came from above.
CREATE TABLE dispatched_tasks (
  jurisdiction TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('UNROUTED', 'ROUTED', 'ACCEPTED')),
  etag BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, id)
);

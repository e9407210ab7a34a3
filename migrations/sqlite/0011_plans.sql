-- Chains of approval, as configured. unit: empty for every unit that has none of its own.
CREATE TABLE approval_chains (
  jurisdiction TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('ANNUAL_PLAN', 'SCHEME')),
  unit TEXT NOT NULL,
  etag INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, kind, unit)
) STRICT;

-- Annual plans and schemes, every version for ever. content: what it says; flow: where it stands.
CREATE TABLE papers (
  kind TEXT NOT NULL CHECK (kind IN ('ANNUAL_PLAN', 'SCHEME')),
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  jurisdiction TEXT NOT NULL,
  unit TEXT NOT NULL,
  year INTEGER NOT NULL,
  parent TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('DRAFT', 'IN_APPROVAL', 'APPROVED', 'PUBLISHED', 'SUPERSEDED')),
  etag INTEGER NOT NULL,
  content TEXT NOT NULL,
  flow TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  PRIMARY KEY (kind, id, version)
) STRICT;
CREATE INDEX papers_by_year ON papers (kind, jurisdiction, year, id);
-- One version is worked on at a time, and one is published.
CREATE UNIQUE INDEX papers_one_open ON papers (kind, id) WHERE state IN ('DRAFT', 'IN_APPROVAL');
CREATE UNIQUE INDEX papers_one_published ON papers (kind, id) WHERE state = 'PUBLISHED';

-- What was submitted says the same from then on; what is approved is not open again.
CREATE TRIGGER papers_keep BEFORE UPDATE ON papers
WHEN OLD.kind IS NOT NEW.kind OR OLD.id IS NOT NEW.id OR OLD.version IS NOT NEW.version
  OR OLD.jurisdiction IS NOT NEW.jurisdiction OR OLD.unit IS NOT NEW.unit
  OR OLD.year IS NOT NEW.year OR OLD.parent IS NOT NEW.parent
  OR OLD.created_us IS NOT NEW.created_us
  OR (OLD.state <> 'DRAFT' AND OLD.content IS NOT NEW.content)
  OR (OLD.state = 'DRAFT' AND NEW.state NOT IN ('DRAFT', 'IN_APPROVAL'))
  OR (OLD.state = 'IN_APPROVAL' AND NEW.state NOT IN ('DRAFT', 'IN_APPROVAL', 'APPROVED'))
  OR (OLD.state = 'APPROVED' AND NEW.state NOT IN ('APPROVED', 'PUBLISHED', 'SUPERSEDED'))
  OR (OLD.state = 'PUBLISHED' AND NEW.state NOT IN ('PUBLISHED', 'SUPERSEDED'))
  OR OLD.state = 'SUPERSEDED'
BEGIN SELECT RAISE(ABORT, 'an approved paper does not change'); END;
CREATE TRIGGER papers_stay BEFORE DELETE ON papers
BEGIN SELECT RAISE(ABORT, 'papers are append-only'); END;

-- Tasks that came from above.
CREATE TABLE dispatched_tasks (
  jurisdiction TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('UNROUTED', 'ROUTED', 'ACCEPTED')),
  etag INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (jurisdiction, id)
) STRICT;

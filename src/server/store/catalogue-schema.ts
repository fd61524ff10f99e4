/**
 * The catalogue's tables, as a list of migrations: entry n takes a catalogue from version n to n + 1. An entry
 * that was released is never changed.
 *
 * Names are kept as written and folded (schema.ts: NFKC, lower case); the folded form is what must be unique.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE node (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  INSERT INTO node VALUES ('epoch', 0);

  CREATE TABLE tables (
    folded TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    schema TEXT NOT NULL,
    owner TEXT NOT NULL,
    created INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE contributors (
    tbl TEXT NOT NULL REFERENCES tables (folded) ON DELETE CASCADE,
    user TEXT NOT NULL,
    PRIMARY KEY (tbl, user)
  ) STRICT;
  CREATE TABLE settings (
    tbl TEXT NOT NULL REFERENCES tables (folded) ON DELETE CASCADE,
    user TEXT NOT NULL,
    min_count INTEGER NOT NULL,
    PRIMARY KEY (tbl, user)
  ) STRICT;
  CREATE TABLE grants (
    tbl TEXT NOT NULL REFERENCES tables (folded) ON DELETE CASCADE,
    grantor TEXT NOT NULL,
    grantee TEXT NOT NULL,
    PRIMARY KEY (tbl, grantor, grantee)
  ) STRICT;

  -- A staged version's table may not exist yet: its names and schema stand here.
  CREATE TABLE versions (
    version TEXT PRIMARY KEY,
    tbl TEXT NOT NULL,
    table_name TEXT NOT NULL,
    slice TEXT NOT NULL,
    slice_name TEXT NOT NULL,
    contributor TEXT NOT NULL,
    schema TEXT NOT NULL,
    rows INTEGER NOT NULL,
    chunk_rows INTEGER NOT NULL,
    replaces TEXT,
    manifest BLOB,
    state TEXT NOT NULL CHECK (state IN ('staged', 'prepared', 'visible', 'dropped')),
    changed INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX one_visible ON versions (tbl, slice) WHERE state = 'visible';
  CREATE UNIQUE INDEX one_prepared ON versions (tbl, slice) WHERE state = 'prepared';
  CREATE INDEX by_state ON versions (state, tbl);

  -- What was asked of this node in two phases, and how it ended: kept, so that a node that was away can ask.
  CREATE TABLE attempts (
    attempt TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('upload', 'drop', 'unknown')),
    state TEXT NOT NULL CHECK (state IN ('prepared', 'committed', 'rolled-back')),
    tbl TEXT,
    table_name TEXT,
    slice TEXT,
    slice_name TEXT,
    version TEXT,
    changed INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX undecided ON attempts (state) WHERE state = 'prepared';

  CREATE TABLE nonces (
    user TEXT NOT NULL,
    nonce TEXT NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (user, nonce)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX by_expiry ON nonces (expires);
  `,
  `
  -- Who lets queries of a table go on with three of four nodes when one is lost.
  CREATE TABLE allow_three (
    tbl TEXT NOT NULL REFERENCES tables (folded) ON DELETE CASCADE,
    user TEXT NOT NULL,
    PRIMARY KEY (tbl, user)
  ) STRICT;
  `,
  `
  -- What a node is for that has prepared, and the votes that made it so: said once, and told to those who ask.
  ALTER TABLE attempts ADD COLUMN leaning TEXT CHECK (leaning IN ('committing', 'rolling-back'));
  ALTER TABLE attempts ADD COLUMN votes TEXT;
  `,
];

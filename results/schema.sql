-- The results database (SQLite).  One file holds any number of campaigns; results/local/results.db by default.
-- Data are complete and unfiltered: a crash, a refusal or a timeout is the outcome of its cell, never a missing row.

CREATE TABLE IF NOT EXISTS campaign (
  id          INTEGER PRIMARY KEY,
  started     TEXT NOT NULL,      -- ISO 8601, UTC
  command     TEXT NOT NULL,      -- as typed
  seed        INTEGER NOT NULL,   -- orders the cells and seeds the allocators
  environment TEXT NOT NULL       -- JSON: cpu, kernel, libc, thp, aslr, load, governor, package versions, heapyard
);

CREATE TABLE IF NOT EXISTS trace (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,          -- the file's name without folder and ending
  path    TEXT NOT NULL,
  hash    TEXT NOT NULL UNIQUE,   -- of the events, hexadecimal
  summary TEXT NOT NULL           -- JSON: events, objects, threads, peak_bytes, total_bytes, sizes, lifetimes, command …
);

-- One measured child process.
CREATE TABLE IF NOT EXISTS cell (
  id         INTEGER PRIMARY KEY,
  campaign   INTEGER NOT NULL REFERENCES campaign(id),
  trace      INTEGER NOT NULL REFERENCES trace(id),
  spec       TEXT NOT NULL,       -- as typed: fit:policy=best
  pass       TEXT NOT NULL,       -- throughput, latency, footprint, verify, yard, map, control
  repetition INTEGER NOT NULL,
  position   INTEGER NOT NULL,    -- in the campaign's random order
  version    TEXT NOT NULL,       -- of the allocator measured
  outcome    TEXT NOT NULL,       -- ok, no-room, refused, failed, crash, timeout
  detail     TEXT NOT NULL,       -- one sentence unless ok
  UNIQUE (campaign, trace, spec, pass, repetition)
);

-- How many rounds a campaign with --precision or --budget was given, once its pilot was measured.
CREATE TABLE IF NOT EXISTS rounds (
  campaign INTEGER PRIMARY KEY REFERENCES campaign(id),
  pilot    INTEGER NOT NULL,      -- rounds that the choice was made from
  chosen   INTEGER NOT NULL,      -- all rounds, those of the pilot too
  reason   TEXT NOT NULL          -- one sentence
);

-- Figures of a cell.  Names, with units, in results/README.md.
CREATE TABLE IF NOT EXISTS metric (
  cell  INTEGER NOT NULL REFERENCES cell(id),
  name  TEXT NOT NULL,
  value REAL NOT NULL,
  unit  TEXT NOT NULL,
  PRIMARY KEY (cell, name)
) WITHOUT ROWID;

-- Curves over the allocation clock (x: bytes allocated so far).  Series: live, committed, resident, internal,
-- external, metadata, placement.  phase: y is the number of the phase that begins at x.  And holes: x is a size k in bytes, y the share of free bytes in holes smaller than k.
CREATE TABLE IF NOT EXISTS point (
  cell   INTEGER NOT NULL REFERENCES cell(id),
  series TEXT NOT NULL,
  x      REAL NOT NULL,
  y      REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS point_of_cell ON point (cell, series);

-- Latency histograms: how many operations of a kind took low to high nanoseconds.
CREATE TABLE IF NOT EXISTS bucket (
  cell  INTEGER NOT NULL REFERENCES cell(id),
  kind  TEXT NOT NULL,            -- all, malloc, calloc, aligned, realloc, free, merge, grow
  low   REAL NOT NULL,
  high  REAL NOT NULL,
  count INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS bucket_of_cell ON bucket (cell, kind);

-- What was measured in each phase that the program says it is in; a column is NULL where it is not known.
CREATE TABLE IF NOT EXISTS phase (
  cell   INTEGER NOT NULL REFERENCES cell(id),
  number INTEGER NOT NULL,        -- in the order in which they first began; 0: what lies in none
  name   TEXT NOT NULL,
  times  INTEGER,                 -- that it began
  ops    INTEGER,                 -- of all threads, while it lasted
  seconds REAL,                   -- of the throughput pass
  peak_live INTEGER,              -- most live bytes while it lasted
  peak_resident INTEGER, peak_committed INTEGER,                          -- of the footprint pass
  PRIMARY KEY (cell, number)
) WITHOUT ROWID;

-- Where blocks lie over the allocation clock (pass map).  The format is in results/README.md.
CREATE TABLE IF NOT EXISTS heapmap (
  cell   INTEGER PRIMARY KEY REFERENCES cell(id),
  lives  BLOB NOT NULL,           -- the trace's: the same for every allocator; packed by zlib
  places BLOB NOT NULL            -- the allocator's; packed by zlib
);

-- A real program with its arguments and its input (heapyard run --compare).
CREATE TABLE IF NOT EXISTS program (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,          -- as given, or the program's file name
  command TEXT NOT NULL,          -- JSON: the words of the command
  input   TEXT NOT NULL,          -- path of what it reads from standard input (a suite's: in its folder); '' for nothing
  trace   TEXT NOT NULL,          -- hash of the trace that was recorded from it; '' if none is named
  hash    TEXT NOT NULL UNIQUE    -- of the name, the words, the executable's and the input's contents, and the trace
);

-- One run of it from start to end.
CREATE TABLE IF NOT EXISTS program_run (
  id         INTEGER PRIMARY KEY,
  campaign   INTEGER NOT NULL REFERENCES campaign(id),
  program    INTEGER NOT NULL REFERENCES program(id),
  spec       TEXT NOT NULL,
  pass       TEXT NOT NULL,       -- program, or control: the baseline once more in every round
  repetition INTEGER NOT NULL,    -- the round
  position   INTEGER NOT NULL,    -- in the campaign's random order
  library    TEXT NOT NULL,       -- whose malloc it had, as the loader says
  outcome    TEXT NOT NULL,       -- ok (exit code 0), failed (another), crash (a signal), timeout
  status     INTEGER NOT NULL,    -- exit code, or 128 and the signal's number
  output     TEXT NOT NULL,       -- XXH3-64 of its standard output, hexadecimal; '' if nobody looked
  detail     TEXT NOT NULL,       -- one sentence unless ok
  wall REAL NOT NULL, user REAL NOT NULL, sys REAL NOT NULL,              -- seconds
  peak INTEGER NOT NULL,          -- bytes: most resident memory of the largest process
  minor INTEGER NOT NULL, major INTEGER NOT NULL,                         -- page faults
  UNIQUE (campaign, program, spec, pass, repetition)
);

-- Programs of a suite that were not measured (heapyard run --suite), in the campaign that the others belong to.
CREATE TABLE IF NOT EXISTS program_skipped (
  campaign INTEGER NOT NULL REFERENCES campaign(id),
  name     TEXT NOT NULL,
  reason   TEXT NOT NULL,         -- one sentence: skipped: needs …, or what went wrong
  UNIQUE (campaign, name)
);

-- The two limits of a trace (heapyard bound), the best that are known.  Bytes.
CREATE TABLE IF NOT EXISTS bound (
  trace   INTEGER NOT NULL REFERENCES trace(id),
  align   INTEGER NOT NULL,       -- that all sizes are rounded up to, and offsets are multiples of
  buffers INTEGER NOT NULL,       -- births, and reallocs once more
  asked   INTEGER NOT NULL,       -- most bytes alive at once, as asked for
  lower   INTEGER NOT NULL,       -- the same, rounded up to align
  proven  INTEGER NOT NULL,       -- no packing is smaller: lower, or more
  upper   INTEGER NOT NULL,       -- the top of the best packing; checked
  method  TEXT NOT NULL,          -- that found it
  seconds REAL NOT NULL,          -- that finding it took
  PRIMARY KEY (trace, align)
) WITHOUT ROWID;

-- The least memory in which a trace succeeded on an allocator (heapyard bound --yard).  Bytes.
CREATE TABLE IF NOT EXISTS least_yard (
  trace     INTEGER NOT NULL REFERENCES trace(id),
  spec      TEXT NOT NULL,        -- as typed
  version   TEXT NOT NULL,        -- of the allocator
  outcome   TEXT NOT NULL,        -- ok, no-room, refused, failed, crash, timeout
  detail    TEXT NOT NULL,        -- one sentence unless ok
  yard      INTEGER NOT NULL,     -- the least of those tried that was enough; 0: none was
  too_small INTEGER NOT NULL,     -- the largest tried below it that was not
  tries     TEXT NOT NULL,        -- JSON: all that were tried, [[bytes, first operation that failed], …]; 0: none did; null: no start
  PRIMARY KEY (trace, spec)
) WITHOUT ROWID;

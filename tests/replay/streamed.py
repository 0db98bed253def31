#!/usr/bin/env python3
"""Whether traces are replayed alike whole and in windows of 1000 operations: streamed.py HEAPYARD TRACE...

What is counted must be the same to the last block: operations, bytes, contents that were checked, searches, splits,
merges, failures in a yard.  Times and what takes a whole trace are left out.  Exit code 1: something differs.
"""
import os
import sqlite3
import subprocess
import sys
import tempfile

COUNTED = ["ops", "blocks_verified", "peak_live", "peak_committed", "internal", "external", "metadata",
           "searches", "search_length", "splits", "merges", "merge_passes", "grows", "yard", "failures", "failed_bytes",
           "skipped_ops", "first_failure"]


def counts(heapyard, trace, *more):
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "r.db")
        subprocess.run([heapyard, "replay", trace, "-a", "first-fit,segregated,tlsf", "--pass",
                        "throughput,footprint,verify,yard", "--yard", "1.1x", "-r", "1", "--seed", "1", "--timeout",
                        "300s", "-o", database, *more], check=True, stdout=subprocess.DEVNULL)
        with sqlite3.connect(database) as db:
            return set(db.execute("SELECT c.spec, c.pass, c.outcome, m.name, m.value FROM cell c LEFT JOIN metric m "
                                  "ON m.cell = c.id AND m.name IN (" + ",".join("?" * len(COUNTED)) + ")", COUNTED))


failed = False
for path in sys.argv[2:]:
    whole, windows = counts(sys.argv[1], path), counts(sys.argv[1], path, "--window", "1000")
    for row in sorted(whole ^ windows, key=str):
        print(path, "only whole:" if row in whole else "only in windows:", *row)
    print(f"{path}: {len(whole)} figures, {len(whole ^ windows)} differ")
    failed |= whole != windows
sys.exit(failed)

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""placement.py HEAPYARD TRACES - placement fragmentation on the shipped traces, as TAP.

On each of them best fit or address-ordered first fit has at most 1.10, or stands below as an exception (their causes are
in results/README.md).  An exception that is none any more fails too.  The figures are counted, so they repeat exactly.
"""
import csv
import glob
import io
import os
import subprocess
import sys
import tempfile

HEAPYARD, TRACES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SPECS = ["best-fit", "best-fit:order=address", "fit:order=address"]
MOST = 1.10
EXCEPTIONS = {"sqlite": 1.30}

with tempfile.TemporaryDirectory() as folder:
    ran = subprocess.run([HEAPYARD, "replay", *sorted(glob.glob(os.path.join(TRACES, "*.hyt"))), "-a", ",".join(SPECS),
                          "--pass", "footprint", "--timeout", "10m", "-o", os.path.join(folder, "r.db"), "--format", "csv"],
                         capture_output=True, text=True, timeout=1500)
rows = [row for row in csv.DictReader(io.StringIO(ran.stdout)) if row["spec"] != "null"]
traces = sorted({row["trace"] for row in rows})
for i, trace in enumerate(traces, 1):
    found = {row["spec"]: float(row["placement3"] or "inf") for row in rows if row["trace"] == trace}
    least = min(found.values())
    good = MOST < least <= EXCEPTIONS[trace] if trace in EXCEPTIONS else least <= MOST
    print("# " + ", ".join(f"{spec} {found[spec]:.4f}" for spec in SPECS))
    print(f"{'ok' if good else 'not ok'} {i} - {trace}: {least:.4f}"
          + (f", a known exception up to {EXCEPTIONS[trace]}" if trace in EXCEPTIONS else f", at most {MOST}"))
good = len(traces) >= 7 and ran.returncode == 0
print(f"{'ok' if good else 'not ok'} {len(traces) + 1} - all shipped traces were replayed")
print(f"1..{len(traces) + 1}")

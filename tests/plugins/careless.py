#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""careless.py HEAPYARD PLUGIN - conformance finds each fault of a careless thread cache, and none where none is.  TAP."""
import os
import subprocess
import sys

HEAPYARD, PLUGIN = (os.path.realpath(path) for path in sys.argv[1:])
THREADS = "threads,short-threads,fork-threads,handover,left-behind,producer,heaps,many-heaps,outlived"

# A fault, the cases to run, and which of them must fail; None: all pass.
CASES = [
    ("nothing", THREADS, None),
    ("race", "threads", "threads"),
    ("race", "handover", "handover"),
    ("remote", "left-behind", "left-behind"),
    ("remote", "producer", "producer"),
    ("stale", "outlived", "outlived"),
    ("stale", "heaps", "heaps"),
]


def main():
    failed = 0
    print(f"1..{len(CASES)}")
    for number, (fault, cases, loser) in enumerate(CASES, 1):
        done = subprocess.run(["sh", "-c", 'ulimit -c 0; exec "$@"', "sh", HEAPYARD, "check", f"{PLUGIN}:how={fault}",
                               "--case", cases], capture_output=True, text=True, timeout=250)
        lost = [line for line in done.stdout.splitlines() if line.startswith("not ok")]
        good = (done.returncode == 0 and not lost and "# SKIP" not in done.stdout if loser is None
                else done.returncode == 1 and len(lost) == 1 and f" {loser}: " in lost[0])
        if not good:
            failed += 1
            print("".join(f"# {line}\n" for line in (done.stdout + done.stderr).splitlines()), end="")
        print(f"{'ok' if good else 'not ok'} {number} - {cases if loser else 'all cases'} with fault: {fault}")
    return 1 if failed else 0


sys.exit(main())

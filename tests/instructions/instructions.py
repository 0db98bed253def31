#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""instructions.py PROBES - what is promised to take constant time: the most instructions of one call do not grow with
the number of holes.

Callgrind counts each call of probes.c by itself, so the figures are exact and repeat.  As a control, first fit is
counted too: there they must grow.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FEW, MANY = 50, 5000
SLACK = 1.25  # a call on many holes meets more cases than one on few: neighbours to unlink, a list that has others
BOUND = 300   # as the head of tlsf.c says


def count(probes, spec, holes, function):
    """The instructions of each call of the function."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--combine-dumps=yes",
                        f"--toggle-collect={function}", f"--dump-after={function}", probes, spec, str(holes)],
                       check=True, capture_output=True, timeout=250)
        return [int(n) for n in re.findall(r"^(?:totals|summary): (\d+)", out.read_text(), re.M) if int(n) > 0]


def main():
    probes = sys.argv[1]
    if not shutil.which("valgrind"):
        print("1..0 # SKIP there is no valgrind")
        return 0
    results = []
    for function in "probe_alloc", "probe_free":
        few, many = (max(count(probes, "tlsf:trim=0", holes, function)) for holes in (FEW, MANY))
        print(f"# {function}: at most {few} with {FEW} holes, {many} with {MANY}")
        results.append((f"tlsf: the most instructions of {function} do not grow with holes", many <= SLACK * few))
        results.append((f"tlsf: {function} keeps the bound", many <= BOUND))
    few, many = (max(count(probes, "first-fit:trim=0", holes, "probe_alloc")) for holes in (FEW, MANY))
    print(f"# first-fit: at most {few} with {FEW} holes, {many} with {MANY}")
    results.append(("the control, first fit, grows", many > 10 * few))
    for number, (name, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    print(f"1..{len(results)}")
    return 0 if all(good for _, good in results) else 1


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""growth.py DEEP [--table] - what trees promise: the instructions of a pair of malloc and free grow as the logarithm of
the number of holes.

Callgrind counts a thousand pairs of deep.c, so the figures are exact and repeat.  As a control, the walk over all ranges
is counted too: there they must grow as the number of holes.  --table: no tests, but figures for docs/structures.md, with
the misses in simulated caches (32 KiB, 8 ways; and 32 MiB, 16 ways; lines of 64 bytes).
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

GROWTH = 2.2
ADDRESS_TREE = "fit:policy=first,order=address,structure=address-tree"
SIZE_TREE = "fit:policy=best,order=address,structure=size-tree"
IMPLICIT = "fit:policy=first,order=address,structure=implicit"
BEST_LIST = "fit:policy=best,order=address,structure=list"
CACHES = ["--cache-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=33554432,16,64"]


def count(deep, spec, holes, pairs=1000, options=()):
    """Events of one pair, by callgrind's names: Ir (instructions), D1mr (read misses) and so on."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--instr-atstart=no",
                        "--toggle-collect=deep_pair", *options, deep, spec, str(holes), str(pairs)],
                       check=True, capture_output=True, text=True, timeout=280)
        text = out.read_text()
        names = re.search(r"^events: (.*)", text, re.M)[1].split()
        totals = re.search(r"^totals: (.*)", text, re.M)[1].split()
        return {name: int(total) / pairs for name, total in zip(names, totals)}


def table(deep):
    print("| structure | holes | instructions | D1 misses | LL misses |\n|---|---:|---:|---:|---:|")
    for spec, most in (ADDRESS_TREE, 1000000), (IMPLICIT, 100000), (SIZE_TREE, 1000000), (BEST_LIST, 100000):
        for holes in (n for n in (1000, 10000, 100000, 1000000) if n <= most):
            events = count(deep, spec, holes, 1000 if spec in (ADDRESS_TREE, SIZE_TREE) else 20, CACHES)
            d1, ll = (events[f"{cache}mr"] + events[f"{cache}mw"] for cache in ("D1", "DL"))
            print(f"| `{spec}` | {holes} | {events['Ir']:.0f} | {d1:.1f} | {ll:.1f} |", flush=True)


def tests(deep):
    for spec in ADDRESS_TREE, SIZE_TREE:
        few, many = (count(deep, spec, holes)["Ir"] for holes in (1000, 1000000))
        print(f"# {spec}: {few:.0f} instructions a pair with 1000 holes, {many:.0f} with 1000000: {many / few:.2f} times")
        yield f"{spec}: at most {GROWTH} times the instructions with 1000 times the holes", many <= GROWTH * few
    few, many = (count(deep, IMPLICIT, holes)["Ir"] for holes in (100, 1000))
    print(f"# {IMPLICIT}: {few:.0f} instructions a pair with 100 holes, {many:.0f} with 1000")
    yield "the control, a walk over all ranges, grows as they do", many > 5 * few


def main():
    if not shutil.which("valgrind"):
        print("1..0 # SKIP there is no valgrind")
        return 0
    if "--table" in sys.argv:
        return table(sys.argv[1])
    results = list(tests(sys.argv[1]))
    for number, (name, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    print(f"1..{len(results)}")
    return 0 if all(good for _, good in results) else 1


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""careless.py HEAPYARD PLUGIN MALLOC - conformance finds each fault of a careless thread cache, and of a malloc that
somebody wrote at home, and none where none is.  TAP."""
import os
import subprocess
import sys
import tempfile

HEAPYARD, PLUGIN, MALLOC = (os.path.realpath(path) for path in sys.argv[1:])
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
MALLOC_CASES = [
    ("nothing", "sheet,align,realloc,zeroed,random,reuse,fork", None),
    ("keep", "reuse", "reuse"),
    ("lose", "reuse", "reuse"),
    ("crash", "fork", "fork"),
]


def check(spec, fault, cases, loser):
    done = subprocess.run(["sh", "-c", 'ulimit -c 0; exec "$@"', "sh", HEAPYARD, "check", spec, "--case", cases],
                          capture_output=True, text=True, timeout=250, env=dict(os.environ, HOMEMADE=fault))
    lost = [line for line in done.stdout.splitlines() if line.startswith("not ok")]
    good = (done.returncode == 0 and not lost and "# SKIP" not in done.stdout if loser is None
            else done.returncode == 1 and len(lost) == 1 and f" {loser}: " in lost[0])
    if not good:
        print("".join(f"# {line}\n" for line in (done.stdout + done.stderr).splitlines()), end="")
    return good


def says(sentence, *words):
    done = subprocess.run([HEAPYARD, *words], capture_output=True, text=True, timeout=60)
    if sentence not in done.stdout + done.stderr:
        print("".join(f"# {line}\n" for line in (done.stdout + done.stderr).splitlines()), end="")
        return False
    return True


def without_realloc(folder):
    """The same malloc with its realloc under another name."""
    path = os.path.join(folder, "partial.so")
    with open(MALLOC, "rb") as whole, open(path, "wb") as partial:
        partial.write(whole.read().replace(b"\0realloc\0", b"\0rexlloc\0"))
    return path


def main():
    runs = [(f"{PLUGIN}:how={case[0]}", "", case) for case in CASES]
    runs += [(MALLOC, " of a malloc", case) for case in MALLOC_CASES]
    failed = 0
    print(f"1..{len(runs) + 3}")
    for number, (spec, whose, (fault, cases, loser)) in enumerate(runs, 1):
        good = check(spec, fault, cases, loser)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {cases if loser else 'all cases'} with fault: {fault}{whose}")
    with tempfile.TemporaryDirectory() as folder:
        for number, (sentence, words) in enumerate([
                ("a plug-in cannot be a program's malloc", ("run", "-a", PLUGIN, "--", "true")),
                ("lacks        posix_memalign memalign", ("show", MALLOC)),
                ("exports malloc but no realloc: ", ("check", without_realloc(folder)))], len(runs) + 1):
            good = says(sentence, *words)
            failed += not good
            print(f"{'ok' if good else 'not ok'} {number} - it says: {sentence}")
    return 1 if failed else 0


sys.exit(main())

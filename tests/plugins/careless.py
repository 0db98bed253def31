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
    ("small", "sheet,align,realloc,zeroed,align-random", "align"),
    ("skew", "sheet,align", "align"),
]
HINT = "; only blocks below 16 bytes are aligned to less"


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


def hints(fault):
    done = subprocess.run([HEAPYARD, "check", MALLOC, "--case", "align"], capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, HOMEMADE=fault))
    return HINT in done.stdout and done.returncode == 1


def knows_by_name(folder):
    """Whether tcmalloc under a file name of our own is known by the name that it gives itself; None: it is not here."""
    found = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, env={"PATH": "/sbin:/usr/sbin:/usr/bin"})
    paths = [line.split(" => ")[1] for line in found.stdout.splitlines() if "libtcmalloc_minimal.so.4 " in line]
    if not paths:
        return None
    path = os.path.join(folder, "mine.so")
    with open(paths[0], "rb") as library, open(path, "wb") as mine:
        mine.write(library.read())
    done = subprocess.run([HEAPYARD, "check", path, "--case", "align,sheet"], capture_output=True, text=True, timeout=60)
    good = (done.returncode == 0 and "1 failed as known" in done.stdout and
            "# known deviation: that of tcmalloc, whose library it is by its name, libtcmalloc_minimal.so.4: blocks "
            "below 16 bytes are aligned to 8: alloc(1, 16) gave " in done.stdout)
    if not good:
        print("".join(f"# {line}\n" for line in (done.stdout + done.stderr).splitlines()), end="")
    return good


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
    print(f"1..{len(runs) + 6}")
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
        number = len(runs) + 4
        for fault, expected in (("small", True), ("skew", False)):
            good = hints(fault) == expected
            failed += not good
            print(f"{'ok' if good else 'not ok'} {number} - {'a' if expected else 'no'} hint with fault: {fault}")
            number += 1
        good = knows_by_name(folder)
        failed += good is False
        print(f"{'not ok' if good is False else 'ok'} {number} - a library is known by the name that it gives itself"
              f"{' # SKIP no tcmalloc here' if good is None else ''}")
    return 1 if failed else 0


sys.exit(main())

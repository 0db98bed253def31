#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""broken.py STRESS FORKS WAVES LIBRARY - the stress programs find each fault of a broken malloc, and only those.  TAP."""
import os
import re
import subprocess
import sys

STRESS, FORKS, WAVES, LIBRARY = (os.path.realpath(path) for path in sys.argv[1:])
RANDOM = [STRESS, "--threads", "1", "--operations", "12000", "--fork-each", "5000"]
SHORT_FORKS = [FORKS, "--forks", "20", "--threads", "2", "--patience", "2"]
SHORT_WAVES = [WAVES, "--threads", "4", "--waves", "50"]

# A fault, the program that finds it, and its words; None: nothing to find.
CASES = [
    ("none", RANDOM, None),
    ("none", SHORT_FORKS, None),
    ("overlap", RANDOM, r"in malloc: 0x[0-9a-f]+ of \d+ bytes lies over (a|the) live block"),
    ("zero", RANDOM, r"in calloc: byte \d+ of 0x[0-9a-f]+ of \d+ bytes is 0x1 and not 0"),
    ("lose", RANDOM, r"in realloc(array)?: byte 0 of .* somebody wrote into it"),
    ("align", RANDOM, r"in (memalign|aligned_alloc|posix_memalign|new\(align_val_t\)): 0x[0-9a-f]+ of \d+ bytes is not aligned"),
    ("promise", RANDOM, r"lies over|somebody wrote into it|the library ended the process|a crash"),
    ("refuse", RANDOM, r"in malloc: no room for \d+ bytes"),
    ("scribble", RANDOM, r"byte \d+ of .* somebody wrote into it|the library ended the process"),
    ("hang", SHORT_FORKS, r"nothing moved any more: a hang"),
    ("leak", SHORT_WAVES, r"resident after 5 waves"),
]


def run(fault, command):
    environment = dict(os.environ, LD_PRELOAD=LIBRARY, BROKEN=fault)
    done = subprocess.run(["sh", "-c", 'ulimit -c 0; exec "$@"', "sh", *command], env=environment, capture_output=True,
                          text=True, timeout=200)
    return done.returncode, done.stdout, done.stderr


def is_found(fault, command, words):
    code, out, err = run(fault, command)
    bad = "not ok" in out
    good = code == 0 and not bad if words is None else code != 0 and bad and re.search(words, err)
    if not good:
        print(f"# exit {code}\n" + "".join(f"# {line}\n" for line in (out + err).splitlines()))
    return good


def repeats():
    """The same seed meets the same fault at the same operation."""
    where = {re.search(r"seed \d+, seat \d+, life \d+, operation \d+", run("refuse", RANDOM)[2]).group() for _ in range(2)}
    return len(where) == 1


def main():
    failed = 0
    print(f"1..{len(CASES) + 1}")
    for number, (fault, command, words) in enumerate(CASES, 1):
        good = is_found(fault, command, words)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {os.path.basename(command[0])} with fault: {fault}")
    good = repeats()
    print(f"{'ok' if good else 'not ok'} {len(CASES) + 1} - one thread repeats itself")
    return 1 if failed or not good else 0


sys.exit(main())

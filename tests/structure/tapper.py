# SPDX-License-Identifier: MIT
"""tapper.py - the few lines of TAP that the structural tests print."""
import sys

count = 0
failures = 0


def check(name, problems):
    """One case: `problems` is a list of sentences, empty if all is well."""
    global count, failures
    count += 1
    failures += bool(problems)
    print(f"{'not ' if problems else ''}ok {count} - {name}")
    for problem in problems:
        print(f"# {problem}")
    sys.stdout.flush()


def skip(name, reason):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {reason}")


def finish():
    print(f"1..{count}")
    sys.exit(1 if failures else 0)

# SPDX-License-Identifier: MIT
"""Runs the functions called check_… of a test, in order, on one fixture, and prints TAP."""
import tempfile
import traceback


def run(names, fixture):
    """`names`: the test's globals(); `fixture`: makes of a folder what each check gets, and may have a close()."""
    checks = [(name, value) for name, value in names.items() if name.startswith("check_")]
    print("1..%d" % len(checks))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="heapyard-checks-") as folder:
        made = fixture(folder)
        try:
            for number, (name, check) in enumerate(checks, 1):
                try:
                    check(made)
                    print("ok %d - %s" % (number, name[6:].replace("_", " ")))
                except Exception:  # a failed check must not hide the ones after it
                    failed += 1
                    print("not ok %d - %s" % (number, name[6:].replace("_", " ")))
                    print("\n".join("# " + line for line in traceback.format_exc().splitlines()))
        finally:
            getattr(made, "close", lambda: None)()
    return 1 if failed else 0

#!/usr/bin/env python3
"""Counts test cases: count.py FOLDER with meson's testlog.json copies (*.json) and TAP files (*.tap).

A test that speaks TAP counts each of its cases; any other counts once.  A test that broke off (a crash, a timeout, a
plan that was not fulfilled) counts as one more failure, and so does a `meson test` that was not content (its exit code
is in *.status) though no failure is in its log: it was killed itself.  Failures are named; the last line is the sum.
"""
import json
import pathlib
import re
import sys

CASE = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*([^#]*)(#\s*(?i:skip)\b.*)?")


def cases(text):
    """(name, 'pass' | 'fail' | 'skip') for each TAP line; a skip that says no reason is a failure."""
    for line in text.splitlines():
        match = CASE.match(line)
        if not match:
            continue
        bad, name, skip = match.groups()
        if skip:
            reason = re.sub(r"^#\s*(?i:skip)\S*\s*", "", skip).strip()
            yield name.strip(), "skip" if reason else "fail"
        else:
            yield name.strip(), "fail" if bad else "pass"


def main():
    folder = pathlib.Path(sys.argv[1])
    counted = {"pass": 0, "fail": 0, "skip": 0}
    failures = []

    def count(where, name, outcome):
        counted[outcome] += 1
        if outcome == "fail":
            failures.append(f"{where}: {name}")

    for log in sorted(folder.glob("*.json")):
        before = len(failures)
        for line in log.read_text().splitlines():
            test = json.loads(line)
            where = f"{log.stem} {test['name']}"
            found = list(cases(test.get("stdout") or ""))
            for name, outcome in found:
                count(where, name, outcome)
            ended_well = test["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
            if not found:
                outcome = "skip" if test["result"] == "SKIP" else "pass" if ended_well else "fail"
                count(where, test["result"], outcome)
            elif not ended_well and not any(outcome == "fail" for _, outcome in found):
                count(where, f"ended with {test['result']}", "fail")
        status = log.with_suffix(".status")
        if status.exists() and status.read_text().strip() != "0" and len(failures) == before:
            count(log.stem, f"meson test gave {status.read_text().strip()}", "fail")
    for tap in sorted(folder.glob("*.tap")):
        for name, outcome in cases(tap.read_text()):
            count(tap.stem, name, outcome)

    for failure in failures:
        print(f"failed: {failure}")
    print(f"{counted['skip']} skipped, each with its reason in build-*/meson-logs/testlog.txt")
    print(f"{counted['pass']} passed, {counted['fail']} failed")
    return 1 if counted["fail"] or not counted["pass"] else 0


if __name__ == "__main__":
    sys.exit(main())

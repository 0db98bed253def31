#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""counting.py ROOT CC - no test is forgotten.

tests/count.py calls a failure a failure, however a test ended; and each test is in a suite, which tests/run runs and
CONTRIBUTING.md names.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import tapper

FINE = {"name": "fine", "result": "OK", "stdout": "ok 1 - a\nok 2 - b # SKIP no such thing here\n1..2\n"}


def counted(root, tests, status="0", tap=""):
    """Exit code and output of count.py for these lines of a log."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "build.json").write_text("".join(json.dumps(test) + "\n" for test in tests))
        (Path(folder) / "build.status").write_text(status + "\n")
        (Path(folder) / "steps.tap").write_text(tap)
        run = subprocess.run([sys.executable, "-B", root / "tests/count.py", folder], capture_output=True, text=True)
        return run.returncode, run.stdout


def expect(name, found, code, *words):
    """The exit code, and each of these in what is printed."""
    good = found[0] == code and all(word in found[1] for word in words)
    tapper.check(name, [] if good else [f"exit code {found[0]}", *found[1].splitlines()])


def calls(text, function):
    """What stands between the parentheses of each call in a meson.build."""
    for begin in re.finditer(rf"(?<![\w.]){function}\(", text):
        depth, end = 1, begin.end()
        while depth > 0:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield text[begin.end():end - 1]


def check_suites(root):
    """A suite that nobody runs looks like one that passes."""
    ran = set(re.search(r" suites build-gcc (.*)", (root / "tests/run").read_text()).group(1).split())
    named, problems = set(), []
    for path in sorted((root / "tests").rglob("meson.build")):
        for call in calls(path.read_text(), "test"):
            suite = re.search(r"suite: '([\w-]+)'", call)
            named |= {suite.group(1)} if suite else set()
            problems += [] if suite else [f"{path.relative_to(root)}: test({call[:60]}…) is in no suite"]
    tapper.check("every test is in a suite", problems)
    tapper.check("tests/run runs every suite", [f"{suite} is not run" for suite in sorted(named - ran)] +
                 [f"{suite} has no tests" for suite in sorted(ran - named)])
    told = re.search(r"meson test .*--suite (\w+) +# also: (.*)", (root / "CONTRIBUTING.md").read_text())
    tapper.check("CONTRIBUTING.md names them", sorted(ran ^ {told.group(1), *told.group(2).split()}))


def main():
    root = Path(sys.argv[1])
    check_suites(root)
    expect("what passed and what was skipped", counted(root, [FINE]), 0, "1 skipped", "1 passed, 0 failed")
    for result in "TIMEOUT", "ERROR", "FAIL", "INTERRUPT", "UNEXPECTEDPASS":
        ended = {"name": "late", "result": result, "stdout": "ok 1 - a\nok 2 - b\n"}
        expect(f"all cases passed, then {result}", counted(root, [ended]), 1, f"late: ended with {result}",
               "2 passed, 1 failed")
        expect(f"no case, then {result}", counted(root, [FINE, {**ended, "stdout": ""}]), 1, f"late: {result}",
               "1 passed, 1 failed")
    expect("a case that failed counts once", counted(root, [{"name": "bad", "result": "FAIL", "stdout": "not ok 1 - a\n"}]),
           1, "bad: a", "0 passed, 1 failed")
    expect("a skip without a reason", counted(root, [{**FINE, "stdout": "ok 1 - a # SKIP\n"}]), 1, "0 passed, 1 failed")
    expect("meson was killed before all tests had run", counted(root, [FINE], status="137"), 1, "meson test gave 137",
           "1 passed, 1 failed")
    expect("a step that failed", counted(root, [FINE], tap="not ok - build-gcc builds\n"), 1, "1 passed, 1 failed")
    expect("nothing at all", counted(root, []), 1, "0 passed, 0 failed")
    tapper.finish()


main()

#!/usr/bin/env python3
"""needed.py BUILD SUITE... - the targets of a configured build that the tests of these suites need, one a line."""
import json
import pathlib
import sys

build = pathlib.Path(sys.argv[1]).resolve()
suites = set(sys.argv[2:])
info = build / "meson-info"
files = {target["id"]: target["filename"] for target in json.loads((info / "intro-targets.json").read_text())}
needed = set()
for test in json.loads((info / "intro-tests.json").read_text()):
    if suites & {suite.split(":")[-1] for suite in test["suite"]}:
        for target in test["depends"]:
            needed.update(files[target])
print("\n".join(sorted(str(pathlib.Path(file).relative_to(build)) for file in needed)))

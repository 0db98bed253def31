#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hygiene.py ROOT - what no file of the repository may hold."""
import re
import subprocess
import sys
from pathlib import Path

import tapper

CODE = {".c", ".h", ".cc", ".py", ".sh", ".build", ".gp", ".sql"}
MARKS = "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3])  # spelled so that this file passes


def files(root):
    run = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True)
    if run.returncode == 0 and run.stdout:
        return [root / line for line in run.stdout.splitlines()]
    return [p for top in ("allocators", "harness", "tests", "plots") for p in (root / top).rglob("*") if p.is_file()]


def find(root, paths, pattern):
    found = []
    for path in paths:
        try:
            lines = path.read_text().splitlines()
        except (UnicodeDecodeError, OSError):
            continue
        found += [f"{path.relative_to(root)}:{i}: {line.strip()[:100]}" for i, line in enumerate(lines, 1)
                  if re.search(pattern, line)]
    return found


def main():
    root = Path(sys.argv[1])
    paths = files(root)
    code = [p for p in paths if p.suffix in CODE]
    tapper.check("no marks of unfinished work", find(root, code, rf"\b({MARKS})\b"))
    tapper.check("no path of one machine", find(root, paths, r"(?<![\w.])/wo" + r"rk/|\.\./sha" + r"red"))
    tapper.check("no tabs or blanks at line ends in code", find(root, [p for p in code if p.suffix in {".c", ".h", ".cc"}],
                                                               r"\t|[ ]$"))
    tapper.check("every source says its licence", [str(p.relative_to(root)) for p in paths
                                                   if p.suffix in {".c", ".h", ".cc"} and p.exists()
                                                   and "SPDX-License-Identifier: MIT" not in p.read_text(errors="replace")[:200]])
    long = [str(p.relative_to(root)) for p in paths if p.suffix in {".c", ".h", ".cc", ".py"} and p.exists()
            and len(p.read_text(errors="replace").splitlines()) > 430]
    tapper.check("no source has more than 430 lines", long)
    tapper.finish()


main()

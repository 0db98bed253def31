#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""linkage.py BUILD MAP LIBRARY... - what the built archives and preload libraries show to the linker.

  1. No global symbol is defined twice in the archives: the linker takes the first one it finds and says nothing.
  2. Each library that can be a program's malloc exports what preload.map lists, and nothing else.
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

import tapper


def read(tool, options, path):
    run = subprocess.run([tool, *options, str(path)], capture_output=True, text=True)
    return [line.split() for line in run.stdout.splitlines() if len(line.split()) >= 3]


def defined(archive):
    """Global symbols; with link-time optimization only the compiler's own nm can read them."""
    for tool in ("gcc-nm", "llvm-nm", "llvm-nm-14", "nm"):
        if shutil.which(tool):
            found = [fields[-1] for fields in read(tool, ["-g", "--defined-only"], archive) if fields[-2] in "TDRBCG"]
            if found:
                return found
    return []


def check_archives(build):
    archives = sorted(p for p in build.rglob("*.a") if "tests" not in p.relative_to(build).parts)
    owners, unread = {}, []
    for archive in archives:
        names = defined(archive)
        unread += [] if names else [archive.name]
        for name in names:
            owners.setdefault(name, []).append(archive.name)
    title = "no symbol is defined twice in the archives"
    if unread:
        tapper.skip(title, "no nm here can read " + ", ".join(unread))
    else:
        tapper.check(title, [f"{name}: {', '.join(where)}" for name, where in sorted(owners.items()) if len(where) > 1])
    tapper.check("there are archives", [] if archives else [f"none below {build}"])


def main():
    build, listed = Path(sys.argv[1]), Path(sys.argv[2]).read_text()
    check_archives(build)
    shown = re.search(r"global:(.*?)local:", listed, re.S).group(1)
    expected = set(re.findall(r"\w+", shown))
    for library in map(Path, sys.argv[3:]):
        found = {fields[-1].split("@")[0] for fields in read("nm", ["-D", "--defined-only"], library)}
        tapper.check(f"{library.name} exports the malloc family only",
                     [f"missing: {name}" for name in sorted(expected - found)] +
                     [f"too many: {name}" for name in sorted(found - expected)])
    tapper.finish()


main()

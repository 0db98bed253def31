#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""headers.py ROOT CC - every header compiles alone; the contract also as C++."""
import shutil
import subprocess
import sys
from pathlib import Path

import tapper


def compile_alone(command, header):
    run = subprocess.run([*command, "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-unused-function",
                          "-Wno-unused-const-variable", "-D_GNU_SOURCE", "-Werror", "-include", str(header), "-"],
                         input="typedef int not_empty;\n", capture_output=True, text=True)
    return run.stderr.splitlines()[:5] if run.returncode else []


def main():
    root, cc = Path(sys.argv[1]), sys.argv[2]
    headers = sorted(p for top in ("allocators", "harness") for p in (root / top).rglob("*.h"))
    folders = sorted({f"-I{h.parent}" for h in headers})
    for header in headers:
        tapper.check(f"{header.relative_to(root)} compiles alone", compile_alone([cc, "-std=gnu17", "-x", "c", *folders], header))
    for cxx in ("g++", "clang++"):
        name = f"heapyard.h is C++ for {cxx}"
        if shutil.which(cxx):
            tapper.check(name, compile_alone([cxx, "-std=c++17", "-x", "c++"], root / "allocators/heapyard.h"))
        else:
            tapper.skip(name, f"there is no {cxx}")
    tapper.finish()


main()

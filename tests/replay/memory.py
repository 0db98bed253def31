#!/usr/bin/env python3
"""Runs a command and fails if it and its descendants ever take more memory: memory.py 1G COMMAND...

Memory is the proportional set size of all of them (shared pages count once), looked at ten times a second.
"""
import os
import re
import subprocess
import sys
import time

UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def descendants(root):
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                parents.setdefault(int(file.read().rsplit(")", 1)[1].split()[1]), []).append(int(name))
        except OSError:
            pass
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def memory(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1)) << 10
    except (OSError, AttributeError):
        return 0


limit = int(sys.argv[1][:-1]) * UNITS[sys.argv[1][-1]]
process, most = subprocess.Popen(sys.argv[2:]), 0
while process.poll() is None:
    most = max(most, sum(map(memory, descendants(process.pid))))
    time.sleep(0.1)
print(f"at most {most / (1 << 20):.1f} MiB at once, exit code {process.returncode}")
sys.exit(process.returncode or most > limit)

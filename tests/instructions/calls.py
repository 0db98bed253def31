#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""calls.py CALLS LIBRARY... [--format text|csv|markdown] [--paths] [--sequence NAME,...] - instructions of calls.
calls.py --from CSV --format text|markdown - the same from a table that was counted before.

How many instructions malloc, free, calloc and realloc of a preloaded library take, by callgrind, which counts each call
of calls.c by itself: from the first instruction of the exported function to its return, whatever it calls included; the
caller's jump is not, nor are instructions in system calls.  Nothing is timed, so the figures repeat.  LIBRARY is a path,
or one of glibc, jemalloc, mimalloc, tcmalloc.  HEAPYARD_SPEC reaches a library of ours.

    $ tests/instructions/calls.py build/tests/instructions/calls mimalloc --sequence pairs
    library      sequence     call      calls     mean    p50    p99    max
    mimalloc     pair/16      malloc      180     16.1     16     16     33

--paths: instead, which functions took them, for each set of functions that calls went through.
"""
import argparse
import collections
import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOREIGN = {"glibc": "libc.so.6", "jemalloc": "libjemalloc.so.2", "mimalloc": "libmimalloc.so.2.0",
           "tcmalloc": "libtcmalloc_minimal.so.4"}
JUMP = 1  # the one instruction of a probe
COLUMNS = ["library", "sequence", "call", "calls", "mean", "p50", "p99", "max"]
LABEL = re.compile(r"^desc: Trigger: Client Request: (\S+) (\S+)$", re.M)
TOTAL = re.compile(r"^totals: (\d+)$", re.M)
FUNCTION = re.compile(r"^(c?fn)=\((\d+)\)(?: (.*))?$")


def name_of(library):
    return re.sub(r"^libheapyard-|\.so$", "", Path(library).name)


def sequences(calls):
    return subprocess.run([calls], check=True, capture_output=True, text=True).stdout.split()


def run(calls, library, sequence, out):
    """Runs one sequence; what callgrind wrote, part by part, each (sequence and call, its text)."""
    file = FOREIGN.get(library, library)
    passed = {name: os.environ[name] for name in ("PATH", "HEAPYARD_SPEC") if name in os.environ}
    env = passed | {"LD_PRELOAD": file}
    done = subprocess.run(["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", "--combine-dumps=yes",
                           "--dump-line=no", f"--callgrind-out-file={out}", "--toggle-collect=probe_*", calls, sequence],
                          capture_output=True, text=True, timeout=250, env=env)
    served = Path(done.stdout.strip() or "nobody")
    if done.returncode != 0 or served.name != Path(file).name:
        raise SystemExit(f"{library}: {sequence} ended with {done.returncode}, malloc was served by {served}: {done.stderr}")
    parts = out.read_text().split("\npart: ")
    return [(LABEL.search(part).groups(), part) for part in parts if LABEL.search(part)]


def numbers(calls, library, chosen, each=None):
    """{(sequence, call): [instructions of each call]}; each(key, text, names of functions so far) sees every part."""
    found = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for sequence in chosen:
            names = {}
            for key, part in run(calls, library, sequence, Path(folder) / sequence):
                total = TOTAL.search(part)
                if total and int(total[1]) > 0:  # the end of the process is a part without calls
                    found[key].append(int(total[1]) - JUMP)
                    if each:
                        each(key, part, names)
    return found


def rows(library, found):
    for (sequence, call), counts in found.items():
        counts = sorted(counts)
        last = len(counts) - 1
        yield dict(zip(COLUMNS, [name_of(library), sequence, call, len(counts), f"{sum(counts) / len(counts):.1f}",
                                 counts[last // 2], counts[last * 99 // 100], counts[last]]))


def own_costs(part, names):
    """{function: instructions of its own} of one part; names: what callgrind's numbers stand for, from part to part."""
    costs, function, callee = collections.Counter(), None, False
    for line in part.splitlines():
        match = FUNCTION.match(line)
        if match:
            kind, number, name = match.groups()
            if name:
                names[number] = re.sub(r"'\d+$|\.(constprop|part|isra)\.\d+", "", name)
            if kind == "fn":
                function = names[number]
        elif line.startswith("calls="):
            callee = True  # the next line is what the callee took, which is told below its own name, too
        elif re.match(r"^[+*\-\d]\S* \d+$", line):
            if not callee:
                costs[function] += int(line.split()[1])
            callee = False
    return costs


def print_paths(calls, library, chosen):
    paths = collections.defaultdict(list)

    def each(key, part, names):
        costs = own_costs(part, names)
        paths[key, tuple(sorted(costs))].append((sum(costs.values()) - JUMP, costs))

    numbers(calls, library, chosen, each)
    before = None
    for (key, _), members in sorted(paths.items(), key=lambda item: (item[0][0], -len(item[1]))):
        members.sort(key=lambda member: member[0])
        if key != before:
            print(f"{name_of(library)} {' '.join(key)}")
        before = key
        functions = " ".join(f"{name}:{cost}" for name, cost in members[-1][1].most_common())
        least, median, most = (members[i][0] for i in (0, len(members) // 2, -1))
        print(f"  {len(members):5} calls of {least} … {median} … {most}: {functions}")


def print_markdown(table):
    """One column a library: the mean and, after it, the most of one call."""
    cells = collections.defaultdict(dict)
    for row in table:
        cells[row["sequence"], row["call"]][row["library"]] = f"{float(row['mean']):.0f} · {row['max']}"
    libraries = list(dict.fromkeys(row["library"] for row in table))
    print(f"| sequence | call | {' | '.join(libraries)} |\n|---|---|{'---:|' * len(libraries)}")
    for (sequence, call), found in cells.items():
        print(f"| {sequence} | {call} | {' | '.join(found.get(library, '') for library in libraries)} |")


def print_csv(table):
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)


def print_text(table):
    for row in [dict(zip(COLUMNS, COLUMNS))] + table:
        text = [str(row[column]) for column in COLUMNS]
        print(f"{text[0]:13}{text[1]:19}{text[2]:9}" + "".join(f"{cell:>9}" for cell in text[3:]))


PRINT = {"text": print_text, "csv": print_csv, "markdown": print_markdown}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calls", nargs="?")
    parser.add_argument("library", nargs="*")
    parser.add_argument("--format", choices=PRINT, default="text")
    parser.add_argument("--paths", action="store_true")
    parser.add_argument("--sequence")
    parser.add_argument("--from", dest="counted")
    arguments = parser.parse_args()
    if arguments.counted:
        with open(arguments.counted, encoding="utf-8") as file:
            PRINT[arguments.format](list(csv.DictReader(file)))
        return 0
    if not arguments.library:
        parser.error("which libraries?")
    chosen = arguments.sequence.split(",") if arguments.sequence else sequences(arguments.calls)
    table = []
    for library in arguments.library:
        if arguments.paths:
            print_paths(arguments.calls, library, chosen)
        else:
            table += rows(library, numbers(arguments.calls, library, chosen))
    if not arguments.paths:
        PRINT[arguments.format](table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

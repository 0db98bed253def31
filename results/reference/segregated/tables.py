#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tables.py CSV... - the sweeps behind the defaults of `segregated` as tables: markdown.  CSVs as run.sh writes them.

    | retain | committed | resident | fetches | programs' peak | programs' faults | fill/64 malloc | …
    |---|---:|---:|---:|---:|---:|---:|
    | 0 | 0.995 | 0.997 | 3.870 | 1.000 | 1.214 | 29.4 | …
    | **8M** | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 29.4 | …

Memory, faults and fetches (how often memory was asked for) are geometric means over traces, or programs, of the ratio to
the default, which is bold; instructions are the mean of a call.
"""
import csv
import math
import os
import sys

DEFAULTS = {"retain": "8M", "chunk": "64K", "populate": "256K", "lend": "8M", "page": "64K", "grow": "4", "link": "64",
            "remote": "64K", "spacing": "3-10-15"}
RATIOS = {"committed": "peak_committed", "resident": "peak_resident", "fetches": "grows", "programs' peak": "program_peak",
          "programs' faults": "program_minor"}
CALLS = ["fill/64 malloc", "working-set malloc", "scattered malloc", "emptied free", "given-back free",
         "given-back malloc", "large malloc", "remote/64 malloc", "handover free", "handover malloc"]
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def read(paths):
    """{setting: {(name, figure): value}}"""
    found = {}
    for path in filter(os.path.exists, paths):
        with open(path, encoding="utf-8") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["setting"], {})[row["name"], row["figure"]] = float(row["value"])
    return found


def ratio(values, base, figure):
    """The geometric mean; None: not measured."""
    logs = [math.log(value / base[key]) for key, value in values.items() if key[1] == figure and value and base.get(key)]
    return math.exp(sum(logs) / len(logs)) if logs else None


def order(value):
    """16M after 4M; 2-10-15 is a spacing."""
    return tuple(float(part.rstrip("KMG")) * UNITS[part.lstrip("0123456789")] for part in value.split("-"))


def shown(value):
    if "-" not in value:
        return value
    return "{} a doubling, 16 B apart to {} B, up to {} B".format(*(1 << int(part) for part in value.split("-")))


def rows(parameter, found):
    """Each value with its cells, in the order of values; None: not measured."""
    chosen = DEFAULTS[parameter]
    base = found.get(f"{parameter}={chosen}", found.get("default", {}))  # the spacings' is built as the others of them are
    values = {setting.split("=")[1] for setting in found if setting.startswith(parameter + "=")}
    for value in sorted(values | {chosen}, key=order) if values else []:
        own = base if value == chosen else found[f"{parameter}={value}"]
        ratios = [ratio(own, base, figure) for figure in RATIOS.values()]
        calls = [own.get((call, "instructions")) for call in CALLS]
        yield f"**{shown(value)}**" if value == chosen else shown(value), [
            None if cell is None else f"{cell:.3f}" for cell in ratios] + [
            None if cell is None else f"{cell:.1f}" for cell in calls]


def print_table(parameter, table):
    """Without the columns that say nothing."""
    names = [*RATIOS, *CALLS]
    told = [i for i in range(len(names)) if any(cells[i] for _, cells in table)]
    print(f"| {parameter} | {' | '.join(names[i] for i in told)} |\n|---|{'---:|' * len(told)}")
    for value, cells in table:
        print(f"| {value} | {' | '.join(cells[i] or '' for i in told)} |")
    print()


def main():
    found = read(sys.argv[1:])
    for parameter in DEFAULTS:
        table = list(rows(parameter, found))
        if table:
            print_table(parameter, table)


main()
